//! What a terminal makes of what a program printed.

use medveil_text::is_hidden;
use std::collections::BTreeSet;

/// What moves, hides, renames or reorders, in the forms that terminals know.
pub const HOSTILE: &str = "ev\u{1b}[2Jil\u{1b}]0;title\u{7}\u{1b}]8;;http://x\u{1b}\\\u{9b}31m\u{90}q\u{9c}\r\u{8}\u{85}\u{7f}\u{202e}lrt\u{2066}\u{200b}\u{feff}\u{a0}\u{2800}\u{3000}\u{2028}\u{e0041}\u{fe0f}\u{1b}[1Am\u{c}\u{b}\u{1b}c\tend";
/// What stays as it is: letters of several scripts, a mark, a joiner, an emoji.
pub const HARMLESS: &str = "Grüße می\u{200c}خواهم क्ष 葛飾 e\u{301} 👩\u{200d}⚕\u{fe0f}";
/// The same for names, where joiners are refused.
pub const PLAIN: &str = "Grüße क्ष 葛飾";

/// Everything in a text but visible characters and line ends, as it came: whole sequences of
/// control where they begin with an escape.
pub fn controls(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = text.replace(HARMLESS, "").replace("\r\n", "\n");
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\u{1b}' => sequence(rest),
            c => c.len_utf8(),
        };
        let (one, more) = rest.split_at(length);
        if c == '\u{1b}' || (is_hidden(c) && c != '\n') {
            found.insert(one.to_owned());
        }
        rest = more;
    }
    found
}

/// The length of an escape sequence: one with parameters up to its final byte, any other one by two
/// characters.
fn sequence(text: &str) -> usize {
    let ends = |(_, c): &(usize, char)| ('\u{40}'..='\u{7e}').contains(c);
    let end = match text.strip_prefix("\u{1b}[") {
        Some(parameters) => parameters.char_indices().find(ends).map(|(at, _)| at + 3),
        None => text.char_indices().nth(2).map(|(at, _)| at),
    };
    end.unwrap_or(text.len())
}

/// Colours that help has.
pub fn is_colour(one: &str) -> bool {
    ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[4m"].contains(&one)
}

/// What draws progress: back to the start of the line, up and down one, clear the line, hide and
/// show the cursor.
pub fn is_progress(one: &str) -> bool {
    let own = [
        "\r",
        "\u{1b}[2K",
        "\u{1b}[1A",
        "\u{1b}[1B",
        "\u{1b}[?25l",
        "\u{1b}[?25h",
    ];
    own.contains(&one)
}
