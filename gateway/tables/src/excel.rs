//! Workbooks: `.xlsx`, `.xlsb`, `.xls` and `.ods`, one table a sheet.
//!
//! The first row with a value is the header; the rows below it are the table's, those without any
//! value left out. A cell has a type of its own: numbers as their shortest exact digits, truths,
//! texts, and dates where a cell's format says that it is one. Formulas count by the result that
//! the workbook stores.
//!
//! Errors in their cells ([`Scalar::Error`](crate::Scalar::Error)): errors such as `#N/A`, formulas
//! without a stored result (of `.xls`: where no formula of the workbook has another than a blank
//! text), or with one that the workbook itself asks to calculate anew, days that no
//! calendar has, numbers of more than 15 digits, of which a workbook keeps no more. Refused, each with
//! its place: merged cells, and values outside the columns of the header.
//!
//! `calamine` reads the formats. It takes announced sizes on trust and reads on where a file is
//! odd, so `check` and `old` look at each file first. **Cost**: the packed file is held in memory;
//! of `.xlsx` and `.xlsb` the shared texts too, of `.xls` and `.ods` every sheet, some 60 bytes a
//! cell.

mod book;
mod cell;
mod check;
mod old;
mod sheet;
#[cfg(test)]
mod tests;

pub use sheet::SheetTable;

use crate::error::TableError;
use book::Book;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How large a workbook may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcelLimits {
    /// Most bytes of the file.
    pub file_bytes: u64,
    /// Most bytes of all that is packed in it.
    pub unpacked_bytes: u64,
    /// Most cells of a sheet; of `.xls` and `.ods` every cell of the square that a sheet spans.
    pub cells: u64,
}

impl Default for ExcelLimits {
    fn default() -> ExcelLimits {
        ExcelLimits {
            file_bytes: 256 << 20,
            unpacked_bytes: 4 << 30,
            cells: 50_000_000,
        }
    }
}

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

/// A workbook that was looked at.
pub struct Workbook {
    path: PathBuf,
    bytes: Arc<[u8]>,
    format: Format,
    /// Stored results of formulas are not meant.
    stale: bool,
    /// Of an old workbook: formulas without a result.
    no_results: Arc<old::NoResults>,
    limits: ExcelLimits,
    sheets: Vec<String>,
    gather: bool,
}

impl Workbook {
    /// Opens a plain file and lists its sheets.
    ///
    /// **Errors**: no plain file, too large, no workbook, or protected by a password.
    pub fn open(path: &Path, limits: ExcelLimits) -> Result<Workbook, TableError> {
        let bytes = read(path, limits.file_bytes)?;
        let refuse = |what: String| malformed(path.display().to_string(), what);
        let format = check::format(&bytes).map_err(refuse)?;
        let (stale, no_results) = match format {
            Format::Xls => old::check(&bytes, limits.cells).map(|none| (false, none)),
            _ => check::zip(&bytes, format, &limits).map(|stale| (stale, Vec::new())),
        }
        .map_err(refuse)?;
        let mut workbook = Workbook {
            path: path.to_owned(),
            bytes: bytes.into(),
            format,
            stale,
            no_results: Arc::new(no_results),
            limits,
            sheets: Vec::new(),
            gather: false,
        };
        let mut book = workbook.book()?;
        for name in book.sheets() {
            if has_values(&mut book, &name, &workbook.place(&name))? {
                workbook.sheets.push(name);
            }
        }
        let mut seen: Vec<String> = workbook.sheets.iter().map(|s| s.to_lowercase()).collect();
        seen.sort();
        match seen.windows(2).any(|pair| pair.first() == pair.last()) {
            true => Err(refuse("expected sheets of different names".to_owned())),
            false => Ok(workbook),
        }
    }

    /// Lets the reading of sheets go on behind what is not of their form; it is told afterwards.
    pub fn gather(&mut self) {
        self.gather = true;
    }

    /// The sheets that have a value, hidden ones too, in the order of the workbook.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// A sheet as a table.
    ///
    /// **Errors**: there is no such sheet; its header is refused.
    pub fn table(&self, sheet: &str) -> Result<SheetTable, TableError> {
        if !self.sheets.iter().any(|name| name == sheet) {
            return Err(TableError::Settings(vec![format!(
                "{}: no sheet {sheet} with values, expected one of: {}",
                self.path.display(),
                self.sheets.join(", ")
            )]));
        }
        let (book, place) = (self.book()?, self.place(sheet));
        SheetTable::open(book, sheet, place, (self.limits.cells, self.gather))
    }

    fn book(&self) -> Result<Book, TableError> {
        let place = self.path.display().to_string();
        let unsure = (self.stale, &self.no_results);
        Book::open(Arc::clone(&self.bytes), self.format, unsure, &place)
    }

    fn place(&self, sheet: &str) -> String {
        format!("{}, sheet {sheet}", self.path.display())
    }
}

fn has_values(book: &mut Book, sheet: &str, place: &str) -> Result<bool, TableError> {
    let mut found = false;
    book.cells(sheet, (place, None), &mut |_| {
        found = true;
        Ok(book::Next::Stop)
    })?;
    Ok(found)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let refuse = |what: String| malformed(path.display().to_string(), what);
    let file = medveil_plain_file::open(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => refuse("expected a plain file".to_owned()),
        _ => io(error),
    })?;
    let mut bytes = Vec::new();
    let mut reader = file.take(limit.saturating_add(1));
    reader.read_to_end(&mut bytes).map_err(io)?;
    match bytes.len() as u64 > limit {
        true => Err(refuse(format!("expected a file of at most {limit} bytes"))),
        false => Ok(bytes),
    }
}

fn malformed(place: String, what: impl Into<String>) -> TableError {
    TableError::Malformed {
        place,
        what: what.into(),
    }
}
