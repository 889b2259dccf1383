//! Constants as written.

use super::unsupported_error;
use crate::query::QueryError;
use crate::query::constant::Literal;
use sqlparser::ast::{DataType, Expr, UnaryOperator, Value, ValueWithSpan};

/// A constant: number, text, date, flag.
pub(super) fn literal(expr: &Expr) -> Result<Literal, QueryError> {
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
        }) => unsupported_error("IS NULL or IS NOT NULL to ask for missing values", expr),
        _ => unsupported_error("a number, a text, a date or TRUE or FALSE", expr),
    })
}
