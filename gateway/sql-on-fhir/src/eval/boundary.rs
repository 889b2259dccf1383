//! `lowBoundary` and `highBoundary`: what a value of limited precision may mean at least and at
//! most.

use super::item::{Element, Item, Value, single};
use crate::decimal::Decimal;
use crate::error::EvalError;
use crate::path::types::DAY_OR_MOMENT;

/// Most decimal places that may be asked for.
const MAX_PLACES: i128 = 28;

/// The earliest or latest that a date, a time or a decimal may mean.
///
/// **Errors**: a value of another kind, or an element of which R4 does not say whether it is a date
/// or a date time.
pub(super) fn boundary<'a>(
    items: &[Item<'a>],
    low: bool,
    places: Option<i128>,
) -> Result<Option<Item<'a>>, EvalError> {
    let what = if low {
        "lowBoundary()"
    } else {
        "highBoundary()"
    };
    let Some(item) = single(items, what)? else {
        return Ok(None);
    };
    let day = Some(DAY_OR_MOMENT);
    let unsure = matches!(item, Item::Element(Element { of, .. }) if *of == day);
    match item.value()? {
        Value::Number(_) if places.is_some_and(|p| !(0..=MAX_PLACES).contains(&p)) => Ok(None),
        Value::Number(number) => {
            let edge = edge(number, low, places);
            Ok(Some(Item::Number(
                edge.ok_or(EvalError::OutOfRange { what })?,
            )))
        }
        Value::Temporal(_) if unsure => Err(EvalError::TypeUnknown { what }),
        Value::Temporal(temporal) if places.is_none() => {
            Ok(Some(Item::Temporal(temporal.boundary(low))))
        }
        value => Err(EvalError::WrongKind {
            what,
            expected: "a number, or a date or time without a precision asked for",
            got: value.kind(),
        }),
    }
}

/// Half a unit of the last place away, cut to some places where they are asked for.
fn edge(number: Decimal, low: bool, places: Option<i128>) -> Option<Decimal> {
    let edge = number.edge(if low { -1 } else { 1 })?;
    match places.map(u32::try_from) {
        None => Some(edge),
        Some(places) if low => edge.floor(places.ok()?),
        Some(places) => edge.ceiling(places.ok()?),
    }
}
