//! From text to a condition without negations: bounds, SQL, columns, NOT moved inwards.
//!
//! Tokens come from a short list before the SQL parser sees them, so a query has no functions,
//! casts, comments or sub-queries; depth and length are bounded, so neither stack nor memory
//! depends on who wrote the text.

mod literal;
mod tokens;

use super::condition::{Condition, join, negated_if};
use super::constant::{self, Literal};
use super::program::{GateOp, Op};
use super::{QueryError, Schema};
use crate::schema::{Column, ColumnType};
use literal::literal;
use sqlparser::ast::{BinaryOperator, Expr, InTarget, UnaryOperator, Value, ValueWithSpan};
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;
use tokens::tokens;

/// Longest query. **Units**: bytes of UTF-8.
pub const MAX_BYTES: usize = 2_000;
/// Most words, numbers and signs.
pub const MAX_TOKENS: usize = 256;
/// Deepest nesting of brackets and NOTs.
pub const MAX_DEPTH: usize = 24;

/// The conditions of the language, in words.
const CONDITIONS: &str =
    "comparisons of a column with a constant, BETWEEN, IN, IS [NOT] NULL, a flag, AND, OR, NOT";

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
            } => self.between(expr, low, high, negate != *negated),
            Expr::In {
                expr,
                target: InTarget::List(list),
                negated,
                global: false,
            } if !list.is_empty() => self.one_of(expr, list, negate != *negated),
            Expr::IsNull(expr) => Ok(negated_if(negate, self.presence(expr, Op::IsNull)?)),
            Expr::IsNotNull(expr) => Ok(negated_if(negate, self.presence(expr, Op::IsNotNull)?)),
            Expr::Value(ValueWithSpan {
                value: Value::Boolean(value),
                ..
            }) => Ok(Condition::Constant(*value != negate)),
            Expr::Identifier(_) => self.flag(expr, negate),
            other => Err(unsupported_error(CONDITIONS, other)),
        }
    }

    fn between(
        &self,
        expr: &Expr,
        low: &Expr,
        high: &Expr,
        negate: bool,
    ) -> Result<Condition, QueryError> {
        let column = self.column(expr)?;
        let (low, high) = (
            atom(column, Op::Ge, &literal(low)?)?,
            atom(column, Op::Le, &literal(high)?)?,
        );
        Ok(negated_if(negate, join(GateOp::And, low, high)))
    }

    fn one_of(&self, expr: &Expr, list: &[Expr], negate: bool) -> Result<Condition, QueryError> {
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
        Ok(negated_if(negate, any))
    }

    fn flag(&self, expr: &Expr, negate: bool) -> Result<Condition, QueryError> {
        let (index, column) = self.column(expr)?;
        match column.kind {
            ColumnType::Flag => Ok(negated_if(
                negate,
                atom((index, column), Op::Eq, &Literal::Flag(true))?,
            )),
            _ => Err(unsupported_error("a comparison of the column", expr)),
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
                return Err(unsupported_error(
                    "a constant on one side of a comparison",
                    right,
                ));
            }
            (Expr::Identifier(_), constant) => (left, op, constant),
            (constant, Expr::Identifier(_)) => (right, mirrored, constant),
            _ => {
                return Err(unsupported_error(
                    "a column on one side of a comparison",
                    left,
                ));
            }
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
            return Err(unsupported_error("the name of a column", expr));
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

fn unsupported_error(expected: &'static str, got: &Expr) -> QueryError {
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
