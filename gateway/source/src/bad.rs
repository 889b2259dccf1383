//! Why a column cannot hold a value of a source.

use super::date::DateError;

/// Why a column cannot hold a value. Never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bad {
    Number,
    /// Not a whole number.
    Fraction,
    /// More digits after the point than the column has.
    Digits,
    Date,
    /// The day or the month is missing.
    Partial,
    Flag,
    /// Not in the list.
    Code,
    /// Out of the column's range.
    Range,
    /// Another unit.
    Unit,
    /// A number of a column with units, and no unit.
    NoUnit,
    /// "less than" or "more than".
    Comparator,
    /// Dead, and the day is not known.
    Dead,
    /// Blanks at the ends.
    Blanks,
    /// A type that is no value of the column's.
    Type,
    /// The source itself has no value there, such as `#N/A`.
    Cell(&'static str),
    /// A resource has the thing, and no value of it; or nobody can tell whether it is so.
    Absent,
    Doubtful,
}

impl Bad {
    /// What was expected, for people.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Bad::Number => {
                "expected a number as the settings write one: `decimal`, `thousands`, `numbers` or \
                 `null` may say more"
            }
            Bad::Fraction => "expected a whole number",
            Bad::Digits => "expected no more digits than the column has: `round` rounds",
            Bad::Date => {
                "expected a date as the settings write one: `dates` or `null` may say more"
            }
            Bad::Partial => "expected a date with month and day: `partial` completes one",
            Bad::Flag => "expected true or false: `true` and `false` name other words",
            Bad::Code => {
                "expected one of the column's codes: `map` names others, `null` texts of no value"
            }
            Bad::Range => "expected a value in the column's range",
            Bad::Unit => "expected a known unit",
            Bad::NoUnit => "expected a unit, got none",
            Bad::Comparator => "expected an exact value, got a bound",
            Bad::Dead => "expected a day of death, for the age of somebody who died",
            Bad::Blanks => "expected no blanks at the ends: `blanks: trim` allows them",
            Bad::Type => "expected a value of the column's type",
            Bad::Cell(expected) => expected,
            Bad::Absent => "expected a value, got none or one of another form",
            Bad::Doubtful => "expected a resource that says exactly what it says",
        }
    }
}

impl From<DateError> for Bad {
    fn from(error: DateError) -> Self {
        match error {
            DateError::Form => Bad::Date,
            DateError::Partial => Bad::Partial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bad;

    #[test]
    fn words_name_the_settings_that_mend() {
        let check = |bad: Bad, settings: &[&str]| {
            for setting in settings {
                assert!(bad.expected().contains(&format!("`{setting}`")), "{bad:?}");
            }
        };
        check(Bad::Number, &["decimal", "thousands", "numbers", "null"]);
        check(Bad::Date, &["dates", "null"]);
        check(Bad::Code, &["map", "null"]);
    }
}
