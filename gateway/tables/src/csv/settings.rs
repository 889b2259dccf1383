//! What a person may say about a CSV file: delimiter, encoding, quote.

use crate::error::TableError;
use encoding_rs::Encoding;

/// The words for delimiters, in the order in which they are named to a person.
pub(super) const DELIMITERS: [(&str, u8); 4] = [
    ("comma", b','),
    ("semicolon", b';'),
    ("tab", b'\t'),
    ("pipe", b'|'),
];

/// What sets fields apart that hold delimiters or line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    Byte(u8),
    /// No byte is a quote: every one of them is text.
    None,
}

/// What a person says about a CSV file. What is not said is found in the file, or it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvSettings {
    /// One ASCII byte; none: by evidence.
    pub delimiter: Option<u8>,
    /// A WHATWG label, as `windows-1252`; none: the byte order mark, else UTF-8. `latin1` means
    /// windows-1252 there, which differs in 0x80 to 0x9f only.
    pub encoding: Option<String>,
    /// None: the double quote `"`.
    pub quote: Option<Quote>,
    /// Whether rows that are not of the file's form are left out and told, and do not end it.
    pub gather: bool,
}

impl CsvSettings {
    /// The settings from words: `delimiter` is `comma`, `semicolon`, `tab`, `pipe` or one ASCII
    /// character; `quote` is `double`, `single`, `none` or one ASCII character; `encoding` a label.
    ///
    /// **Errors**: [`TableError::Settings`] with everything that does not fit.
    pub fn from_words<'a>(
        words: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<CsvSettings, TableError> {
        let (mut settings, mut wrong) = (CsvSettings::default(), Vec::new());
        let mut seen = Vec::new();
        for (key, word) in words {
            if seen.contains(&key) {
                wrong.push(format!("{key}: expected once"));
            }
            seen.push(key);
            match key {
                "delimiter" => match delimiter(word) {
                    Some(byte) => settings.delimiter = Some(byte),
                    None => wrong.push(WRONG_DELIMITER.to_owned()),
                },
                "quote" => match quote(word) {
                    Some(quote) => settings.quote = Some(quote),
                    None => wrong.push(WRONG_QUOTE.to_owned()),
                },
                "encoding" => settings.encoding = Some(word.to_owned()),
                _ => wrong.push(format!(
                    "{key}: expected delimiter, encoding or quote for a csv file"
                )),
            }
        }
        wrong.extend(settings.wrong());
        match wrong.is_empty() {
            true => Ok(settings),
            false => Err(TableError::Settings(wrong)),
        }
    }

    /// The byte that quotes fields.
    pub(super) fn quote_byte(&self) -> Option<u8> {
        match self.quote {
            None => Some(b'"'),
            Some(Quote::Byte(byte)) => Some(byte),
            Some(Quote::None) => None,
        }
    }

    /// **Errors**: [`TableError::Settings`] with everything that does not fit.
    pub(super) fn check(&self) -> Result<(), TableError> {
        let wrong = self.wrong();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(TableError::Settings(wrong)),
        }
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.delimiter.is_some_and(|byte| !separates(byte)) {
            wrong.push(WRONG_DELIMITER.to_owned());
        }
        if matches!(self.quote, Some(Quote::Byte(byte)) if !separates(byte)) {
            wrong.push(WRONG_QUOTE.to_owned());
        }
        if self.delimiter.is_some() && self.delimiter == self.quote_byte() {
            wrong.push("delimiter, quote: expected two characters".to_owned());
        }
        let label = self.encoding.as_deref();
        if label.is_some_and(|label| encoding(label).is_none()) {
            wrong.push(
                "encoding: expected a label such as utf-8, latin1, windows-1252, iso-8859-15 or \
                 utf-16le"
                    .to_owned(),
            );
        }
        wrong
    }
}

const WRONG_DELIMITER: &str = "delimiter: expected comma, semicolon, tab, pipe, or one ASCII \
                               character that is no letter, digit or line end";
const WRONG_QUOTE: &str = "quote: expected double, single, none, or one ASCII character that is \
                           no letter, digit or line end";

/// A byte that can stand between values.
fn separates(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'\r' | b'\n' | 0)
}

fn delimiter(word: &str) -> Option<u8> {
    let named = DELIMITERS.iter().find(|(name, _)| *name == word);
    named.map(|(_, byte)| *byte).or_else(|| one(word))
}

fn quote(word: &str) -> Option<Quote> {
    match word {
        "none" => Some(Quote::None),
        "double" => Some(Quote::Byte(b'"')),
        "single" => Some(Quote::Byte(b'\'')),
        _ => one(word).map(Quote::Byte),
    }
}

fn one(word: &str) -> Option<u8> {
    match word.as_bytes() {
        [byte] if separates(*byte) => Some(*byte),
        _ => None,
    }
}

/// The encoding of a label. The one that replaces everything is none.
pub(super) fn encoding(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}
