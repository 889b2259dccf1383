//! A source of any kind, with the patients left out who are to be left out.

use super::bind::{Bound, BoundTable, Named};
use super::column::SourceColumn;
use super::error::SourceError;
use super::fhir;
use super::files;
use super::kept::KeptRows;
use super::kind::Kind;
use super::open::{OpenTable, Opened, open};
use super::plan::Plan;
use super::reading::{FileRead, Files, Progress, RawCohort, Reading, STRIDE, size};
use super::reduce::Drops;
use super::rows::{Assembler, Holding, Rules, TableRow, Whose};
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
    let mut plan = Plan::new(schema, kind).map_err(SourceError::Schema)?;
    if reading.gather {
        plan.gather();
    }
    let columns: Vec<SourceColumn> = plan.columns.iter().map(|(c, _)| c.clone()).collect();
    let rules = Rules {
        per_subject: schema.rows() == Rows::PerSubject,
        // Nor does that of what a statement selects.
        unordered: matches!(kind, Kind::Fhir | Kind::Query),
        rows_are_things: kind == Kind::Fhir,
        met_by_none: kind != Kind::Fhir,
        ids_are_typed: kind == Kind::Dicom,
        keeps_words: plan.keeps_words,
        today: reading.today,
        gather: reading.gather,
    };
    let mut rows =
        KeptRows::new(schema.columns()).map_err(|source| SourceError::Unrepresentable {
            path: reading.path.to_owned(),
            source,
        })?;
    let dated = plan.columns.iter().map(|(_, place)| place.date.is_some());
    let holding = Holding::new(schema.columns().iter().zip(dated));
    let space = plan.space(kind);
    let whose = (reading.key, space.as_ref());
    let mut assembler = Assembler::new(&columns, whose, (rules, holding));
    let (files, complete, guessed) = match kind {
        Kind::Fhir => {
            let bound = Bound::new(&plan, &fhir::tables(reading.views));
            let bound = bound.map_err(SourceError::Schema)?;
            one_table(&bound, &assembler)?;
            let found = fhir::read(reading, &plan, &bound, &mut assembler, progress)?;
            (found.files, found.complete, None)
        }
        Kind::Text | Kind::Typed | Kind::Query | Kind::Dicom => {
            let opened = open(kind, reading, &plan)?;
            let (files, guessed) = tables(reading, opened, &plan, &mut assembler, progress)?;
            (files, vec![true; columns.len()], guessed)
        }
    };
    let drops = assembler.finish(&complete, &mut rows)?;
    finish(
        (reading.path, kind),
        &columns,
        rows,
        drops,
        (files, guessed),
    )
}

fn finish(
    (path, kind): (&Path, Kind),
    columns: &[SourceColumn],
    mut rows: KeptRows,
    mut drops: Drops,
    (files, guessed_subject): (Files, Option<String>),
) -> Result<RawCohort, SourceError> {
    let empty = |why: &str| SourceError::Empty {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    // Where problems were gathered they say more than that nothing is left.
    let problems = std::mem::take(&mut drops.problems);
    if rows.is_empty() && problems.count == 0 {
        return Err(empty("no record has a subject"));
    }
    rows.sort();
    for (index, column) in (0u16..).zip(columns) {
        let Some(exclude) = column.exclude else {
            continue;
        };
        let n = rows.leave_out(usize::from(index), exclude) as u64;
        let reason = "row left out: the column's value excludes its patient";
        drops.add(Some(index), reason, n, || None);
    }
    if rows.is_empty() && problems.count == 0 {
        return Err(empty("every row was left out"));
    }
    Ok(RawCohort {
        kind: kind.word(),
        rows,
        counts: drops.finish(columns),
        files,
        guessed_subject,
        problems,
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
        selected,
        skipped,
        refused,
    } = opened;
    for (place, error) in &refused {
        assembler.drops.problems.add_end(place, error);
    }
    let bound = bind(plan, &tables, &refused)?;
    one_table(&bound, assembler)?;
    let total = bound.tables.len();
    let mut files = Files {
        read: Vec::new(),
        skipped,
    };
    let size = |at: usize| tables.get(at).map_or(0, |open| size(&open.path));
    let sizes: Vec<u64> = bound.tables.iter().map(|(at, _)| size(*at)).collect();
    let (all, mut before) = (sizes.iter().sum::<u64>(), 0);
    for (done, ((at, table), own)) in bound.tables.iter().zip(sizes).enumerate() {
        let path = tables[*at].path.clone();
        let mut tell = |(read, of): (u64, u64)| {
            progress(Progress {
                done,
                total,
                file: path.clone(),
                bytes: (all > 0).then(|| (before + part(own, read, of), all)),
            });
        };
        rows(
            &mut tables[*at],
            table,
            (assembler, reading.gather),
            &mut tell,
        )?;
        before += own;
        let is_known = |file: &FileRead| file.path.starts_with(&path);
        if !files.read.iter().any(is_known) {
            files.read.extend(digests(&path)?);
        }
    }
    for path in selected {
        files.read.extend(digests(&path)?);
    }
    progress(Progress {
        done: total,
        total,
        file: reading.path.to_owned(),
        bytes: (all > 0).then_some((all, all)),
    });
    Ok((files, bound.guessed_subject))
}

/// What the schema takes of which table.
///
/// **Errors**: all problems, behind those of tables that could not be opened.
fn bind(
    plan: &Plan,
    tables: &[OpenTable],
    refused: &[(String, TableError)],
) -> Result<Bound, SourceError> {
    let named: Vec<Named> = tables
        .iter()
        .map(|open| named(open.table.as_ref()))
        .collect();
    Bound::new(plan, &named).map_err(|mut problems| {
        let refused = refused.iter().map(|(_, error)| error.to_string());
        problems.splice(..0, refused);
        SourceError::Schema(problems)
    })
}

/// Reads the rows of one table and tells how much of it is read; where problems are gathered, those
/// that it has.
fn rows(
    open: &mut OpenTable,
    table: &BoundTable,
    (assembler, gather): (&mut Assembler<'_>, bool),
    tell: &mut dyn FnMut((u64, u64)),
) -> Result<(), SourceError> {
    tell((0, 1));
    let (place, meter, mut n) = (open.table.place(), open.table.meter(), 0u64);
    let read = open.table.rows(&mut |record| {
        n += 1;
        if let (0, Some(meter)) = (n % STRIDE, &meter) {
            tell(meter.read());
        }
        let row = TableRow {
            cells: record.cells,
            whose: Whose::Cell,
            is_doubtful: false,
            place: &|| format!("{place}, row {}", record.row),
        };
        let taken = assembler.take(table, &row);
        taken.map_err(|error| TableError::Taken(Box::new(error)))
    });
    let drops = &mut assembler.drops;
    drops.add_faults(&place, open.table.take_faults());
    match read {
        Err(error) if gather && !matches!(error, TableError::Taken(_)) => {
            drops.problems.add_end(&place, &error);
            Ok(())
        }
        other => Ok(other?),
    }
}

/// **Errors**: records of several tables, of which none belongs to another.
fn one_table(bound: &Bound, assembler: &Assembler<'_>) -> Result<(), SourceError> {
    match bound.tables.as_slice() {
        [_] => Ok(()),
        _ if assembler.is_per_subject() => Ok(()),
        _ => Err(SourceError::Schema(vec![
            "rows: per_record takes its rows of one table".to_owned(),
        ])),
    }
}

/// As much of `whole` as was read of all.
fn part(whole: u64, read: u64, all: u64) -> u64 {
    let part = u128::from(whole) * u128::from(read) / u128::from(all.max(1));
    u64::try_from(part).unwrap_or(whole)
}

fn named(table: &dyn Table) -> Named {
    Named {
        name: table.name().to_owned(),
        headers: table.columns().iter().map(|c| c.name.clone()).collect(),
        kinds: table.columns().iter().map(|c| c.kind).collect(),
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
    files::list(path)?.files.into_iter().map(read).collect()
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
