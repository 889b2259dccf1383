//! Which delimiter a file has, by its first records.

use super::settings::DELIMITERS;
use super::split::{Dialect, Scan, line_end};

/// Records that are looked at.
const SAMPLE: usize = 100;

/// What one delimiter makes of the sample.
struct Tried {
    word: &'static str,
    byte: u8,
    header: usize,
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
/// Where `gather` is set, records may differ from the header: the only delimiter that it has is the
/// one.
pub(super) fn delimiters(
    text: &[u8],
    ended: bool,
    quote: Option<u8>,
    gather: bool,
) -> Result<Option<Vec<u8>>, String> {
    let all: Vec<u8> = DELIMITERS.iter().map(|(_, byte)| *byte).collect();
    let tried: Vec<Tried> = DELIMITERS
        .iter()
        .filter(|(_, byte)| quote != Some(*byte))
        .map(|(word, byte)| attempt(text, ended, word, *byte, quote))
        .collect();
    let unread = |t: &Tried| t.header == 0 && !t.broken;
    if !ended && !text.is_empty() && tried.iter().any(unread) {
        return Ok(None);
    }
    let fits = |t: &&Tried| t.header > 1 && t.differs.is_none();
    let mut found: Vec<&Tried> = tried.iter().filter(fits).filter(|t| !t.broken).collect();
    if found.is_empty() {
        // The file itself may be broken: reading on tells where.
        found = tried.iter().filter(fits).collect();
    }
    let parting: Vec<&Tried> = tried.iter().filter(|t| t.header > 1).collect();
    if let (true, [], [only]) = (gather, found.as_slice(), parting.as_slice()) {
        return Ok(Some(vec![only.byte]));
    }
    match found.as_slice() {
        [one] => Ok(Some(vec![one.byte])),
        [] if tried.iter().all(|t| t.header <= 1 && t.differs.is_none()) => Ok(Some(all)),
        [] => Err(none(&tried)),
        several => Err(format!(
            "expected one delimiter that parts all records alike, got {}: say which in the setting \
             delimiter",
            words(several.iter().map(|t| t.word.to_owned()))
        )),
    }
}

fn attempt(text: &[u8], ended: bool, word: &'static str, byte: u8, quote: Option<u8>) -> Tried {
    let (dialect, mut spans) = (Dialect::new(&[byte], quote), Vec::new());
    let mut tried = Tried {
        word,
        byte,
        header: 0,
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
                    match number {
                        1 => tried.header = spans.len(),
                        _ if spans.len() != tried.header => tried.differs = Some(number),
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

fn none(tried: &[Tried]) -> String {
    let seen = tried.iter().filter(|t| t.differs.is_some());
    let seen = words(seen.map(|t| match t.differs {
        Some(at) => format!(
            "{} (record {at} has another number than the header)",
            t.word
        ),
        None => t.word.to_owned(),
    }));
    format!(
        "expected a delimiter that gives every record as many fields as the header, got {seen}: \
         say which in the setting delimiter, or mend the record"
    )
}

fn words(list: impl Iterator<Item = String>) -> String {
    list.collect::<Vec<_>>().join(", ")
}
