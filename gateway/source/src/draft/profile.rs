//! What the cells of one column are.

use super::dates::DateEvidence;
use super::numbers::NumberEvidence;
use crate::number;
use medveil_tables::{Scalar, TableColumn};
use std::collections::BTreeMap;

/// Most different texts that are kept.
const MOST_TEXTS: usize = 100;
/// Texts that people write for "no value".
const NULL_WORDS: [&str; 12] = [
    "NA", "N/A", "n/a", "na", "NULL", "null", "NaN", "nan", "-", ".", "?", "none",
];

/// A column's cells, counted.
#[derive(Default)]
pub(super) struct Profile {
    pub name: String,
    /// Cells with a value.
    pub n: u64,
    /// Without.
    pub nulls: u64,
    pub null_words: BTreeMap<String, u64>,
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
    /// Smallest and largest number, in thousandths.
    pub range: Option<(i64, i64)>,
    /// Whether each value came once so far.
    pub is_unique: bool,
    seen: std::collections::HashSet<u64>,
}

impl Profile {
    pub fn new(column: &TableColumn) -> Self {
        Profile {
            name: column.name.clone(),
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
                self.number.take(text);
                // A typed number has no thousands signs.
                if let Some((_, fraction)) = text.split_once('.') {
                    self.number.scale = self.number.scale.max(fraction.len().min(18) as u32);
                }
                self.in_range(text);
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
        if NULL_WORDS.contains(&plain) {
            *self.null_words.entry(plain.to_owned()).or_default() += 1;
            return;
        }
        (self.n, self.texts) = (self.n + 1, self.texts + 1);
        self.number.take(plain);
        self.date.take(plain);
        self.in_range(&plain.replace(',', "."));
        self.distinct(plain);
    }

    fn error(&mut self, word: &str) {
        match word {
            "" => self.n_errors += 1,
            word => *self.null_words.entry(word.to_owned()).or_default() += 1,
        }
    }

    fn in_range(&mut self, plain: &str) {
        let Some(number) = number::scaled(plain, 3) else {
            return;
        };
        let (low, high) = self.range.unwrap_or((number.value, number.value));
        self.range = Some((low.min(number.value), high.max(number.value)));
    }

    fn distinct(&mut self, text: &str) {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.is_unique &= self.seen.insert(hasher.finish());
        if let Some(distinct) = &mut self.distinct {
            *distinct.entry(text.to_owned()).or_default() += 1;
            if distinct.len() > MOST_TEXTS {
                self.distinct = None;
            }
        }
    }
}
