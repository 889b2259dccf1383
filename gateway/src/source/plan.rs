//! From a dataset schema to what the readers do: each column's `source` object, checked, all
//! problems at once.
//!
//! Names of a `source` object, all optional unless said:
//! - both: `from`, `to` (days of the window), `missing` (value of a patient who has none),
//!   `exclude` (patients with this value are left out), `on_bad` (`refuse` or `drop`), `round`
//!   (`true`: fractions of integers are rounded), `age_on` (day), `map` (`their text=our code;
//!   ...`), `null` (`NA; -`), `unit` (`%; mmol/mol*0.09148+2.152`), `dates` (`iso`, `dmy`, `mdy`),
//!   `partial` (`first`, `middle`, `drop`), `decimal` (`point`, `comma`);
//! - FHIR: `resource` (needed), `path` (without one, existence is the value), `codes`
//!   (`system|code; ...`), `code_path`, `where` and `false_if` (`path=literal,literal; ...`),
//!   `date`;
//! - CSV: `header` (default: the column's name), `date_header`.

use super::column::{Bad, Column, Kind, OnBad, Rule, Unit};
use super::date::{self, Order, Partial};
use super::fhir::path::Path;
use super::fhir::resource::{CODES, Condition, DATES, FhirColumn};
use super::number;
use std::collections::{BTreeMap, BTreeSet};

const COMMON: &[&str] = &[
    "from",
    "to",
    "missing",
    "exclude",
    "on_bad",
    "round",
    "age_on",
    "map",
    "null",
    "unit",
    "dates",
    "partial",
    "decimal",
    "resource",
    "path",
    "codes",
    "code_path",
    "where",
    "false_if",
    "date",
    "header",
    "date_header",
];

/// One column as the schema has it.
pub(crate) struct Spec<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub kind: Kind,
    /// Its row rule.
    pub rule: Rule,
    /// Its `source` object.
    pub source: &'a BTreeMap<String, String>,
}

/// How a column is read from CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvColumn {
    /// Header of the value.
    pub header: String,
    /// Header of the date that orders several rows of one patient.
    pub date_header: Option<String>,
}

/// Collects problems of one column.
struct Reader<'a> {
    spec: &'a Spec<'a>,
    problems: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.spec.source.get(key).map(String::as_str)
    }

    fn problem(&mut self, key: &str, what: impl std::fmt::Display) {
        self.problems
            .push(format!("column {}, source.{key}: {what}", self.spec.name));
    }

    fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)], default: T) -> T {
        let Some(text) = self.get(key) else {
            return default;
        };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => *value,
            None => {
                let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.problem(key, format!("expected one of {}", names.join(", ")));
                default
            }
        }
    }

    fn day(&mut self, key: &str) -> Option<i32> {
        let text = self.get(key)?;
        match date::parse(text, Order::Iso, Partial::Drop) {
            Ok(when) => Some(when.day),
            Err(_) => {
                self.problem(key, "expected a day such as 2026-01-31");
                None
            }
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        let items = self.get(key).unwrap_or("").split(';').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn path(&mut self, key: &str, default: Option<&str>) -> Option<Path> {
        let text = self.get(key).or(default)?;
        match Path::parse(text) {
            Ok(path) => Some(path),
            Err(e) => {
                self.problem(key, e);
                None
            }
        }
    }

    fn conditions(&mut self, key: &str) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for item in self.list(key) {
            // The path may hold `where(a='b')`, so the last `=` outside parentheses counts.
            let Some((path, literals)) = split_outside(&item) else {
                self.problem(key, "expected path=literal,literal; ...");
                continue;
            };
            match Path::parse(path) {
                Ok(path) => {
                    let one_of = literals
                        .split(',')
                        .map(|l| l.trim().to_owned())
                        .filter(|l| !l.is_empty())
                        .collect();
                    conditions.push(Condition { path, one_of });
                }
                Err(e) => self.problem(key, e),
            }
        }
        conditions
    }

    fn map(&mut self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for item in self.list("map") {
            match item.rsplit_once('=') {
                Some((from, to)) => {
                    if map
                        .insert(from.trim().to_owned(), to.trim().to_owned())
                        .is_some()
                    {
                        self.problem("map", "a text stands twice");
                    }
                }
                None => self.problem("map", "expected their text=our code; ..."),
            }
        }
        map
    }

    fn units(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        for item in self.list("unit") {
            match unit(&item) {
                Some(unit) => units.push(unit),
                None => self.problem(
                    "unit",
                    "expected UCUM codes, each with *factor+offset where it is another unit",
                ),
            }
        }
        units
    }
}

/// `path=literals` at the first `=` that stands in no parentheses.
fn split_outside(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '=' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn unit(text: &str) -> Option<Unit> {
    let Some((code, sum)) = text.split_once('*').filter(|(_, rest)| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_digit()) && rest.contains('.')
    }) else {
        return Some(Unit {
            code: text.to_owned(),
            factor: 1_000_000,
            offset: 0,
        });
    };
    let (factor, offset) = sum.split_once('+').unwrap_or((sum, "0"));
    let exact = |text: &str| {
        number::scaled(text.trim(), 6)
            .filter(|n| n.exact)
            .map(|n| n.value)
    };
    Some(Unit {
        code: code.trim().to_owned(),
        factor: exact(factor)?,
        offset: exact(offset)?,
    })
}

/// The plan for FHIR sources.
///
/// **Errors**: all problems of all columns.
pub(crate) fn fhir(specs: &[Spec<'_>]) -> Result<Vec<(Column, FhirColumn)>, Vec<String>> {
    build(specs, OnBad::Drop, |reader, column| {
        column.round |= reader.get("round").is_none();
        let resource = reader.get("resource");
        if resource.is_none() {
            reader.problem(
                "resource",
                "missing: expected a FHIR resource type, such as Observation",
            );
        }
        let path = reader.path("path", None);
        if reader.get("path").is_none() && column.rule != Rule::Count && column.kind != Kind::Flag {
            reader.problem("path", "missing: only a flag or a count can do without");
        }
        let mut conditions = reader.conditions("where");
        let codes = reader.list("codes");
        if !codes.is_empty() {
            conditions.extend(reader.path("code_path", Some(CODES)).map(|path| Condition {
                path,
                one_of: codes,
            }));
        }
        let false_if = reader.conditions("false_if");
        if !false_if.is_empty() && column.kind != Kind::Flag {
            reader.problem("false_if", "expected a column of type flag");
        }
        let date = reader.path("date", Some(DATES))?;
        Some(FhirColumn {
            resource: resource?.to_owned(),
            path,
            conditions,
            false_if,
            date,
        })
    })
}

/// The plan for CSV sources.
///
/// **Errors**: all problems of all columns.
pub(crate) fn csv(specs: &[Spec<'_>]) -> Result<Vec<(Column, CsvColumn)>, Vec<String>> {
    build(specs, OnBad::Refuse, |reader, _| {
        let header = reader.get("header").unwrap_or(reader.spec.name).to_owned();
        Some(CsvColumn {
            header,
            date_header: reader.get("date_header").map(str::to_owned),
        })
    })
}

fn build<T>(
    specs: &[Spec<'_>],
    on_bad: OnBad,
    mut special: impl FnMut(&mut Reader<'_>, &mut Column) -> Option<T>,
) -> Result<Vec<(Column, T)>, Vec<String>> {
    let mut problems = Vec::new();
    let mut columns = Vec::new();
    let known: BTreeSet<&str> = COMMON.iter().copied().collect();
    for spec in specs {
        let mut reader = Reader {
            spec,
            problems: &mut problems,
        };
        for key in spec
            .source
            .keys()
            .filter(|key| !known.contains(key.as_str()))
        {
            reader.problem(key, "unknown name");
        }
        let mut column = common(&mut reader, on_bad);
        if let Some(special) = special(&mut reader, &mut column) {
            columns.push((column, special));
        }
    }
    if problems.is_empty() {
        Ok(columns)
    } else {
        Err(problems)
    }
}

fn common(reader: &mut Reader<'_>, on_bad: OnBad) -> Column {
    let (from, to) = (reader.day("from"), reader.day("to"));
    let window = (from.is_some() || to.is_some())
        .then(|| (from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX)));
    let mut column = Column {
        name: reader.spec.name.to_owned(),
        kind: reader.spec.kind.clone(),
        rule: reader.spec.rule,
        window,
        missing: None,
        exclude: None,
        on_bad: reader.word(
            "on_bad",
            &[("refuse", OnBad::Refuse), ("drop", OnBad::Drop)],
            on_bad,
        ),
        round: reader.word("round", &[("true", true), ("false", false)], false),
        age_on: reader.day("age_on"),
        map: reader.map(),
        null: reader.list("null"),
        units: reader.units(),
        order: reader.word(
            "dates",
            &[
                ("iso", Order::Iso),
                ("dmy", Order::DayMonthYear),
                ("mdy", Order::MonthDayYear),
            ],
            Order::Iso,
        ),
        partial: reader.word(
            "partial",
            &[
                ("first", Partial::First),
                ("middle", Partial::Middle),
                ("drop", Partial::Drop),
            ],
            Partial::Middle,
        ),
        comma: reader.word("decimal", &[("point", false), ("comma", true)], false),
    };
    let fixed = Column {
        age_on: None,
        map: BTreeMap::new(),
        order: Order::Iso,
        ..column.clone()
    };
    for (key, slot) in [
        ("missing", &mut column.missing),
        ("exclude", &mut column.exclude),
    ] {
        match reader.get(key).map(|text| fixed.read(text)) {
            Some(Ok(Some(value))) => *slot = Some(value),
            Some(Ok(None)) => reader.problem(key, "expected a value"),
            Some(Err(bad)) => reader.problem(key, bad.expected()),
            None => {}
        }
    }
    check(reader, &column);
    column
}

/// What does not fit together.
fn check(reader: &mut Reader<'_>, column: &Column) {
    let is_int = matches!(column.kind, Kind::Int { .. });
    if column.age_on.is_some() && !is_int {
        reader.problem("age_on", "expected a column of type int");
    }
    if column.rule == Rule::Count && !is_int {
        reader.problem("header", "the row rule count needs a column of type int");
    }
    if matches!(column.rule, Rule::Min | Rule::Max) && matches!(column.kind, Kind::Code(_)) {
        reader.problem("map", "the row rules min and max mean nothing for codes");
    }
    let unknown: Vec<String> = match &column.kind {
        Kind::Code(_) | Kind::Flag => {
            let plain = Column {
                map: BTreeMap::new(),
                null: Vec::new(),
                ..column.clone()
            };
            column
                .map
                .values()
                .filter(|to| matches!(plain.read(to), Err(Bad::Code | Bad::Flag)))
                .cloned()
                .collect()
        }
        _ => Vec::new(),
    };
    for to in unknown {
        reader.problem("map", format!("{to} is none of the column's codes"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn reads_every_option() {
        let s = source(&[
            ("resource", "Observation"),
            ("path", "value"),
            ("codes", "http://loinc.org|4548-4; 17856-6"),
            ("unit", "%; mmol/mol*0.09148+2.152; 10*3/uL"),
            (
                "where",
                "status=final,amended; component.where(code='x').value=1",
            ),
            ("from", "2020-01-01"),
            ("missing", "5"),
            ("null", "NA"),
            ("decimal", "comma"),
        ]);
        let spec = Spec {
            name: "hba1c",
            kind: Kind::Decimal {
                scale: 1,
                min: 30,
                max: 200,
            },
            rule: Rule::Last,
            source: &s,
        };
        let (column, fhir) = fhir(&[spec]).unwrap().remove(0);
        assert_eq!(column.window, Some((18_262, i32::MAX)));
        assert_eq!(
            (column.missing, column.comma, column.round, column.on_bad),
            (Some(50), true, true, OnBad::Drop)
        );
        assert_eq!(
            column
                .units
                .iter()
                .map(|u| (u.code.as_str(), u.factor, u.offset))
                .collect::<Vec<_>>(),
            [
                ("%", 1_000_000, 0),
                ("mmol/mol", 91_480, 2_152_000),
                ("10*3/uL", 1_000_000, 0)
            ]
        );
        assert_eq!(
            fhir.conditions
                .iter()
                .map(|c| c.one_of.len())
                .collect::<Vec<_>>(),
            [2, 1, 2]
        );
    }

    #[test]
    fn csv_defaults_to_the_columns_name_and_refuses() {
        let s = source(&[]);
        let spec = Spec {
            name: "bmi",
            kind: Kind::Decimal {
                scale: 1,
                min: 0,
                max: 999,
            },
            rule: Rule::Last,
            source: &s,
        };
        let (column, csv) = csv(&[spec]).unwrap().remove(0);
        assert_eq!(
            (
                csv.header.as_str(),
                csv.date_header,
                column.on_bad,
                column.round
            ),
            ("bmi", None, OnBad::Refuse, false)
        );
    }

    #[test]
    fn b10_all_problems_at_once() {
        let s = source(&[
            ("path", "a..b"),
            ("on_bad", "maybe"),
            ("age_on", "2026"),
            ("map", "x"),
            ("where", "status"),
            ("unit", "a*0.0x"),
            ("missing", "x"),
            ("typo", "1"),
            ("false_if", "a=b"),
        ]);
        let t = source(&[("map", "a=no-such; b=red"), ("resource", "Patient")]);
        let specs = [
            Spec {
                name: "one",
                kind: Kind::Int { min: 0, max: 5 },
                rule: Rule::Last,
                source: &s,
            },
            Spec {
                name: "two",
                kind: Kind::Code(vec!["red".to_owned()]),
                rule: Rule::Max,
                source: &t,
            },
        ];
        let problems = fhir(&specs).unwrap_err();
        for key in [
            "typo", "path", "on_bad", "age_on", "map", "where", "unit", "missing", "resource",
            "false_if",
        ] {
            assert!(
                problems
                    .iter()
                    .any(|p| p.starts_with(&format!("column one, source.{key}: "))),
                "{key} in {problems:?}"
            );
        }
        assert_eq!(
            problems
                .iter()
                .filter(|p| p.starts_with("column two"))
                .count(),
            3,
            "{problems:?}"
        );
    }
}
