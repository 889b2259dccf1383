//! Text of others as a terminal or a log may have it: no character of it moves the cursor, is
//! unseen or reorders what stands there.
//!
//! Letters of all scripts stay, and so do combining marks on what carries them, joiners between
//! letters or emoji, and selectors of a variant behind what has variants. Everything else that is
//! not seen is shown as `\uXXXX`: control characters, formats and marks of direction, blanks other
//! than the common one, surrogates, private and unassigned code points.
//!
//! **Source**: general categories of the Unicode Character Database (UAX 44); marks in a row as in
//! the Stream-Safe Text Format (UAX 15, section 13).

use medveil_text::is_joiner;
use std::borrow::Cow;
use std::fmt::Write;
use unicode_properties::UnicodeGeneralCategory;
use unicode_properties::{GeneralCategory as Category, GeneralCategoryGroup as Group};

/// Most marks on one character.
const MARKS: usize = 30;

/// The text with what is unseen as `\uXXXX`: what JSON means by it, too. Line ends stay.
pub fn visible(line: &str) -> Cow<'_, str> {
    if line.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut before = Before::default();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match before.allows(c, chars.peek().copied()) {
            true => {
                out.push(c);
                before.then(c);
            }
            false => {
                escape(c, &mut out);
                before = Before::default();
            }
        }
    }
    Cow::Owned(out)
}

/// A line of JSON with everything unseen as an escape of JSON: it is read as the same value.
pub fn visible_json(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_unseen) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match is_unseen(c) {
            true => escape(c, &mut out),
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

/// In the units of JSON's escapes.
fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a text never fails.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Whether a character by itself is not seen.
fn is_unseen(c: char) -> bool {
    medveil_text::is_hidden(c)
        || match c.general_category() {
            Category::Format => !is_sign_before_a_number(c),
            Category::Control
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned => true,
            _ => false,
        }
}

/// Signs that enclose or precede digits: formats by category, and seen.
///
/// **Source**: property `Prepended_Concatenation_Mark` of the Unicode Character Database.
fn is_sign_before_a_number(c: char) -> bool {
    matches!(
        c,
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}'
    )
}

/// What a joiner may stand before: letters, their marks, emoji.
fn can_follow_joiner(c: char) -> bool {
    match c.general_category_group() {
        Group::Letter | Group::Mark => !is_unseen(c),
        Group::Symbol => !is_unseen(c) && !c.is_ascii(),
        _ => false,
    }
}

/// What a joiner may stand behind: the same, with their selectors.
fn can_be_joined(c: char) -> bool {
    can_follow_joiner(c) || is_selector(c)
}

fn is_selector(c: char) -> bool {
    matches!(
        c,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Whether a selector chooses a variant of this character: the look of an emoji, a form of a
/// Mongolian letter, of another letter without cases, or of a sign.
fn has_variant(c: char, selector: char, next: Option<char>) -> bool {
    match selector {
        '\u{fe0e}' | '\u{fe0f}' => {
            let is_key = is_key(c) && next == Some('\u{20e3}');
            let group = c.general_category_group();
            let is_sign = matches!(group, Group::Symbol | Group::Punctuation) || c == '\u{2139}';
            is_key || (is_sign && !c.is_ascii() && !is_unseen(c))
        }
        '\u{180b}'..='\u{180f}' => matches!(c, '\u{1820}'..='\u{18aa}'),
        _ => match c.general_category() {
            Category::OtherLetter | Category::MathSymbol => !c.is_ascii() && !is_unseen(c),
            _ => false,
        },
    }
}

/// What a mark of a key cap may enclose.
fn is_key(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

/// What stands before a character.
#[derive(Default)]
struct Before {
    last: Option<char>,
    /// Whether marks have something to stand on.
    is_base: bool,
    marks: usize,
}

impl Before {
    /// Whether a character stays as it is here.
    fn allows(&self, c: char, next: Option<char>) -> bool {
        if c == '\n' {
            return true;
        }
        if is_joiner(c) {
            let is_behind = self.is_base && self.last.is_some_and(can_be_joined);
            // Room for what it joins, so that no joiner is left alone.
            return is_behind && self.marks + 1 < MARKS && next.is_some_and(can_follow_joiner);
        }
        if is_selector(c) {
            return self.last.is_some_and(|last| has_variant(last, c, next));
        }
        if c.general_category_group() == Group::Mark {
            return !is_unseen(c) && self.is_base && self.marks < MARKS;
        }
        !is_unseen(c)
    }

    fn then(&mut self, c: char) {
        match c.general_category_group() {
            Group::Mark => self.marks += 1,
            _ if is_joiner(c) => self.marks += 1,
            group => {
                let carries = matches!(group, Group::Letter | Group::Number | Group::Symbol);
                let is_sign = group == Group::Punctuation && (!c.is_ascii() || is_key(c));
                self.is_base = !is_unseen(c) && (carries || is_sign);
                self.marks = 0;
            }
        }
        self.last = Some(c);
    }
}

#[cfg(test)]
mod tests;
