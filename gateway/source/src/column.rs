//! One column of a dataset as the sources see it: its type, what its texts mean, and how several
//! values become one.
//!
//! Typed values are 64-bit integers here: the integer, the decimal times ten to its scale, the
//! index of the code, the day since 1970, or 0 and 1.

pub(crate) use super::bad::Bad;
use super::date::{self, DateError, Order, Partial};
use super::number::{self, Signs};
use super::unit::Units;
use medveil_circuits::schema::{ColumnType, RowRule};
use medveil_tables::Scalar;
use std::borrow::Cow;
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What happens to a value that the column cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnBad {
    /// The whole reading is refused.
    Refuse,
    /// The value is absent, and counted.
    Drop,
}

/// What the texts of a source mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Texts or codes of the source, and what they mean here.
    pub map: BTreeMap<String, String>,
    /// Texts that mean "no value".
    pub null: Vec<String>,
    /// Texts that mean TRUE and FALSE; none are `true` and `false` in any case.
    pub flags: Option<[Vec<String>; 2]>,
    /// Whether blanks at the ends of a text mean nothing.
    pub trim: bool,
    /// How numbers are written.
    pub signs: Signs,
    /// How dates are written.
    pub order: Order,
    /// What a date without a day stands for.
    pub partial: Partial,
}

/// How one column is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceColumn {
    pub name: String,
    pub kind: ColumnType,
    /// How several values become one.
    pub rule: RowRule,
    /// First and last day of values that count.
    pub window: Option<(i32, i32)>,
    /// The value of a patient who has none.
    pub missing: Option<i64>,
    /// Patients with this value are left out of the dataset.
    pub exclude: Option<i64>,
    /// What happens to values it cannot hold.
    pub on_bad: OnBad,
    /// Whether digits beyond the column's are rounded away.
    pub round: bool,
    /// The day on which an age is taken.
    pub age_on: Option<i32>,
    pub words: Words,
    /// Units that are accepted; none where the source names no unit.
    pub units: Option<Units>,
}

/// What was done to a value that is not exactly what the source wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Rounded,
    /// A date without a day was completed.
    Completed,
}

impl Change {
    /// For people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Change::Rounded => "rounded to the column's digits",
            Change::Completed => "a date without a day, completed as the schema says",
        }
    }
}

/// A value that a column holds, and what was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadValue {
    pub value: i64,
    pub change: Option<Change>,
}

type Read = Result<Option<ReadValue>, Bad>;

fn exact(value: i64) -> ReadValue {
    ReadValue {
        value,
        change: None,
    }
}

impl SourceColumn {
    /// Reads a cell; none is "no value".
    pub(crate) fn read_cell(&self, cell: &Scalar) -> Read {
        // What the settings say of a text holds for what a typed source prints as that text.
        if let Some(word) = word(cell) {
            if self.words.map.contains_key(word) {
                return self.read(word);
            }
            if self.is_null(word) {
                return Ok(None);
            }
        }
        match (cell, &self.kind) {
            (Scalar::Null, _) => Ok(None),
            (Scalar::Error(error), _) => Err(Bad::Cell(error.expected)),
            (Scalar::Text(text), _) => self.read(text),
            (Scalar::Number(text), ColumnType::Int { .. } | ColumnType::Decimal { .. })
                if self.age_on.is_none() =>
            {
                self.number(text, Signs::of_typed(text))
            }
            (Scalar::Number(text), ColumnType::Code { .. } | ColumnType::Flag) => self.read(text),
            // A year among dates, where the schema says which day it stands for.
            (Scalar::Number(year), ColumnType::Day { .. } | ColumnType::Int { .. })
                if self.words.partial != Partial::Drop =>
            {
                self.typed(year, Order::Iso)
            }
            (Scalar::Bool(value), ColumnType::Flag) => Ok(Some(exact(i64::from(*value)))),
            (Scalar::Bool(value), ColumnType::Code { .. }) => self.read(&value.to_string()),
            (Scalar::Date(text) | Scalar::Time(text), ColumnType::Day { .. }) => {
                self.typed(text, Order::Iso)
            }
            (Scalar::Date(text) | Scalar::Time(text), ColumnType::Int { .. })
                if self.age_on.is_some() =>
            {
                self.typed(text, Order::Iso)
            }
            (Scalar::Number(_) | Scalar::Bool(_) | Scalar::Date(_) | Scalar::Time(_), _) => {
                Err(Bad::Type)
            }
        }
    }

    /// Reads a number of a unit.
    pub(crate) fn read_quantity(&self, cell: &Scalar, unit: Option<&str>) -> Read {
        let Some(units) = &self.units else {
            return self.read_cell(cell);
        };
        let text = match cell {
            Scalar::Null | Scalar::Error(_) => return self.read_cell(cell),
            Scalar::Text(text) | Scalar::Number(text) => text,
            Scalar::Bool(_) | Scalar::Date(_) | Scalar::Time(_) => return Err(Bad::Type),
        };
        if self.is_null(text) || self.words.map.contains_key(text.as_str()) {
            return self.read_cell(cell);
        }
        let unit = units.find(unit.ok_or(Bad::NoUnit)?).ok_or(Bad::Unit)?;
        if unit.is_own() {
            return self.read_cell(cell);
        }
        let signs = match cell {
            Scalar::Number(text) => Signs::of_typed(text),
            _ => self.words.signs,
        };
        let plain = signs.plain(text).ok_or(Bad::Number)?;
        let scale = self.scale().ok_or(Bad::Number)?;
        // A conversion rounds in nearly every case, which is not what `round` is about.
        let value = unit.convert(&plain, scale).ok_or(Bad::Number)?;
        self.in_range(value).map(|value| Some(exact(value)))
    }

    fn scale(&self) -> Option<u32> {
        match self.kind {
            ColumnType::Decimal { scale, .. } => Some(scale),
            ColumnType::Int { .. } => Some(0),
            ColumnType::Code { .. } | ColumnType::Day { .. } | ColumnType::Flag => None,
        }
    }

    fn is_null(&self, text: &str) -> bool {
        self.words.null.iter().any(|n| n == text)
    }

    /// Reads a text. `None` is "no value".
    pub(crate) fn read(&self, text: &str) -> Read {
        let trimmed = text.trim();
        if trimmed.len() != text.len() && !self.words.trim {
            return Err(Bad::Blanks);
        }
        let text = normal(trimmed);
        let mapped = self.words.map.get(&*text).map(String::as_str);
        if mapped.is_none() && (text.is_empty() || self.is_null(&text)) {
            return Ok(None);
        }
        let text = mapped.unwrap_or(&*text);
        match &self.kind {
            ColumnType::Int { .. } if self.age_on.is_some() => self.typed(text, self.words.order),
            ColumnType::Int { .. } | ColumnType::Decimal { .. } => {
                self.number(text, self.words.signs)
            }
            ColumnType::Code { codes } => codes
                .iter()
                .position(|code| normal(code) == text)
                .and_then(|i| i64::try_from(i).ok())
                .ok_or(Bad::Code)
                .map(|value| Some(exact(value))),
            ColumnType::Day { .. } => self.typed(text, self.words.order),
            ColumnType::Flag => {
                let value = self.flag(text).ok_or(Bad::Flag)?;
                Ok(Some(exact(i64::from(value))))
            }
        }
    }

    fn flag(&self, text: &str) -> Option<bool> {
        let is = |words: &[String]| words.iter().any(|word| word == text);
        match &self.words.flags {
            Some([yes, no]) => is(yes).then_some(true).or(is(no).then_some(false)),
            None if text.eq_ignore_ascii_case("true") => Some(true),
            None => text.eq_ignore_ascii_case("false").then_some(false),
        }
    }

    /// A day, or the age that follows from one.
    fn typed(&self, text: &str, order: Order) -> Read {
        let when = date::parse(text, order, self.words.partial);
        let sure = |on| date::sure_age(text, order, on);
        if let (Err(DateError::Partial), Some(age)) = (when, self.age_on.and_then(sure)) {
            return self.in_range(age).map(|age| Some(exact(age)));
        }
        let when = when.map_err(Bad::from)?;
        let value = match self.age_on {
            Some(on) => date::whole_years(when.day, on).ok_or(Bad::Range)?,
            None => i64::from(when.day),
        };
        let change = when.completed.then_some(Change::Completed);
        let value = self.in_range(value)?;
        Ok(Some(ReadValue { value, change }))
    }

    fn number(&self, text: &str, signs: Signs) -> Read {
        let plain = signs.plain(text).ok_or(Bad::Number)?;
        let scale = self.scale().ok_or(Bad::Type)?;
        let number = number::scaled(&plain, scale).ok_or(Bad::Number)?;
        if !number.exact && !self.round {
            return Err(if scale == 0 {
                Bad::Fraction
            } else {
                Bad::Digits
            });
        }
        let value = self.in_range(number.value)?;
        let change = (!number.exact).then_some(Change::Rounded);
        Ok(Some(ReadValue { value, change }))
    }

    /// Until when an age grows: a date of death, or `true` where none is known.
    pub(crate) fn until(&self, cell: &Scalar) -> Result<Option<i32>, Bad> {
        let text = match cell {
            Scalar::Null | Scalar::Bool(false) => return Ok(None),
            Scalar::Text(text) if text.is_empty() || text == "false" => return Ok(None),
            Scalar::Text(text) => (text, self.words.order),
            Scalar::Date(text) | Scalar::Time(text) => (text, Order::Iso),
            Scalar::Bool(true) | Scalar::Number(_) | Scalar::Error(_) => return Err(Bad::Dead),
        };
        let when = date::parse(text.0, text.1, Partial::Drop);
        when.map(|when| Some(when.day)).map_err(|_| Bad::Dead)
    }

    /// Reads a cell of a column whose age stops growing.
    pub(crate) fn read_aged(&self, cell: &Scalar, until: Option<i32>) -> Read {
        match (self.age_on, until) {
            (Some(on), Some(until)) if until < on => SourceColumn {
                age_on: Some(until),
                ..self.clone()
            }
            .read_cell(cell),
            _ => self.read_cell(cell),
        }
    }

    /// Whether a text is one of a condition's.
    ///
    /// **Errors**: only without its blanks, which nobody allowed.
    pub(crate) fn is_one_of(&self, text: &str, texts: &[String]) -> Result<bool, Bad> {
        let plain = normal(text.trim());
        let is_one = texts.iter().any(|own| normal(own) == plain);
        match is_one && plain.len() != text.len() && !self.words.trim && text.trim() != text {
            true => Err(Bad::Blanks),
            false => Ok(is_one),
        }
    }

    /// The time of a value of which no day is known: of a date without a day the last that it may be
    /// where the last counts, or else the first.
    pub(crate) fn boundary(&self, cell: &Scalar) -> Option<date::When> {
        match self.date(cell) {
            Ok(when) => when,
            Err(Bad::Partial) => match cell {
                Scalar::Text(text) => {
                    let first = self.rule != RowRule::Last;
                    date::bound(text.trim(), self.words.order, first)
                }
                Scalar::Date(text) | Scalar::Time(text) => {
                    date::bound(text, Order::Iso, self.rule != RowRule::Last)
                }
                Scalar::Null | Scalar::Number(_) | Scalar::Bool(_) | Scalar::Error(_) => None,
            },
            Err(_) => None,
        }
    }

    /// Whether a value of this time counts.
    pub(crate) fn counts(&self, when: Option<date::When>) -> bool {
        let Some((from, to)) = self.window else {
            return true;
        };
        when.is_some_and(|when| (from..=to).contains(&when.day))
    }

    /// Checks a typed value.
    pub(crate) fn in_range(&self, value: i64) -> Result<i64, Bad> {
        let fits = match &self.kind {
            ColumnType::Int { min, max } | ColumnType::Decimal { min, max, .. } => {
                (*min..=*max).contains(&value)
            }
            ColumnType::Day { min, max } => (i64::from(*min)..=i64::from(*max)).contains(&value),
            ColumnType::Code { codes } => usize::try_from(value).is_ok_and(|i| i < codes.len()),
            ColumnType::Flag => matches!(value, 0 | 1),
        };
        if fits { Ok(value) } else { Err(Bad::Range) }
    }

    /// Reads the date of a value: when it was true.
    pub(crate) fn date(&self, cell: &Scalar) -> Result<Option<date::When>, Bad> {
        let (text, order) = match cell {
            Scalar::Null => return Ok(None),
            Scalar::Error(_) | Scalar::Date(_) | Scalar::Time(_)
                if word(cell).is_some_and(|word| self.is_null(word)) =>
            {
                return Ok(None);
            }
            Scalar::Error(error) => return Err(Bad::Cell(error.expected)),
            Scalar::Text(text) if text.trim().is_empty() || self.is_null(text.trim()) => {
                return Ok(None);
            }
            Scalar::Text(text) if self.words.trim => (text.trim(), self.words.order),
            Scalar::Text(text) => (text.as_str(), self.words.order),
            Scalar::Date(text) | Scalar::Time(text) => (text.as_str(), Order::Iso),
            Scalar::Number(_) | Scalar::Bool(_) => return Err(Bad::Date),
        };
        date::parse(text, order, self.words.partial)
            .map(Some)
            .map_err(Bad::from)
    }
}

/// What a cell that is no text prints as. Nothing prints as the empty text.
fn word(cell: &Scalar) -> Option<&str> {
    match cell {
        Scalar::Null => Some(""),
        Scalar::Text(_) => None,
        Scalar::Number(text) | Scalar::Date(text) | Scalar::Time(text) => Some(text),
        Scalar::Bool(true) => Some("true"),
        Scalar::Bool(false) => Some("false"),
        Scalar::Error(error) => Some(error.word).filter(|word| !word.is_empty()),
    }
}

/// One form for letters that Unicode writes in several ways.
fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

#[cfg(test)]
pub(crate) mod tests;
