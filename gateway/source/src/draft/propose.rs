//! From what was seen to a schema.

use super::columns::{Proposed, column};
use super::profile::Profile;
use super::words::with_word;
use super::{Draft, Profiled};
use crate::bind::subjects;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most columns with a key of their own.
const MOST_COLUMNS: usize = 13;

struct Proposal {
    evidence: Vec<String>,
    open: Vec<String>,
    columns: Vec<String>,
    names: BTreeSet<String>,
    source: Map<String, Value>,
    /// Texts that are no patient's number.
    nobody: Vec<String>,
    /// Columns for which there was no key left.
    too_many: Vec<String>,
}

/// Which column names the subject.
enum Subject<'t> {
    Named(&'t str),
    /// One of these: somebody says which.
    Several(Vec<&'t str>),
    Unknown,
}

impl Subject<'_> {
    /// Whether a column may name the subject.
    fn may_be(&self, header: &str) -> bool {
        match self {
            Subject::Named(own) => *own == header,
            Subject::Several(all) => all.contains(&header),
            Subject::Unknown => false,
        }
    }
}

pub(super) fn draft(
    tables: &[Profiled],
    words: &BTreeMap<String, String>,
    subject: Option<&str>,
) -> Draft {
    let mut proposal = Proposal {
        evidence: Vec::new(),
        open: Vec::new(),
        columns: Vec::new(),
        names: BTreeSet::new(),
        source: words
            .iter()
            .map(|(word, value)| (word.clone(), json!(value)))
            .collect(),
        nobody: Vec::new(),
        too_many: Vec::new(),
    };
    if profiles(tables).any(|p| p.blanks > 0) {
        proposal.source.insert("blanks".to_owned(), json!("trim"));
        proposal
            .evidence
            .push("some texts have blanks at their ends".to_owned());
    }
    let subject = proposal.subject(tables, subject);
    let rows = proposal.rows(tables, &subject);
    proposal.nobody(tables, &subject);
    for table in tables {
        let named = (tables.len() > 1).then_some(table.name.as_str());
        let date = match named {
            Some(_) => match proposal.latest(table, &subject) {
                Ok(date) => date,
                Err(()) => continue,
            },
            None => None,
        };
        let columns = table.columns.iter();
        for profile in columns.filter(|p| !subject.may_be(&p.name)) {
            proposal.column(profile, named, date.filter(|date| *date != profile.name));
        }
    }
    if !proposal.too_many.is_empty() {
        let left = proposal.too_many.join(", ");
        proposal.open.push(format!(
            "{MOST_COLUMNS} columns have keys of their own; left out are {left}: columns of one `group` share a key"
        ));
    }
    if proposal.columns.is_empty() {
        let none = "columns: none can be proposed; what is said of each above says what it lacks";
        proposal.open.push(none.to_owned());
    }
    proposal.finish(rows, &subject)
}

fn profiles(tables: &[Profiled]) -> impl Iterator<Item = &Profile> + Clone {
    tables.iter().flat_map(|table| &table.columns)
}

impl Proposal {
    fn subject<'t>(&mut self, tables: &'t [Profiled], named: Option<&str>) -> Subject<'t> {
        let mut headers = profiles(tables).map(|p| p.name.as_str());
        if let Some(named) = headers.find(|header| named == Some(header)) {
            return Subject::Named(named);
        }
        let names: BTreeSet<&str> = subjects(profiles(tables).map(|p| p.name.as_str()))
            .into_iter()
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        match names.as_slice() {
            [one] => {
                self.evidence
                    .push(format!("the column {one} names the subject, by its name"));
                Subject::Named(one)
            }
            [] => {
                self.open.push(
                    "subject: which column has the patient's number? Draft again with `--set subject=COLUMN`"
                        .to_owned(),
                );
                Subject::Unknown
            }
            several => {
                self.open.push(format!(
                    "subject: {} may name the subject: draft again with `--set subject=COLUMN`",
                    several.join(" and ")
                ));
                Subject::Several(names)
            }
        }
    }

    /// What in the subject's columns is nobody's number.
    fn nobody(&mut self, tables: &[Profiled], subject: &Subject<'_>) {
        for profile in profiles(tables).filter(|p| subject.may_be(&p.name)) {
            let name = &profile.name;
            let [nobody, perhaps] = profile.nobody();
            if !perhaps.is_empty() {
                let words: Vec<&str> = perhaps.keys().copied().collect();
                self.open.push(format!(
                    "{name}: {} has another shape than other numbers: where it means nobody, `null` of `subject` names it, and where somebody, `\"words\": \"keep\"` keeps it",
                    words.join(", ")
                ));
            }
            if !nobody.is_empty() {
                let n: u64 = nobody.values().sum();
                let words: Vec<&str> = nobody.keys().copied().collect();
                self.evidence.push(format!(
                    "{name}: {n} times {}, which is nobody's number: `null` of `subject` leaves their rows out, counted",
                    words.join(", ")
                ));
                self.nobody.extend(words.into_iter().map(str::to_owned));
            }
            let suspects = profile.suspects.iter().filter(|(_, n)| **n > 1);
            for (_, n) in suspects.filter(|_| profile.is_unique) {
                self.open.push(format!(
                    "{name}: a number such as 0 or 999999 is on {n} rows, and every other on one: where it means nobody, `null` of `subject` names it"
                ));
            }
        }
        self.nobody.sort();
        self.nobody.dedup();
    }

    fn rows(&mut self, tables: &[Profiled], subject: &Subject<'_>) -> &'static str {
        let Subject::Named(own) = subject else {
            // No row is lost, whoever it is of.
            return if tables.len() > 1 {
                "per_subject"
            } else {
                "per_record"
            };
        };
        let mut of_subject = profiles(tables).filter(|p| p.name == *own);
        if tables.len() > 1 || of_subject.all(|p| p.is_unique) {
            return "per_subject";
        }
        self.evidence
            .push("some subjects have several rows: each row stays one (`per_record`)".to_owned());
        "per_record"
    }

    /// Of a table with several rows of a subject, the column whose date tells which is the last.
    ///
    /// **Errors**: none or several: the table is left out.
    fn latest<'t>(
        &mut self,
        table: &'t Profiled,
        subject: &Subject<'_>,
    ) -> Result<Option<&'t str>, ()> {
        let mut own = table.columns.iter().filter(|p| subject.may_be(&p.name));
        if own.all(|p| p.is_unique) {
            return Ok(None);
        }
        let name = &table.name;
        let dates: Vec<&Profile> = table.columns.iter().filter(|p| p.is_date()).collect();
        match dates.as_slice() {
            [date] if matches!(column(date, &mut Vec::new()), Proposed::Column(_)) => {
                let date = &date.name;
                self.evidence.push(format!(
                    "{name}: several rows of a subject, of which the last by {date} counts"
                ));
                Ok(Some(date))
            }
            _ => {
                self.open.push(format!(
                    "{name}: several rows of a subject, and nothing says which counts: left out; `date_header` names a date, `reduce` another rule"
                ));
                Err(())
            }
        }
    }

    fn column(&mut self, profile: &Profile, table: Option<&str>, date: Option<&str>) {
        if profile.n_errors > 0 {
            let (name, n) = (&profile.name, profile.n_errors);
            self.open.push(format!(
                "{name}: {n} cells hold what is no value: `on_bad: drop` leaves them out, counted"
            ));
        }
        let mut seen = Vec::new();
        match column(profile, &mut seen) {
            Proposed::Column(_) if self.columns.len() >= MOST_COLUMNS => {
                self.too_many.push(profile.name.clone());
            }
            Proposed::Column(column) => {
                let name = self.name(&profile.name);
                let line = line(&name, profile, (table, date), column);
                self.columns.push(format!("    {line}"));
                self.evidence.extend(seen);
            }
            Proposed::Out(why) => self.evidence.push(format!("{why}, left out")),
            Proposed::Open(what, choices) => {
                let name = self.name(&profile.name);
                let of = |column| line(&name, profile, (table, date), column);
                let lines: Vec<String> = choices.into_iter().map(of).collect();
                self.open.push(match lines.as_slice() {
                    [] => format!("{what}; left out"),
                    lines => format!("{what}; left out, add {}", lines.join(" or ")),
                });
            }
        }
    }

    /// A safe name, and one that no other column has.
    fn name(&mut self, title: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        let mut name: String = title.chars().map(plain).collect();
        name = name.trim_matches('_').to_owned();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "c_");
        }
        name.truncate(40);
        let mut free = name.clone();
        let mut n = 2;
        while !self.names.insert(free.clone()) {
            free = format!("{name}_{n}");
            n += 1;
        }
        free
    }

    fn finish(self, rows: &str, subject: &Subject<'_>) -> Draft {
        let mut lines = vec![
            "{".to_owned(),
            "  \"format\": \"medveil-schema-1\",".to_owned(),
            format!("  \"rows\": \"{rows}\","),
        ];
        if let Subject::Named(subject) = subject {
            let mut words = Map::from_iter([("header".to_owned(), json!(subject))]);
            if !self.nobody.is_empty() {
                words.insert("null".to_owned(), json!(self.nobody.join("; ")));
            }
            lines.push(format!("  \"subject\": {},", Value::Object(words)));
        }
        if !self.source.is_empty() {
            lines.push(format!("  \"source\": {},", Value::Object(self.source)));
        }
        lines.push("  \"columns\": [".to_owned());
        lines.push(self.columns.join(",\n"));
        lines.extend(["  ]".to_owned(), "}".to_owned()]);
        Draft {
            schema: lines.join("\n") + "\n",
            evidence: self.evidence,
            open: self.open,
        }
    }
}

/// A column as a line of the schema.
fn line(
    name: &str,
    profile: &Profile,
    (table, date): (Option<&str>, Option<&str>),
    mut column: Map<String, Value>,
) -> String {
    if let Some(date) = date {
        column = with_word(column, "date_header", json!(date));
    }
    let mut source = Map::new();
    if let Some(table) = table {
        source.insert("table".to_owned(), json!(table));
    }
    if name != profile.name {
        source.insert("header".to_owned(), json!(profile.name));
    }
    if let Some(Value::Object(own)) = column.remove("source") {
        source.extend(own);
    }
    let mut text = format!("{{\"name\": {}", json!(name));
    for (key, value) in column {
        text.push_str(&format!(", {}: {value}", json!(key)));
    }
    if !source.is_empty() {
        text.push_str(&format!(", \"source\": {}", Value::Object(source)));
    }
    text + "}"
}
