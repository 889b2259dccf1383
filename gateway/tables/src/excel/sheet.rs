//! A sheet as a table.

use super::book::{Book, Cell, Next, at, letters};
use super::cell::Value;
use super::malformed;
use crate::error::TableError;
use crate::header;
use crate::table::{Faults, Kind, Record, RowFault, Scalar, Table, TableColumn};
use calamine::Dimensions;

/// A sheet as a table. Cells have types of their own; rows count as the sheet shows them.
pub struct SheetTable {
    book: Book,
    sheet: String,
    name: String,
    place: String,
    limit: u64,
    columns: Vec<TableColumn>,
    /// The header's row, from 0.
    header: u32,
    /// The column of the table that a column of the sheet is.
    numbers: Vec<Option<usize>>,
    /// Whether what is not of the sheet's form is told and does not end a reading.
    gather: bool,
    /// Merged cells below the header.
    merged: Vec<Dimensions>,
    /// What the last reading found.
    faults: Faults,
}

impl SheetTable {
    /// Reads the header.
    pub(super) fn open(
        mut book: Book,
        sheet: &str,
        place: String,
        (limit, gather): (u64, bool),
    ) -> Result<SheetTable, TableError> {
        let (row, found) = names(&mut book, sheet, &place)?;
        let mut merged = book.merged(sheet, &place)?;
        merged.retain(|d| d.end.0 >= row && d.start != d.end);
        check_merged(&merged, (row, gather), &place)?;
        let width = found.last().map_or(0, |(column, _)| *column as usize + 1);
        let mut numbers = vec![None; width];
        for (number, (column, _)) in found.iter().enumerate() {
            if let Some(slot) = numbers.get_mut(*column as usize) {
                *slot = Some(number);
            }
        }
        let mixed = |(_, name)| TableColumn {
            name,
            kind: Kind::Mixed,
        };
        Ok(SheetTable {
            book,
            sheet: sheet.to_owned(),
            name: sheet.to_owned(),
            place,
            limit,
            columns: found.into_iter().map(mixed).collect(),
            header: row,
            numbers,
            gather,
            merged,
            faults: Faults::default(),
        })
    }

    /// Gives the table another name than its sheet has.
    pub(crate) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }
}

impl Table for SheetTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let (place, numbers, limit) = (&self.place, &self.numbers, self.limit);
        let (header, width) = (self.header, self.columns.len());
        self.faults = merged_faults(&self.merged);
        let (mut broken, mut unnamed) = (Faults::default(), Faults::default());
        let broken_of = self.gather.then_some(&mut broken);
        let mut cells = vec![Scalar::Null; width];
        let (mut row, mut seen) = (None, 0u64);
        let mut hand = |cells: &mut [Scalar], row: u32| {
            let row = u64::from(row) + 1;
            take(Record { cells, row })?;
            cells.fill(Scalar::Null);
            Ok(())
        };
        let read = self
            .book
            .cells(&self.sheet, (place, broken_of), &mut |cell| {
                seen += 1;
                if seen > limit {
                    let what = format!("expected at most {limit} cells");
                    return Err(malformed(place.clone(), what));
                }
                if cell.row <= header {
                    return Ok(Next::More);
                }
                if let Some(last) = row.replace(cell.row)
                    && last != cell.row
                {
                    hand(&mut cells, last)?;
                }
                let number = numbers.get(cell.column as usize).copied().flatten();
                match put(&cell, number.and_then(|n| cells.get_mut(n))) {
                    Err(what) if self.gather => unnamed.add(|| fault(cell.row, cell.column, what)),
                    other => {
                        other.map_err(|what| malformed(at(place, cell.row, cell.column), what))?
                    }
                }
                Ok(Next::More)
            });
        self.faults.append(broken);
        self.faults.append(unnamed);
        match (read?, row) {
            ((), Some(last)) => hand(&mut cells, last),
            ((), None) => Ok(()),
        }
    }

    fn take_faults(&mut self) -> Faults {
        std::mem::take(&mut self.faults)
    }
}

/// What is not of the sheet's form, in its cell.
fn fault(row: u32, column: u32, what: &str) -> RowFault {
    RowFault {
        row: u64::from(row) + 1,
        column: Some(letters(column)),
        what: what.to_owned(),
    }
}

/// The header: its row, and its names with their columns.
fn names(
    book: &mut Book,
    sheet: &str,
    place: &str,
) -> Result<(u32, Vec<(u32, String)>), TableError> {
    let (mut found, mut row) = (Vec::new(), None);
    book.cells(sheet, (place, None), &mut |cell| {
        if *row.get_or_insert(cell.row) != cell.row {
            return Ok(Next::Stop);
        }
        let name = name(&cell, place)?;
        found.extend(name.map(|name| (cell.column, name)));
        Ok(Next::More)
    })?;
    let row = row.ok_or_else(|| malformed(place.to_owned(), "expected a header, got no value"))?;
    let refuse = |what: String| malformed(format!("{place}, row {}", u64::from(row) + 1), what);
    if found.is_empty() {
        let what = "expected names of columns, got empty texts".to_owned();
        return Err(refuse(what));
    }
    let places = found.iter().map(|(column, name): &(u32, String)| {
        (name.as_str(), format!("column {}", letters(*column)))
    });
    header::check(places).map_err(refuse)?;
    Ok((row, found))
}

/// A name of the header; none for an empty text.
fn name(cell: &Cell<'_>, place: &str) -> Result<Option<String>, TableError> {
    let refuse = |what| Err(malformed(at(place, cell.row, cell.column), what));
    match cell.value {
        Value::Text("") => Ok(None),
        Value::Text(text) => Ok(Some(text.to_owned())),
        // A year as a name, say.
        Value::Integer(_) | Value::Float(_) => match cell.value.scalar(cell.mac) {
            Ok(Scalar::Number(digits)) => Ok(Some(digits)),
            _ => refuse("expected a name of a column"),
        },
        _ => refuse("expected a name of a column, in a text"),
    }
}

/// **Errors**: what was expected and what to do.
fn put(cell: &Cell<'_>, slot: Option<&mut Scalar>) -> Result<(), &'static str> {
    match (slot, cell.value) {
        (None, Value::Empty | Value::Text("")) => Ok(()),
        (None, _) => Err(
            "expected no value in a column without a name: name it in the header; lines above the header are to be deleted",
        ),
        (Some(slot), value) => {
            *slot = value.scalar_or_error(cell.mac);
            Ok(())
        }
    }
}

const MERGED: &str = "expected no merged cells: part them, and write the value into each";

/// Of merged cells only the first has the value; what the others mean is not said. Those below the
/// header can be gathered.
fn check_merged(
    merged: &[Dimensions],
    (header, gather): (u32, bool),
    place: &str,
) -> Result<(), TableError> {
    match merged.iter().find(|d| !gather || d.start.0 <= header) {
        None => Ok(()),
        Some(d) => Err(malformed(at(place, d.start.0, d.start.1), MERGED)),
    }
}

fn merged_faults(merged: &[Dimensions]) -> Faults {
    let mut faults = Faults::default();
    for d in merged {
        faults.add(|| fault(d.start.0, d.start.1, MERGED));
    }
    faults
}
