//! Pieces of SQL: as much of its grammar as it takes to find where a statement ends.

/// Whose quotes count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Knows `$tag$ ... $tag$`, `E'...\'...'` and comments within comments.
    Postgres,
    /// Knows `[name]` and `` `name` ``.
    Sqlite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Space,
    Comment,
    Semicolon,
    /// A word, a quoted text, or a sign.
    Other,
}

/// What `text` starts with, and how many bytes it takes. `text` is not empty.
///
/// **Errors**: a quote or a comment has no end.
pub(super) fn token(text: &str, dialect: Dialect) -> Result<(Token, usize), &'static str> {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    let postgres = dialect == Dialect::Postgres;
    let other = |length| Ok((Token::Other, length));
    match first {
        c if c.is_whitespace() => Ok((Token::Space, run(text, char::is_whitespace))),
        ';' => Ok((Token::Semicolon, 1)),
        '-' if text.starts_with("--") => Ok((Token::Comment, run(text, |c| c != '\n'))),
        '/' if text.starts_with("/*") => Ok((Token::Comment, comment(text, postgres)?)),
        '\'' | '"' => other(quoted(text, first, false)?),
        '`' if !postgres => other(quoted(text, '`', false)?),
        '[' if !postgres => match text.find(']') {
            Some(end) => other(end + 1),
            None => Err("a name in [ ] has no end"),
        },
        '$' if postgres => match tag(text) {
            Some(tag) => dollar(text, tag).and_then(other),
            None => other(1),
        },
        c if word_start(c) => {
            let length = run(text, |c| word_start(c) || c.is_ascii_digit() || c == '$');
            let rest = text.get(length..).unwrap_or_default();
            let escapes = text
                .get(..length)
                .is_some_and(|w| w.eq_ignore_ascii_case("e"));
            if postgres && escapes && rest.starts_with('\'') {
                return other(length + quoted(rest, '\'', true)?);
            }
            other(length)
        }
        c => other(c.len_utf8()),
    }
}

fn word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn run(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

/// Length of a text that starts with `quote`; the quote twice is one of the text.
fn quoted(text: &str, quote: char, escapes: bool) -> Result<usize, &'static str> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => chars.next(),
                _ => return Ok(at + c.len_utf8()),
            };
        }
    }
    Err("a quoted text or name has no end")
}

/// Length of a comment; with `nested`, comments within it count.
fn comment(text: &str, nested: bool) -> Result<usize, &'static str> {
    let (mut depth, mut at) = (0usize, 0usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") && (nested || depth == 0) {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Ok(at);
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Err("a comment /* has no end")
}

/// `$tag$` at the start.
fn tag(text: &str) -> Option<&str> {
    let inner = text.get(1..)?;
    let length = inner.find('$')?;
    let name = inner.get(..length)?;
    let usual = name.chars().all(|c| word_start(c) || c.is_ascii_digit());
    let numbered = name.starts_with(|c: char| c.is_ascii_digit());
    (usual && !numbered)
        .then(|| text.get(..length + 2))
        .flatten()
}

fn dollar(text: &str, tag: &str) -> Result<usize, &'static str> {
    let body = text.get(tag.len()..).unwrap_or_default();
    let end = body.find(tag).ok_or("a text in dollar quotes has no end")?;
    Ok(tag.len() + end + tag.len())
}
