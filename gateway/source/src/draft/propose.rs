//! From what was seen to a schema.

use super::profile::Profile;
use super::shape::{bounds, flag, object};
use super::{Draft, Profiled};
use crate::bind::is_usual_subject;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most codes of a proposed list.
const MOST_CODES: usize = 40;

/// The signs of a file's numbers.
struct Signs {
    decimal: char,
    thousands: Option<char>,
    /// Whether nothing says which sign is which.
    is_open: bool,
}

impl Signs {
    /// How many numbers have the decimal sign once, before three digits.
    fn undecided(&self, profile: &Profile) -> u64 {
        match self.decimal {
            ',' => profile.number.comma_or_thousands,
            _ => profile.number.point_or_thousands,
        }
    }
}

/// Whether nearly all values are numbers.
fn is_number(profile: &Profile) -> bool {
    profile.dates + profile.bools == 0 && profile.number.other * 5 < profile.n
}

struct Proposal {
    evidence: Vec<String>,
    open: Vec<String>,
    columns: Vec<String>,
    names: BTreeSet<String>,
    source: Map<String, Value>,
}

pub(super) fn draft(tables: &[Profiled]) -> Draft {
    let mut proposal = Proposal {
        evidence: Vec::new(),
        open: Vec::new(),
        columns: Vec::new(),
        names: BTreeSet::new(),
        source: Map::new(),
    };
    let signs = proposal.signs(tables);
    let nulls: BTreeSet<&String> = profiles(tables).flat_map(|p| p.null_words.keys()).collect();
    if !nulls.is_empty() {
        let nulls: Vec<&str> = nulls.into_iter().map(String::as_str).collect();
        proposal
            .source
            .insert("null".to_owned(), json!(nulls.join("; ")));
        let words = nulls.join(", ");
        proposal
            .evidence
            .push(format!("{words} are taken for \"no value\""));
    }
    if profiles(tables).any(|p| p.blanks > 0) {
        proposal.source.insert("blanks".to_owned(), json!("trim"));
        proposal
            .evidence
            .push("some texts have blanks at their ends".to_owned());
    }
    proposal.dates(tables);
    let subject = proposal.subject(tables);
    let rows = proposal.rows(tables, subject.as_deref());
    for table in tables {
        for profile in &table.columns {
            if subject.as_deref() != Some(profile.name.as_str()) {
                let named = (tables.len() > 1).then_some(table.name.as_str());
                proposal.column(profile, named, &signs);
            }
        }
    }
    proposal.finish(rows, subject)
}

fn profiles(tables: &[Profiled]) -> impl Iterator<Item = &Profile> {
    tables.iter().flat_map(|table| &table.columns)
}

impl Proposal {
    fn signs(&mut self, tables: &[Profiled]) -> Signs {
        let is_number = |p: &&Profile| p.texts > 0 && is_number(p);
        let sum = |of: fn(&Profile) -> u64| profiles(tables).filter(is_number).map(of).sum::<u64>();
        let (points, commas) = (sum(|p| p.number.point), sum(|p| p.number.comma));
        let points_between = sum(|p| p.number.points_between);
        let commas_between = sum(|p| p.number.commas_between);
        let (either_point, either_comma) = (
            sum(|p| p.number.point_or_thousands),
            sum(|p| p.number.comma_or_thousands),
        );
        let is_comma = commas > 0 || points_between > 0;
        let is_point = points > 0 || commas_between > 0;
        let mut signs = Signs {
            decimal: '.',
            thousands: None,
            is_open: is_comma == is_point,
        };
        match (is_comma, is_point) {
            (true, true) => self.open.push(format!(
                "decimal: {commas} numbers have a decimal comma and {points} a decimal point: `decimal` for each column says which"
            )),
            (true, false) => {
                signs.decimal = ',';
                signs.thousands = (points_between + either_point > 0).then_some('.');
                self.evidence.push(format!("{commas} numbers can only have a decimal comma"));
            }
            (false, true) => signs.thousands = (commas_between + either_comma > 0).then_some(','),
            (false, false) if either_comma + either_point > 0 => self.open.push(format!(
                "thousands: {} numbers have a sign before three digits, and nothing says whether it is a decimal sign: `decimal` and `thousands` say so",
                either_comma + either_point
            )),
            (false, false) => {}
        }
        if signs.decimal == ',' {
            self.source.insert("decimal".to_owned(), json!("comma"));
        }
        if let Some(sign) = signs.thousands {
            let word = if sign == '.' { "point" } else { "comma" };
            self.source.insert("thousands".to_owned(), json!(word));
            self.evidence
                .push(format!("a {word} stands between thousands"));
        }
        signs
    }

    fn dates(&mut self, tables: &[Profiled]) {
        let is_date = |p: &&Profile| p.texts > 0 && p.date.other == 0 && p.date.year_last > 0;
        let sum = |of: fn(&Profile) -> u64| profiles(tables).filter(is_date).map(of).sum::<u64>();
        let (first, second) = (sum(|p| p.date.day_first), sum(|p| p.date.day_second));
        let n = sum(|p| p.date.year_last);
        match (first, second) {
            _ if n == 0 => {}
            (1.., 0) => {
                self.source.insert("dates".to_owned(), json!("dmy"));
                self.evidence
                    .push(format!("{first} dates have a day over 12 in first place"));
            }
            (0, 1..) => {
                self.source.insert("dates".to_owned(), json!("mdy"));
                self.evidence
                    .push(format!("{second} dates have a day over 12 in second place"));
            }
            _ => self.open.push(format!(
                "dates: nothing says whether day or month comes first in {n} dates: `dates` says so"
            )),
        }
    }

    fn subject(&mut self, tables: &[Profiled]) -> Option<String> {
        let names: BTreeSet<&str> = profiles(tables)
            .filter(|p| is_usual_subject(&p.name))
            .map(|p| p.name.as_str())
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        match names.as_slice() {
            [one] => {
                self.evidence
                    .push(format!("the column {one} names the subject, by its name"));
                Some((*one).to_owned())
            }
            [] => {
                self.open.push(
                    "subject: which column has the patient's number? `subject.header` says so"
                        .to_owned(),
                );
                None
            }
            several => {
                self.open.push(format!(
                    "subject: {} may name the subject: `subject.header` says which",
                    several.join(" and ")
                ));
                several.first().map(|name| (*name).to_owned())
            }
        }
    }

    fn rows(&mut self, tables: &[Profiled], subject: Option<&str>) -> &'static str {
        let mut of_subject = profiles(tables).filter(|p| Some(p.name.as_str()) == subject);
        let is_unique = of_subject.all(|p| p.is_unique);
        if is_unique || tables.len() > 1 {
            return "per_subject";
        }
        self.evidence
            .push("some subjects have several rows: each row stays one (`per_record`)".to_owned());
        "per_record"
    }

    fn column(&mut self, profile: &Profile, table: Option<&str>, signs: &Signs) {
        let Some(mut column) = self.typed(profile, signs) else {
            return;
        };
        let name = self.name(&profile.name);
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
        let mut text = format!("    {{\"name\": {}", json!(name));
        for (key, value) in column {
            text.push_str(&format!(", {}: {value}", json!(key)));
        }
        if !source.is_empty() {
            text.push_str(&format!(", \"source\": {}", Value::Object(source)));
        }
        text.push('}');
        self.columns.push(text);
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

    /// Type and bounds of a column; none where it is left out, with the reason.
    fn typed(&mut self, profile: &Profile, signs: &Signs) -> Option<Map<String, Value>> {
        let name = &profile.name;
        if profile.n_errors > 0 {
            let n = profile.n_errors;
            self.open.push(format!(
                "{name}: {n} cells hold what is no value: `on_bad: drop` leaves them out, counted"
            ));
        }
        if profile.n == 0 {
            self.evidence.push(format!("{name}: no value, left out"));
            return None;
        }
        if let Some(flag) = flag(profile) {
            return Some(flag);
        }
        let is_date = profile.dates == profile.n || (profile.texts > 0 && profile.date.other == 0);
        if is_date && profile.numbers + profile.bools == 0 {
            let (low, high) = profile.date.years.unwrap_or((1900, 2049));
            let (low, high) = (low.div_euclid(10) * 10, high.div_euclid(10) * 10 + 9);
            return Some(object(json!({
                "type": "day", "min": format!("{low:04}-01-01"), "max": format!("{high:04}-12-31")
            })));
        }
        if is_number(profile) {
            let evidence = profile.number;
            if evidence.other > 0 {
                self.evidence.push(format!(
                    "{name}: {} of {} values are no numbers",
                    evidence.other, profile.n
                ));
            }
            if signs.is_open && profile.texts > 0 && signs.undecided(profile) > 0 {
                self.evidence
                    .push(format!("{name}: left out until its signs are known"));
                return None;
            }
            if profile.is_unique && name.to_ascii_lowercase().ends_with("id") {
                self.evidence
                    .push(format!("{name}: a number of records, left out"));
                return None;
            }
            return Some(self.number(profile, signs));
        }
        match &profile.distinct {
            Some(distinct)
                if distinct.len() <= MOST_CODES && distinct.len() as u64 * 2 <= profile.n =>
            {
                let codes: Vec<&String> = distinct.keys().collect();
                Some(object(json!({ "type": "code", "codes": codes })))
            }
            _ => {
                self.evidence
                    .push(format!("{name}: texts of many kinds, left out"));
                None
            }
        }
    }

    fn number(&mut self, profile: &Profile, signs: &Signs) -> Map<String, Value> {
        let evidence = profile.number;
        let mut numbers = Vec::new();
        for (n, word) in [
            (evidence.plus, "plus"),
            (evidence.exponent, "exponent"),
            (evidence.percent, "percent"),
        ] {
            if n > 0 {
                numbers.push(word);
                self.evidence
                    .push(format!("{}: {n} numbers with {word}", profile.name));
            }
        }
        // What may be a decimal sign stands before three digits.
        let scale = match signs.undecided(profile) > 0 && profile.numbers == 0 {
            true => evidence.scale.max(3),
            false => evidence.scale,
        };
        let (low, high) = bounds(profile.range.unwrap_or((0, 1_000_000)));
        let high = match signs.thousands {
            // Grouped digits were not read as a number here.
            Some(_) => high.max(1_000_000),
            None => high,
        };
        let mut column = match scale {
            0 => object(json!({ "type": "int", "min": low, "max": high })),
            _ => object(json!({ "type": "decimal", "scale": scale, "min": low, "max": high })),
        };
        if !numbers.is_empty() {
            column.insert(
                "source".to_owned(),
                json!({ "numbers": numbers.join("; ") }),
            );
        }
        column
    }

    fn finish(self, rows: &str, subject: Option<String>) -> Draft {
        let mut lines = vec![
            "{".to_owned(),
            "  \"format\": \"medveil-schema-1\",".to_owned(),
            format!("  \"rows\": \"{rows}\","),
        ];
        if let Some(subject) = subject {
            lines.push(format!(
                "  \"subject\": {{\"header\": {}}},",
                json!(subject)
            ));
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
