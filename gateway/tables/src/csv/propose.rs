//! Settings that a file is sure to need, with what was seen of it.

use super::sample::{Mending, Skip};
use super::split::Dialect;
use super::{CsvSettings, CsvTable, Trailing, evidence, front};
use crate::error::TableError;
use std::path::Path;

/// A setting of a file that reads its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvProposal {
    /// As [`CsvSettings::from_words`] reads it.
    pub word: &'static str,
    pub value: String,
    /// What was seen. Never a value.
    pub evidence: String,
    /// Whether the file would be refused without it; else somebody who knows it says.
    pub is_sure: bool,
}

/// Proposes settings for a plain file that is not read by those that are given, or whose header may
/// stand further down: a name that `is_usual` decides that. The first hundred records are looked at;
/// what all others are, reading tells.
///
/// **Errors**: it cannot be read at all.
pub fn propose(
    path: &Path,
    (settings, limit_bytes): (&CsvSettings, u64),
    is_usual: &dyn Fn(&str) -> bool,
) -> Result<Vec<CsvProposal>, TableError> {
    if settings.trailing.is_some() {
        return Ok(Vec::new());
    }
    let (file, _) = super::open_plain(path)?;
    let (window, told) = front(path, file, settings, limit_bytes)?;
    let known = match settings.delimiter.or(told) {
        Some(byte) => Some(vec![byte]),
        None => evidence::delimiters(&window, settings).ok().flatten(),
    };
    let mending = match known {
        Some(bytes) => {
            let dialect = Dialect::new(&bytes, settings.quote_byte());
            Mending::find(window.text(), (window.line(), window.ended()), &dialect)
        }
        None => evidence::mending(&window, settings).map_or_else(Mending::default, |(_, own)| own),
    };
    match below(path, (settings, limit_bytes), mending, is_usual) {
        Some(below) => Ok(vec![skip(below)]),
        None => mended(path, (settings, limit_bytes), mending),
    }
}

/// A header further down, below lines of as many fields: sure by a name that is usual, and asked where
/// no line has one.
fn below(
    path: &Path,
    (settings, limit_bytes): (&CsvSettings, u64),
    mending: Mending,
    is_usual: &dyn Fn(&str) -> bool,
) -> Option<Skip> {
    let below = mending.below.filter(|_| settings.skip_lines == 0)?;
    let has_usual = |skip_lines| {
        let settings = CsvSettings {
            skip_lines,
            ..settings.clone()
        };
        let opened = CsvTable::open(path, &settings, limit_bytes);
        opened.is_ok_and(|table| table.columns.iter().any(|own| is_usual(&own.name)))
    };
    let above = mending.skip_lines.map_or(0, |skip| skip.lines);
    match (has_usual(below.lines), has_usual(above)) {
        (true, false) => Some(Skip {
            is_sure: true,
            ..below
        }),
        (false, false) => Some(below).filter(|_| mending.skip_lines.is_none()),
        _ => None,
    }
}

/// The settings without which the file is refused.
fn mended(
    path: &Path,
    (settings, limit_bytes): (&CsvSettings, u64),
    mending: Mending,
) -> Result<Vec<CsvProposal>, TableError> {
    let mut proposals = Vec::new();
    let is_sure = |skip: &Skip| skip.is_sure && settings.skip_lines == 0;
    proposals.extend(mending.skip_lines.filter(is_sure).map(skip));
    proposals.extend(mending.trailing.map(trailing));
    let words = proposals.iter().map(|own| (own.word, own.value.as_str()));
    let more = CsvSettings::from_words(words)?;
    let mended = CsvSettings {
        skip_lines: match settings.skip_lines {
            0 => more.skip_lines,
            own => own,
        },
        trailing: more.trailing,
        ..settings.clone()
    };
    // What does not open the file mends nothing.
    match proposals.is_empty() || CsvTable::open(path, &mended, limit_bytes).is_err() {
        true => Ok(Vec::new()),
        false => Ok(proposals),
    }
}

fn skip(
    Skip {
        lines,
        records,
        is_sure,
    }: Skip,
) -> CsvProposal {
    let before = match lines {
        1 => "the line before it is".to_owned(),
        lines => format!("the {lines} lines before it are"),
    };
    CsvProposal {
        word: "skip_lines",
        value: lines.to_string(),
        is_sure,
        evidence: format!(
            "line {} {} the names, with as many fields as the {records} records looked at below it; \
             {before} no table",
            lines + 1,
            if is_sure { "has" } else { "may have" }
        ),
    }
}

fn trailing(trailing: Trailing) -> CsvProposal {
    let whose = match trailing {
        Trailing::Rows => {
            "every row that was looked at ends with a delimiter, and the header does not"
        }
        Trailing::All => "the header and every row that was looked at end with a delimiter",
    };
    CsvProposal {
        word: "trailing_delimiter",
        value: trailing.word().to_owned(),
        is_sure: true,
        evidence: format!("{whose}: nothing is behind it"),
    }
}
