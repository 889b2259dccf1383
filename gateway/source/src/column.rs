//! One column of a dataset as the sources see it: its type, where its values are, and how several
//! become one.
//!
//! Typed values are 64-bit integers here: the integer, the decimal times ten to its scale, the
//! index of the code, the day since 1970, or 0 and 1.

use super::date::{self, DateError, Order, Partial};
use super::number;
use medveil_circuits::schema::{ColumnType, RowRule};
use std::collections::BTreeMap;

/// What happens to a value that the column cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnBad {
    /// The whole reading is refused.
    Refuse,
    /// The value is dropped and counted.
    Drop,
}

/// `value * factor + offset` turns this unit into the column's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub code: String,
    /// Factor in millionths.
    pub factor: i64,
    /// Offset in millionths.
    pub offset: i64,
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
    /// Whether fractions of an integer are rounded.
    pub round: bool,
    /// The day on which an age is taken.
    pub age_on: Option<i32>,
    /// Texts or codes of the source, and what they mean here.
    pub map: BTreeMap<String, String>,
    /// Texts that mean "no value".
    pub null: Vec<String>,
    /// Units that are accepted; empty accepts any.
    pub units: Vec<Unit>,
    /// How dates are written.
    pub order: Order,
    /// What a date without a day stands for.
    pub partial: Partial,
    /// Whether a decimal comma is used.
    pub comma: bool,
}

/// Why a column cannot hold a value. Never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bad {
    Number,
    /// Not a whole number.
    Fraction,
    Date,
    /// The day or the month is missing.
    Partial,
    Flag,
    /// Not in the list.
    Code,
    /// Out of the column's range.
    Range,
    /// Another unit, or none.
    Unit,
    /// "less than" or "more than".
    Comparator,
    /// A structure that is no value.
    Structure,
}

impl Bad {
    /// What was expected, for people.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Bad::Number => "expected a number",
            Bad::Fraction => "expected a whole number",
            Bad::Date => "expected a date",
            Bad::Partial => "expected a date with month and day",
            Bad::Flag => "expected true or false",
            Bad::Code => "expected one of the column's codes",
            Bad::Range => "expected a value in the column's range",
            Bad::Unit => "expected a known unit",
            Bad::Comparator => "expected an exact value, got a bound",
            Bad::Structure => "expected a value, got another structure",
        }
    }
}

impl SourceColumn {
    /// Reads a text. `None` is "no value".
    pub(crate) fn read(&self, text: &str) -> Result<Option<i64>, Bad> {
        let text = text.trim();
        if text.is_empty() || self.null.iter().any(|n| n == text) {
            return Ok(None);
        }
        let text = self.map.get(text).map_or(text, String::as_str);
        let value = match &self.kind {
            ColumnType::Int { .. } => match self.age_on {
                Some(on) => self.age(text, on)?,
                None => self.integer(text)?,
            },
            ColumnType::Decimal { scale, .. } => self.number(text, *scale)?.value,
            ColumnType::Code { codes } => codes
                .iter()
                .position(|code| code == text)
                .and_then(|i| i64::try_from(i).ok())
                .ok_or(Bad::Code)?,
            ColumnType::Day { .. } => i64::from(self.date(text)?.day),
            ColumnType::Flag => i64::from(flag(text).ok_or(Bad::Flag)?),
        };
        self.in_range(value).map(Some)
    }

    /// Reads a number of a unit.
    pub(crate) fn read_quantity(&self, text: &str, unit: Option<&str>) -> Result<Option<i64>, Bad> {
        if self.units.is_empty() {
            return self.read(text);
        }
        let unit = self
            .units
            .iter()
            .find(|u| Some(u.code.as_str()) == unit)
            .ok_or(Bad::Unit)?;
        if unit.factor == 1_000_000 && unit.offset == 0 {
            return self.read(text);
        }
        let scale = match self.kind {
            ColumnType::Decimal { scale, .. } => scale,
            ColumnType::Int { .. } => 0,
            ColumnType::Code { .. } | ColumnType::Day { .. } | ColumnType::Flag => {
                return Err(Bad::Number);
            }
        };
        let value = i128::from(self.number(text, 6)?.value);
        let exact = value * i128::from(unit.factor) + i128::from(unit.offset) * 1_000_000;
        // Millionths times millionths, rounded half away from zero to the column's scale.
        let power = 10i128.pow(12u32.saturating_sub(scale));
        let rounded = (exact.abs() + power / 2) / power * exact.signum();
        self.in_range(i64::try_from(rounded).map_err(|_| Bad::Range)?)
            .map(Some)
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

    /// Reads a date as this column's dates are written.
    pub(crate) fn date(&self, text: &str) -> Result<date::When, Bad> {
        date::parse(text, self.order, self.partial).map_err(|e| match e {
            DateError::Form => Bad::Date,
            DateError::Partial => Bad::Partial,
        })
    }

    fn age(&self, text: &str, on: i32) -> Result<i64, Bad> {
        date::whole_years(self.date(text)?.day, on).ok_or(Bad::Range)
    }

    fn integer(&self, text: &str) -> Result<i64, Bad> {
        let number = self.number(text, 0)?;
        if number.exact || self.round {
            Ok(number.value)
        } else {
            Err(Bad::Fraction)
        }
    }

    fn number(&self, text: &str, scale: u32) -> Result<number::Scaled, Bad> {
        let with_point;
        let text = if self.comma && !text.contains('.') {
            with_point = text.replacen(',', ".", 1);
            with_point.as_str()
        } else {
            text
        };
        number::scaled(text, scale).ok_or(Bad::Number)
    }
}

fn flag(text: &str) -> Option<bool> {
    const TRUE: [&str; 5] = ["true", "t", "yes", "y", "1"];
    const FALSE: [&str; 5] = ["false", "f", "no", "n", "0"];
    let is = |words: [&str; 5]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    if is(TRUE) {
        Some(true)
    } else {
        is(FALSE).then_some(false)
    }
}

#[cfg(test)]
pub(crate) fn test_column(kind: ColumnType) -> SourceColumn {
    SourceColumn {
        name: "c".to_owned(),
        kind,
        rule: RowRule::Last,
        window: None,
        missing: None,
        exclude: None,
        on_bad: OnBad::Drop,
        round: false,
        age_on: None,
        map: BTreeMap::new(),
        null: Vec::new(),
        units: Vec::new(),
        order: Order::Iso,
        partial: Partial::Middle,
        comma: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_typed_values() {
        let int = test_column(ColumnType::Int { min: -10, max: 120 });
        assert_eq!(
            (int.read(" 42 "), int.read(""), int.read("-10")),
            (Ok(Some(42)), Ok(None), Ok(Some(-10)))
        );
        assert_eq!(
            (int.read("121"), int.read("4.5"), int.read("x")),
            (Err(Bad::Range), Err(Bad::Fraction), Err(Bad::Number))
        );
        let rounding = SourceColumn {
            round: true,
            ..int.clone()
        };
        assert_eq!(rounding.read("4.5"), Ok(Some(5)));
        let decimal = test_column(ColumnType::Decimal {
            scale: 1,
            min: 30,
            max: 200,
        });
        assert_eq!(
            (
                decimal.read("7.25"),
                decimal.read("7,2"),
                decimal.read("2.9")
            ),
            (Ok(Some(73)), Err(Bad::Number), Err(Bad::Range))
        );
        assert_eq!(
            SourceColumn {
                comma: true,
                ..decimal
            }
            .read("7,2"),
            Ok(Some(72))
        );
        let flag = test_column(ColumnType::Flag);
        assert_eq!(
            (flag.read("Yes"), flag.read("0"), flag.read("maybe")),
            (Ok(Some(1)), Ok(Some(0)), Err(Bad::Flag))
        );
        let day = test_column(ColumnType::Day {
            min: 0,
            max: 30_000,
        });
        assert_eq!(
            (
                day.read("1970-01-02"),
                day.read("1969-12-31"),
                day.read("soon")
            ),
            (Ok(Some(1)), Err(Bad::Range), Err(Bad::Date))
        );
    }

    #[test]
    fn codes_are_mapped_and_nulls_are_absent() {
        let mut code = test_column(ColumnType::Code {
            codes: vec!["female".to_owned(), "male".to_owned()],
        });
        code.map.insert("f".to_owned(), "female".to_owned());
        code.null.push("NA".to_owned());
        assert_eq!(
            (
                code.read("f"),
                code.read("male"),
                code.read("NA"),
                code.read("x")
            ),
            (Ok(Some(0)), Ok(Some(1)), Ok(None), Err(Bad::Code))
        );
    }

    #[test]
    fn ages_and_units_are_computed_exactly() {
        let on = date::parse("2026-01-01", Order::Iso, Partial::Drop)
            .unwrap()
            .day;
        let age = SourceColumn {
            age_on: Some(on),
            ..test_column(ColumnType::Int { min: 0, max: 120 })
        };
        assert_eq!(
            (
                age.read("1980-01-01"),
                age.read("1980-01-02"),
                age.read("2027")
            ),
            (Ok(Some(46)), Ok(Some(45)), Err(Bad::Range))
        );
        let mut hba1c = test_column(ColumnType::Decimal {
            scale: 1,
            min: 30,
            max: 200,
        });
        hba1c.units = vec![
            Unit {
                code: "%".to_owned(),
                factor: 1_000_000,
                offset: 0,
            },
            Unit {
                code: "mmol/mol".to_owned(),
                factor: 91_480,
                offset: 2_152_000,
            },
        ];
        assert_eq!(hba1c.read_quantity("7.2", Some("%")), Ok(Some(72)));
        assert_eq!(hba1c.read_quantity("53", Some("mmol/mol")), Ok(Some(70)));
        assert_eq!(hba1c.read_quantity("7.2", Some("mg/dL")), Err(Bad::Unit));
        assert_eq!(hba1c.read_quantity("7.2", None), Err(Bad::Unit));
    }
}
