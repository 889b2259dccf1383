//! From text to a condition without negations: bounds, SQL, columns, NOT moved inwards.
//!
//! Tokens come from a short list before the SQL parser sees them, so a query has no functions,
//! casts, comments or sub-queries; depth and length are bounded, so neither stack nor memory
//! depends on who wrote the text.

use super::constant::{self, Literal};
use super::program::{GateOp, Op};
use super::{QueryError, Schema};
use crate::schema::{Column, ColumnType};
use sqlparser::ast::{
    BinaryOperator, DataType, Expr, InTarget, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::dialect::AnsiDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace, Word};

/// Longest query. **Units**: bytes of UTF-8.
pub const MAX_BYTES: usize = 2_000;
/// Most words, numbers and signs.
pub const MAX_TOKENS: usize = 256;
/// Deepest nesting of brackets and NOTs.
pub const MAX_DEPTH: usize = 24;

/// The conditions of the language, in words.
const CONDITIONS: &str =
    "comparisons of a column with a constant, BETWEEN, IN, IS [NOT] NULL, a flag, AND, OR, NOT";

/// A condition with NOT moved inwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// True or false, whatever the row.
    Constant(bool),
    /// A comparison of a schema column.
    Atom {
        /// Index of the column.
        column: usize,
        /// What is asked.
        op: Op,
        /// With what.
        constant: u32,
    },
    /// AND or OR.
    Join(GateOp, Box<Condition>, Box<Condition>),
}

/// Reads a query.
pub(super) fn condition(text: &str, schema: &Schema) -> Result<Condition, QueryError> {
    let tokens = tokens(text, schema)?;
    let dialect = AnsiDialect {};
    // A bracket or a NOT takes two steps of the parser's own limit at most.
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(2 * MAX_DEPTH + 2)
        .with_tokens(tokens);
    let expr = parser.parse_expr().map_err(|e| match e {
        ParserError::RecursionLimitExceeded => QueryError::TooDeep,
        ParserError::TokenizerError(what) | ParserError::ParserError(what) => {
            QueryError::Syntax(what)
        }
    })?;
    let rest = parser.peek_token_ref();
    if rest.token != Token::EOF {
        return Err(QueryError::Unsupported {
            expected: "the end of the query",
            got: rest.token.to_string(),
        });
    }
    Reader { schema }.condition(&expr, false)
}

/// The words and signs of a text, if the language has them all.
fn tokens(text: &str, schema: &Schema) -> Result<Vec<Token>, QueryError> {
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

/// The beginning of what is quoted in an error.
fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

struct Reader<'a> {
    schema: &'a Schema,
}

impl<'a> Reader<'a> {
    /// A condition, or its negation.
    fn condition(&self, expr: &Expr, negate: bool) -> Result<Condition, QueryError> {
        match expr {
            Expr::Nested(inner) => self.condition(inner, negate),
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => self.condition(expr, !negate),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => self.join(GateOp::And, left, right, negate),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Or,
                right,
            } => self.join(GateOp::Or, left, right, negate),
            Expr::BinaryOp { left, op, right } => self.comparison(left, op, right, negate),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => {
                let (column, negate) = (self.column(expr)?, negate != *negated);
                let (low, high) = (
                    atom(column, Op::Ge, &literal(low)?)?,
                    atom(column, Op::Le, &literal(high)?)?,
                );
                Ok(negated_if(negate, join(GateOp::And, low, high)))
            }
            Expr::In {
                expr,
                target: InTarget::List(list),
                negated,
                global: false,
            } if !list.is_empty() => {
                let column = self.column(expr)?;
                let mut any = Condition::Constant(false);
                let mut seen = Vec::with_capacity(list.len());
                for item in list {
                    let equal = atom(column, Op::Eq, &literal(item)?)?;
                    if !seen.contains(&equal) {
                        any = join(GateOp::Or, any, equal.clone());
                        seen.push(equal);
                    }
                }
                Ok(negated_if(negate != *negated, any))
            }
            Expr::IsNull(expr) => Ok(negated_if(negate, self.presence(expr, Op::IsNull)?)),
            Expr::IsNotNull(expr) => Ok(negated_if(negate, self.presence(expr, Op::IsNotNull)?)),
            Expr::Value(ValueWithSpan {
                value: Value::Boolean(value),
                ..
            }) => Ok(Condition::Constant(*value != negate)),
            Expr::Identifier(_) => {
                let (index, column) = self.column(expr)?;
                match column.kind {
                    ColumnType::Flag => Ok(negated_if(
                        negate,
                        atom((index, column), Op::Eq, &Literal::Flag(true))?,
                    )),
                    _ => Err(unsupported("a comparison of the column", expr)),
                }
            }
            other => Err(unsupported(CONDITIONS, other)),
        }
    }

    fn join(
        &self,
        op: GateOp,
        left: &Expr,
        right: &Expr,
        negate: bool,
    ) -> Result<Condition, QueryError> {
        let op = match (op, negate) {
            (op, false) => op,
            (GateOp::And, true) => GateOp::Or,
            (GateOp::Or, true) => GateOp::And,
        };
        Ok(join(
            op,
            self.condition(left, negate)?,
            self.condition(right, negate)?,
        ))
    }

    fn comparison(
        &self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        negate: bool,
    ) -> Result<Condition, QueryError> {
        let (op, mirrored) = match op {
            BinaryOperator::Eq => (Op::Eq, Op::Eq),
            BinaryOperator::NotEq => (Op::Ne, Op::Ne),
            BinaryOperator::Lt => (Op::Lt, Op::Gt),
            BinaryOperator::LtEq => (Op::Le, Op::Ge),
            BinaryOperator::Gt => (Op::Gt, Op::Lt),
            BinaryOperator::GtEq => (Op::Ge, Op::Le),
            other => {
                return Err(QueryError::Unsupported {
                    expected: CONDITIONS,
                    got: other.to_string(),
                });
            }
        };
        let (column, op, constant) = match (left, right) {
            (Expr::Identifier(_), Expr::Identifier(_)) => {
                return Err(unsupported("a constant on one side of a comparison", right));
            }
            (Expr::Identifier(_), constant) => (left, op, constant),
            (constant, Expr::Identifier(_)) => (right, mirrored, constant),
            _ => return Err(unsupported("a column on one side of a comparison", left)),
        };
        Ok(negated_if(
            negate,
            atom(self.column(column)?, op, &literal(constant)?)?,
        ))
    }

    fn presence(&self, expr: &Expr, op: Op) -> Result<Condition, QueryError> {
        let (column, _) = self.column(expr)?;
        Ok(Condition::Atom {
            column,
            op,
            constant: 0,
        })
    }

    /// The column that an expression names; letter case does not count.
    fn column(&self, expr: &Expr) -> Result<(usize, &'a Column), QueryError> {
        let Expr::Identifier(name) = expr else {
            return Err(unsupported("the name of a column", expr));
        };
        let found = self
            .schema
            .columns()
            .iter()
            .enumerate()
            .find(|(_, c)| c.name.eq_ignore_ascii_case(&name.value));
        let (index, column) = found.ok_or_else(|| QueryError::Column(shorten(&name.value)))?;
        match column.limbs() {
            1 => Ok((index, column)),
            _ => Err(QueryError::Wide(column.name.clone())),
        }
    }
}

fn unsupported(expected: &'static str, got: &Expr) -> QueryError {
    QueryError::Unsupported {
        expected,
        got: shorten(&got.to_string()),
    }
}

/// A comparison of a column with a constant, folded where no or every value satisfies it.
fn atom(
    (index, column): (usize, &Column),
    op: Op,
    literal: &Literal,
) -> Result<Condition, QueryError> {
    let (op, constant) = constant::fold(column, op, literal)?;
    Ok(Condition::Atom {
        column: index,
        op,
        constant,
    })
}

/// A joined pair; what is constant or doubled disappears, which changes no value of three-valued
/// logic.
fn join(op: GateOp, left: Condition, right: Condition) -> Condition {
    let neutral = op == GateOp::And;
    match (left, right) {
        (Condition::Constant(c), other) | (other, Condition::Constant(c)) => {
            if c == neutral {
                other
            } else {
                Condition::Constant(c)
            }
        }
        (left, right) if left == right => left,
        (left, right) => Condition::Join(op, Box::new(left), Box::new(right)),
    }
}

/// The condition, or its negation.
fn negated_if(negate: bool, condition: Condition) -> Condition {
    match condition {
        condition if !negate => condition,
        Condition::Constant(value) => Condition::Constant(!value),
        Condition::Atom {
            column,
            op,
            constant,
        } => Condition::Atom {
            column,
            op: op.negated(),
            constant,
        },
        Condition::Join(op, left, right) => {
            let op = if op == GateOp::And {
                GateOp::Or
            } else {
                GateOp::And
            };
            Condition::Join(
                op,
                Box::new(negated_if(true, *left)),
                Box::new(negated_if(true, *right)),
            )
        }
    }
}

/// A constant: number, text, date, flag.
fn literal(expr: &Expr) -> Result<Literal, QueryError> {
    let value = |value: &Value, minus: bool| match value {
        Value::Number(digits, false) => Some(Literal::Number {
            minus,
            digits: digits.clone(),
        }),
        Value::SingleQuotedString(text) if !minus => Some(Literal::Text(text.clone())),
        Value::Boolean(flag) if !minus => Some(Literal::Flag(*flag)),
        _ => None,
    };
    let found = match expr {
        Expr::Value(v) => value(&v.value, false),
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match expr.as_ref() {
            Expr::Value(v) => value(&v.value, true),
            _ => None,
        },
        Expr::TypedString(typed) if typed.data_type == DataType::Date => {
            value(&typed.value.value, false)
        }
        _ => None,
    };
    found.ok_or_else(|| match expr {
        Expr::Value(ValueWithSpan {
            value: Value::Null, ..
        }) => unsupported("IS NULL or IS NOT NULL to ask for missing values", expr),
        _ => unsupported("a number, a text, a date or TRUE or FALSE", expr),
    })
}
