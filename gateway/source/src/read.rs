//! A source of any kind, with the patients left out who are to be left out.

use super::bind::{Bound, Named};
use super::column::SourceColumn;
use super::error::SourceError;
use super::fhir;
use super::files;
use super::kind::Kind;
use super::open::{OpenTable, Opened, open};
use super::plan::Plan;
use super::reading::{FileRead, Files, Progress, RawCohort, RawRow, Reading};
use super::reduce::Drops;
use super::rows::{Assembler, Rules, TableRow, Whose};
use medveil_circuits::schema::{Rows, Schema};
use medveil_tables::{Table, TableError};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// Reads a source; leaves out the patients who are to be left out; sorts by pseudonym.
///
/// **Errors**: the source, or what the schema says of it.
pub(crate) fn read(
    reading: Reading<'_>,
    schema: &Schema,
    progress: &mut dyn FnMut(Progress),
) -> Result<RawCohort, SourceError> {
    let kind = Kind::of(reading.path, schema)?;
    let plan = Plan::new(schema, kind).map_err(SourceError::Schema)?;
    let columns: Vec<SourceColumn> = plan.columns.iter().map(|(c, _)| c.clone()).collect();
    let rules = Rules {
        per_subject: schema.rows() == Rows::PerSubject,
        unordered: kind == Kind::Fhir,
        today: reading.today,
        gather: reading.gather,
    };
    let mut assembler = Assembler::new(&columns, &plan.null, reading.key, rules);
    let (files, complete, guessed) = match kind {
        Kind::Fhir => {
            let bound = Bound::new(&plan, &fhir::tables(reading.views));
            let bound = bound.map_err(SourceError::Schema)?;
            let found = fhir::read(reading, &plan, &bound, &mut assembler, progress)?;
            (found.files, found.complete, None)
        }
        Kind::Text | Kind::Typed | Kind::Query | Kind::Dicom => {
            let opened = open(kind, reading, &plan)?;
            let (files, guessed) = tables(reading, opened, &plan, &mut assembler, progress)?;
            (files, vec![true; columns.len()], guessed)
        }
    };
    let (rows, drops) = assembler.finish(&complete)?;
    finish(reading.path, &columns, rows, drops, (files, guessed))
}

fn finish(
    path: &Path,
    columns: &[SourceColumn],
    mut rows: Vec<RawRow>,
    mut drops: Drops,
    (files, guessed_subject): (Files, Option<String>),
) -> Result<RawCohort, SourceError> {
    let empty = |why: &str| SourceError::Empty {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    if rows.is_empty() {
        return Err(empty("no record has a subject"));
    }
    for (index, column) in (0u16..).zip(columns) {
        let Some(exclude) = column.exclude else {
            continue;
        };
        let before = rows.len();
        let has = |row: &RawRow| row.cells.get(usize::from(index)) == Some(&Some(exclude));
        let out: BTreeSet<u128> = rows
            .iter()
            .filter(|r| has(r))
            .map(|r| r.pseudonym)
            .collect();
        rows.retain(|row| !out.contains(&row.pseudonym));
        let n = (before - rows.len()) as u64;
        let reason = "row left out: the column's value excludes its patient";
        drops.add(Some(index), reason, n, || None);
    }
    if rows.is_empty() {
        return Err(empty("every row was left out"));
    }
    // Stable, so that several rows of one patient keep the order of the source.
    rows.sort_by_key(|row| row.pseudonym);
    Ok(RawCohort {
        rows,
        counts: drops.finish(columns),
        files,
        guessed_subject,
    })
}

/// Reads the tables that the schema names.
fn tables(
    reading: Reading<'_>,
    opened: Opened,
    plan: &Plan,
    assembler: &mut Assembler<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Files, Option<String>), SourceError> {
    let Opened {
        mut tables,
        skipped,
    } = opened;
    let named: Vec<Named> = tables
        .iter()
        .map(|open| named(open.table.as_ref()))
        .collect();
    let bound = Bound::new(plan, &named).map_err(SourceError::Schema)?;
    if !matches!(bound.tables.as_slice(), [_]) && !assembler.is_per_subject() {
        return Err(SourceError::Schema(vec![
            "rows: per_record takes its rows of one table".to_owned(),
        ]));
    }
    let total = bound.tables.len();
    let mut files = Files {
        read: Vec::new(),
        skipped,
    };
    for (done, (at, table)) in bound.tables.iter().enumerate() {
        let OpenTable {
            path,
            table: source,
        } = &mut tables[*at];
        let (path, place) = (path.clone(), source.place());
        progress(Progress {
            done,
            total,
            file: path.clone(),
        });
        source.rows(&mut |record| {
            let row = TableRow {
                cells: record.cells,
                whose: Whose::Cell,
                place: &|| format!("{place}, row {}", record.row),
            };
            let taken = assembler.take(table, &row);
            taken.map_err(|error| TableError::Taken(Box::new(error)))
        })?;
        let is_known = |file: &FileRead| file.path.starts_with(&path);
        if !files.read.iter().any(is_known) {
            files.read.extend(digests(&path)?);
        }
    }
    progress(Progress {
        done: total,
        total,
        file: reading.path.to_owned(),
    });
    Ok((files, bound.guessed_subject))
}

fn named(table: &dyn Table) -> Named {
    Named {
        name: table.name().to_owned(),
        headers: table.columns().iter().map(|c| c.name.clone()).collect(),
        quantities: BTreeSet::new(),
        has_subjects: false,
    }
}

/// SHA-256 of a file, or of every file of a folder.
fn digests(path: &Path) -> Result<Vec<FileRead>, SourceError> {
    let read = |path: std::path::PathBuf| {
        let digest = digest(&path)?;
        Ok(FileRead { path, digest })
    };
    files::list(path)?.into_iter().map(read).collect()
}

/// SHA-256 of a file.
fn digest(path: &Path) -> Result<[u8; 32], SourceError> {
    let io = |source| SourceError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(io)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0u8; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(io)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&piece[..n]),
        }
    }
}
