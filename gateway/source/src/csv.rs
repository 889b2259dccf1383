//! CSV files: one header line, one record a line, comma, semicolon or tab between fields (seen from
//! the header line).
//!
//! Source: RFC 4180 (quotes, doubled quotes, CRLF). Fields are text until a column's type reads
//! them; an empty field is "no value".

mod places;
mod records;

use super::column::{OnBad, SourceColumn};
use super::date::{Order, When};
use super::error::SourceError;
use super::plan::CsvColumn;
use super::pseudonym::PseudonymKey;
use super::reading::{Files, Progress, RawRow, Reading};
use super::reduce::{Drops, Seen, reduce};
use ::csv::ByteRecord;
use places::Places;
use records::{Records, malformed, text};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// How rows of a file become rows of the dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Header of the patient's number; none looks for a usual one.
    pub subject: Option<String>,
    /// Whether a patient's rows become one.
    pub per_subject: bool,
}

struct Source<'a> {
    path: &'a Path,
    columns: &'a [(SourceColumn, CsvColumn)],
    places: Places,
    drops: Drops,
    key: &'a PseudonymKey,
}

pub(crate) fn read(
    reading: Reading<'_>,
    columns: &[(SourceColumn, CsvColumn)],
    rows: &Rows,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<RawRow>, Drops, Files), SourceError> {
    let path = reading.path;
    let empty = |why: &str| SourceError::Empty {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let mut at = |done| {
        let (total, file) = (1, path.to_owned());
        progress(Progress { done, total, file });
    };
    at(0);
    let mut csv = records::open(path, reading.limits)?;
    let mut header = ByteRecord::new();
    if !csv.next(path, &mut header)? {
        return Err(empty("the file is empty"));
    }
    let mut source = Source {
        path,
        columns,
        places: Places::find(path, &header, columns, rows.subject.as_deref())?,
        drops: Drops::default(),
        key: reading.key,
    };
    let found = match rows.per_subject {
        true => source.join_rows(&mut csv, header.len())?,
        false => source.single(&mut csv, header.len())?,
    };
    at(1);
    if found.is_empty() {
        return Err(empty("no record has a subject"));
    }
    let files = Files {
        read: 1,
        skipped: Vec::new(),
    };
    Ok((found, source.drops, files))
}

impl Source<'_> {
    /// Reads the next record: the subject's pseudonym and the row's number. Rows without a subject
    /// are counted.
    fn record(
        &mut self,
        csv: &mut Records<impl Read>,
        record: &mut ByteRecord,
        width: usize,
    ) -> Result<Option<(u128, u64)>, SourceError> {
        while csv.next(self.path, record)? {
            let row = record.position().map_or(0, ::csv::Position::line);
            if record.len() != width {
                return Err(malformed(
                    self.path,
                    format!("row {row}: expected {width} fields, got {}", record.len()),
                ));
            }
            let subject = text(self.path, record, self.places.subject, row)?;
            if !subject.is_empty() {
                return Ok(Some((self.key.pseudonym("csv", subject), row)));
            }
            let place = format!("{}, row {row}", self.path.display());
            self.drops.add(None, "no subject", 1, || Some(place));
        }
        Ok(None)
    }

    fn cell(
        &mut self,
        record: &ByteRecord,
        index: usize,
        row: u64,
    ) -> Result<Option<i64>, SourceError> {
        let (column, _) = &self.columns[index];
        let text = text(self.path, record, self.places.values[index], row)?;
        match column.read(text) {
            Ok(value) => Ok(value),
            Err(bad) if column.on_bad == OnBad::Refuse => {
                let place = format!("{}, row {row}", self.path.display());
                Err(SourceError::Value {
                    place,
                    column: column.name.clone(),
                    expected: bad.expected(),
                })
            }
            Err(bad) => {
                let place = format!("{}, row {row}", self.path.display());
                self.drops
                    .add(Some(index as u16), bad.expected(), 1, || Some(place));
                Ok(None)
            }
        }
    }

    fn date(
        &mut self,
        record: &ByteRecord,
        index: usize,
        row: u64,
    ) -> Result<Option<When>, SourceError> {
        let Some(at) = self.places.dates[index] else {
            return Ok(None);
        };
        let text = text(self.path, record, at, row)?;
        if text.is_empty() {
            return Ok(None);
        }
        let (column, csv) = &self.columns[index];
        // A date that cannot be read would order rows wrongly, so it is never dropped.
        column
            .date(text)
            .map(Some)
            .map_err(|bad| SourceError::Value {
                place: format!("{}, row {row}", self.path.display()),
                column: csv.date_header.clone().unwrap_or_default(),
                expected: if column.order == Order::Iso {
                    "expected a date such as 2026-01-31"
                } else {
                    bad.expected()
                },
            })
    }

    /// Each record is a row.
    fn single(
        &mut self,
        csv: &mut Records<impl Read>,
        width: usize,
    ) -> Result<Vec<RawRow>, SourceError> {
        let (mut rows, mut record) = (Vec::new(), ByteRecord::new());
        while let Some((pseudonym, row)) = self.record(csv, &mut record, width)? {
            let mut cells = Vec::with_capacity(self.columns.len());
            for index in 0..self.columns.len() {
                let missing = self.columns[index].0.missing;
                cells.push(self.cell(&record, index, row)?.or(missing));
            }
            rows.push(RawRow { pseudonym, cells });
        }
        Ok(rows)
    }

    /// All records of a patient become one row.
    fn join_rows(
        &mut self,
        csv: &mut Records<impl Read>,
        width: usize,
    ) -> Result<Vec<RawRow>, SourceError> {
        let (mut record, mut order) = (ByteRecord::new(), 0u64);
        let mut numbers: HashMap<u128, usize> = HashMap::new();
        let mut patients: Vec<(u128, Vec<Vec<Seen>>)> = Vec::new();
        while let Some((pseudonym, row)) = self.record(csv, &mut record, width)? {
            let patient = *numbers.entry(pseudonym).or_insert_with(|| {
                patients.push((pseudonym, self.columns.iter().map(|_| Vec::new()).collect()));
                patients.len() - 1
            });
            for index in 0..self.columns.len() {
                if let Some(value) = self.cell(&record, index, row)? {
                    let when = self.date(&record, index, row)?;
                    patients[patient].1[index].push(Seen { value, when, order });
                }
            }
            order += 1;
        }
        let mut rows = Vec::with_capacity(patients.len());
        for (pseudonym, seen) in patients {
            let mut cells = Vec::with_capacity(self.columns.len());
            for (i, ((column, _), seen)) in self.columns.iter().zip(seen).enumerate() {
                let reduced = reduce(i as u16, column, seen, &mut self.drops);
                cells.push(reduced.map_err(|bad| SourceError::Value {
                    place: self.path.display().to_string(),
                    column: column.name.clone(),
                    expected: bad.expected(),
                })?);
            }
            rows.push(RawRow { pseudonym, cells });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests;
