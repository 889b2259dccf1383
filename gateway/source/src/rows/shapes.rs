//! Identities of another shape than all others: a row of totals, or a line below a table, in whatever
//! language, is words among numbers.
//!
//! A shape is what is left of an identity without its digits. Where few shapes are most of them, they
//! are a scheme, and what has words and another shape is told.

use super::words::Word;
use std::collections::{BTreeMap, BTreeSet};

/// Most shapes that are counted: more of them are no scheme.
const MOST_SHAPES: usize = 256;
/// Most different texts that are kept: more of them are a scheme.
const MOST_TEXTS: usize = 64;
/// So many others to one, from which on it is none of them.
const FEW: u64 = 3;
/// Rows to a shape of a scheme.
const ROWS_OF_A_SHAPE: u64 = 4;

/// Why a text may be nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A word for nobody with a number, where others are called otherwise.
    Numbered,
    /// Several words, where others have numbers.
    Sentence,
    /// Letters or signs of another shape than others have.
    Shape,
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

    fn all(&self, doubt: impl Fn(&str) -> Doubt) -> impl Iterator<Item = Doubtful<'_>> {
        let texts = self.0.iter().flatten();
        texts.map(move |(text, (rows, place))| Doubtful {
            text,
            rows: *rows,
            place,
            doubt: doubt(text),
        })
    }
}

/// The shapes of a source's identities. No `Debug`: they are somebody's.
#[derive(Default)]
pub(crate) struct Shapes {
    rows: u64,
    n_numbered: u64,
    /// Rows of each shape, while they are few.
    shapes: BTreeMap<String, u64>,
    numbered: Few,
    worded: Few,
}

impl Shapes {
    /// Takes an identity that is no word for nobody.
    pub fn take(&mut self, id: &str, word: Word, place: &dyn Fn() -> String) {
        self.rows += 1;
        if self.shapes.len() <= MOST_SHAPES {
            *self.shapes.entry(shape(id)).or_default() += 1;
        }
        if word == Word::Numbered {
            self.n_numbered += 1;
            self.numbered.take(id, place);
        } else if has_words(id) {
            self.worded.take(id, place);
        }
    }

    /// Those that may be nobody's.
    pub fn doubtful(&self) -> Vec<Doubtful<'_>> {
        let mut doubtful: Vec<Doubtful<'_>> = Vec::new();
        if self.n_numbered * FEW <= self.rows {
            doubtful.extend(self.numbered.all(|_| Doubt::Numbered));
        }
        let doubt = |text: &str| match text.contains(char::is_whitespace) {
            true => Doubt::Sentence,
            false => Doubt::Shape,
        };
        let is_rare = |text: &str| {
            let rows = self.shapes.get(&shape(text)).copied().unwrap_or(0);
            rows * FEW <= self.rows - rows
        };
        let worded: Vec<Doubtful<'_>> =
            self.worded.all(doubt).filter(|d| is_rare(d.text)).collect();
        if self.has_scheme_beside(&worded) {
            doubtful.extend(worded);
        }
        doubtful
    }

    /// Whether most rows have numbers of few shapes, but for these.
    fn has_scheme_beside(&self, worded: &[Doubtful<'_>]) -> bool {
        let n_rows = worded.iter().map(|d| d.rows).sum::<u64>() + self.n_numbered;
        let others = self.rows.saturating_sub(n_rows);
        let texts = worded.iter().map(|d| d.text);
        let numbered = self.numbered.all(|_| Doubt::Numbered).map(|d| d.text);
        let own: BTreeSet<String> = texts.chain(numbered).map(shape).collect();
        let shapes = || {
            self.shapes
                .iter()
                .filter(|(shape, _)| !own.contains(*shape))
        };
        let n = shapes().count() as u64;
        let of_numbers = shapes().filter(|(shape, _)| !is_letters(shape));
        self.shapes.len() <= MOST_SHAPES
            && n_rows * FEW <= others
            && (n <= 2 || n * ROWS_OF_A_SHAPE <= others)
            && of_numbers.map(|(_, rows)| rows).sum::<u64>() * 2 > others
    }
}

/// What is left without digits; where there are none, the text itself behind a mark.
fn shape(id: &str) -> String {
    match id.chars().any(char::is_numeric) {
        true => id.chars().filter(|c| !c.is_numeric()).collect(),
        false => format!("\u{1}{id}"),
    }
}

fn is_letters(shape: &str) -> bool {
    shape.starts_with('\u{1}')
}

/// Whether a text has a word, a letter or sign that numbers of people lack, or no digit at all.
fn has_words(id: &str) -> bool {
    let mut letters = 0;
    let mut has_run = false;
    for c in id.chars() {
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        has_run |= letters > 1;
    }
    let is_sign = |c: char| matches!(c, '(' | ')' | '%' | '=' | ':' | '<' | '>' | '±');
    let is_foreign = |c: char| is_sign(c) || (c.is_alphabetic() && !c.is_ascii());
    has_run || !id.chars().any(char::is_numeric) || id.chars().any(is_foreign)
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;

    fn doubtful(ids: &[&str]) -> Vec<String> {
        let mut shapes = Shapes::default();
        for (row, id) in ids.iter().enumerate() {
            shapes.take(id, words::of(id), &|| format!("row {row}"));
        }
        let all = shapes.doubtful().into_iter();
        all.map(|d| format!("{} {} {:?}", d.text, d.rows, d.doubt))
            .collect()
    }

    #[test]
    fn b7_words_among_numbers_are_none_of_them() {
        for (word, doubt) in [
            ("Zusammenfassung", "Shape"),
            ("\u{5408}\u{8a08}", "Shape"),
            ("SD", "Shape"),
            ("x", "Shape"),
            ("(40 rows affected)", "Sentence"),
            ("Stand: 01.01.2025", "Sentence"),
            ("Page 1 of 3", "Sentence"),
            ("\u{d8} 12,5", "Sentence"),
            ("95% CI", "Sentence"),
            ("Seite 1/3", "Sentence"),
            ("QC-1", "Shape"),
            ("Summe Station 1", "Numbered"),
            ("Haus 3 gesamt", "Numbered"),
        ] {
            let expected = [format!("{word} 1 {doubt}")];
            assert_eq!(doubtful(&["1", "2", "3", word]), expected, "{word}");
            let ids = ["P-001", word, "P-002", "P-7", "P-8", "P-11"];
            assert_eq!(doubtful(&ids), expected, "{word}");
        }
        let both = [
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "9",
            "unbekannt1",
            "Unbekannt 2",
            "Max",
        ];
        assert_eq!(doubtful(&both).len(), 3);
    }

    #[test]
    fn b7_where_all_are_called_so_nobody_is_doubtful() {
        for ids in [
            &["Ann", "Bob", "Cem"][..],
            &["test1", "test2", "test3"],
            &["Test 1", "Test 2", "Test 3"],
            &["1", "2", "Ann", "Bob"],
            &["1", "2", "3"],
            &["1", "2", "3", "A4"],
            &["p1", "p2", "p1", "p \"3\""],
            &["Ann1", "Bob2", "Cem3", "Dov4"],
            &["H1-001", "H2-001", "UK-001", "UK-002", "FR-003", "FR-009"],
        ] {
            assert_eq!(doubtful(ids), [""; 0], "{ids:?}");
        }
        // Drawn letters and digits: one without a digit is no other shape.
        for n in [9u32, 20, 60, 200] {
            let drawn = |n: u32| {
                let mixed = u64::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let letter = |k: u64| char::from_digit((mixed >> (5 * k)) as u32 % 32, 32);
                (0..6).filter_map(letter).collect::<String>()
            };
            let drawn: Vec<String> = (0..n).map(drawn).collect();
            let drawn: Vec<&str> = drawn.iter().map(String::as_str).collect();
            assert_eq!(doubtful(&drawn), [""; 0], "{n}");
        }
    }
}
