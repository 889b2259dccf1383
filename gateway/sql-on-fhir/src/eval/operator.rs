//! Operators between two collections. `and`, `or` and `implies` know three truths.

use super::collection::distinct;
use super::compare::{alike, equal, is_in, order};
use super::element::Items;
use super::item::{Item, Value, single, truth};
use super::scope::{Fuel, bounded};
use super::text::text;
use crate::decimal::Decimal;
use crate::error::{EvalError, Kind};
use crate::path::ast::Operator as O;
use crate::temporal::{Temporal, Unit};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The name of an operator in messages.
fn name(operator: O) -> &'static str {
    match operator {
        O::Implies => "implies",
        O::Or => "or",
        O::Xor => "xor",
        O::And => "and",
        O::In => "in",
        O::Contains => "contains",
        O::Equal | O::NotEqual => "=",
        O::Alike | O::NotAlike => "~",
        O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => "a comparison",
        O::Union => "|",
        O::Plus => "+",
        O::Minus => "-",
        O::Concat => "&",
        O::Times => "*",
        O::Over => "/",
        O::Div => "div",
        O::Mod => "mod",
    }
}

fn truths<'a>(value: Option<bool>) -> Items<'a> {
    value.map(Item::Bool).into_iter().collect()
}

/// The answer that the left side alone decides, so that the right one need not be asked.
pub(super) fn decided(operator: O, left: &[Item<'_>]) -> Result<Option<bool>, EvalError> {
    let asked = match operator {
        O::And => Some(false),
        O::Or => Some(true),
        _ => return Ok(None),
    };
    let value = truth(left, name(operator))?;
    Ok(asked.filter(|_| value == asked))
}

/// An operator on two collections.
pub(super) fn apply<'a>(
    operator: O,
    left: Items<'a>,
    right: Items<'a>,
    fuel: &Fuel,
) -> Result<Items<'a>, EvalError> {
    let what = name(operator);
    fuel.burn(left.len().saturating_add(right.len()))?;
    Ok(match operator {
        O::Implies | O::Or | O::Xor | O::And => {
            let (left, right) = (truth(&left, what)?, truth(&right, what)?);
            truths(logic(operator, left, right))
        }
        O::In => truths(within(&left, &right, what, fuel)?),
        O::Contains => truths(within(&right, &left, what, fuel)?),
        O::Equal => truths(equal(&left, &right)?),
        O::NotEqual => truths(equal(&left, &right)?.map(|same| !same)),
        O::Alike | O::NotAlike => {
            fuel.burn(left.len().saturating_mul(right.len()))?;
            truths(Some(alike(&left, &right)? == (operator == O::Alike)))
        }
        O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => {
            let found = order(&left, &right, what)?;
            truths(found.map(|order| holds(operator, order)))
        }
        O::Union => {
            let mut all = left;
            all.extend(right);
            distinct(all, fuel)?
        }
        O::Concat => concat(&left, &right)?,
        O::Plus | O::Minus | O::Times | O::Over | O::Div | O::Mod => {
            arithmetic(operator, &left, &right)?
        }
    })
}

fn holds(operator: O, order: Ordering) -> bool {
    match operator {
        O::Less => order == Ordering::Less,
        O::LessOrEqual => order != Ordering::Greater,
        O::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

fn logic(operator: O, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match operator {
        O::And if left == Some(false) || right == Some(false) => Some(false),
        O::Or if left == Some(true) || right == Some(true) => Some(true),
        O::Implies if left == Some(false) || right == Some(true) => Some(true),
        O::And => left.zip(right).map(|(l, r)| l && r),
        O::Or => left.zip(right).map(|(l, r)| l || r),
        O::Xor => left.zip(right).map(|(l, r)| l != r),
        _ => left.zip(right).map(|(l, r)| !l || r),
    }
}

fn within(
    one: &[Item<'_>],
    all: &[Item<'_>],
    what: &'static str,
    fuel: &Fuel,
) -> Result<Option<bool>, EvalError> {
    fuel.burn(all.len())?;
    match single(one, what)? {
        None => Ok(None),
        Some(item) => is_in(item, all).map(Some),
    }
}

/// `&`: nothing is an empty text here.
fn concat<'a>(left: &[Item<'a>], right: &[Item<'a>]) -> Result<Items<'a>, EvalError> {
    let left = text(left, "&")?.unwrap_or(Cow::Borrowed(""));
    let right = text(right, "&")?.unwrap_or(Cow::Borrowed(""));
    bounded(left.len().saturating_add(right.len()))?;
    Ok(vec![Item::Text(Cow::Owned(left.into_owned() + &right))])
}

/// A number or a quantity with the other sign. **Errors**: several values, or another kind.
pub(super) fn negated<'a>(items: &[Item<'a>]) -> Result<Items<'a>, EvalError> {
    let Some(item) = single(items, "-")? else {
        return Ok(Vec::new());
    };
    match item.value()? {
        Value::Number(number) => Ok(vec![Item::Number(number.negated())]),
        Value::Quantity(number, unit) => {
            let unit = Cow::Owned(unit.to_owned());
            Ok(vec![Item::Quantity(number.negated(), unit)])
        }
        value => Err(EvalError::WrongKind {
            what: "-",
            expected: "a number",
            got: value.kind(),
        }),
    }
}

fn arithmetic<'a>(
    operator: O,
    left: &[Item<'a>],
    right: &[Item<'a>],
) -> Result<Items<'a>, EvalError> {
    let what = name(operator);
    let (Some(left), Some(right)) = (single(left, what)?, single(right, what)?) else {
        return Ok(Vec::new());
    };
    let (l, r) = (left.value()?, right.value()?);
    let range = EvalError::OutOfRange { what };
    let result = match (l, operator, r) {
        (Value::Number(l), _, Value::Number(r)) => return numbers(operator, l, r),
        (Value::Text(l), O::Plus, Value::Text(r)) => {
            bounded(l.len().saturating_add(r.len()))?;
            Item::Text(Cow::Owned(format!("{l}{r}")))
        }
        (Value::Quantity(l, a), O::Plus | O::Minus, Value::Quantity(r, b)) if a == b => {
            let sum = if operator == O::Plus {
                l.plus(r)
            } else {
                l.minus(r)
            };
            Item::Quantity(sum.ok_or(range)?, Cow::Owned(a.to_owned()))
        }
        (Value::Quantity(l, a), O::Times, Value::Number(r)) => {
            Item::Quantity(l.times(r).ok_or(range)?, Cow::Owned(a.to_owned()))
        }
        (Value::Temporal(l), O::Plus | O::Minus, Value::Quantity(r, unit)) => {
            let amount = if operator == O::Plus { r } else { r.negated() };
            Item::Temporal(moved(l, amount, unit, what)?)
        }
        _ => {
            let (left, right) = (l.kind(), r.kind());
            return Err(EvalError::Mismatch { what, left, right });
        }
    };
    Ok(vec![result])
}

/// A date or a time moved by a length of time. **Errors**: a unit that is not the calendar's.
fn moved(
    at: Temporal,
    amount: Decimal,
    unit: &str,
    what: &'static str,
) -> Result<Temporal, EvalError> {
    let (left, right) = (Value::Temporal(at).kind(), Kind::Quantity);
    let unit = Unit::of(unit).ok_or(EvalError::Mismatch { what, left, right })?;
    at.moved(amount, unit).ok_or(EvalError::OutOfRange { what })
}

/// Numbers: nothing where the divisor is zero.
fn numbers<'a>(operator: O, l: Decimal, r: Decimal) -> Result<Items<'a>, EvalError> {
    let divides = matches!(operator, O::Over | O::Div | O::Mod);
    if divides && r.is_zero() {
        return Ok(Vec::new());
    }
    let result = match operator {
        O::Plus => l.plus(r),
        O::Minus => l.minus(r),
        O::Times => l.times(r),
        O::Over => l.over(r),
        O::Div => l.over_whole(r),
        _ => l.remainder(r),
    };
    let what = name(operator);
    let result = result.ok_or(EvalError::OutOfRange { what })?;
    Ok(vec![Item::Number(result)])
}
