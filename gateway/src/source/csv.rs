//! CSV files: one header line, one record a line, comma, semicolon or tab between fields (seen from
//! the header line).
//!
//! Source: RFC 4180 (quotes, doubled quotes, CRLF). Fields are text until a column's type reads
//! them; an empty field is "no value".

use super::column::{Column, OnBad};
use super::date::{Order, When};
use super::files;
use super::plan::CsvColumn;
use super::pseudonym::PseudonymKey;
use super::reduce::{Drops, Seen, reduce};
use super::{Files, Limits, Progress, RawRow, SourceError};
use ::csv::{ByteRecord, ReaderBuilder};
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::Path;
use std::rc::Rc;

/// Headers that are taken for the subject when the schema names none, in this order.
const SUBJECT_HEADERS: [&str; 8] = [
    "subject",
    "subject_id",
    "patient",
    "patient_id",
    "person_id",
    "patientid",
    "mrn",
    "id",
];

/// How rows of a file become rows of the dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Header of the patient's number; none looks for a usual one.
    pub subject: Option<String>,
    /// Whether a patient's rows become one.
    pub per_subject: bool,
}

/// Where in a record everything is.
struct Places {
    subject: usize,
    values: Vec<usize>,
    dates: Vec<Option<usize>>,
}

struct Source<'a> {
    path: &'a Path,
    columns: &'a [(Column, CsvColumn)],
    places: Places,
    drops: Drops,
    key: &'a PseudonymKey,
}

/// Reads a file.
pub(crate) fn read(
    path: &Path,
    columns: &[(Column, CsvColumn)],
    rows: &Rows,
    key: &PseudonymKey,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<RawRow>, Drops, Files), SourceError> {
    progress(Progress {
        done: 0,
        total: 1,
        file: path.to_owned(),
    });
    let mut reader = files::open(path, limits.stream_bytes)?;
    let delimiter = sniff(path, &mut reader)?;
    let reader = Bounded {
        inner: reader,
        delivered: 0,
        allowed: Rc::new(Cell::new(0)),
        limit: limits.line_bytes,
    };
    let allowed = Rc::clone(&reader.allowed);
    let csv = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(reader);
    let mut csv = Records {
        csv,
        allowed,
        limit: limits.line_bytes,
    };
    let mut record = ByteRecord::new();
    if !csv.next(path, &mut record)? {
        return Err(SourceError::Empty {
            path: path.to_owned(),
            why: "the file is empty".to_owned(),
        });
    }
    let places = places(path, &record, columns, rows)?;
    let width = record.len();
    let mut source = Source {
        path,
        columns,
        places,
        drops: Drops::default(),
        key,
    };
    let found = if rows.per_subject {
        source.joined(&mut csv, width)?
    } else {
        source.single(&mut csv, width)?
    };
    progress(Progress {
        done: 1,
        total: 1,
        file: path.to_owned(),
    });
    if found.is_empty() {
        return Err(SourceError::Empty {
            path: path.to_owned(),
            why: "no record has a subject".to_owned(),
        });
    }
    Ok((
        found,
        source.drops,
        Files {
            read: 1,
            skipped: Vec::new(),
        },
    ))
}

fn malformed(path: &Path, what: impl Into<String>) -> SourceError {
    SourceError::Malformed {
        path: path.to_owned(),
        what: what.into(),
    }
}

/// The delimiter that splits the header line most often, outside quotes.
fn sniff(path: &Path, reader: &mut impl BufRead) -> Result<u8, SourceError> {
    let start = reader.fill_buf().map_err(files::io(path))?;
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            0 => {
                return Err(malformed(
                    path,
                    "expected text, got a zero byte in the header line",
                ));
            }
            byte if !quoted => counts
                .iter_mut()
                .filter(|(d, _)| d == byte)
                .for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    // On a tie the first counts, so that a file of one column is read with commas.
    Ok(counts
        .iter()
        .rev()
        .max_by_key(|(_, n)| *n)
        .map_or(b',', |(d, _)| *d))
}

/// The records of a file, each of bounded length: an open quote must not read the whole file into
/// memory.
struct Records<R> {
    csv: ::csv::Reader<Bounded<R>>,
    allowed: Rc<Cell<u64>>,
    limit: u64,
}

/// Delivers bytes up to a mark that moves with the records.
struct Bounded<R> {
    inner: R,
    delivered: u64,
    allowed: Rc<Cell<u64>>,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.delivered > self.allowed.get() {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("expected records of at most {} bytes", self.limit),
            ));
        }
        let n = self.inner.read(out)?;
        self.delivered += n as u64;
        Ok(n)
    }
}

impl<R: Read> Records<R> {
    fn next(&mut self, path: &Path, record: &mut ByteRecord) -> Result<bool, SourceError> {
        let line = self.csv.position().line();
        self.allowed.set(self.csv.position().byte() + self.limit);
        self.csv
            .read_byte_record(record)
            .map_err(|e| match e.into_kind() {
                ::csv::ErrorKind::Io(e) if e.kind() == std::io::ErrorKind::InvalidData => {
                    malformed(path, format!("row {line}: {e}: is a quote left open?"))
                }
                ::csv::ErrorKind::Io(source) => SourceError::Io {
                    path: path.to_owned(),
                    source,
                },
                _ => malformed(path, "not a csv record"),
            })
    }
}

fn text<'r>(
    path: &Path,
    record: &'r ByteRecord,
    at: usize,
    row: u64,
) -> Result<&'r str, SourceError> {
    let bytes = record.get(at).unwrap_or_default();
    std::str::from_utf8(bytes)
        .map(str::trim)
        .map_err(|_| malformed(path, format!("row {row}: expected utf-8")))
}

fn places(
    path: &Path,
    header: &ByteRecord,
    columns: &[(Column, CsvColumn)],
    rows: &Rows,
) -> Result<Places, SourceError> {
    let names = (0..header.len())
        .map(|at| text(path, header, at, 1))
        .collect::<Result<Vec<&str>, _>>()?;
    let mut problems = Vec::new();
    let mut find = |wanted: &str| {
        let found: Vec<usize> = names
            .iter()
            .enumerate()
            .filter(|(_, name)| **name == wanted)
            .map(|(i, _)| i)
            .collect();
        match found.as_slice() {
            [one] => return *one,
            [] => match names.iter().find(|name| name.eq_ignore_ascii_case(wanted)) {
                Some(near) => problems.push(format!("no header {wanted}, but {near}")),
                None => problems.push(format!("no header {wanted}")),
            },
            _ => problems.push(format!("header {wanted} stands {} times", found.len())),
        }
        0
    };
    let usual = || {
        SUBJECT_HEADERS
            .iter()
            .find(|usual| names.iter().any(|name| name.eq_ignore_ascii_case(usual)))
    };
    let subject = match (&rows.subject, usual()) {
        (Some(header), _) => find(header),
        (None, Some(usual)) => names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(usual))
            .unwrap_or(0),
        (None, None) => {
            find("subject");
            0
        }
    };
    let values = columns.iter().map(|(_, csv)| find(&csv.header)).collect();
    let dates = columns
        .iter()
        .map(|(_, csv)| csv.date_header.as_ref().map(|header| find(header)))
        .collect();
    if problems.is_empty() {
        return Ok(Places {
            subject,
            values,
            dates,
        });
    }
    problems.sort();
    problems.dedup();
    // The headers themselves are not printed: a file without a header line would show a patient's
    // values.
    Err(malformed(
        path,
        format!(
            "{} (the header line has {} fields)",
            problems.join(", "),
            names.len()
        ),
    ))
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
    fn joined(
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
