//! The words of one column, its own before those of the whole source.

use super::Condition;
use crate::column::Words;
use crate::date::{self, Order, Partial};
use crate::number::Signs;
use crate::unit::{Unit, Units};
use medveil_circuits::schema::Column;
use std::collections::BTreeMap;

const ORDERS: [(&str, Order); 3] = [
    ("iso", Order::Iso),
    ("dmy", Order::DayMonthYear),
    ("mdy", Order::MonthDayYear),
];
const PARTIALS: [(&str, Partial); 3] = [
    ("first", Partial::First),
    ("middle", Partial::Middle),
    ("drop", Partial::Drop),
];
const DECIMALS: [(&str, char); 2] = [("point", '.'), ("comma", ',')];
const THOUSANDS: [(&str, Option<char>); 5] = [
    ("none", None),
    ("point", Some('.')),
    ("comma", Some(',')),
    ("space", Some(' ')),
    ("apostrophe", Some('\'')),
];

/// The texts of a list.
pub(super) fn list(text: &str) -> Vec<String> {
    let items = text.split(';').map(str::trim);
    items
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Collects problems of one column.
pub(super) struct Reader<'a> {
    pub column: &'a Column,
    all: &'a BTreeMap<String, String>,
    problems: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(
        column: &'a Column,
        all: &'a BTreeMap<String, String>,
        problems: &'a mut Vec<String>,
    ) -> Self {
        Reader {
            column,
            all,
            problems,
        }
    }

    /// A word of this column.
    pub fn own(&self, word: &str) -> Option<&'a str> {
        self.column.source.get(word).map(String::as_str)
    }

    /// A word of this column, of its table, or of the whole source.
    fn get(&self, word: &str) -> Option<&'a str> {
        let of_table = || {
            let key = format!("tables.{}.{word}", self.own("table")?);
            self.all.get(&key)
        };
        let others = || of_table().or_else(|| self.all.get(word));
        self.own(word).or_else(|| others().map(String::as_str))
    }

    pub fn problem(&mut self, word: &str, what: impl std::fmt::Display) {
        self.problems.push(format!(
            "column {}, source.{word}: {what}",
            self.column.name
        ));
    }

    pub fn word<T: Copy>(&mut self, word: &str, words: &[(&str, T)], default: T) -> T {
        let Some(text) = self.get(word) else {
            return default;
        };
        match words.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => *value,
            None => {
                let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
                self.problem(word, format!("expected one of {}", names.join(", ")));
                default
            }
        }
    }

    pub fn day(&mut self, word: &str) -> Option<i32> {
        let text = self.own(word)?;
        match date::parse(text, Order::Iso, Partial::Drop) {
            Ok(when) => Some(when.day),
            Err(_) => {
                self.problem(word, "expected a day such as 2026-01-31");
                None
            }
        }
    }

    fn list(&self, word: &str) -> Vec<String> {
        list(self.get(word).unwrap_or(""))
    }

    pub fn words(&mut self) -> Words {
        let decimal = self.word("decimal", &DECIMALS, '.');
        let thousands = self.word("thousands", &THOUSANDS, None);
        if thousands == Some(decimal) {
            self.problem("thousands", "expected another sign than the decimal one");
        }
        let mut signs = Signs {
            decimal,
            thousands,
            ..Signs::PLAIN
        };
        for word in self.list("numbers") {
            match word.as_str() {
                "plus" => signs.plus = true,
                "exponent" => signs.exponent = true,
                "percent" => signs.percent = true,
                _ => self.problem("numbers", "expected some of plus; exponent; percent"),
            }
        }
        Words {
            map: self.map(),
            null: self.list("null"),
            flags: self.flags(),
            trim: self.word("blanks", &[("refuse", false), ("trim", true)], false),
            signs,
            order: self.word("dates", &ORDERS, Order::Iso),
            partial: self.word("partial", &PARTIALS, Partial::Drop),
        }
    }

    fn flags(&mut self) -> Option<[Vec<String>; 2]> {
        let (yes, no) = (self.list("true"), self.list("false"));
        match (yes.is_empty(), no.is_empty()) {
            (true, true) => return None,
            (false, false) => {}
            (true, false) => self.problem("true", "missing: `false` stands, and both are needed"),
            (false, true) => self.problem("false", "missing: `true` stands, and both are needed"),
        }
        if yes.iter().any(|word| no.contains(word)) {
            self.problem("true", "a word that means FALSE too");
        }
        Some([yes, no])
    }

    fn map(&mut self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for item in self.list("map") {
            match item.rsplit_once('=') {
                Some((from, _)) if from.trim().is_empty() => {
                    self.problem(
                        "map",
                        "expected their text, or \"\" for an empty one, before =",
                    );
                }
                Some((from, to)) => {
                    let from = match from.trim() {
                        "\"\"" => "",
                        from => from,
                    };
                    let before = map.insert(from.to_owned(), to.trim().to_owned());
                    if before.is_some() {
                        self.problem("map", "a text stands twice");
                    }
                }
                None => self.problem("map", "expected their text=our value; ..."),
            }
        }
        map
    }

    pub fn units(&mut self) -> Option<Units> {
        let mut units = Vec::new();
        for item in self.list("unit") {
            match Unit::parse(&item) {
                Some(unit) => units.push(unit),
                None => self.problem(
                    "unit",
                    "expected UCUM codes, each with *factor+offset where it is another unit",
                ),
            }
        }
        let molar_mass = self.own("molar_mass").map(str::parse::<f64>);
        let molar_mass = match molar_mass.transpose() {
            Ok(mass) if mass.is_none_or(|mass| mass.is_finite() && mass > 0.0) => mass,
            _ => {
                self.problem("molar_mass", "expected grams a mole, such as 180.156");
                None
            }
        };
        if units.is_empty() {
            if molar_mass.is_some() {
                self.problem("molar_mass", "needs `unit`");
            }
            return None;
        }
        if !units.first().is_some_and(Unit::is_own) {
            self.problem(
                "unit",
                "expected the column's own unit first, without a factor",
            );
        }
        let units = Units::new(units, molar_mass);
        for code in units.unrelated() {
            self.problem(
                "unit",
                format!("{code}: no rule relates it to the first: `{code}*factor` does"),
            );
        }
        Some(units)
    }

    pub fn conditions(&mut self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for item in self.own("where").unwrap_or("").split(';').map(str::trim) {
            if item.is_empty() {
                continue;
            }
            let Some((header, texts)) = item.split_once('=') else {
                self.problem("where", "expected header=text,text; ...");
                continue;
            };
            let texts = texts.split(',').map(|text| text.trim().to_owned());
            conditions.push(Condition {
                header: header.trim().to_owned(),
                one_of: texts.collect(),
            });
        }
        conditions
    }
}
