//! Lines of the log and of errors: whatever a peer or a library put into them, a terminal shows it
//! and obeys none of it, and one line stays one.
//!
//! Stricter than what people are shown elsewhere: everything that Rust's own `Debug` escapes is
//! escaped, except for quotes, backslashes and marks on letters.

use std::io::{Result, Stderr, Write, stderr};
use tracing_subscriber::fmt::MakeWriter;

/// The text in one line, with what is unseen as `\u{...}`.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match is_seen(c) {
            true => line.push(c),
            false => line.extend(c.escape_unicode()),
        }
    }
    line
}

fn is_seen(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // Behind a letter, so that a mark has something to stand on.
    let mut behind = String::from("a");
    behind.push(c);
    behind.escape_debug().eq(behind.chars())
}

/// Standard error, for lines that are shown.
#[derive(Clone, Copy)]
pub struct LogLines;

impl MakeWriter<'_> for LogLines {
    type Writer = LogLine;

    fn make_writer(&self) -> LogLine {
        LogLine(stderr())
    }
}

/// One event of the log, which is written as a whole.
pub struct LogLine(Stderr);

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = one_line(text.strip_suffix('\n').unwrap_or(&text));
        self.0.write_all(format!("{line}\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests;
