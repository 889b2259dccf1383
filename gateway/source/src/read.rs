//! A source of either format, with the patients left out who are to be left out.

use super::column::SourceColumn;
use super::error::SourceError;
use super::files::Format;
use super::reading::{Progress, RawCohort, Reading};
use super::{csv, fhir, plan};
use medveil_circuits::schema::Column;

/// Reads a CSV file, or whatever else it is as FHIR; leaves out the patients who are to be left
/// out; sorts by pseudonym.
pub(crate) fn read(
    reading: Reading<'_>,
    columns: &[Column],
    layout: &csv::Rows,
    progress: &mut dyn FnMut(Progress),
) -> Result<RawCohort, SourceError> {
    let (columns, (mut rows, mut drops, files)) = match Format::of(reading.path) {
        Some(Format::Csv) => {
            let columns = plan::csv(columns).map_err(SourceError::Schema)?;
            let found = csv::read(reading, &columns, layout, progress)?;
            (names(columns), found)
        }
        Some(Format::Json | Format::Ndjson) | None => {
            let columns = plan::fhir(columns).map_err(SourceError::Schema)?;
            let found = fhir::read(reading, &columns, progress)?;
            (names(columns), found)
        }
    };
    for (index, column) in (0u16..).zip(&columns) {
        let Some(exclude) = column.exclude else {
            continue;
        };
        let before = rows.len();
        rows.retain(|row| row.cells.get(usize::from(index)) != Some(&Some(exclude)));
        let n = (before - rows.len()) as u64;
        let reason = "row left out: the column's value excludes it";
        drops.add(Some(index), reason, n, || None);
    }
    if rows.is_empty() {
        return Err(SourceError::Empty {
            path: reading.path.to_owned(),
            why: "every row was left out".to_owned(),
        });
    }
    // Stable, so that several rows of one patient keep the order of the source.
    rows.sort_by_key(|row| row.pseudonym);
    Ok(RawCohort {
        rows,
        dropped: drops.finish(&columns),
        files,
    })
}

fn names<T>(columns: Vec<(SourceColumn, T)>) -> Vec<SourceColumn> {
    columns.into_iter().map(|(column, _)| column).collect()
}
