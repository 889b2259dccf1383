//! The words and signs of the language, before the SQL parser sees them.

use super::{CONDITIONS, MAX_BYTES, MAX_DEPTH, MAX_TOKENS, shorten};
use crate::query::QueryError;
use crate::schema::Schema;
use sqlparser::dialect::AnsiDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace, Word};

/// The words and signs of a text, if the language has them all.
pub(super) fn tokens(text: &str, schema: &Schema) -> Result<Vec<Token>, QueryError> {
    let too_long = |what, most, got| Err(QueryError::TooLong { what, most, got });
    if text.len() > MAX_BYTES {
        return too_long("bytes", MAX_BYTES, text.len());
    }
    let dialect = AnsiDialect {};
    let all = Tokenizer::new(&dialect, text)
        .tokenize()
        .map_err(|e| QueryError::Syntax(e.to_string()))?;
    let space = |token: &Token| {
        matches!(
            token,
            Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
        )
    };
    let all: Vec<Token> = all.into_iter().filter(|token| !space(token)).collect();
    match all.len() {
        0 => {
            return Err(QueryError::Syntax(
                "expected a condition, got an empty text".to_owned(),
            ));
        }
        got if got > MAX_TOKENS => return too_long("words and signs", MAX_TOKENS, got),
        _ => {}
    }
    let mut depth = 0usize;
    let mut tokens = Vec::with_capacity(all.len());
    for (i, token) in all.iter().enumerate() {
        let next = all.get(i + 1);
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Comma | Token::Minus => {}
            Token::Eq | Token::Neq | Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => {}
            Token::Word(word) => {
                tokens.push(Token::Word(known_word(word, next, schema)?));
                continue;
            }
            other => {
                return Err(QueryError::Unsupported {
                    expected: CONDITIONS,
                    got: shorten(&other.to_string()),
                });
            }
        }
        if depth > MAX_DEPTH {
            return Err(QueryError::TooDeep);
        }
        tokens.push(token.clone());
    }
    Ok(tokens)
}

/// A word of the language as it is, the name of a column as a quoted name, so that the parser takes
/// no column for one of its many other words.
fn known_word(word: &Word, next: Option<&Token>, schema: &Schema) -> Result<Word, QueryError> {
    use Keyword::{AND, BETWEEN, DATE, FALSE, IN, IS, NOT, NULL, OR, TRUE};
    let plain = word.quote_style.is_none();
    let date = word.keyword == DATE && matches!(next, Some(Token::SingleQuotedString(_)));
    if plain && ([AND, BETWEEN, FALSE, IN, IS, NOT, NULL, OR, TRUE].contains(&word.keyword) || date)
    {
        return Ok(word.clone());
    }
    let column = schema
        .columns()
        .iter()
        .find(|c| c.name.eq_ignore_ascii_case(&word.value));
    let column = column.ok_or_else(|| QueryError::Column(shorten(&word.value)))?;
    match next {
        Some(Token::LParen) => Err(QueryError::Unsupported {
            expected: CONDITIONS,
            got: format!("{} (", column.name),
        }),
        _ => Ok(Word {
            value: column.name.clone(),
            quote_style: Some('"'),
            keyword: Keyword::NoKeyword,
        }),
    }
}
