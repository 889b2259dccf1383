//! What stands before the header: a line that tells the delimiter, and lines that are no table.
//!
//! Source: `sep=;` in the first line is a convention of Excel, which hides that line. Where it tells
//! another delimiter than the file has, the setting `delimiter` says so.

use super::records::Window;
use super::settings::{CsvSettings, separates};
use super::split::line_end;
use super::{Fault, InputError};

/// Reads up to the line that may be the header; gives the delimiter that a line of the file tells.
///
/// **Errors**: that line tells the quote; fewer lines than are to be left out.
pub(super) fn skip(window: &mut Window, settings: &CsvSettings) -> Result<Option<u8>, Fault> {
    let quote = settings.quote_byte();
    let told = told(window.text(), window.ended(), quote);
    if let Some(byte) = told {
        let refuse = |what: &str| Err(Fault::last(1, InputError::Text(what.to_owned())));
        if quote == Some(byte) && settings.delimiter.is_none() {
            return refuse("expected a line sep= that tells another character than the quote");
        }
    }
    window.skip(settings.skip_lines.max(u64::from(told.is_some())))?;
    Ok(told)
}

/// The delimiter of a first line `sep=;` or `"sep=;"`.
fn told(text: &[u8], ended: bool, quote: Option<u8>) -> Option<u8> {
    let bare = quote.and_then(|quote| text.strip_prefix(&[quote]));
    let (is_quoted, rest) = (bare.is_some(), bare.unwrap_or(text));
    let (word, rest) = rest.split_at_checked(4)?;
    let (byte, mut rest) = rest.split_first()?;
    if is_quoted {
        rest = rest.strip_prefix(&[quote?])?;
    }
    let is_line = rest.is_empty() && ended || line_end(rest, ended).is_some() || rest == b"\r";
    (word.eq_ignore_ascii_case(b"sep=") && is_line && separates(*byte)).then_some(*byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b11_a_line_that_tells_the_delimiter_is_known() {
        let check = |text: &str, expected| {
            assert_eq!(
                told(text.as_bytes(), true, Some(b'"')),
                expected,
                "{text:?}"
            );
        };
        for end in ["\n", "\r\n", "\r", ""] {
            check(&format!("sep=;{end}"), Some(b';'));
            check(&format!("SEP=\t{end}"), Some(b'\t'));
            check(&format!("\"sep=,\"{end}"), Some(b','));
        }
        for text in [
            "",
            "sep=",
            "sep=;;",
            "sep=a\n",
            "sep=\n",
            "sep;=\n",
            "\"sep=;\n",
            " sep=;\n",
        ] {
            check(text, None);
        }
        assert_eq!(told(b"'sep=|'\n", false, Some(b'\'')), Some(b'|'));
        assert_eq!(told(b"sep=;", false, None), None, "more may come");
    }
}
