//! What a person may say about a CSV file: delimiter, encoding, quote, and what is not the table.

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

/// Which lines end with a delimiter behind which no field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Every row, and not the header.
    Rows,
    /// The header too.
    All,
}

impl Trailing {
    const ALL: [Trailing; 2] = [Trailing::Rows, Trailing::All];

    pub(super) fn word(self) -> &'static str {
        match self {
            Trailing::Rows => "rows",
            Trailing::All => "all",
        }
    }
}

/// What a person says about a CSV file. What is not said is found in the file, or it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvSettings {
    /// One ASCII byte; none: by a first line `sep=;`, or by evidence.
    pub delimiter: Option<u8>,
    /// A WHATWG label, as `windows-1252`; none: the byte order mark, else UTF-8. `latin1` means
    /// windows-1252 there, which differs in 0x80 to 0x9f only.
    pub encoding: Option<String>,
    /// None: the double quote `"`.
    pub quote: Option<Quote>,
    /// Lines before the header that are no table, as an editor counts them.
    pub skip_lines: u64,
    pub trailing: Option<Trailing>,
    /// Whether rows that are not of the file's form are left out and told, and do not end it.
    pub gather: bool,
}

impl CsvSettings {
    /// The settings from words: `delimiter` is `comma`, `semicolon`, `tab`, `pipe` or one ASCII
    /// character; `quote` is `double`, `single`, `none` or one ASCII character; `encoding` a label;
    /// `skip_lines` a number; `trailing_delimiter` is `rows` or `all`.
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
                "skip_lines" => match word.parse() {
                    Ok(lines) if lines <= MOST_LINES => settings.skip_lines = lines,
                    _ => wrong.push(WRONG_LINES.to_owned()),
                },
                "trailing_delimiter" => {
                    let found = Trailing::ALL.into_iter().find(|own| own.word() == word);
                    match found {
                        Some(_) => settings.trailing = found,
                        None => wrong.push(WRONG_TRAILING.to_owned()),
                    }
                }
                _ => wrong.push(format!(
                    "{key}: expected delimiter, encoding, quote, skip_lines or trailing_delimiter for \
                     a csv file"
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

/// Most lines before a header.
const MOST_LINES: u64 = 1_000_000;
const WRONG_LINES: &str = "skip_lines: expected how many lines stand before the header, such as 3";
const WRONG_TRAILING: &str = "trailing_delimiter: expected rows, where every row ends with a \
                              delimiter and the header does not, or all, where both do";

/// A byte that can stand between values.
pub(super) fn separates(byte: u8) -> bool {
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
