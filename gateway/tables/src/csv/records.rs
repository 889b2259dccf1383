//! The records of a file, one at a time, in a window that moves over its text.

use super::input::{Input, InputError};
use super::split::{Bad, Dialect, MAX_FIELD, MAX_RECORD, Resume, Scan, Span, line_end, line_ends};
use std::borrow::Cow;

const WINDOW: usize = 1 << 18;

/// A fault, and the line that it stands in.
pub(super) struct Fault {
    pub row: u64,
    pub why: InputError,
    /// Whether the next record is sure, and comes next.
    pub goes_on: bool,
}

impl Fault {
    /// One that ends the file.
    pub(super) fn last(row: u64, why: InputError) -> Fault {
        Fault {
            row,
            why,
            goes_on: false,
        }
    }
}

/// A part of a file's text: at most one record of the longest length, and a little more.
pub(super) struct Window {
    input: Input,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    failed: Option<InputError>,
    /// The line that the text begins with.
    line: u64,
}

impl Window {
    /// The front of the text. Faults are told when they are reached.
    pub(super) fn new(input: Input) -> Window {
        let mut window = Window {
            input,
            buffer: vec![0; WINDOW],
            start: 0,
            end: 0,
            ended: false,
            failed: None,
            line: 1,
        };
        window.read();
        window
    }

    pub(super) fn text(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Leaves out lines, whatever stands in them.
    ///
    /// **Errors**: fewer lines than that, or a longer one than a record may be.
    pub(super) fn skip(&mut self, lines: u64) -> Result<(), Fault> {
        while self.line <= lines {
            let text = self.text();
            let end = memchr::memchr2(b'\n', b'\r', text);
            let len = end.and_then(|at| Some(at + line_end(text.get(at..)?, self.ended)?));
            match len {
                Some(len) => {
                    self.start += len;
                    self.line += 1;
                }
                None if self.ended => {
                    let what = format!("expected more lines than the {lines} of skip_lines");
                    return Err(Fault::last(self.line, InputError::Text(what)));
                }
                None if text.len() > MAX_RECORD => return Err(fault(self.line, Bad::Record)),
                None => self.more(self.line)?,
            }
        }
        Ok(())
    }

    /// Why the text ends before the header does.
    pub(super) fn short(&mut self) -> Fault {
        let row = self.line + line_ends(self.text());
        let long = InputError::Text(format!(
            "expected a header of less than {} bytes: say the delimiter in the setting delimiter",
            self.text().len()
        ));
        match self.failed.take() {
            Some(why) => Fault::last(row, why),
            None => Fault::last(self.line, long),
        }
    }

    fn read(&mut self) {
        while !self.ended && self.failed.is_none() {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            // The decoder wants room for some characters.
            if room.len() < 1024 {
                return;
            }
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(e) => self.failed = Some(e),
            }
        }
    }

    /// Reads on; `line` is that of the window's start.
    fn more(&mut self, line: u64) -> Result<(), Fault> {
        if let Some(why) = self.failed.take() {
            let row = line + line_ends(self.text());
            return Err(Fault::last(row, why));
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.buffer.len() - self.end < self.buffer.len() / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        self.read();
        Ok(())
    }
}

/// The records of a file.
pub(super) struct Records {
    window: Window,
    dialect: Dialect,
    line: u64,
    spans: Vec<Span>,
    /// Where the record stands in the window, and its length.
    at: usize,
    len: usize,
}

/// Where a record stands.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub row: u64,
    /// The last blank line before it.
    pub blank: Option<u64>,
}

impl Records {
    /// Why the text ends early, where it is known already.
    pub(super) fn failure(&mut self) -> Option<Fault> {
        let is_short = self.window.failed.is_some();
        is_short.then(|| self.window.short())
    }

    pub(super) fn new(window: Window, dialect: Dialect) -> Records {
        Records {
            line: window.line(),
            window,
            dialect,
            spans: Vec::new(),
            at: 0,
            len: 0,
        }
    }

    /// The fault of a record with a byte that is not of the encoding, where such bytes are gathered:
    /// a zero stands for it.
    fn undecoded(&self, row: u64) -> Option<Fault> {
        let record = self.window.buffer.get(self.at..self.at + self.len)?;
        let is_undecoded = self.window.input.gathers() && memchr::memchr(0, record).is_some();
        is_undecoded.then(|| Fault {
            row,
            why: self.window.input.malformed(),
            goes_on: true,
        })
    }

    /// A record that breaks the rules of quotes, left out where it is sure where the next begins.
    fn broken(&mut self, row: u64, bad: Bad) -> Fault {
        let mut fault = fault(row, bad);
        let is_quote = matches!(bad, Bad::QuoteInside | Bad::AfterQuote);
        while is_quote && self.window.input.gathers() {
            let (text, ended) = (self.window.text(), self.window.ended());
            match self.dialect.resume(text, ended) {
                Resume::After(len) => {
                    self.line += line_ends(text.get(..len).unwrap_or_default());
                    self.window.start += len;
                    fault.goes_on = true;
                    break;
                }
                Resume::More if text.len() <= MAX_RECORD => {
                    if self.window.more(row).is_err() {
                        break;
                    }
                }
                Resume::More | Resume::Unsure => break,
            }
        }
        fault
    }

    /// Moves to the next record; none at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Row>, Fault> {
        let blank = self.skip_blank()?;
        let row = self.line;
        loop {
            let (text, ended) = (self.window.text(), self.window.ended());
            if text.is_empty() && ended {
                return Ok(None);
            }
            match self.dialect.scan(text, ended, &mut self.spans) {
                Scan::Record { len } => {
                    let quoted = self.spans.iter().any(|span| span.quoted);
                    self.line += match quoted {
                        true => line_ends(text.get(..len).unwrap_or_default()),
                        false => 1,
                    };
                    (self.at, self.len) = (self.window.start, len);
                    self.window.start += len;
                    return match self.undecoded(row) {
                        Some(fault) => Err(fault),
                        None => Ok(Some(Row { row, blank })),
                    };
                }
                Scan::More { open } if open > MAX_FIELD => return Err(fault(row, Bad::Field)),
                Scan::More { .. } if text.len() > MAX_RECORD => {
                    return Err(fault(row, Bad::Record));
                }
                Scan::More { .. } => self.window.more(row)?,
                Scan::Bad(bad) => return Err(self.broken(row, bad)),
            }
        }
    }

    fn skip_blank(&mut self) -> Result<Option<u64>, Fault> {
        let mut blank = None;
        loop {
            let (text, ended) = (self.window.text(), self.window.ended());
            if let Some(len) = line_end(text, ended) {
                self.window.start += len;
                blank = Some(self.line);
                self.line += 1;
            } else if text.len() < 2 && !ended {
                self.window.more(self.line)?;
            } else {
                return Ok(blank);
            }
        }
    }

    /// Whether the last field is empty, without quotes.
    pub(super) fn ends_empty(&self) -> bool {
        let last = self.spans.last();
        last.is_some_and(|span| !span.quoted && span.start == span.end)
    }

    /// The fields of the record: none for an empty one without quotes.
    pub(super) fn fields(&self) -> impl ExactSizeIterator<Item = Option<Cow<'_, str>>> {
        let bytes = self.window.buffer.get(self.at..self.at + self.len);
        // Decoded text is UTF-8, and it is cut at ASCII bytes.
        let text = std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default();
        self.spans.iter().map(move |span| {
            let field = text.get(span.start..span.end).unwrap_or_default();
            match span {
                Span { doubled: true, .. } => Some(Cow::Owned(self.dialect.single(field))),
                Span { quoted: false, .. } if field.is_empty() => None,
                _ => Some(Cow::Borrowed(field)),
            }
        })
    }
}

fn fault(row: u64, bad: Bad) -> Fault {
    Fault::last(row, InputError::Text(bad.to_string()))
}
