//! Where in a record everything is, by the header line.

use super::records::{malformed, text};
use crate::column::SourceColumn;
use crate::error::SourceError;
use crate::plan::CsvColumn;
use ::csv::ByteRecord;
use std::path::Path;

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

/// Where in a record everything is.
pub(super) struct Places {
    pub(super) subject: usize,
    pub(super) values: Vec<usize>,
    pub(super) dates: Vec<Option<usize>>,
}

impl Places {
    /// Finds every column.
    ///
    /// **Errors**: all headers that are missing or stand twice.
    pub(super) fn find(
        path: &Path,
        header: &ByteRecord,
        columns: &[(SourceColumn, CsvColumn)],
        subject: Option<&str>,
    ) -> Result<Self, SourceError> {
        let names = (0..header.len()).map(|at| text(path, header, at, 1));
        let mut headers = Headers {
            names: names.collect::<Result<_, _>>()?,
            problems: Vec::new(),
        };
        let subject = headers.subject(subject);
        let values = columns.iter().map(|(_, csv)| headers.find(&csv.header));
        let values = values.collect();
        let dates = columns.iter().map(|(_, csv)| {
            let header = csv.date_header.as_ref()?;
            Some(headers.find(header))
        });
        let places = Places {
            subject,
            values,
            dates: dates.collect(),
        };
        headers.check(path)?;
        Ok(places)
    }
}

/// The header line, and what is wrong with it.
struct Headers<'h> {
    names: Vec<&'h str>,
    problems: Vec<String>,
}

impl Headers<'_> {
    fn find(&mut self, wanted: &str) -> usize {
        let names = self.names.iter().enumerate();
        let found = names.filter(|(_, name)| **name == wanted).map(|(i, _)| i);
        match found.collect::<Vec<usize>>().as_slice() {
            [one] => return *one,
            [] => {
                let near = self.names.iter().find(|n| n.eq_ignore_ascii_case(wanted));
                self.problems.push(match near {
                    Some(near) => format!("no header {wanted}, but {near}"),
                    None => format!("no header {wanted}"),
                });
            }
            several => {
                let n = several.len();
                self.problems
                    .push(format!("header {wanted} stands {n} times"));
            }
        }
        0
    }

    /// The named header, or a usual one.
    fn subject(&mut self, header: Option<&str>) -> usize {
        if let Some(header) = header {
            return self.find(header);
        }
        let at = |usual: &&str| {
            self.names
                .iter()
                .position(|n| n.eq_ignore_ascii_case(usual))
        };
        match SUBJECT_HEADERS.iter().find_map(at) {
            Some(at) => at,
            None => self.find("subject"),
        }
    }

    /// The headers themselves are not printed: a file without a header line would show a patient's
    /// values.
    fn check(mut self, path: &Path) -> Result<(), SourceError> {
        if self.problems.is_empty() {
            return Ok(());
        }
        self.problems.sort();
        self.problems.dedup();
        let (problems, n) = (self.problems.join(", "), self.names.len());
        let what = format!("{problems} (the header line has {n} fields)");
        Err(malformed(path, what))
    }
}
