//! A workbook of any format as a stream of cells.
//!
//! An error of `calamine` may hold a value, so it is never shown: a few words stand for it. A panic
//! of it, on a file that breaks its format, is an error too.

use super::cell::Value;
use super::old::NoResults;
use super::{Format, malformed};
use crate::error::TableError;
use crate::quiet;
use crate::table::{Faults, RowFault};
use calamine::{
    Data, Dimensions, Ods, OdsError, Range, Reader, SheetType, Xls, XlsError, Xlsb, XlsbError,
    Xlsx, XlsxError,
};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

type Bytes = Cursor<Arc<[u8]>>;

/// Last row and column of a sheet, from 0.
const LAST: (u32, u32) = (1_048_575, 16_383);

/// A cell with something in it; counted from 0.
pub(super) struct Cell<'a> {
    pub row: u32,
    pub column: u32,
    pub value: Value<'a>,
    /// Dates count from 1904.
    pub mac: bool,
}

/// Whether more cells are wanted.
pub(super) enum Next {
    More,
    Stop,
}

type Take<'t> = &'t mut dyn FnMut(Cell<'_>) -> Result<Next, TableError>;

pub(super) enum Book {
    /// With whether its stored results are not meant.
    Xlsx(Box<Xlsx<Bytes>>, bool),
    Xlsb(Box<Xlsb<Bytes>>),
    /// With the formulas that have no result.
    Xls(Box<Xls<Bytes>>, Arc<NoResults>),
    Ods(Box<Ods<Bytes>>),
}

impl Book {
    pub(super) fn open(
        bytes: Arc<[u8]>,
        format: Format,
        (stale, no_results): (bool, &Arc<NoResults>),
        place: &str,
    ) -> Result<Book, TableError> {
        let bytes = Cursor::new(bytes);
        guarded(place, || match format {
            Format::Xlsx => Ok(Book::Xlsx(Box::new(Xlsx::new(bytes)?), stale)),
            Format::Xlsb => Ok(Book::Xlsb(Box::new(Xlsb::new(bytes)?))),
            Format::Xls => Ok(Book::Xls(
                Box::new(Xls::new(bytes)?),
                Arc::clone(no_results),
            )),
            Format::Ods => Ok(Book::Ods(Box::new(Ods::new(bytes)?))),
        })
    }

    /// The sheets of cells, not those of charts or macros.
    pub(super) fn sheets(&self) -> Vec<String> {
        let all = match self {
            Book::Xlsx(book, _) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book, _) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        let cells = all.iter().filter(|s| s.typ == SheetType::WorkSheet);
        cells.map(|sheet| sheet.name.clone()).collect()
    }

    /// The merged cells of a sheet. Of the formats that tell none, files with any were refused.
    pub(super) fn merged(
        &mut self,
        sheet: &str,
        place: &str,
    ) -> Result<Vec<Dimensions>, TableError> {
        guarded(place, || match self {
            Book::Xlsx(book, _) => Ok(book.merge_cells_by_sheet_name(sheet)?),
            Book::Xls(book, _) => Ok(book.merge_cells_by_sheet_name(sheet)?),
            Book::Xlsb(_) | Book::Ods(_) => Ok(Vec::new()),
        })
    }

    /// Hands over the cells of a sheet that are not empty, row by row, each from left to right. With
    /// `faults`, those that break their format are told there, where the next one is sure.
    ///
    /// **Errors**: the sheet cannot be read; what `take` answers.
    pub(super) fn cells(
        &mut self,
        sheet: &str,
        (place, faults): (&str, Option<&mut Faults>),
        take: Take<'_>,
    ) -> Result<(), TableError> {
        match self {
            Book::Xlsx(book, stale) => xlsx((book, *stale), sheet, (place, faults), take),
            Book::Xlsb(book) => xlsb(book, sheet, place, take),
            Book::Xls(book, no_results) => {
                let mac = book.has_1904_epoch();
                let number = book.sheets_metadata().iter().position(|s| s.name == sheet);
                let none = number.and_then(|number| no_results.get(number));
                let errors = none.into_iter().flatten().map(|at| (*at, Value::NoResult));
                let range = guarded(place, || Ok(book.worksheet_range(sheet)?))?;
                dense(&range, errors.collect(), mac, place, take)
            }
            Book::Ods(book) => {
                let range = guarded(place, || Ok(book.worksheet_range(sheet)?))?;
                let formulas = guarded(place, || Ok(book.worksheet_formula(sheet)?))?;
                dense(&range, errors(&range, &formulas), false, place, take)
            }
        }
    }
}

fn xlsx(
    (book, stale): (&mut Xlsx<Bytes>, bool),
    sheet: &str,
    (place, mut faults): (&str, Option<&mut Faults>),
    take: Take<'_>,
) -> Result<(), TableError> {
    let mac = book.has_1904_epoch();
    let mut reader = guarded(place, || Ok(book.worksheet_cells_reader(sheet)?))?;
    let (mut order, mut n_broken, mut unsure) = (Order::default(), 0u64, None);
    loop {
        let next = match quiet::catch(|| reader.next_cell_with_formula_metadata()) {
            Ok(Err(error)) if faults.is_some() && is_of_cell(&error) => {
                n_broken += 1;
                continue;
            }
            Ok(next) => guarded(place, || Ok(next?))?,
            Err(_) => return Err(unreadable(place)),
        };
        if let Some(faults) = faults.as_deref_mut() {
            let before = next.as_ref().map(|cell| cell.pos);
            // A cell in the broken one's place: cells do not say where they stand, and are counted.
            let follows = order.last.map(|(row, column)| (row, column + 1));
            if n_broken > 0 && follows.is_some() && follows == before {
                unsure = before.map(|(row, _)| row);
            }
            let fault = || broken(order.last, before);
            (0..std::mem::take(&mut n_broken)).for_each(|_| faults.add(fault));
        }
        let Some(cell) = next else { break };
        if unsure == Some(cell.pos.0) {
            continue;
        }
        let ((row, column), mut value) = (cell.pos, Value::of(&cell.value));
        let empty = matches!(value, Value::Empty);
        if cell.formula.is_some() && (stale || empty) {
            value = Value::NoResult;
        } else if empty {
            continue;
        }
        order.check(row, column, place)?;
        let cell = Cell {
            row,
            column,
            value,
            mac,
        };
        if let Next::Stop = take(cell)? {
            break;
        }
    }
    Ok(())
}

fn xlsb(
    book: &mut Xlsb<Bytes>,
    sheet: &str,
    place: &str,
    take: Take<'_>,
) -> Result<(), TableError> {
    let mac = book.has_1904_epoch();
    let mut reader = guarded(place, || Ok(book.worksheet_cells_reader(sheet)?))?;
    let mut order = Order::default();
    while let Some(cell) = guarded(place, || Ok(reader.next_cell()?))? {
        let ((row, column), value) = (cell.get_position(), Value::of(cell.get_value()));
        if matches!(value, Value::Empty) {
            continue;
        }
        order.check(row, column, place)?;
        let cell = Cell {
            row,
            column,
            value,
            mac,
        };
        if let Next::Stop = take(cell)? {
            break;
        }
    }
    Ok(())
}

/// Whether an error is one cell's, behind which the next is read as if it had not been.
fn is_of_cell(error: &XlsxError) -> bool {
    matches!(
        error,
        XlsxError::ParseFloat(_)
            | XlsxError::CellTAttribute(_)
            | XlsxError::CellError(_)
            | XlsxError::Unrecognized { .. }
            | XlsxError::Unexpected(_)
    )
}

/// A cell that breaks its format, by its neighbours: where it stands itself is not told.
fn broken(after: Option<(u32, u32)>, before: Option<(u32, u32)>) -> RowFault {
    let at = |(row, column): (u32, u32)| {
        let row = u64::from(row) + 1;
        format!("row {row}, column {}", letters(column))
    };
    let mut between = String::new();
    for (word, cell) in [("behind", after), ("before", before)] {
        if let Some(cell) = cell {
            between = format!("{between} {word} {}", at(cell));
        }
    }
    RowFault {
        row: after.or(before).map_or(1, |(row, _)| u64::from(row) + 1),
        column: None,
        what: format!(
            "expected a cell whose value is of the type that it announces, got another{between}: \
             enter it again, or save the workbook anew in its program"
        ),
    }
}

/// Errors by row and column.
type Errors = BTreeMap<(u32, u32), Value<'static>>;

/// The cells of a range; errors stand in place of its values.
fn dense(
    range: &Range<Data>,
    mut errors: Errors,
    mac: bool,
    place: &str,
    take: Take<'_>,
) -> Result<(), TableError> {
    let (top, left) = range.start().unwrap_or_default();
    let mut order = Order::default();
    let mut hand = |(row, column): (u32, u32), value| {
        order.check(row, column, place)?;
        take(Cell {
            row,
            column,
            value,
            mac,
        })
    };
    for (row, column, data) in range.used_cells() {
        let place_of = |start: u32, n: usize| u32::try_from(n).ok()?.checked_add(start);
        let (Some(row), Some(column)) = (place_of(top, row), place_of(left, column)) else {
            return Err(unreadable(place));
        };
        let (at, mut value) = ((row, column), Value::of_data(data));
        while let Some(error) = errors.first_entry().filter(|error| *error.key() <= at) {
            let (of, error) = error.remove_entry();
            if of == at {
                value = error;
            } else if let Next::Stop = hand(of, error)? {
                return Ok(());
            }
        }
        if let Next::Stop = hand(at, value)? {
            return Ok(());
        }
    }
    for (at, error) in errors {
        if let Next::Stop = hand(at, error)? {
            break;
        }
    }
    Ok(())
}

/// What stands in place of the results that formulas of an open document do not have, or have as an
/// error in the form of a text.
fn errors(range: &Range<Data>, formulas: &Range<String>) -> Errors {
    let (top, left) = formulas.start().unwrap_or_default();
    let mut errors = Errors::new();
    for (row, column, formula) in formulas.used_cells() {
        let at = (
            top.saturating_add(row as u32),
            left.saturating_add(column as u32),
        );
        let error = match range.get_value(at) {
            None | Some(Data::Empty) => Some(Value::NoResult),
            Some(Data::String(text)) if text.starts_with("Err:") => Some(Value::NoResult),
            Some(Data::String(text)) => ERRORS
                .iter()
                .find(|word| *word == text)
                .copied()
                .map(Value::Error),
            Some(_) => None,
        };
        if let (Some(error), false) = (error, formula.is_empty()) {
            errors.insert(at, error);
        }
    }
    errors
}

/// LibreOffice stores an error as the text that it shows.
const ERRORS: [&str; 7] = [
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
];

/// A sheet's cells come once each and in order, so that a row is whole when the next one begins.
#[derive(Default)]
struct Order {
    last: Option<(u32, u32)>,
}

impl Order {
    fn check(&mut self, row: u32, column: u32, place: &str) -> Result<(), TableError> {
        let after = self.last.is_none_or(|last| last < (row, column));
        if !after || row > LAST.0 || column > LAST.1 {
            return Err(unreadable(place));
        }
        self.last = Some((row, column));
        Ok(())
    }
}

/// `row 3, column C`, counted from 1 and from A.
pub(super) fn at(place: &str, row: u32, column: u32) -> String {
    let row = u64::from(row) + 1;
    format!("{place}, row {row}, column {}", letters(column))
}

/// A column as a sheet names it.
pub(super) fn letters(column: u32) -> String {
    let (mut left, mut name) = (u64::from(column) + 1, Vec::new());
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        name.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    name.iter().rev().collect()
}

fn unreadable(place: &str) -> TableError {
    let what = "expected a workbook that keeps to its format: open it in its program and save it \
                anew, or as csv";
    malformed(place.to_owned(), what)
}

/// Why `calamine` refuses, as far as a person is told.
struct Refused {
    password: bool,
}

macro_rules! refused {
    ($($error:ident),*) => {$(
        impl From<$error> for Refused {
            fn from(error: $error) -> Refused {
                let password = matches!(error, $error::Password);
                Refused { password }
            }
        }
    )*};
}
refused!(XlsxError, XlsbError, XlsError, OdsError);

fn guarded<T>(place: &str, read: impl FnOnce() -> Result<T, Refused>) -> Result<T, TableError> {
    match quiet::catch(read) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Refused { password: true })) => {
            let what = "expected a workbook without a password: save it without one";
            Err(malformed(place.to_owned(), what))
        }
        Ok(Err(_)) | Err(_) => Err(unreadable(place)),
    }
}
