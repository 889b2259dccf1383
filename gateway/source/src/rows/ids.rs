//! Identities that a spreadsheet changed on the way.

use super::shapes::{Doubt, Shapes};
use super::words::{self, Word};

const NOBODY: &str = "a word for nobody, or for a row that sums up others, in the place of an identity: `subject.null` \
     names it, and its rows are left out, counted";
const SHAPE: &str = "an identity of another shape than others have, as a row of totals or a line below the table: where it means nobody, \
     `subject.null` names it, and where somebody, `subject.words` is `keep`";
const NUMBERED: &str = "a word for nobody with a number, in the place of an identity: where it means nobody, `subject.null` \
     names it, and where somebody, `subject.words` is `keep`";

/// What is known of the identities of a source.
#[derive(Default)]
pub(super) struct Ids {
    /// Shortest and longest of digits alone.
    digits: Option<(usize, usize)>,
    has_leading_zero: bool,
    shapes: Shapes,
    /// Whether no spreadsheet was on the way, which takes zeros away.
    is_typed: bool,
}

impl Ids {
    pub fn new(is_typed: bool) -> Self {
        Ids {
            is_typed,
            ..Ids::default()
        }
    }

    /// Takes an identity; gives what its words say.
    ///
    /// **Errors**: what it looks like.
    pub fn check(&mut self, id: &str) -> Result<Word, &'static str> {
        let bytes = id.as_bytes();
        check_form(id)?;
        if bytes.iter().all(u8::is_ascii_digit) {
            let (least, most) = self.digits.unwrap_or((id.len(), id.len()));
            self.digits = Some((least.min(id.len()), most.max(id.len())));
            self.has_leading_zero |= id.len() > 1 && bytes.first() == Some(&b'0');
            return Ok(Word::Somebodys);
        }
        if is_scientific(id) {
            return Err(
                "an identity in scientific notation: a spreadsheet cut its digits: export it as text",
            );
        }
        let is_zeros =
            |(whole, rest): (&str, &str)| is_digits(whole) && rest.bytes().all(|b| b == b'0');
        if id.split_once(['.', ',']).is_some_and(is_zeros) {
            return Err(
                "an identity with a decimal point: it was read as a number: export it as text",
            );
        }
        if is_error(id) {
            return Err("an error such as #REF! in the place of an identity: export it as text");
        }
        let word = words::of(id);
        if word == Word::Nobodys {
            return Err(NOBODY);
        }
        if is_date(id) {
            return Err(
                "an identity that is a date: a spreadsheet made one of it: export it as text",
            );
        }
        Ok(word)
    }

    /// Takes the shape of an identity that was checked, to compare it with others.
    pub fn compare(&mut self, id: &str, word: Word, place: &dyn Fn() -> String) {
        self.shapes.take(id, word, place);
    }

    /// What all of them show together, with the places: some have leading zeros and others are
    /// shorter; one is of another shape.
    pub fn refused(&self) -> Vec<(String, &'static str)> {
        let doubtful = self.shapes.doubtful().into_iter().map(|id| {
            let what = match id.doubt {
                Doubt::Shape | Doubt::Sentence => SHAPE,
                Doubt::Numbered => NUMBERED,
            };
            (id.place.to_owned(), what)
        });
        let cut = self
            .digits
            .filter(|(least, most)| self.has_leading_zero && least != most && !self.is_typed);
        let cut = cut.map(|_| {
            let what = "some identities have leading zeros and others fewer digits: a spreadsheet may have taken zeros away: export it as text";
            ("subjects".to_owned(), what)
        });
        cut.into_iter().chain(doubtful).collect()
    }
}

/// Whether an identity looks like what it is.
///
/// **Errors**: what it looks like.
pub(super) fn check_form(id: &str) -> Result<(), &'static str> {
    match id.trim() != id || medveil_text::has_hidden(id) {
        true => Err(
            "an identity with blanks at its ends, or with characters that are not seen: export it as text",
        ),
        false => Ok(()),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `9.91E+15`, `1,2e10`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let signed = exponent.strip_prefix(['+', '-']);
    let mut parts = mantissa.split(['.', ',']);
    let whole = parts.next().is_some_and(is_digits);
    let fraction = parts.next();
    // Without a point or a sign it may be a code, such as `12E3`.
    let is_number = fraction.is_some_and(is_digits) || signed.is_some();
    whole && is_number && parts.next().is_none() && is_digits(signed.unwrap_or(exponent))
}

/// Beginnings of months in English, and in German where it differs.
const MONTHS: [&str; 14] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai",
    "okt",
];
/// What spreadsheets of other languages write, in whole.
const SHORT_MONTHS: [&str; 36] = [
    "mär", "märz", "mrz", "dez", "janv", "févr", "mars", "avr", "juin", "juil", "août", "déc",
    "ene", "abr", "ago", "sept", "dic", "gen", "mag", "giu", "lug", "set", "ott", "mrt", "mei",
    "maj", "fev", "out", "maio", "lut", "kwi", "cze", "lip", "sie", "paź", "gru",
];

/// What a spreadsheet shows in the place of a value: `#N/A`, `#REF!`, `####`.
fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && (text.ends_with(['!', '?', '#']) || matches!(text, "#N/A" | "#NV" | "#N/D" | "#N/B"))
}

/// `01.02.2024`, `2024-02-01`, `1-Mar`, `Mar-24`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    let is_month = |part: &str| {
        let part = part.to_lowercase();
        let part = part.trim_end_matches('.');
        SHORT_MONTHS.contains(&part)
            || MONTHS.iter().any(|month| part.starts_with(month))
                && part.len() <= 9
                && part.chars().all(char::is_alphabetic)
    };
    let digits = |part: &str, most: usize| is_digits(part) && part.len() <= most;
    match parts.as_slice() {
        [a, b, c] => {
            let day_first =
                digits(a, 2) && digits(b, 2) && (c.len() == 4 || c.len() == 2) && is_digits(c);
            let year_first = a.len() == 4
                && is_digits(a)
                && b.len() == 2
                && c.len() == 2
                && is_digits(b)
                && is_digits(c);
            day_first || year_first || (digits(a, 2) && is_month(b) && is_digits(c))
        }
        [a, b] => (digits(a, 2) && is_month(b)) || (is_month(a) && digits(b, 4)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_identities_that_a_spreadsheet_changed_are_refused() {
        for id in [
            "9.91214E+15",
            "9,91E15",
            "1E+10",
            "12345.0",
            "01.02.2024",
            "1/2/24",
            "2024-02-01",
            "1-Mar",
            "Mar-24",
            "2-Okt",
            "2-Mrz",
            "1-Dez",
            "2-févr",
            "2-ene",
            "#N/A",
            "#REF!",
            "########",
            " 12",
        ] {
            assert!(Ids::default().check(id).is_err(), "{id}");
        }
        for id in [
            "P1",
            "12",
            "0012",
            "12E3",
            "A-1-2",
            "1.2.840.113619",
            "abc-def",
            "p1.0",
            "#12",
            "12-Magen",
        ] {
            assert!(Ids::default().check(id).is_ok(), "{id}");
        }
    }

    #[test]
    fn b7_lost_leading_zeros_are_seen_in_the_others() {
        let all = |list: &[&str]| {
            let mut ids = Ids::default();
            list.iter().for_each(|id| {
                ids.check(id).unwrap();
            });
            ids.refused().is_empty()
        };
        assert!(!all(&["0012", "12"]));
        assert!(all(&["0012", "1234"]));
        assert!(all(&["1", "12", "123"]));
    }
}
