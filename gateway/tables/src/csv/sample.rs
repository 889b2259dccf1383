//! What the first lines of a file look like: whether its header stands further down, and whether its
//! rows end with a delimiter. It says which setting would mend a file, and never decides.

use super::settings::Trailing;
use super::split::{Dialect, Scan, Span, line_end, line_ends};

/// Records that are looked at.
const SAMPLE: usize = 100;
/// Most lines of as many fields as the table has that may stand before its header.
const MOST_TITLES: usize = 10;

/// A record as it looks.
struct Seen {
    line: u64,
    width: usize,
    /// Fields that are not blank.
    filled: usize,
    starts_filled: bool,
    /// Whether the first field has a digit.
    starts_with_number: bool,
    /// The last field is empty, without quotes.
    ends_empty: bool,
    /// Whether each field has a letter; none for a blank one.
    lettered: Vec<Option<bool>>,
}

/// Settings that would mend a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mending {
    pub skip_lines: Option<Skip>,
    /// A line below what would be the header that looks more like one: lines above it may be titles
    /// of as many fields. Nothing but the names tells.
    pub below: Option<Skip>,
    pub trailing: Option<Trailing>,
}

/// Lines before a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skip {
    pub lines: u64,
    /// Records that were seen below it with as many fields.
    pub records: usize,
    /// Names stand over other values, and all records below have as many fields.
    pub is_sure: bool,
}

impl Mending {
    /// What the first lines say; the first of them is the line `line`.
    pub(super) fn find(text: &[u8], (line, ended): (u64, bool), dialect: &Dialect) -> Mending {
        let seen = sample(text, (line, ended), dialect);
        let skip = skip(&seen);
        Mending {
            skip_lines: skip,
            below: below(&seen, skip),
            trailing: trailing(&seen).filter(|_| skip.is_none()),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        self.skip_lines.is_none() && self.trailing.is_none()
    }

    /// How much speaks for it: whether it is sure, and records.
    pub(super) fn weight(&self) -> (bool, usize) {
        match self.skip_lines {
            Some(skip) => (skip.is_sure, skip.records),
            None => (self.trailing.is_some(), SAMPLE),
        }
    }

    /// What to do, for the end of a message; empty where nothing is known.
    pub(super) fn advice(&self) -> String {
        let mut advice = String::new();
        for Skip { lines, .. } in self.skip_lines.into_iter().chain(self.below) {
            let (header, first) = (lines + 1, if advice.is_empty() { ":" } else { ";" });
            advice += &format!(
                "{first} if line {header} is the header, \"skip_lines\": \"{lines}\" leaves out the lines before it"
            );
        }
        if let Some(trailing) = self.trailing {
            let whose = match trailing {
                Trailing::Rows => "rows end with a delimiter that the header does not have",
                Trailing::All => "header and rows end with a delimiter",
            };
            let word = trailing.word();
            advice = format!(": the {whose}: \"trailing_delimiter\": \"{word}\" leaves it out");
        }
        advice
    }
}

fn sample(text: &[u8], (mut line, ended): (u64, bool), dialect: &Dialect) -> Vec<Seen> {
    let (mut seen, mut spans, mut rest) = (Vec::new(), Vec::new(), text);
    while seen.len() < SAMPLE && !rest.is_empty() {
        let len = match line_end(rest, ended) {
            Some(len) => len,
            None => match dialect.scan(rest, ended, &mut spans) {
                Scan::Record { len } => {
                    seen.push(Seen::new(line, rest, &spans));
                    len
                }
                Scan::More { .. } => break,
                // No record: one line of something else.
                Scan::Bad(_) => {
                    seen.push(Seen::new(line, rest, &[]));
                    match memchr::memchr2(b'\n', b'\r', rest) {
                        Some(at) => at,
                        None => break,
                    }
                }
            },
        };
        let (read, behind) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        line += line_ends(read);
        rest = behind;
    }
    seen
}

impl Seen {
    fn new(line: u64, text: &[u8], spans: &[Span]) -> Seen {
        let field = |span: &Span| text.get(span.start..span.end).unwrap_or_default();
        let is_filled = |span: &&Span| !field(span).trim_ascii().is_empty();
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte > 127;
        let has_letter = |span: &Span| is_filled(&span).then(|| field(span).iter().any(is_letter));
        Seen {
            line,
            width: spans.len(),
            filled: spans.iter().filter(is_filled).count(),
            starts_filled: spans.first().is_some_and(|span| is_filled(&span)),
            starts_with_number: spans
                .first()
                .is_some_and(|span| field(span).iter().any(u8::is_ascii_digit)),
            ends_empty: spans.last().is_some_and(|s| !s.quoted && s.start == s.end),
            lettered: spans.iter().map(has_letter).collect(),
        }
    }

    fn is_names(&self) -> bool {
        self.lettered
            .iter()
            .all(|has_letter| *has_letter == Some(true))
    }

    /// Whether it may stand over a table of so many columns: it has fewer fields, or empty ones at its
    /// end, as a spreadsheet fills lines up.
    fn is_before(&self, width: usize) -> bool {
        let is_filled_up = self.width == width && (self.starts_filled || self.filled == 0);
        self.width < width || (is_filled_up && self.ends_empty)
    }

    /// Whether it is no header that lacks a name or two.
    fn is_title(&self, width: usize) -> bool {
        match self.width < width {
            true => self.filled * 2 <= width,
            false => self.filled * 2 < width,
        }
    }
}

/// A header further down: the first record of the usual width, of names alone.
fn skip(seen: &[Seen]) -> Option<Skip> {
    let count = |width: usize| seen.iter().filter(|s| s.width == width).count();
    let widths = seen.iter().map(|s| s.width).filter(|width| *width > 1);
    let width = widths.max_by_key(|width| (count(*width), *width))?;
    let at = seen
        .iter()
        .position(|s| s.width == width && s.filled == width)?;
    let has_names = seen.get(at).is_some_and(Seen::is_names);
    let (before, header, rows) = (seen.get(..at)?, seen.get(at)?, seen.get(at + 1..)?);
    let fitting = rows.iter().filter(|row| row.width == width).count();
    let is_before = before.iter().all(|own| own.is_before(width));
    if before.is_empty() || !is_before || !has_names || fitting == 0 || fitting * 2 < rows.len() {
        return None;
    }
    let is_title = before.first().is_some_and(|own| own.is_title(width));
    Some(Skip {
        lines: header.line - 1,
        records: fitting,
        is_sure: is_title && fitting == rows.len() && has_values(rows, width),
    })
}

/// A line of names alone, over values that are none in some column, below a line that has as many
/// fields.
fn below(seen: &[Seen], skip: Option<Skip>) -> Option<Skip> {
    let top = match skip {
        None => 0,
        Some(skip) => seen.iter().position(|own| own.line > skip.lines)?,
    };
    let width = seen
        .get(top)
        .map(|own| own.width)
        .filter(|width| *width > 1)?;
    let is_over = |at: &usize| {
        let (Some(own), Some(rows)) = (seen.get(*at), seen.get(at + 1..)) else {
            return false;
        };
        let fits = own.width == width && own.is_names() && !own.starts_with_number;
        fits && !rows.is_empty()
            && rows.iter().all(|row| row.width == width)
            && has_values(rows, width)
    };
    let at = (top + 1..seen.len()).take(MOST_TITLES).find(is_over)?;
    Some(Skip {
        lines: seen.get(at)?.line - 1,
        records: seen.len() - at - 1,
        is_sure: false,
    })
}

/// Whether some column of the rows has values, and none with a letter.
fn has_values(rows: &[Seen], width: usize) -> bool {
    let column = |at| {
        let cells = rows.iter().map(move |row| row.lettered.get(at));
        cells.map(|cell| cell.copied().flatten())
    };
    (0..width)
        .any(|at| column(at).any(|own| own.is_some()) && column(at).all(|own| own != Some(true)))
}

/// A delimiter at the end of every row.
fn trailing(seen: &[Seen]) -> Option<Trailing> {
    let (header, rows) = seen.split_first()?;
    let all_end = !rows.is_empty() && rows.iter().all(|row| row.ends_empty);
    let is_over = |more: usize| rows.iter().all(|row| row.width == header.width + more);
    let full = |empty: usize| header.width > empty && header.filled + empty == header.width;
    match (header.ends_empty, all_end) {
        (false, true) if is_over(1) && full(0) => Some(Trailing::Rows),
        (true, true) if is_over(0) && full(1) => Some(Trailing::All),
        _ => None,
    }
}
