//! Fields and records out of text, strictly.
//!
//! Own code, because `csv` 1.4 and its `csv-core` read on where a quoted field goes on after its
//! closing quote or never closes: they give a value that the file does not have. They also cannot
//! tell an empty field from a quoted one.

use std::fmt;

/// Longest field in bytes.
pub(super) const MAX_FIELD: usize = 1 << 20;
/// Longest record in bytes.
pub(super) const MAX_RECORD: usize = 16 << 20;
/// Most columns of a table.
pub(super) const MAX_COLUMNS: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Delimiter,
    Quote,
    Lf,
    Cr,
}

/// What the bytes mean.
#[derive(Clone)]
pub(super) struct Dialect {
    classes: [Class; 256],
    quote: Option<u8>,
}

/// A field of a record, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// A quote stands doubled in it.
    pub doubled: bool,
}

/// What the front of some text is.
pub(super) enum Scan {
    /// A record with its line end.
    Record {
        len: usize,
    },
    /// The text ends within a record, so many bytes after the last field began.
    More {
        open: usize,
    },
    Bad(Bad),
}

/// Where a record ends that breaks the rules of quotes.
pub(super) enum Resume {
    /// The next line begins after so many bytes.
    After(usize),
    /// The text ends within the record.
    More,
    /// A field may go on in the next line.
    Unsure,
}

/// Why a text is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    QuoteInside,
    AfterQuote,
    OpenQuote,
    Columns,
    Field,
    Record,
}

impl Dialect {
    /// Every one of `delimiters` parts fields.
    pub(super) fn new(delimiters: &[u8], quote: Option<u8>) -> Dialect {
        let mut classes = [Class::Plain; 256];
        let mut set = |byte: u8, class| {
            if let Some(slot) = classes.get_mut(usize::from(byte)) {
                *slot = class;
            }
        };
        delimiters.iter().for_each(|b| set(*b, Class::Delimiter));
        quote.into_iter().for_each(|b| set(b, Class::Quote));
        set(b'\n', Class::Lf);
        set(b'\r', Class::Cr);
        Dialect { classes, quote }
    }

    /// A field with its doubled quotes single.
    pub(super) fn single(&self, field: &str) -> String {
        let mut single = String::with_capacity(field.len());
        let (mut rest, quote) = (field, char::from(self.quote.unwrap_or_default()));
        while let Some((before, after)) = rest.split_once(quote) {
            single.push_str(before);
            single.push(quote);
            rest = after.strip_prefix(quote).unwrap_or(after);
        }
        single.push_str(rest);
        single
    }

    fn class(&self, byte: u8) -> Class {
        self.classes[usize::from(byte)]
    }

    /// Reads one record from the front of `data`; `ended` if nothing follows it.
    pub(super) fn scan(&self, data: &[u8], ended: bool, spans: &mut Vec<Span>) -> Scan {
        spans.clear();
        let mut at = 0;
        loop {
            if spans.len() == MAX_COLUMNS {
                return Scan::Bad(Bad::Columns);
            }
            let (span, end) = match self.field(data, at, ended) {
                Ok(found) => found,
                Err(scan) => return scan,
            };
            if span.end - span.start > MAX_FIELD {
                return Scan::Bad(Bad::Field);
            }
            spans.push(span);
            let len = match data.get(end).map(|byte| self.class(*byte)) {
                Some(Class::Delimiter) => {
                    at = end + 1;
                    continue;
                }
                None => end,
                Some(Class::Lf) => end + 1,
                Some(Class::Cr) => match data.get(end + 1) {
                    None if !ended => return Scan::More { open: 0 },
                    Some(b'\n') => end + 2,
                    _ => end + 1,
                },
                Some(_) => return Scan::Bad(Bad::AfterQuote),
            };
            return match len > MAX_RECORD {
                true => Scan::Bad(Bad::Record),
                false => Scan::Record { len },
            };
        }
    }

    /// Where the next line begins after a record that breaks the rules of quotes. It is sure where
    /// each field is closed by a quote before a delimiter or an end, or has all its quotes in one
    /// line.
    pub(super) fn resume(&self, data: &[u8], ended: bool) -> Resume {
        let mut at = 0;
        loop {
            let end = match self.field(data, at, ended) {
                Ok((_, end)) if self.is_end(data, end) => end,
                Ok((span, after)) if line_ends(&data[span.start..span.end]) == 0 => {
                    match self.plain_end(data, after) {
                        Some((_, true)) => return Resume::Unsure,
                        Some((end, false)) => end,
                        None if ended => data.len(),
                        None => return Resume::More,
                    }
                }
                Err(Scan::Bad(Bad::QuoteInside)) => match self.plain_end(data, at) {
                    Some((end, _)) => end,
                    None if ended => data.len(),
                    None => return Resume::More,
                },
                Err(Scan::More { .. }) => return Resume::More,
                Ok(_) | Err(_) => return Resume::Unsure,
            };
            match data.get(end).map(|byte| self.class(*byte)) {
                Some(Class::Delimiter) => at = end + 1,
                None if !ended => return Resume::More,
                None => return Resume::After(end),
                Some(_) => {
                    let rest = data.get(end..).unwrap_or_default();
                    return line_end(rest, ended)
                        .map_or(Resume::More, |len| Resume::After(end + len));
                }
            }
        }
    }

    /// Whether a field may end here.
    fn is_end(&self, data: &[u8], at: usize) -> bool {
        let class = data.get(at).map(|byte| self.class(*byte));
        !matches!(class, Some(Class::Plain | Class::Quote))
    }

    /// The next delimiter or line end, and whether a quote stands before it.
    fn plain_end(&self, data: &[u8], start: usize) -> Option<(usize, bool)> {
        let rest = data.get(start..)?;
        let is_quote = |b: &u8| self.class(*b) == Class::Quote;
        let is_end = |b: &u8| !matches!(self.class(*b), Class::Plain | Class::Quote);
        let length = rest.iter().position(is_end)?;
        let has_quote = rest.get(..length)?.iter().any(is_quote);
        Some((start + length, has_quote))
    }

    /// One field, and where it ends with its quotes.
    fn field(&self, data: &[u8], start: usize, ended: bool) -> Result<(Span, usize), Scan> {
        let rest = data.get(start..).unwrap_or_default();
        if let (Some(quote), Some(first)) = (self.quote, rest.first())
            && quote == *first
        {
            return self.quoted(data, start + 1, quote, ended);
        }
        let length = rest.iter().position(|b| self.class(*b) != Class::Plain);
        let end = match length {
            None if !ended => return Err(Scan::More { open: rest.len() }),
            None => data.len(),
            Some(length) => start + length,
        };
        if data.get(end).map(|byte| self.class(*byte)) == Some(Class::Quote) {
            return Err(Scan::Bad(Bad::QuoteInside));
        }
        let span = Span {
            start,
            end,
            quoted: false,
            doubled: false,
        };
        Ok((span, end))
    }

    fn quoted(
        &self,
        data: &[u8],
        start: usize,
        quote: u8,
        ended: bool,
    ) -> Result<(Span, usize), Scan> {
        let (mut at, mut doubled) = (start, false);
        loop {
            let rest = data.get(at..).unwrap_or_default();
            let more = Scan::More {
                open: data.len().saturating_sub(start),
            };
            let Some(length) = memchr::memchr(quote, rest) else {
                return Err(if ended {
                    Scan::Bad(Bad::OpenQuote)
                } else {
                    more
                });
            };
            let end = at + length;
            match data.get(end + 1) {
                None if !ended => return Err(more),
                Some(next) if *next == quote => {
                    doubled = true;
                    at = end + 2;
                }
                _ => {
                    let span = Span {
                        start,
                        end,
                        quoted: true,
                        doubled,
                    };
                    return Ok((span, end + 1));
                }
            }
        }
    }
}

/// The length of a line end at the front; none if there is none, or its second byte may follow.
pub(super) fn line_end(data: &[u8], ended: bool) -> Option<usize> {
    match data {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        [b'\r'] if !ended => None,
        [b'\r', ..] => Some(1),
        _ => None,
    }
}

/// How many lines end in a text, as an editor counts them.
pub(super) fn line_ends(data: &[u8]) -> u64 {
    let ends = memchr::memchr2_iter(b'\n', b'\r', data);
    let second = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| data.get(before));
        data.get(*at) == Some(&b'\n') && before == Some(&b'\r')
    };
    ends.filter(|at| !second(at)).count() as u64
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bad::QuoteInside => f.write_str(
                "expected no quote within a field that does not begin with one: quote the whole \
                 field, or say quote none",
            ),
            Bad::AfterQuote => f.write_str(
                "expected a delimiter or the line's end after a closing quote: double a quote that \
                 is part of the value",
            ),
            Bad::OpenQuote => f.write_str("expected a closing quote before the end of the file"),
            Bad::Columns => write!(f, "expected at most {MAX_COLUMNS} fields"),
            Bad::Field => write!(
                f,
                "expected fields of at most {MAX_FIELD} bytes: is a quote left open?"
            ),
            Bad::Record => write!(
                f,
                "expected records of at most {MAX_RECORD} bytes: is a quote left open?"
            ),
        }
    }
}
