//! Identities of another shape than all others: a row of totals in whatever language is a word among
//! numbers.

use super::words::{self, Word};
use std::collections::{BTreeMap, BTreeSet};

/// Most shapes of numbers that one scheme of them has.
const MOST_SHAPES: usize = 16;
/// Most different texts that are kept: more of them are a scheme.
const MOST_TEXTS: usize = 64;
/// Numbers to a word, from which on the word is none of them.
const FEW: u64 = 3;

/// Why a text may be nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A word for nobody with a number, where others are called otherwise.
    Numbered,
    /// Letters alone, where others have numbers.
    Letters,
}

/// A text that may be nobody's.
pub(crate) struct Doubtful<'a> {
    pub text: &'a str,
    pub rows: u64,
    /// Where it stands first.
    pub place: &'a str,
    pub doubt: Doubt,
}

/// How often each of few texts came, and where first; none once they are many.
struct Few(Option<BTreeMap<String, (u64, String)>>);

impl Default for Few {
    fn default() -> Self {
        Few(Some(BTreeMap::new()))
    }
}

impl Few {
    fn take(&mut self, text: &str, place: &dyn Fn() -> String) {
        let Some(texts) = &mut self.0 else { return };
        if let Some((rows, _)) = texts.get_mut(text) {
            *rows += 1;
        } else if texts.len() < MOST_TEXTS {
            texts.insert(text.to_owned(), (1, place()));
        } else {
            self.0 = None;
        }
    }

    fn all(&self, doubt: Doubt) -> impl Iterator<Item = Doubtful<'_>> {
        let texts = self.0.iter().flatten();
        texts.map(move |(text, (rows, place))| Doubtful {
            text,
            rows: *rows,
            place,
            doubt,
        })
    }
}

/// The shapes of a source's identities. No `Debug`: they are somebody's.
#[derive(Default)]
pub(crate) struct Shapes {
    rows: u64,
    n_numbered: u64,
    n_letters: u64,
    /// What is left of numbers without their digits, while it is little.
    shapes: BTreeSet<String>,
    numbered: Few,
    letters: Few,
}

impl Shapes {
    /// Takes an identity that is no word for nobody.
    pub fn take(&mut self, id: &str, place: &dyn Fn() -> String) {
        self.rows += 1;
        if !id.chars().any(char::is_numeric) {
            self.n_letters += 1;
            self.letters.take(id, place);
            return;
        }
        if words::of(id) == Word::Numbered {
            self.n_numbered += 1;
            self.numbered.take(id, place);
        }
        if self.shapes.len() <= MOST_SHAPES {
            self.shapes
                .insert(id.chars().filter(|c| !c.is_numeric()).collect());
        }
    }

    /// Those that may be nobody's, in their order.
    pub fn doubtful(&self) -> impl Iterator<Item = Doubtful<'_>> {
        let with_numbers = self.rows - self.n_letters;
        let has_scheme = self.shapes.len() <= MOST_SHAPES;
        let letters = has_scheme && self.n_letters * FEW <= with_numbers;
        let numbered = self.n_numbered * FEW <= self.rows;
        let letters = self.letters.all(Doubt::Letters).filter(move |_| letters);
        letters.chain(self.numbered.all(Doubt::Numbered).filter(move |_| numbered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubtful(ids: &[&str]) -> Vec<(String, u64, Doubt)> {
        let mut shapes = Shapes::default();
        for (row, id) in ids.iter().enumerate() {
            shapes.take(id, &|| format!("row {row}"));
        }
        let all = shapes.doubtful();
        all.map(|d| (d.text.to_owned(), d.rows, d.doubt)).collect()
    }

    #[test]
    fn b7_a_word_among_numbers_is_none_of_them() {
        for word in [
            "Zusammenfassung",
            "\u{5408}\u{8a08}",
            "Yhteens\u{e4}",
            "SD",
            "x",
        ] {
            let expected = vec![(word.to_owned(), 1, Doubt::Letters)];
            assert_eq!(doubtful(&["1", "2", "3", word]), expected, "{word}");
            assert_eq!(
                doubtful(&["P-001", word, "P-002", "Q-7", "Q-8"]),
                expected,
                "{word}"
            );
        }
        let both = doubtful(&[
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "unbekannt1",
            "Unbekannt 2",
            "Max",
        ]);
        assert_eq!(both.len(), 3);
        assert_eq!(both[0], ("Max".to_owned(), 1, Doubt::Letters));
        assert_eq!(both[1], ("Unbekannt 2".to_owned(), 1, Doubt::Numbered));
    }

    #[test]
    fn b7_where_all_are_called_so_nobody_is_doubtful() {
        for ids in [
            &["Ann", "Bob", "Cem"][..],
            &["test1", "test2", "test3"],
            &["1", "2", "Ann", "Bob"],
            &["1", "2", "3"],
            &["Ann1", "Bob2", "Cem3", "Dov4"],
        ] {
            assert_eq!(doubtful(ids), [], "{ids:?}");
        }
        // Drawn letters and digits: one without a digit is no other shape.
        let drawn: Vec<String> = (0..200u32)
            .map(|n| {
                let mixed = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                (0..6)
                    .map(|k| char::from_digit((mixed >> (5 * k)) as u32 % 32, 32).unwrap_or('0'))
                    .collect()
            })
            .collect();
        let drawn: Vec<&str> = drawn.iter().map(String::as_str).collect();
        assert_eq!(doubtful(&drawn), []);
    }
}
