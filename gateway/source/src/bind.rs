//! The columns of a schema found in the tables of a source, all problems at once.

use super::column::SourceColumn;
use super::plan::{Place, Plan};
use medveil_tables::Kind;
use std::collections::BTreeSet;

/// Headers that are taken for the subject when the schema names none.
const SUBJECTS: [&str; 24] = [
    "id",
    "mrn",
    "nhsnumber",
    "patid",
    "patient",
    "patientenid",
    "patientennr",
    "patientennummer",
    "patientid",
    "patientidentifier",
    "patientno",
    "patientnr",
    "patientnumber",
    "patno",
    "patnr",
    "personid",
    "pid",
    "subject",
    "subjectid",
    "subjid",
    "usubjid",
    "identifiantpatient",
    "idpatient",
    "pacienteid",
];
/// What names the subject where nothing else of a table does.
const PERHAPS_SUBJECTS: [&str; 9] = [
    "hospitalnumber",
    "identifiant",
    "ipp",
    "nip",
    "participant",
    "participantid",
    "pseudonym",
    "pseudonymid",
    "recordid",
];

/// Whether a header is one that usually names the subject.
pub(crate) fn is_usual_subject(header: &str) -> bool {
    is_one_of(header, &SUBJECTS)
}

/// Whether a header names the subject usually, or sometimes.
#[cfg(any(feature = "parquet", feature = "dicom"))]
pub(crate) fn may_be_subject(header: &str) -> bool {
    is_usual_subject(header) || is_one_of(header, &PERHAPS_SUBJECTS)
}

/// Headers that may name the subject: the usual ones, or where there are none, those that do so
/// sometimes.
pub(crate) fn subjects<'h>(headers: impl Iterator<Item = &'h str> + Clone) -> Vec<&'h str> {
    let of = |names: &[&str]| {
        headers
            .clone()
            .filter(|header| is_one_of(header, names))
            .collect()
    };
    let usual: Vec<&str> = of(&SUBJECTS);
    match usual.is_empty() {
        true => of(&PERHAPS_SUBJECTS),
        false => usual,
    }
}

/// Whether a header is one of these, written however: `Pat.-Nr.`, `patient_id`, `Patient ID`.
fn is_one_of(header: &str, names: &[&str]) -> bool {
    let letters = header.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    names.contains(&plain.as_str())
}

/// A table by its name and the names of its columns.
pub(crate) struct Named {
    pub name: String,
    pub headers: Vec<String>,
    /// The type that the source gives each of them.
    pub kinds: Vec<Kind>,
    /// Columns that hold a Quantity's number without comparator and unit.
    pub quantities: BTreeSet<String>,
    /// Whether its rows name their subject themselves, as views of FHIR resources do.
    pub has_subjects: bool,
}

/// Where in the rows of a table a column is.
pub(crate) struct BoundColumn {
    /// Its place in the schema.
    pub index: usize,
    pub value: usize,
    pub date: Option<usize>,
    pub unit: Option<usize>,
    pub comparator: Option<usize>,
    /// Until when an age grows.
    pub until: Option<usize>,
    /// A cell, and the texts that let the row count.
    pub conditions: Vec<(usize, Vec<String>)>,
}

/// What is read of a table.
pub(crate) struct BoundTable {
    pub name: String,
    /// None where rows name their subject themselves.
    pub subject: Option<usize>,
    /// Texts that are no identity.
    pub null: Vec<String>,
    pub columns: Vec<BoundColumn>,
}

/// What was found where.
pub(crate) struct Bound {
    /// One for each table that is read, with its place among those given.
    pub tables: Vec<(usize, BoundTable)>,
    /// The header that was taken for the subject, where the schema names none.
    pub guessed_subject: Option<String>,
}

impl Bound {
    /// Finds every column.
    ///
    /// **Errors**: everything that is missing, unclear or does not fit.
    pub fn new(plan: &Plan, tables: &[Named]) -> Result<Self, Vec<String>> {
        let mut binder = Binder {
            tables,
            problems: Vec::new(),
        };
        let mut bound: Vec<Option<BoundTable>> = tables.iter().map(|_| None).collect();
        let mut guessed = None;
        binder.tables_named(plan);
        for (index, (column, place)) in plan.columns.iter().enumerate() {
            let Some(at) = binder.table(column, place) else {
                continue;
            };
            if bound[at].is_none() {
                let named = plan
                    .tables
                    .subject(&tables[at].name)
                    .or(plan.subject.as_deref());
                let subject = binder.subject(at, named, &mut guessed);
                bound[at] = Some(BoundTable {
                    name: tables[at].name.clone(),
                    subject,
                    null: plan.null(&tables[at].name),
                    columns: Vec::new(),
                });
            }
            if let (Some(table), Some(found)) =
                (&mut bound[at], binder.column(at, index, column, place))
            {
                table.columns.push(found);
            }
        }
        binder.words_without_texts(plan, &bound);
        binder.problems.sort();
        binder.problems.dedup();
        match binder.problems.is_empty() {
            true => Ok(Bound {
                tables: bound
                    .into_iter()
                    .enumerate()
                    .filter_map(|(at, table)| Some((at, table?)))
                    .collect(),
                guessed_subject: guessed,
            }),
            false => Err(binder.problems),
        }
    }
}

struct Binder<'a> {
    tables: &'a [Named],
    problems: Vec<String>,
}

impl Binder<'_> {
    /// Tables of which words are said that are not there.
    fn tables_named(&mut self, plan: &Plan) {
        for name in plan.tables.names() {
            if !self.tables.iter().any(|table| table.name == name) {
                self.problems
                    .push(format!("tables.{name}: there is no such table"));
            }
        }
    }

    fn has_texts(&self, table: usize, at: Option<usize>) -> bool {
        let kind = at.and_then(|at| self.tables[table].kinds.get(at));
        kind.is_some_and(|kind| matches!(kind, Kind::Text | Kind::Mixed))
    }

    /// A column's own words that say how texts are written, where the source gives types.
    fn own_words_without_texts(&mut self, table: usize, column: &SourceColumn, place: &Place) {
        let headers = &self.tables[table].headers;
        let at = |header: &String| headers.iter().position(|own| own == header);
        let value = at(&place.header);
        let dates = [
            place.date.as_ref().and_then(at),
            place.until.as_ref().and_then(at),
        ];
        let (Some(value), others) = (value, dates.into_iter().flatten()) else {
            return;
        };
        let has_value = self.has_texts(table, Some(value));
        let has_dates = has_value || others.into_iter().any(|at| self.has_texts(table, Some(at)));
        for word in &place.of_texts {
            let is_honoured = match *word {
                "dates" | "blanks" => has_dates || !place.conditions.is_empty(),
                _ => has_value,
            };
            if !is_honoured {
                let kind = self.tables[table].kinds[value];
                self.problems.push(format!(
                    "column {}, source.{word}: says how texts are written, and {} has the type {kind}",
                    column.name, place.header
                ));
            }
        }
    }

    /// The same of words for all columns, where no column that is read has a text.
    fn words_without_texts(&mut self, plan: &Plan, bound: &[Option<BoundTable>]) {
        let mut any = false;
        for (at, table) in bound.iter().enumerate() {
            for column in table.iter().flat_map(|table| &table.columns) {
                let others = [column.date, column.until, column.unit];
                let conditions = column.conditions.iter().map(|(at, _)| Some(*at));
                let all = others
                    .into_iter()
                    .chain([Some(column.value)])
                    .chain(conditions);
                any |= all.into_iter().any(|cell| self.has_texts(at, cell));
            }
        }
        if any || !self.problems.is_empty() {
            return;
        }
        for word in &plan.of_texts {
            self.problems.push(format!(
                "source.{word}: says how texts are written, and every column has a type"
            ));
        }
    }

    fn table(&mut self, column: &SourceColumn, place: &Place) -> Option<usize> {
        let names = || {
            let names: Vec<&str> = self.tables.iter().map(|t| t.name.as_str()).collect();
            names.join(", ")
        };
        let found = match &place.table {
            Some(name) => self.tables.iter().position(|t| t.name == *name),
            None if self.tables.len() == 1 => Some(0),
            None => None,
        };
        if found.is_none() {
            let at = format!("column {}, source.table", column.name);
            let got = place.table.as_deref().unwrap_or("none");
            let names = names();
            self.problems.push(format!(
                "{at}: expected one of the tables {names}, got {got}"
            ));
        }
        found
    }

    fn header(&mut self, table: usize, wanted: &str) -> Option<usize> {
        let Named { name, headers, .. } = &self.tables[table];
        let found = headers.iter().position(|header| header == wanted);
        if found.is_none() {
            // The headers themselves are not printed: a file without a header line would show a
            // patient's values.
            let near = headers
                .iter()
                .find(|h| h.trim().eq_ignore_ascii_case(wanted.trim()));
            let near = near
                .map(|near| format!(", but \"{near}\""))
                .unwrap_or_default();
            let n = headers.len();
            self.problems.push(format!(
                "table {name}: no header \"{wanted}\"{near} (there are {n})"
            ));
        }
        found
    }

    /// The named header, or the one usual one that is there.
    fn subject(
        &mut self,
        table: usize,
        named: Option<&str>,
        guessed: &mut Option<String>,
    ) -> Option<usize> {
        let Named {
            name,
            headers,
            has_subjects,
            ..
        } = &self.tables[table];
        if *has_subjects {
            return None;
        }
        if let Some(header) = named {
            return self.header(table, header);
        }
        match subjects(headers.iter().map(String::as_str)).as_slice() {
            [header] => {
                *guessed = Some((*header).to_owned());
                return headers.iter().position(|own| own == header);
            }
            [] => self.problems.push(format!(
                "table {name}: which column names the subject? `\"subject\": {{\"header\": ...}}` in the schema says so"
            )),
            several => {
                let names = several.join(" and ");
                self.problems.push(format!(
                    "table {name}: {names} may name the subject: `\"subject\": {{\"header\": ...}}` in the schema says which"
                ));
            }
        }
        None
    }

    fn column(
        &mut self,
        table: usize,
        index: usize,
        column: &SourceColumn,
        place: &Place,
    ) -> Option<BoundColumn> {
        let is_quantity = self.tables[table].quantities.contains(&place.header);
        if is_quantity && (place.unit.is_none() || place.comparator.is_none()) {
            self.problems.push(format!(
                "column {}, source.header: {} is the number of a Quantity: `unit`, `unit_header` and `comparator_header` must stand beside it",
                column.name, place.header
            ));
        }
        self.own_words_without_texts(table, column, place);
        let mut optional = |header: &Option<String>| match header {
            Some(header) => self.header(table, header).map(Some),
            None => Some(None),
        };
        let (date, unit) = (optional(&place.date), optional(&place.unit));
        let (comparator, until) = (optional(&place.comparator), optional(&place.until));
        let value = self.header(table, &place.header);
        let conditions: Option<Vec<_>> = place
            .conditions
            .iter()
            .map(|c| Some((self.header(table, &c.header)?, c.one_of.clone())))
            .collect();
        Some(BoundColumn {
            index,
            value: value?,
            date: date?,
            unit: unit?,
            comparator: comparator?,
            until: until?,
            conditions: conditions?,
        })
    }
}

#[cfg(test)]
mod tests;
