//! The words of an expression.

use super::PathError;
use crate::decimal::Decimal;
use crate::temporal::Temporal;

/// One word. Texts have their escapes resolved.
#[derive(Clone)]
pub(crate) enum Token {
    Name(String),
    /// A name between backticks: never a keyword.
    Quoted(String),
    Text(String),
    Number(Decimal),
    Temporal(Temporal),
    /// `%name`.
    Constant(String),
    /// `$name`.
    Dollar(String),
    Symbol(&'static str),
}

/// Longest first where one starts another.
const SYMBOLS: &[&str] = &[
    "!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "|", "&",
    "=", "~", "<", ">",
];

/// Reads a text from left to right; `at` is a byte offset on a character's border.
struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// All words of a text, each with the byte where it starts.
pub(crate) fn words(text: &str) -> Result<Vec<(Token, usize)>, PathError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let at = lexer.at;
        match lexer.word()? {
            Some(token) => found.push((token, at)),
            None => return Ok(found),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn run(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    fn skip_blanks(&mut self) -> Result<(), PathError> {
        loop {
            self.run(char::is_whitespace);
            let at = self.at;
            if self.rest().starts_with("//") {
                self.run(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                let end = self.rest().find("*/").ok_or(PathError::Open { at })?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> Result<Option<Token>, PathError> {
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '\'' => Token::Text(self.quoted('\'')?),
            '`' => Token::Quoted(self.quoted('`')?),
            '@' => self.temporal()?,
            '%' => self.constant()?,
            '$' => {
                self.at += 1;
                Token::Dollar(self.run(is_name).to_owned())
            }
            c if c.is_ascii_digit() => self.number()?,
            c if is_name(c) => Token::Name(self.run(is_name).to_owned()),
            _ => {
                let found = SYMBOLS.iter().find(|s| self.rest().starts_with(**s));
                let symbol = found.ok_or(PathError::Character { at: self.at })?;
                self.at += symbol.len();
                Token::Symbol(symbol)
            }
        };
        Ok(Some(token))
    }

    fn constant(&mut self) -> Result<Token, PathError> {
        let at = self.at;
        self.at += 1;
        let name = match self.rest().chars().next() {
            Some(mark @ ('`' | '\'')) => self.quoted(mark)?,
            _ => self.run(is_name).to_owned(),
        };
        if name.is_empty() {
            return Err(PathError::Character { at });
        }
        Ok(Token::Constant(name))
    }

    fn number(&mut self) -> Result<Token, PathError> {
        let at = self.at;
        self.run(|c| c.is_ascii_digit());
        // A point belongs to the number only in front of a digit: `1.toString()` is a call.
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.run(|c| c.is_ascii_digit());
        }
        let text = self.text.get(at..self.at).unwrap_or("");
        let number = Decimal::parse(text).ok_or(PathError::Literal { at })?;
        Ok(Token::Number(number))
    }

    fn temporal(&mut self) -> Result<Token, PathError> {
        let at = self.at;
        self.at += 1;
        let time = self.rest().starts_with('T');
        self.at += usize::from(time);
        let mark = self.at;
        let signs: &[char] = if time {
            &[':']
        } else {
            &[':', '-', '+', 'T', 'Z']
        };
        loop {
            self.run(|c| c.is_ascii_digit() || signs.contains(&c));
            // A fraction of a second, but not the call behind the literal.
            let mut after = self.rest().chars();
            let fraction =
                after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit());
            if !fraction {
                break;
            }
            self.at += 1;
        }
        let text = self.text.get(mark..self.at).unwrap_or("");
        let read = if time {
            Temporal::parse_time(text)
        } else {
            Temporal::parse(text)
        };
        read.map(Token::Temporal).ok_or(PathError::Literal { at })
    }

    fn quoted(&mut self, mark: char) -> Result<String, PathError> {
        let at = self.at;
        self.at += mark.len_utf8();
        let mut text = String::new();
        loop {
            text.push_str(self.run(|c| c != mark && c != '\\'));
            let next = self.rest().chars().next().ok_or(PathError::Open { at })?;
            self.at += next.len_utf8();
            if next == mark {
                return Ok(text);
            }
            text.push(self.escape().ok_or(PathError::Escape { at })?);
        }
    }

    /// What a backslash and the characters behind it mean.
    fn escape(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(match next {
            '\'' | '"' | '`' | '\\' | '/' => next,
            'r' => '\r',
            'n' => '\n',
            't' => '\t',
            'f' => '\u{c}',
            'u' => {
                let code = self.rest().get(..4)?;
                self.at += 4;
                if !code.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return None;
                }
                char::from_u32(u32::from_str_radix(code, 16).ok()?)?
            }
            _ => return None,
        })
    }
}
