//! A claim as a sentence: part of answers and of what people read.

use medveil_contract::call::{ClaimKind, ClaimTerms, CountUnit};

/// A claim as a sentence.
pub fn sentence(terms: &ClaimTerms) -> String {
    words(terms.kind, terms.unit, terms.k, &terms.query)
}

/// A claim as a sentence, from its parts.
pub fn words(kind: ClaimKind, unit: CountUnit, k: u64, query: &str) -> String {
    use {ClaimKind as Kind, CountUnit as Unit};
    let is_anything = query.trim().eq_ignore_ascii_case("TRUE");
    match (kind, unit) {
        (Kind::All, Unit::Subjects) if is_anything => {
            "every subject has a real row (`TRUE`)".to_owned()
        }
        (Kind::All, Unit::Rows) if is_anything => {
            "every row that is counted is real (`TRUE`)".to_owned()
        }
        (Kind::All, Unit::Subjects) => format!("every subject has a row with `{query}`"),
        (Kind::All, Unit::Rows) => format!("every row has `{query}`"),
        (Kind::None, Unit::Subjects) => format!(
            "no subject is known to have a row with `{query}` (a missing value never counts as a hit)"
        ),
        (Kind::None, Unit::Rows) => {
            format!("no row is known to have `{query}` (a missing value never counts as a hit)")
        }
        (Kind::Count, Unit::Subjects) => format!("at least {k} subjects have `{query}`"),
        (Kind::Count, Unit::Rows) => format!("at least {k} rows have `{query}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClaimKind::{All, Count, None};
    use CountUnit::{Rows, Subjects};

    #[test]
    fn every_kind_and_unit_has_its_sentence() {
        let check = |kind, unit, query: &str, expected: &str| {
            assert_eq!(words(kind, unit, 12, query), expected);
        };
        check(Count, Rows, "a = 1", "at least 12 rows have `a = 1`");
        check(Count, Subjects, "TRUE", "at least 12 subjects have `TRUE`");
        check(
            All,
            Rows,
            " true ",
            "every row that is counted is real (`TRUE`)",
        );
        check(
            All,
            Subjects,
            "a = 1",
            "every subject has a row with `a = 1`",
        );
        let expected = "no row is known to have `a = 1` (a missing value never counts as a hit)";
        check(None, Rows, "a = 1", expected);
    }
}
