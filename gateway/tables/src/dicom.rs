//! DICOM files (PS3.10) as a table: one row a study, a series or an instance, one column an element
//! of the header. Pixels stay unread; their size and their SHA-256 can be columns.
//!
//! `PatientID` is what links a row to a subject: it has to be a column. Whether it, or any other
//! column, may be published is not decided here.
//!
//! What an element gives, by its value representation:
//!
//! | representation | value |
//! |---|---|
//! | DA | date |
//! | DT | time, with as many parts as the file has |
//! | DS, IS | number: the decimal digits of the file |
//! | US, UL, UV, SS, SL, SV, FL, FD | number; FL and FD as the shortest decimal of that float |
//! | AE, AS, AT, CS, LO, LT, PN, SH, ST, TM, UC, UI, UR, UT | text, without its padding |
//! | SQ, UN, OB, OD, OF, OL, OV, OW | refused |
//!
//! An absent or empty element is `Null`. An element of several values is refused unless the path
//! names one: `ImageType[1]`. A number in brackets counts from 0.

mod charset;
mod date;
mod element;
mod files;
mod frame;
mod groups;
mod instance;
mod iso2022;
mod number;
mod order;
mod path;
mod pixels;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod value;
mod walk;
mod words;

pub use files::{SkipReason, Skipped};
pub use settings::{DicomColumn, DicomLevel, DicomLimits, DicomReduce, DicomSettings};

use crate::error::TableError;
use crate::table::{Record, Scalar, Table, TableColumn};
use groups::Groups;
use instance::{Instance, Plan};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

/// A file or a folder of DICOM files as a table.
pub struct DicomTable {
    name: String,
    root: PathBuf,
    files: Vec<PathBuf>,
    skipped: Vec<Skipped>,
    plan: Plan,
    columns: Vec<TableColumn>,
    limits: DicomLimits,
}

impl DicomTable {
    /// Lists the files and reads the beginning of each.
    ///
    /// **Errors**: settings that are wrong, all at once; a folder without a DICOM file; a file that
    /// begins as one and is damaged; more than the limits allow.
    pub fn open(
        path: &Path,
        settings: &DicomSettings,
        limits: DicomLimits,
    ) -> Result<DicomTable, TableError> {
        let columns = settings::columns(settings)?;
        let (files, skipped) = files::list(path, &limits)?;
        let name = path.file_stem().unwrap_or(path.as_os_str());
        Ok(DicomTable {
            name: name.to_string_lossy().into_owned(),
            root: path.to_owned(),
            files,
            skipped,
            columns: columns.iter().map(|column| column.shown()).collect(),
            plan: Plan::new(columns, settings.level),
            limits,
        })
    }

    /// How many DICOM files there are.
    pub fn n_files(&self) -> usize {
        self.files.len()
    }

    /// What is not read, sorted by path.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Reads the files in the order of their paths. Of files with the same bytes, one counts.
    ///
    /// **Errors**: a file that cannot be read; two different files of one instance; one number of
    /// two patients; what `take` answers.
    fn instances(
        &self,
        take: &mut dyn FnMut(usize, Instance) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut issuers: HashMap<String, (String, usize)> = HashMap::new();
        for (file, path) in self.files.iter().enumerate() {
            let mut instance = self.plan.read(path, &self.limits)?;
            if let Some((number, issuer)) = instance.patient.take() {
                let known = issuers.entry(number);
                let (known, first) = known.or_insert_with(|| (issuer.clone(), file));
                if *known != issuer {
                    return Err(self.two_issuers(*first, path));
                }
            }
            match seen.entry(instance.instance.clone()) {
                Entry::Vacant(place) => {
                    place.insert(file);
                    take(file, instance)?;
                }
                Entry::Occupied(known) => {
                    let Some(first) = self.files.get(*known.get()) else {
                        continue;
                    };
                    if !source::same_bytes(first, path)? {
                        return Err(TableError::Malformed {
                            place: format!("{} and {}", first.display(), path.display()),
                            what: "expected the same bytes in two files with one SOPInstanceUID: \
                                   take one of them away"
                                .to_owned(),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

impl DicomTable {
    /// A patient's number is one of whoever gave it.
    fn two_issuers(&self, first: usize, second: &Path) -> TableError {
        let first = self
            .files
            .get(first)
            .map_or(String::new(), |p| p.display().to_string());
        TableError::Malformed {
            place: format!("{first} and {}", second.display()),
            what:
                "expected one IssuerOfPatientID (0010,0021) in all files with one PatientID: read \
                   the files of one issuer at a time"
                    .to_owned(),
        }
    }
}

impl Table for DicomTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    /// Instances are handed over as they are read. Of studies and series, the rows are in memory
    /// until all files are read, since any of them may have a part.
    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut row = 0;
        let mut hand_over = |cells: &[Scalar]| {
            row += 1;
            take(Record { cells, row })
        };
        if self.plan.level == DicomLevel::Instance {
            return self.instances(&mut |_, instance| hand_over(&instance.cells));
        }
        let mut groups = Groups::new(&self.plan, &self.files);
        self.instances(&mut |file, instance| groups.add(file, instance))?;
        groups
            .finish()?
            .iter()
            .try_for_each(|cells| hand_over(cells))
    }
}
