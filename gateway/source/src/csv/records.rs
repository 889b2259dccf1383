//! The records of a CSV file as bytes.

use crate::error::SourceError;
use crate::files;
use crate::reading::Limits;
use ::csv::{ByteRecord, ReaderBuilder};
use std::cell::Cell;
use std::io::{BufRead, Read};
use std::path::Path;
use std::rc::Rc;

pub(super) fn malformed(path: &Path, what: impl Into<String>) -> SourceError {
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
pub(super) struct Records<R> {
    csv: ::csv::Reader<Bounded<R>>,
    allowed: Rc<Cell<u64>>,
    limit: u64,
}

/// Opens a file at its header line.
pub(super) fn open(path: &Path, limits: &Limits) -> Result<Records<impl Read>, SourceError> {
    let mut inner = files::open(path, limits.stream_bytes)?;
    let delimiter = sniff(path, &mut inner)?;
    let (allowed, limit) = (Rc::new(Cell::new(0)), limits.line_bytes);
    let reader = Bounded {
        inner,
        delivered: 0,
        allowed: Rc::clone(&allowed),
    };
    let csv = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(reader);
    Ok(Records {
        csv,
        allowed,
        limit,
    })
}

/// Delivers bytes up to a mark that moves with the records.
struct Bounded<R> {
    inner: R,
    delivered: u64,
    allowed: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.delivered > self.allowed.get() {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let n = self.inner.read(out)?;
        self.delivered += n as u64;
        Ok(n)
    }
}

impl<R: Read> Records<R> {
    /// Reads the next record; false at the end of the file.
    pub(super) fn next(
        &mut self,
        path: &Path,
        record: &mut ByteRecord,
    ) -> Result<bool, SourceError> {
        let line = self.csv.position().line();
        self.allowed.set(self.csv.position().byte() + self.limit);
        self.csv
            .read_byte_record(record)
            .map_err(|e| match e.into_kind() {
                ::csv::ErrorKind::Io(e) if e.kind() == std::io::ErrorKind::InvalidData => {
                    let limit = self.limit;
                    malformed(path, format!("row {line}: expected records of at most {limit} bytes: is a quote left open?"))
                }
                ::csv::ErrorKind::Io(source) => SourceError::Io {
                    path: path.to_owned(),
                    source,
                },
                _ => malformed(path, "not a csv record"),
            })
    }
}

/// A field, trimmed.
pub(super) fn text<'r>(
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
