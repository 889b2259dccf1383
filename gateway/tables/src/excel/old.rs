//! Whether an old workbook (`.xls`) may be read: the squares of its sheets are of bounded size; and
//! which of its formulas have no result.
//!
//! Source: MS-XLS 2.1.4 (records), 2.4.28 (sheets), 2.4.90 (dimensions). A program that writes
//! formulas and does not calculate stores the number 0, which nobody can tell from a result, or a
//! blank text, which is a result only where some formula of the workbook has another.

mod formulas;

use formulas::Formulas;
use std::io::{Cursor, Read};

/// Cells of each sheet, in the order of the workbook, whose formulas have no result.
pub(super) type NoResults = Vec<Vec<(u32, u32)>>;

/// Columns of the widest sheet.
const COLUMNS: u64 = 256;

/// **Errors**: what was expected and what to do.
pub(super) fn check(bytes: &[u8], limit: u64) -> Result<NoResults, String> {
    let stream = stream(bytes)?;
    let (mut all, mut sheets) = (0u64, Vec::new());
    for (kind, content) in Records(&stream) {
        match kind {
            // A sheet, and where it begins.
            0x0085 => {
                let at = content.first_chunk().map_or(0, |n| u32::from_le_bytes(*n));
                let sheet = stream.get(at as usize..).ok_or_else(broken)?;
                let mut formulas = Formulas::default();
                all = all.saturating_add(square(sheet, &mut formulas)?);
                sheets.push(formulas);
            }
            0x000a => break,
            _ => {}
        }
        if all > limit {
            return Err(format!(
                "expected at most {limit} cells in the sheets' squares"
            ));
        }
    }
    let calculates = sheets.iter().any(Formulas::have_results);
    let without = |sheet: Formulas| sheet.without_results(calculates);
    Ok(sheets.into_iter().map(without).collect())
}

fn stream(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| broken())?;
    if file.is_stream("/EncryptedPackage") {
        return Err("expected a workbook without a password: save it without one".to_owned());
    }
    for name in ["/Workbook", "/Book"] {
        if let Ok(stream) = file.open_stream(name) {
            let mut content = Vec::new();
            // Never longer than the file that it stands in.
            let mut bounded = stream.take(bytes.len() as u64);
            bounded.read_to_end(&mut content).map_err(|_| broken())?;
            return Ok(content);
        }
    }
    Err("expected a workbook, got another file of this kind".to_owned())
}

fn broken() -> String {
    "expected a whole workbook, got one that is cut or damaged: copy it anew".to_owned()
}

/// The cells of the square that a sheet spans, by what it announces and by what it has. Takes its
/// formulas.
fn square(sheet: &[u8], formulas: &mut Formulas) -> Result<u64, String> {
    let (mut rows, mut columns, mut announced) = (0u64, 0u64, 0u64);
    let mut depth = 0u32;
    for (kind, content) in Records(sheet) {
        if depth <= 1 {
            formulas.take(kind, content);
        }
        match kind {
            0x0809 => depth += 1,
            0x000a if depth <= 1 => break,
            0x000a => depth -= 1,
            // The square, its ends not included.
            0x0200 => {
                let height = span(number(content, 0, 4), number(content, 4, 4));
                let width = span(number(content, 8, 2), number(content, 10, 2));
                announced = announced.saturating_add(height.saturating_mul(width));
            }
            0x0006 | 0x00bd | 0x00d6 | 0x00fd | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                let width = if kind == 0x00bd {
                    content.len() as u64 / 6
                } else {
                    0
                };
                rows = rows.max(number(content, 0, 2) + 1);
                columns = columns.max(number(content, 2, 2) + 1 + width.saturating_sub(1));
            }
            _ => {}
        }
    }
    match columns > COLUMNS {
        true => Err(format!(
            "expected at most {COLUMNS} columns in a sheet of this format"
        )),
        false => Ok(announced.max(rows.saturating_mul(columns))),
    }
}

fn span(start: u64, end: u64) -> u64 {
    // The library counts one more than there are.
    end.saturating_sub(start).saturating_add(1)
}

/// Bytes of a record as a number, the low ones first; 0 beyond its end.
fn number(content: &[u8], at: usize, len: usize) -> u64 {
    let bytes = content.get(at..at + len).unwrap_or_default();
    bytes
        .iter()
        .rev()
        .fold(0, |n, byte| (n << 8) | u64::from(*byte))
}

/// The records of a stream: type and content.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (content, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some((kind, content))
    }
}
