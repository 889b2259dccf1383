//! All that does not fit between a source and its schema: the first of it listed, all counted.

use medveil_tables::{Scalar, TableError};

/// One thing that does not fit. Never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File, and row as an editor counts it; or file and entry.
    pub place: String,
    pub column: Option<String>,
    /// What kind of a value stands there.
    pub found: Option<&'static str>,
    /// What was expected, and the setting that would mend it.
    pub expected: String,
}

/// Everything that does not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// At most a thousand.
    pub listed: Vec<Problem>,
    pub count: u64,
}

impl Problems {
    const MOST: usize = 1000;

    pub(crate) fn add(&mut self, problem: impl FnOnce() -> Problem) {
        self.count += 1;
        if self.listed.len() < Self::MOST {
            self.listed.push(problem());
        }
    }

    /// Counts further ones of which no place is known.
    pub(crate) fn add_unlisted(&mut self, n: u64) {
        self.count += n;
    }

    /// A fault after which a table cannot be read on.
    pub(crate) fn add_end(&mut self, place: &str, error: &TableError) {
        let (place, what) = match error {
            TableError::Malformed { place, what } => (place.as_str(), what.clone()),
            other => (place, other.to_string()),
        };
        self.add(|| Problem {
            place: place.to_owned(),
            column: None,
            found: None,
            expected: format!("{what} (nothing behind it was read)"),
        });
    }
}

/// What kind of a value a cell has, in words.
pub(crate) fn class(cell: &Scalar) -> &'static str {
    match cell {
        Scalar::Null => "nothing",
        Scalar::Text(text) => class_of_text(text),
        Scalar::Number(_) => "a number",
        Scalar::Bool(_) => "true or false",
        Scalar::Date(_) => "a date",
        Scalar::Time(_) => "a date with a time",
        Scalar::Error(error) if error.word.is_empty() => "what is no value",
        Scalar::Error(error) => error.word,
    }
}

fn class_of_text(text: &str) -> &'static str {
    let plain = text.trim();
    if plain.is_empty() {
        return "blanks alone";
    }
    if plain.len() != text.len() {
        return "a text with blanks at its ends";
    }
    let has = |wanted: fn(char) -> bool| plain.chars().any(wanted);
    let (digits, letters) = (has(|c| c.is_ascii_digit()), has(char::is_alphabetic));
    let (point, comma) = (has(|c| c == '.'), has(|c| c == ','));
    let hyphen_or_slash = has(|c| matches!(c, '-' | '/' | ':'));
    let others = has(|c| !c.is_alphanumeric() && !matches!(c, '.' | ',' | '-' | '/' | ':'));
    match (digits, letters, others) {
        (true, false, false) => match (hyphen_or_slash, point, comma) {
            (true, ..) => "digits with hyphens, slashes or colons",
            (_, true, true) => "digits with points and commas",
            (_, true, false) => "digits with a point",
            (_, false, true) => "digits with a comma",
            (_, false, false) => "digits",
        },
        (true, false, true) => "digits with other signs",
        (true, true, _) => "letters and digits",
        (false, true, false) => "letters",
        (false, true, true) => "letters with blanks or other signs",
        (false, false, _) => "signs alone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b14_values_have_a_class_and_are_not_shown() {
        for (text, expected) in [
            ("12", "digits"),
            ("-7,2", "digits with hyphens, slashes or colons"),
            ("7,2", "digits with a comma"),
            ("7.2", "digits with a point"),
            ("1.234,5", "digits with points and commas"),
            ("31.12.2026", "digits with a point"),
            ("2026-12-31", "digits with hyphens, slashes or colons"),
            ("< 5", "digits with other signs"),
            ("5 %", "digits with other signs"),
            ("9.91E+15", "letters and digits"),
            ("yes", "letters"),
            ("not known", "letters with blanks or other signs"),
            ("-", "signs alone"),
            (" 5", "a text with blanks at its ends"),
            ("\u{a0}", "blanks alone"),
            ("", "blanks alone"),
        ] {
            assert_eq!(class(&Scalar::Text(text.to_owned())), expected, "{text}");
        }
        assert_eq!(class(&Scalar::Bool(true)), "true or false");
    }

    #[test]
    fn b14_problems_are_listed_up_to_a_bound() {
        let mut problems = Problems::default();
        for _ in 0..1200 {
            problems.add(|| Problem {
                place: String::new(),
                column: None,
                found: None,
                expected: String::new(),
            });
        }
        problems.add_unlisted(5);
        assert_eq!((problems.listed.len(), problems.count), (1000, 1205));
    }
}
