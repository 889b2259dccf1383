//! Text of others on a terminal: nothing of it moves the cursor, hides or reorders what
//! stands there.

use medveil_circuits::text;
use std::borrow::Cow;
use std::fmt::Write;

/// The text with control characters, and those that hide or reorder text, as `\uXXXX`: what JSON
/// means by it, too. Line ends stay.
pub fn visible(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_hidden) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match is_hidden(c) {
            // In the units of JSON's escapes. Writing to a text never fails.
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text as one line: a line end inside it is shown, too.
pub fn one_line(line: &str) -> Cow<'_, str> {
    match line.contains('\n') {
        true => Cow::Owned(line.replace('\n', "\\u000a")),
        false => Cow::Borrowed(line),
    }
}

/// The text with every line but the first set in: no part of a message looks like another one.
pub fn indented(text: &str) -> String {
    visible(text).replace('\n', "\n  | ")
}

fn is_hidden(c: char) -> bool {
    c != '\n' && text::is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m6_what_moves_hides_or_reorders_is_shown_as_its_number() {
        assert_eq!(visible("Grüße, 患者\nTRUE"), "Grüße, 患者\nTRUE");
        assert_eq!(
            visible("a\u{1b}[2Kb\rc\u{9b}"),
            "a\\u001b[2Kb\\u000dc\\u009b"
        );
        assert_eq!(visible("\u{202e}no\u{200b}t"), "\\u202eno\\u200bt");
        assert_eq!(one_line("x\n1: affiliation"), "x\\u000a1: affiliation");
        assert_eq!(indented("a\nb\u{202e}"), "a\n  | b\\u202e");
        let json = visible("{\"a\":\"\u{202e}\u{7f}\"}").into_owned();
        assert_eq!(visible("\u{e0041}"), "\\udb40\\udc41");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["a"], "\u{202e}\u{7f}");
    }
}
