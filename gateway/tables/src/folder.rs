//! A folder of CSV files and workbooks as one database: which tables it has.
//!
//! Plain files with known endings, sorted by name; what lies below it is not entered. A file is
//! read when its table is asked for, a workbook here already, for the names of its sheets. What is
//! left out is told with its reason: files of other kinds, links, folders, refused workbooks.

use crate::csv::{CsvSettings, CsvTable};
use crate::error::TableError;
#[cfg(feature = "excel")]
use crate::excel::{ExcelLimits, Workbook};
use crate::table::Table;
use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// Most entries of one folder.
const MAX_ENTRIES: usize = 100_000;

/// Endings of files that are read, without case.
const ENDINGS: [(&str, Format); 10] = [
    (".csv.gz", Format::Csv),
    (".tsv.gz", Format::Csv),
    (".txt.gz", Format::Csv),
    (".csv", Format::Csv),
    (".tsv", Format::Csv),
    (".txt", Format::Csv),
    (".xlsx", Format::Workbook),
    (".xlsb", Format::Workbook),
    (".xls", Format::Workbook),
    (".ods", Format::Workbook),
];

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Workbook,
}

/// How the files of a folder are read.
#[derive(Clone, Debug)]
pub struct FolderSettings {
    /// For every CSV file.
    pub csv: CsvSettings,
    /// For those of these tables, in its place.
    pub csv_of: BTreeMap<String, CsvSettings>,
    /// Most bytes of one CSV file, unpacked.
    pub csv_bytes: u64,
    #[cfg(feature = "excel")]
    pub excel: ExcelLimits,
}

impl FolderSettings {
    /// With the usual limits of workbooks.
    pub fn new(csv: CsvSettings, csv_bytes: u64) -> Self {
        FolderSettings {
            csv,
            csv_of: BTreeMap::new(),
            csv_bytes,
            #[cfg(feature = "excel")]
            excel: ExcelLimits::default(),
        }
    }
}

/// A table that a folder has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderTable {
    /// The file's name without its ending; of a workbook with several sheets `file.sheet`.
    pub name: String,
    pub path: PathBuf,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// What was left out, for a person to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub why: String,
}

/// The tables of a folder.
pub struct Folder {
    settings: FolderSettings,
    tables: Vec<FolderTable>,
    skipped: Vec<Skipped>,
}

impl Folder {
    /// Lists a folder.
    ///
    /// **Errors**: the folder cannot be read; two tables have one name.
    pub fn open(path: &Path, settings: FolderSettings) -> Result<Folder, TableError> {
        let mut folder = Folder {
            settings,
            tables: Vec::new(),
            skipped: Vec::new(),
        };
        for entry in entries(path)? {
            match kind(&entry)? {
                Ok(format) => folder.add(&entry, format),
                Err(why) => folder.skip(entry.path(), why.to_owned()),
            }
        }
        folder.check(path)?;
        Ok(folder)
    }

    /// Sorted by the names of their files; sheets in the order of the workbook.
    pub fn tables(&self) -> &[FolderTable] {
        &self.tables
    }

    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Opens a table by its name.
    ///
    /// **Errors**: there is none, or its file is refused.
    pub fn table(&self, name: &str) -> Result<Box<dyn Table>, TableError> {
        let found = self.tables.iter().find(|table| table.name == name);
        let found = found.ok_or_else(|| {
            let names: Vec<&str> = self.tables.iter().map(|t| t.name.as_str()).collect();
            TableError::Settings(vec![format!(
                "no table {name} in the folder, expected one of: {}",
                names.join(", ")
            )])
        })?;
        self.read(found)
    }

    fn read(&self, table: &FolderTable) -> Result<Box<dyn Table>, TableError> {
        match &table.sheet {
            None => {
                let own = self.settings.csv_of.get(&table.name);
                let csv = own.unwrap_or(&self.settings.csv);
                let limit = self.settings.csv_bytes;
                let mut found = CsvTable::open(&table.path, csv, limit)?;
                found.rename(&table.name);
                Ok(Box::new(found))
            }
            #[cfg(feature = "excel")]
            Some(sheet) => {
                let mut book = Workbook::open(&table.path, self.settings.excel)?;
                if self.settings.csv.gather {
                    book.gather();
                }
                let mut found = book.table(sheet)?;
                found.rename(&table.name);
                Ok(Box::new(found))
            }
            #[cfg(not(feature = "excel"))]
            Some(_) => Err(TableError::Settings(vec![NO_EXCEL.to_owned()])),
        }
    }

    fn skip(&mut self, path: PathBuf, why: String) {
        self.skipped.push(Skipped { path, why });
    }

    fn add(&mut self, entry: &DirEntry, format: Format) {
        let (path, file) = (entry.path(), entry.file_name());
        let Some(file) = file.to_str() else {
            self.skip(path, "expected a file name in utf-8".to_owned());
            return;
        };
        let name = table_name(file).to_owned();
        match format {
            Format::Csv => self.tables.push(FolderTable {
                name,
                path,
                sheet: None,
            }),
            Format::Workbook => self.add_sheets(&name, path),
        }
    }

    /// A workbook that is refused has no tables, so no query can mean one of them.
    #[cfg(feature = "excel")]
    fn add_sheets(&mut self, name: &str, path: PathBuf) {
        let book = match Workbook::open(&path, self.settings.excel) {
            Ok(book) => book,
            Err(refused) => return self.skip(path, refused.to_string()),
        };
        let sheets = book.sheets();
        if sheets.is_empty() {
            self.skip(path, "a workbook without a value".to_owned());
            return;
        }
        for sheet in sheets {
            self.tables.push(FolderTable {
                name: match sheets.len() {
                    1 => name.to_owned(),
                    _ => format!("{name}.{sheet}"),
                },
                path: path.clone(),
                sheet: Some(sheet.clone()),
            });
        }
    }

    #[cfg(not(feature = "excel"))]
    fn add_sheets(&mut self, _: &str, path: PathBuf) {
        self.skip(path, NO_EXCEL.to_owned());
    }

    /// Two files of one name would be one table, so that a query could mean either.
    fn check(&self, path: &Path) -> Result<(), TableError> {
        let mut names: Vec<(String, &FolderTable)> = self
            .tables
            .iter()
            .map(|table| (table.name.to_lowercase(), table))
            .collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for pair in names.windows(2) {
            if let [(one, first), (other, second)] = pair
                && one == other
            {
                return Err(TableError::Malformed {
                    place: path.display().to_string(),
                    what: format!(
                        "expected one table of the name {} (case does not count), got {} and {}: \
                         rename a file or a sheet",
                        first.name,
                        place(first),
                        place(second)
                    ),
                });
            }
        }
        Ok(())
    }
}

#[cfg(not(feature = "excel"))]
const NO_EXCEL: &str = "a workbook, and this program is built without the feature excel";

fn place(table: &FolderTable) -> String {
    let file = table.path.file_name().unwrap_or_default().display();
    match &table.sheet {
        Some(sheet) => format!("{file}, sheet {sheet}"),
        None => file.to_string(),
    }
}

/// A file's name without the ending that says its format.
pub fn table_name(name: &str) -> &str {
    let stem = ENDINGS.iter().find_map(|(ending, _)| cut(name, ending));
    let stem = stem.or_else(|| Path::new(name).file_stem().and_then(|stem| stem.to_str()));
    stem.unwrap_or(name)
}

/// The name before an ending, without case; nothing else is no name.
fn cut<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0)?;
    let (stem, found) = (name.get(..at)?, name.get(at..)?);
    found.eq_ignore_ascii_case(ending).then_some(stem)
}

fn entries(path: &Path) -> Result<Vec<DirEntry>, TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(io)? {
        entries.push(entry.map_err(io)?);
        if entries.len() > MAX_ENTRIES {
            return Err(TableError::Malformed {
                place: path.display().to_string(),
                what: format!("expected a folder of at most {MAX_ENTRIES} entries"),
            });
        }
    }
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// The format of a file, or why it is left out.
fn kind(entry: &DirEntry) -> Result<Result<Format, &'static str>, TableError> {
    // Not followed: a link is a link.
    let kind = entry.file_type().map_err(|source| TableError::Io {
        path: entry.path(),
        source,
    })?;
    let name = entry.file_name();
    let name = name.to_string_lossy();
    Ok(if name.starts_with('.') {
        Err("a hidden file")
    } else if name.starts_with("~$") {
        Err("the lock of a workbook that is open")
    } else if kind.is_symlink() {
        Err("a link")
    } else if kind.is_dir() {
        Err("a folder")
    } else if !kind.is_file() {
        Err("a special file")
    } else {
        let format = ENDINGS
            .iter()
            .find(|(ending, _)| cut(&name, ending).is_some());
        let unknown = "expected a name that ends with .csv, .tsv, .txt, these with .gz, .xlsx, \
                       .xls, .xlsb or .ods";
        format.map(|(_, format)| *format).ok_or(unknown)
    })
}

#[cfg(test)]
mod tests;
