//! What the cells of one column are.

use super::dates::DateEvidence;
use super::numbers::{Lost, NumberEvidence};
use crate::number::is_form_of;
use crate::rows::nobody::is_suspect;
use crate::rows::shapes::{Doubt, Doubtful, Shapes};
use crate::rows::words::{self, Word};
use medveil_tables::{Scalar, TableColumn};
use medveil_text::has_hidden;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// Most different texts that are kept.
const MOST_TEXTS: usize = 100;
/// Longest code.
///
/// **Units**: bytes.
const MOST_CODE_BYTES: usize = 256;
/// Most different texts that are kept for nobody's number.
const MOST_NOBODY: usize = 20;
/// Texts that people write for "no value".
const NULL_WORDS: [&str; 12] = [
    "NA", "N/A", "n/a", "na", "NULL", "null", "NaN", "nan", "-", ".", "?", "none",
];

/// Whether a text is a word for nobody.
pub(super) fn is_nobodys(text: &str) -> bool {
    words::of(text) == Word::Nobodys
}

/// A column's cells, counted.
#[derive(Default)]
pub(super) struct Profile {
    pub name: String,
    /// Whether it may name the subject: then its texts are compared as identities, too.
    is_subject: bool,
    /// Cells with a value.
    pub n: u64,
    /// Without.
    pub nulls: u64,
    /// Texts that may mean "no value": see [`Profile::settle`].
    pub null_words: BTreeMap<String, u64>,
    /// Words of a subject's column that are nobody's number.
    nobody: BTreeMap<String, u64>,
    shapes: Shapes,
    /// Numbers that may be nobody's.
    pub suspects: BTreeMap<String, u64>,
    /// Words of cells that are no value, such as `#N/A`.
    pub error_words: BTreeMap<String, u64>,
    /// Cells that are no value, and have no word.
    pub n_errors: u64,
    /// Texts with blanks at their ends.
    pub blanks: u64,
    pub texts: u64,
    pub numbers: u64,
    pub bools: u64,
    pub dates: u64,
    pub number: NumberEvidence,
    pub date: DateEvidence,
    /// Different texts and how often, while there are few.
    pub distinct: Option<BTreeMap<String, u64>>,
    /// Smallest and largest number, by a decimal point and by a decimal comma.
    pub ranges: [Option<(f64, f64)>; 2],
    /// Texts that no code may be: with a line end, two blanks, hidden characters, or too long.
    pub n_awkward: u64,
    /// Texts with four digits in a row, as numbers of people and records have them.
    pub n_numbered: u64,
    /// Whether each value of a subject's column came once so far, of those that may be somebody's
    /// number for sure.
    pub is_unique: bool,
    seen: std::collections::HashSet<u64>,
}

impl Profile {
    pub fn new(column: &TableColumn, is_subject: bool) -> Self {
        Profile {
            name: column.name.clone(),
            is_subject,
            distinct: Some(BTreeMap::new()),
            is_unique: true,
            ..Profile::default()
        }
    }

    pub fn take(&mut self, cell: &Scalar) {
        match cell {
            Scalar::Null => self.nulls += 1,
            Scalar::Bool(value) => {
                (self.n, self.bools) = (self.n + 1, self.bools + 1);
                self.distinct(if *value { "true" } else { "false" });
            }
            Scalar::Number(text) => {
                (self.n, self.numbers) = (self.n + 1, self.numbers + 1);
                if self.is_subject {
                    self.shapes.take(text, words::of(text), &String::new);
                }
                self.number.take(text);
                // A typed number has no thousands signs.
                if let Some((_, fraction)) = text.split_once('.') {
                    self.number.scale = self.number.scale.max(fraction.len().min(18) as u32);
                }
                self.typed_range(text);
                self.distinct(text);
            }
            Scalar::Date(text) | Scalar::Time(text) => {
                (self.n, self.dates) = (self.n + 1, self.dates + 1);
                self.date.take(text);
                self.distinct(text);
            }
            Scalar::Text(text) => self.text(text),
            Scalar::Error(error) => self.error(error.word),
        }
    }

    fn text(&mut self, text: &str) {
        let plain = text.trim();
        if plain.is_empty() {
            self.nulls += 1;
            return;
        }
        self.blanks += u64::from(plain.len() != text.len());
        if self.is_subject {
            self.identity(plain);
        }
        if NULL_WORDS.contains(&plain) {
            *self.null_words.entry(plain.to_owned()).or_default() += 1;
            return;
        }
        (self.n, self.texts) = (self.n + 1, self.texts + 1);
        self.number.take(plain);
        self.date.take(plain);
        self.in_range(plain);
        let is_awkward = plain.contains("  ")
            || plain.contains('`')
            || plain.len() > MOST_CODE_BYTES
            || has_hidden(plain);
        self.n_awkward += u64::from(is_awkward);
        let mut runs = plain.split(|c: char| !c.is_ascii_digit());
        self.n_numbered += u64::from(runs.any(|run| run.len() >= 4));
        self.distinct(&plain.nfc().collect::<String>());
    }

    /// A text in the place of an identity.
    fn identity(&mut self, text: &str) {
        let (word, is_known) = (words::of(text), self.nobody.contains_key(text));
        if word != Word::Nobodys {
            self.shapes.take(text, word, &String::new);
        } else if !text.contains(';') && (is_known || self.nobody.len() < MOST_NOBODY) {
            *self.nobody.entry(text.to_owned()).or_default() += 1;
        }
    }

    fn error(&mut self, word: &str) {
        match word {
            "" => self.n_errors += 1,
            word => *self.error_words.entry(word.to_owned()).or_default() += 1,
        }
    }

    fn typed_range(&mut self, text: &str) {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else { return };
        for range in &mut self.ranges {
            let (low, high) = range.unwrap_or((number, number));
            *range = Some((low.min(number), high.max(number)));
        }
    }

    /// Widens the ranges. Bounds are round, so that floating point does.
    fn in_range(&mut self, text: &str) {
        let text = text.strip_suffix('%').unwrap_or(text).trim_end();
        let text = text.replace(|c| is_form_of('\'', c) || is_form_of(' ', c), "");
        let by_point = text.replace(',', "");
        let by_comma = text.replace('.', "").replace(',', ".");
        for (range, plain) in self.ranges.iter_mut().zip([by_point, by_comma]) {
            let number = plain
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite());
            if let Some(number) = number {
                let (low, high) = range.unwrap_or((number, number));
                *range = Some((low.min(number), high.max(number)));
            }
        }
    }

    /// Texts that are nobody's number, and how often: words for nobody, and what is of another shape
    /// than all others. Those with a digit and without a blank may be somebody's: they come second.
    pub fn nobody(&self) -> [BTreeMap<&str, u64>; 2] {
        let is_open =
            |d: &Doubtful<'_>| d.doubt == Doubt::Shape && d.text.contains(|c: char| c.is_numeric());
        let doubtful = self.shapes.doubtful().into_iter();
        let doubtful = doubtful.filter(|d| !d.text.contains(';'));
        let (open, sure): (Vec<_>, Vec<_>) = doubtful.partition(is_open);
        let words = self.nobody.iter().map(|(text, n)| (text.as_str(), *n));
        let sure = sure.iter().map(|d| (d.text, d.rows));
        [
            words.chain(sure).collect(),
            open.iter().map(|d| (d.text, d.rows)).collect(),
        ]
    }

    /// What its texts would lose as numbers, where most of them could be some.
    pub fn lost_as_numbers(&self) -> Option<Lost> {
        let lost = self.number.lost_as_numbers().filter(|_| self.texts > 0)?;
        (self.number.other * 2 < self.n).then_some(lost)
    }

    /// Whether nearly all values are numbers, and none looks like a code.
    pub fn is_number(&self) -> bool {
        let is_code = self.texts > 0 && self.number.lost_as_numbers().is_some();
        self.n > 0 && self.dates + self.bools == 0 && self.number.other * 5 < self.n && !is_code
    }

    /// Whether most values are numbers, or bounds of such.
    pub fn has_bounds(&self) -> bool {
        let (numbers, bounds) = (self.n - self.number.other.min(self.n), self.number.bounds);
        self.dates + self.bools == 0
            && bounds > 0
            && numbers > bounds
            && numbers + bounds + bounds >= self.n
    }

    /// Whether all values are dates.
    pub fn is_date(&self) -> bool {
        let has_dates = self.dates > 0 || (self.texts > 0 && self.date.other == 0);
        self.n > 0 && has_dates && self.numbers + self.bools == 0 && self.date.other == 0
    }

    /// Words that mean "no value" among numbers and dates, of which there is no other reading.
    pub fn sure_nulls(&self) -> impl Iterator<Item = &str> {
        let is_sure = self.texts == 0 || self.is_number() || self.is_date();
        let words = self
            .null_words
            .keys()
            .filter(move |_| is_sure && self.n > 0);
        words.map(String::as_str)
    }

    /// Once all cells were taken: `-` and `none` mean "no value" among numbers and dates, and where
    /// another column of the table says so of them; elsewhere they are texts like others.
    pub fn settle(&mut self, sure: &BTreeSet<String>) {
        if self.texts == 0 || self.is_number() || self.is_date() {
            return;
        }
        for (word, n) in std::mem::take(&mut self.null_words) {
            if sure.contains(&word) {
                self.null_words.insert(word, n);
                continue;
            }
            (self.n, self.texts) = (self.n + n, self.texts + n);
            self.add(word, n);
        }
    }

    fn distinct(&mut self, text: &str) {
        if self.is_subject {
            self.unique(text);
        }
        self.add(text.to_owned(), 1);
    }

    fn unique(&mut self, text: &str) {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let is_first = self.seen.insert(hasher.finish());
        if is_suspect(text) {
            *self.suspects.entry(text.to_owned()).or_default() += 1;
        } else if !is_nobodys(text) {
            self.is_unique &= is_first;
        }
    }

    fn add(&mut self, text: String, n: u64) {
        if let Some(distinct) = &mut self.distinct {
            *distinct.entry(text).or_default() += n;
            if distinct.len() > MOST_TEXTS {
                self.distinct = None;
            }
        }
    }
}
