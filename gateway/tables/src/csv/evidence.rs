//! Which delimiter a file has, by its first records.

use super::records::Window;
use super::sample::Mending;
use super::settings::{CsvSettings, DELIMITERS, Trailing};
use super::split::{Dialect, Scan, line_end};

/// Records that are looked at.
const SAMPLE: usize = 100;

/// What one delimiter makes of the sample.
struct Tried {
    word: &'static str,
    byte: u8,
    header: usize,
    has_rows: bool,
    /// The first record with another number of fields, counted from the header as 1.
    differs: Option<usize>,
    /// A record breaks the rules of quotes.
    broken: bool,
}

/// The delimiters of a file: one by evidence, or all of them for one column that holds none.
/// `None` where the text ends before the header does.
///
/// **Errors**: none or several fit; what to do.
///
/// Where faults are gathered, records may differ from the header: the only delimiter that it has is
/// the one, unless another has a header further down.
pub(super) fn delimiters(
    window: &Window,
    settings: &CsvSettings,
) -> Result<Option<Vec<u8>>, String> {
    let (text, ended, quote) = (window.text(), window.ended(), settings.quote_byte());
    let more = usize::from(settings.trailing == Some(Trailing::Rows));
    let all: Vec<u8> = DELIMITERS.iter().map(|(_, byte)| *byte).collect();
    let tried: Vec<Tried> = DELIMITERS
        .iter()
        .filter(|(_, byte)| quote != Some(*byte))
        .map(|(word, byte)| attempt((text, ended), (word, *byte), quote, more))
        .collect();
    let unread = |t: &Tried| t.header == 0 && !t.broken;
    if !ended && !text.is_empty() && tried.iter().any(unread) {
        return Ok(None);
    }
    let parts = |t: &Tried| t.header > 1 || (more > 0 && t.has_rows);
    let fits = |t: &&Tried| parts(t) && t.differs.is_none();
    let mut found: Vec<&Tried> = tried.iter().filter(fits).filter(|t| !t.broken).collect();
    if found.is_empty() {
        // The file itself may be broken: reading on tells where.
        found = tried.iter().filter(fits).collect();
    }
    let parting: Vec<&Tried> = tried.iter().filter(|t| t.header > 1).collect();
    let mending = || mending(window, settings);
    if let (true, [], [only]) = (settings.gather, found.as_slice(), parting.as_slice())
        && mending().is_none_or(|(byte, _)| byte == only.byte)
    {
        return Ok(Some(vec![only.byte]));
    }
    match found.as_slice() {
        [one] => Ok(Some(vec![one.byte])),
        [] if tried.iter().all(|t| t.header <= 1 && t.differs.is_none()) => Ok(Some(all)),
        [] => Err(none(&tried, mending().map(|(_, mending)| mending))),
        several => Err(format!(
            "expected one delimiter that parts all records alike, got {}: say which in the setting \
             delimiter",
            words(several.iter().map(|t| t.word.to_owned()))
        )),
    }
}

/// The delimiter that a setting names, or a line of the file tells.
///
/// **Errors**: they differ, or the file has another; what to do.
pub(super) fn chosen(
    window: &Window,
    settings: &CsvSettings,
    told: Option<u8>,
) -> Result<Option<u8>, &'static str> {
    let (text, quote) = ((window.text(), window.ended()), settings.quote_byte());
    let parts = |byte| attempt(text, ("", byte), quote, 0).header > 1;
    let is_another = |byte: &u8| *byte != told.unwrap_or_default() && parts(*byte);
    let others = DELIMITERS.iter().map(|(_, byte)| byte);
    match (settings.delimiter, told) {
        (Some(named), Some(told)) if named != told && parts(told) => Err(
            "expected the delimiter that the setting delimiter names, got a line sep= that tells \
             another, and a header with that: leave out the setting",
        ),
        (None, Some(told)) if !parts(told) && others.filter(|own| is_another(own)).count() == 1 => {
            Err(
                "expected a header with the delimiter that the line sep= tells, got one with another: \
                 the setting delimiter says which it is",
            )
        }
        (named, told) => Ok(named.or(told)),
    }
}

/// What would mend a file of which no delimiter fits, where one of them says it better than all
/// others: a comma within numbers parts some records too.
pub(super) fn mending(window: &Window, settings: &CsvSettings) -> Option<(u8, Mending)> {
    let quote = settings.quote_byte();
    let own = |(_, byte): &(&str, u8)| {
        let dialect = Dialect::new(&[*byte], quote);
        let at = (window.line(), window.ended());
        let mending = Mending::find(window.text(), at, &dialect);
        (!mending.is_none()).then_some((*byte, mending))
    };
    let others = DELIMITERS.iter().filter(|(_, byte)| quote != Some(*byte));
    let mut found: Vec<(u8, Mending)> = others.filter_map(own).collect();
    found.sort_by_key(|(_, mending)| std::cmp::Reverse(mending.weight()));
    match found.as_slice() {
        [(_, best), (_, next), ..] if best.weight() == next.weight() => None,
        _ => found.first().copied(),
    }
}

/// What a delimiter makes of the sample, where rows have `more` fields than the header.
fn attempt(
    (text, ended): (&[u8], bool),
    (word, byte): (&'static str, u8),
    quote: Option<u8>,
    more: usize,
) -> Tried {
    let (dialect, mut spans) = (Dialect::new(&[byte], quote), Vec::new());
    let mut tried = Tried {
        word,
        byte,
        header: 0,
        has_rows: false,
        differs: None,
        broken: false,
    };
    let (mut rest, mut number) = (text, 0);
    while number < SAMPLE && !rest.is_empty() && tried.differs.is_none() {
        let len = match line_end(rest, ended) {
            Some(len) => len,
            None => match dialect.scan(rest, ended, &mut spans) {
                Scan::Record { len } => {
                    number += 1;
                    tried.has_rows = number > 1;
                    match number {
                        1 => tried.header = spans.len(),
                        _ if spans.len() != tried.header + more => tried.differs = Some(number),
                        _ => {}
                    }
                    len
                }
                Scan::More { .. } => break,
                Scan::Bad(_) => {
                    tried.broken = true;
                    break;
                }
            },
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    tried
}

fn none(tried: &[Tried], mending: Option<Mending>) -> String {
    let seen = tried.iter().filter(|t| t.differs.is_some());
    let seen = words(seen.map(|t| match t.differs {
        Some(at) => format!(
            "{} (record {at} has another number than the header)",
            t.word
        ),
        None => t.word.to_owned(),
    }));
    let advice = mending.map_or_else(String::new, |mending| mending.advice());
    format!(
        "expected a delimiter that gives every record as many fields as the header, got {seen}{}",
        match advice.is_empty() {
            true => ": say which in the setting delimiter, or mend the record",
            false => &advice,
        }
    )
}

fn words(list: impl Iterator<Item = String>) -> String {
    list.collect::<Vec<_>>().join(", ")
}
