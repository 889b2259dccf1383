//! Equal, alike, less: with the third answer where there is none.

use super::item::{Element, Item, Value, single};
use crate::decimal::Decimal;
use crate::error::EvalError;
use crate::json::Node;
use crate::temporal::{Temporal, TemporalKind, Unit};
use std::cmp::Ordering;

/// Dates and times do not meet; everything else of the calendar does.
fn same_line(left: &Temporal, right: &Temporal) -> bool {
    (left.kind == TemporalKind::Time) == (right.kind == TemporalKind::Time)
}

/// Whether two units are one. Nothing is converted: grams and kilograms have no answer here.
fn same_unit(left: &str, right: &str) -> bool {
    let calendar = Unit::of(left).filter(|u| Unit::of(right) == Some(*u));
    left == right || calendar.is_some()
}

/// The same JSON, whatever the order of names; numbers by value.
fn same_node(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Null, Node::Null) => true,
        (Node::Bool(l), Node::Bool(r)) => l == r,
        (Node::Number(l), Node::Number(r)) => {
            l == r || Decimal::parse(l).is_some_and(|l| Some(l) == Decimal::parse(r))
        }
        (Node::Text(l), Node::Text(r)) => l == r,
        (Node::List(l), Node::List(r)) => {
            l.len() == r.len() && l.iter().zip(r).all(|(l, r)| same_node(l, r))
        }
        (Node::Object(l), Node::Object(r)) => l.len() == r.len() && same_fields(l, r),
        _ => false,
    }
}

/// The same fields: sorted only where they do not stand in the same order.
fn same_fields(left: &[(String, Node)], right: &[(String, Node)]) -> bool {
    let names = |l: &(String, Node), r: &(String, Node)| l.0 == r.0;
    if left.iter().zip(right).all(|(l, r)| names(l, r)) {
        return left.iter().zip(right).all(|(l, r)| same_node(&l.1, &r.1));
    }
    let sorted = |fields: &'_ [(String, Node)]| -> Vec<usize> {
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_by_key(|at| fields.get(*at).map(|(name, _)| name.as_str()));
        order
    };
    let pairs = sorted(left).into_iter().zip(sorted(right));
    let mut pairs = pairs.map(|(l, r)| left.get(l).zip(right.get(r)));
    pairs.all(|pair| pair.is_some_and(|(l, r)| names(l, r) && same_node(&l.1, &r.1)))
}

/// Whether two items are equal; `None` where it cannot be said.
pub(crate) fn same(left: &Item<'_>, right: &Item<'_>) -> Result<Option<bool>, EvalError> {
    if let (Item::Element(l), Item::Element(r)) = (left, right)
        && let (Some(Node::Text(a)), Some(Node::Text(b))) = (l.node, r.node)
        && a == b
    {
        return Ok(Some(true));
    }
    let (left, right) = aligned(left, right)?;
    Ok(match (&left, &right) {
        (Value::Bool(l), Value::Bool(r)) => Some(l == r),
        (Value::Number(l), Value::Number(r)) => Some(l == r),
        (Value::Text(l), Value::Text(r)) => Some(l == r),
        (Value::Temporal(l), Value::Temporal(r)) if same_line(l, r) => {
            l.compare(r).map(|order| order == Ordering::Equal)
        }
        (Value::Quantity(l, a), Value::Quantity(r, b)) => same_unit(a, b).then_some(l == r),
        (Value::Object(l), Value::Object(r)) => Some(same_node(l, r)),
        (Value::Nothing, _) | (_, Value::Nothing) => None,
        // A quantity with a comparator, `< 5 mg`: it may be equal.
        (Value::Object(_), Value::Quantity(..)) | (Value::Quantity(..), Value::Object(_)) => None,
        _ => Some(false),
    })
}

/// The date of a text whose element has no known type, where the other side is a date.
fn as_date<'v>(item: &Item<'_>, value: Value<'v>, other: &Value<'_>) -> Value<'v> {
    let (Item::Element(Element { of: None, .. }), Value::Text(text), Value::Temporal(other)) =
        (item, value, other)
    else {
        return value;
    };
    let read = match other.kind {
        TemporalKind::Time => Temporal::parse_time(text),
        _ => Temporal::parse(text),
    };
    read.map_or(value, Value::Temporal)
}

/// Two values, met half way. A number beside a quantity is one without a unit.
fn aligned<'v>(
    left: &'v Item<'_>,
    right: &'v Item<'_>,
) -> Result<(Value<'v>, Value<'v>), EvalError> {
    let (l, r) = (left.value()?, right.value()?);
    Ok(match (l, r) {
        (Value::Number(n), Value::Quantity(..)) => (Value::Quantity(n, "1"), r),
        (Value::Quantity(..), Value::Number(n)) => (l, Value::Quantity(n, "1")),
        _ => (as_date(left, l, &r), as_date(right, r, &l)),
    })
}

/// Whether two items are alike: texts but for case and blanks, numbers to the lesser precision.
fn alike_items(left: &Item<'_>, right: &Item<'_>) -> Result<bool, EvalError> {
    let (left, right) = aligned(left, right)?;
    Ok(match (&left, &right) {
        (Value::Text(l), Value::Text(r)) => {
            // One kind of blank is another; two blanks are not one.
            let plain = |text: &str| text.to_lowercase().replace(char::is_whitespace, " ");
            plain(l) == plain(r)
        }
        (Value::Number(l), Value::Number(r)) => alike_numbers(*l, *r),
        (Value::Quantity(l, a), Value::Quantity(r, b)) => same_unit(a, b) && alike_numbers(*l, *r),
        (Value::Temporal(l), Value::Temporal(r)) => {
            same_line(l, r) && l.compare(r) == Some(Ordering::Equal)
        }
        (Value::Bool(l), Value::Bool(r)) => l == r,
        (Value::Object(l), Value::Object(r)) => same_node(l, r),
        (Value::Nothing, Value::Nothing) => true,
        _ => false,
    })
}

fn alike_numbers(left: Decimal, right: Decimal) -> bool {
    let (left, right) = (left.stripped(), right.stripped());
    let places = left.scale().min(right.scale());
    match (left.rounded(places), right.rounded(places)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

/// `=`: pair by pair in order. Empty on either side has no answer.
pub(crate) fn equal(left: &[Item<'_>], right: &[Item<'_>]) -> Result<Option<bool>, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(None);
    }
    if left.len() != right.len() {
        return Ok(Some(false));
    }
    let mut all = Some(true);
    for (left, right) in left.iter().zip(right) {
        match same(left, right)? {
            Some(false) => return Ok(Some(false)),
            None => all = None,
            Some(true) => {}
        }
    }
    Ok(all)
}

/// `~`: in any order, and always an answer.
pub(crate) fn alike(left: &[Item<'_>], right: &[Item<'_>]) -> Result<bool, EvalError> {
    if left.len() != right.len() {
        return Ok(false);
    }
    let mut rest: Vec<&Item<'_>> = right.iter().collect();
    for item in left {
        let mut found = None;
        for (at, other) in rest.iter().enumerate() {
            if alike_items(item, other)? {
                found = Some(at);
                break;
            }
        }
        let Some(at) = found else {
            return Ok(false);
        };
        rest.swap_remove(at);
    }
    Ok(true)
}

/// The order of two single values; `None` where there is no answer.
///
/// **Errors**: several values, or kinds that have no order.
pub(crate) fn order(
    left: &[Item<'_>],
    right: &[Item<'_>],
    what: &'static str,
) -> Result<Option<Ordering>, EvalError> {
    let (Some(left), Some(right)) = (single(left, what)?, single(right, what)?) else {
        return Ok(None);
    };
    let (left, right) = aligned(left, right)?;
    Ok(match (&left, &right) {
        (Value::Number(l), Value::Number(r)) => Some(l.cmp(r)),
        (Value::Text(l), Value::Text(r)) => Some(l.cmp(r)),
        (Value::Temporal(l), Value::Temporal(r)) if same_line(l, r) => l.compare(r),
        (Value::Quantity(l, a), Value::Quantity(r, b)) => same_unit(a, b).then(|| l.cmp(r)),
        _ => {
            return Err(EvalError::Mismatch {
                what,
                left: left.kind(),
                right: right.kind(),
            });
        }
    })
}

/// Whether an item stands in a collection.
pub(crate) fn is_in(item: &Item<'_>, items: &[Item<'_>]) -> Result<bool, EvalError> {
    for other in items {
        if same(item, other)? == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}
