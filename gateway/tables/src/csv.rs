//! CSV files: a header record, then one record a row, read as they stream by.
//!
//! Source: RFC 4180, strictly: a field that begins with a quote ends with one, and no other field
//! holds one. Line ends are CRLF, LF or CR; blank lines are no records. Nothing is a comment. A first
//! line `sep=;` tells the delimiter, as Excel writes it.
//! A value is the text exactly as it stands, blanks included. An empty field is
//! [`Scalar::Null`]; a quoted empty field `""` is an empty text.
//!
//! What the file does not say plainly is refused, not guessed: a delimiter without evidence, bytes
//! that are not of the encoding, records of another width, names that a person would take for one
//! another.

mod evidence;
mod form;
mod front;
mod input;
#[cfg(test)]
mod property;
mod propose;
mod records;
mod sample;
mod settings;
mod split;
#[cfg(test)]
mod tests;

pub use propose::{CsvProposal, propose};
pub use settings::{CsvSettings, Quote, Trailing};

use crate::error::TableError;
use crate::header;
use crate::table::{Faults, Kind, Meter, Record, RowFault, Scalar, Table, TableColumn};
use form::Form;
use input::{Input, InputError};
use records::{Fault, Records, Window};
use sample::Mending;
use split::Dialect;
use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A CSV file as a table. Every column is a text.
///
/// **Cost**: constant memory: half a megabyte, up to 32 MiB where a record is that long.
pub struct CsvTable {
    path: PathBuf,
    name: String,
    settings: CsvSettings,
    limit: u64,
    columns: Vec<TableColumn>,
    /// At the first row; gone once it is read.
    records: Option<Records>,
    mending: Mending,
    /// Rows that the last reading left out.
    faults: Faults,
    /// Bytes that are read of a file, which can be opened a second time; none of another reader.
    meter: Option<Meter>,
}

/// Counts what is read.
struct Metered {
    file: File,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(out)?;
        self.meter.add(n as u64);
        Ok(n)
    }
}

impl CsvTable {
    /// Opens a plain file, packed by gzip if its name ends with `.gz`, and reads its header.
    /// `limit_bytes` counts bytes that are read, not those that the file announces; of a packed
    /// file the unpacked ones too.
    ///
    /// **Errors**: no plain file, settings that do not fit, or a header that is refused.
    pub fn open(
        path: &Path,
        settings: &CsvSettings,
        limit_bytes: u64,
    ) -> Result<CsvTable, TableError> {
        let (file, size) = open_plain(path)?;
        let meter = Meter::new(size);
        let bytes = Metered {
            file,
            meter: meter.clone(),
        };
        let begun = begin(path, bytes, settings, limit_bytes)?;
        CsvTable::new(path, (settings, limit_bytes), begun, Some(meter))
    }

    fn new(
        path: &Path,
        (settings, limit): (&CsvSettings, u64),
        (records, columns, mending): Begun,
        meter: Option<Meter>,
    ) -> Result<CsvTable, TableError> {
        Ok(CsvTable {
            path: path.to_owned(),
            name: stem(path)?,
            settings: settings.clone(),
            limit,
            columns,
            records: Some(records),
            mending,
            faults: Faults::default(),
            meter,
        })
    }

    /// Reads from what is no plain file, such as a pipe: its rows come once. `path` stands for it
    /// in messages and gives the name.
    ///
    /// **Errors**: as [`open`](CsvTable::open).
    pub fn from_reader(
        path: &Path,
        reader: impl Read + Send + 'static,
        settings: &CsvSettings,
        limit_bytes: u64,
    ) -> Result<CsvTable, TableError> {
        let begun = begin(path, reader, settings, limit_bytes)?;
        CsvTable::new(path, (settings, limit_bytes), begun, None)
    }

    /// Gives the table another name than its file has.
    pub(crate) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// The records, at the first row.
    fn take_records(&mut self) -> Result<Records, TableError> {
        if let Some(records) = self.records.take() {
            return Ok(records);
        }
        let path = &self.path;
        let Some(meter) = self.meter.clone() else {
            return Err(malformed(path, None, "expected to be read once"));
        };
        meter.set(0);
        let file = open_plain(path)?.0;
        let bytes = Metered { file, meter };
        let (records, columns, _) = begin(path, bytes, &self.settings, self.limit)?;
        match columns == self.columns {
            true => Ok(records),
            false => Err(malformed(
                path,
                None,
                "expected the header that it had before",
            )),
        }
    }
}

impl Table for CsvTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn meter(&self) -> Option<Meter> {
        self.meter.clone()
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut records = self.take_records()?;
        let (path, width) = (&self.path, self.columns.len());
        let (faults, gather) = (&mut self.faults, self.settings.gather);
        let (trailing, mending) = (self.settings.trailing.is_some(), &self.mending);
        let form = Form { width, trailing };
        *faults = Faults::default();
        let mut cells = vec![Scalar::Null; width];
        loop {
            let at = match records.next() {
                Ok(Some(at)) => at,
                Ok(None) => return Ok(()),
                Err(Fault {
                    row,
                    why: InputError::Text(what),
                    goes_on: true,
                }) => {
                    faults.add(|| row_fault(row, what));
                    continue;
                }
                Err(fault) => return Err(from_fault(path, fault)),
            };
            let fields = records.fields();
            let ends_empty = records.ends_empty();
            if let Some((row, what)) = form.fault(at, (fields.len(), ends_empty), mending) {
                if !gather {
                    return Err(malformed(path, Some(row), &what));
                }
                faults.add(|| row_fault(row, what));
            }
            if !form.fits(fields.len(), ends_empty) {
                continue;
            }
            for (cell, field) in cells.iter_mut().zip(fields) {
                put(cell, field);
            }
            let (cells, row) = (cells.as_slice(), at.row);
            take(Record { cells, row })?;
        }
    }

    fn take_faults(&mut self) -> Faults {
        std::mem::take(&mut self.faults)
    }
}

fn row_fault(row: u64, what: String) -> RowFault {
    RowFault {
        row,
        column: None,
        what,
    }
}

/// Sets a cell, in the text that it has already where it can.
fn put(cell: &mut Scalar, field: Option<Cow<'_, str>>) {
    match (cell, field) {
        (cell, None) => *cell = Scalar::Null,
        (Scalar::Text(old), Some(Cow::Borrowed(new))) => {
            old.clear();
            old.push_str(new);
        }
        (cell, Some(new)) => *cell = Scalar::Text(new.into_owned()),
    }
}

/// Opens what is a plain file now, and says how long it is: a pipe would wait, a device never ends.
fn open_plain(path: &Path) -> Result<(File, u64), TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let file = medveil_plain_file::open(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => malformed(path, None, "expected a plain file"),
        _ => io(error),
    })?;
    let length = file.metadata().map_err(io)?.len();
    Ok((file, length))
}

/// The records behind the header, the columns, and what would mend the file.
type Begun = (Records, Vec<TableColumn>, Mending);

/// The text up to the line that may be the header, and the delimiter where it is known.
fn front(
    path: &Path,
    reader: impl Read + Send + 'static,
    settings: &CsvSettings,
    limit: u64,
) -> Result<(Window, Option<u8>), TableError> {
    settings.check()?;
    let gzip = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let input = Input::new(reader, gzip, settings, limit)
        .map_err(|why| from_fault(path, Fault::last(1, why)))?;
    let mut window = Window::new(input);
    let told = front::skip(&mut window, settings).map_err(|f| from_fault(path, f))?;
    Ok((window, told))
}

/// Reads up to the header.
fn begin(
    path: &Path,
    reader: impl Read + Send + 'static,
    settings: &CsvSettings,
    limit: u64,
) -> Result<Begun, TableError> {
    let (mut window, told) = front(path, reader, settings, limit)?;
    let by_settings = evidence::chosen(&window, settings, told);
    let delimiters = match by_settings.map_err(|what| malformed(path, Some(1), what))? {
        Some(byte) => vec![byte],
        None => evidence::delimiters(&window, settings)
            .map_err(|what| malformed(path, None, &what))?
            .ok_or_else(|| from_fault(path, window.short()))?,
    };
    let dialect = Dialect::new(&delimiters, settings.quote_byte());
    let mending = match settings.trailing {
        None => Mending::find(window.text(), (window.line(), window.ended()), &dialect),
        Some(_) => Mending::default(),
    };
    let mut records = Records::new(window, dialect);
    let advised = |fault: Fault| match fault.why {
        InputError::Text(what) => malformed(
            path,
            Some(fault.row),
            &format!("{what}{}", mending.advice()),
        ),
        _ => from_fault(path, fault),
    };
    let row = records.next().map_err(advised)?;
    let row = row.ok_or_else(|| malformed(path, None, "expected a header, got an empty file"))?;
    let names = names(&records, settings.trailing).map_err(|what| match records.failure() {
        // What stands below may be the header, in another encoding.
        Some(fault) => from_fault(path, fault),
        None => malformed(path, Some(row.row), &format!("{what}{}", mending.advice())),
    })?;
    if mending.skip_lines.is_some() {
        // Most records below have more fields than this line.
        let (names, advice) = (names.len(), mending.advice());
        let what = format!("expected as many fields as records below have, got {names}{advice}");
        return Err(malformed(path, Some(row.row), &what));
    }
    let text = |name| TableColumn {
        name,
        kind: Kind::Text,
    };
    Ok((records, names.into_iter().map(text).collect(), mending))
}

/// The names of a header.
///
/// **Errors**: what was expected and what to do.
fn names(records: &Records, trailing: Option<Trailing>) -> Result<Vec<String>, String> {
    let fields = records.fields();
    let mut names: Vec<String> = fields
        .map(|field| field.unwrap_or_default().into_owned())
        .collect();
    if trailing == Some(Trailing::All) {
        if !records.ends_empty() || names.len() < 2 {
            let what = "header: expected a delimiter at its end, as trailing_delimiter says";
            return Err(what.to_owned());
        }
        names.pop();
    }
    let places = (1..).map(|number| format!("column {number}"));
    header::check(names.iter().map(String::as_str).zip(places))?;
    Ok(names)
}

/// The file's name without its endings.
fn stem(path: &Path) -> Result<String, TableError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| malformed(path, None, "expected a file name in utf-8"))?;
    Ok(crate::folder::table_name(name).to_owned())
}

fn malformed(path: &Path, row: Option<u64>, what: &str) -> TableError {
    let path = path.display();
    TableError::Malformed {
        place: match row {
            Some(row) => format!("{path}, row {row}"),
            None => path.to_string(),
        },
        what: what.to_owned(),
    }
}

fn from_fault(path: &Path, fault: Fault) -> TableError {
    match fault.why {
        InputError::Io(source) => TableError::Io {
            path: path.to_owned(),
            source,
        },
        InputError::Text(what) => malformed(path, Some(fault.row), &what),
    }
}
