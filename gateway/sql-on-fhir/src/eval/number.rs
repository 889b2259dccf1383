//! Functions of numbers.

use super::element::Items;
use super::item::{Item, Value, single};
use crate::error::EvalError;
use crate::path::function::Function as F;

/// Most places that a number is rounded to.
const MAX_PLACES: i128 = 28;

/// `abs`, `round` and their like. **Errors**: several values, another kind, a negative precision.
pub(super) fn call<'a>(
    function: F,
    input: &[Item<'a>],
    places: Option<i128>,
) -> Result<Items<'a>, EvalError> {
    let what = "a function of numbers";
    let Some(item) = single(input, what)? else {
        return Ok(Vec::new());
    };
    let value = item.value()?;
    if let (F::Abs, Value::Quantity(number, unit)) = (function, value) {
        let unit = std::borrow::Cow::Owned(unit.to_owned());
        return Ok(vec![Item::Quantity(number.absolute(), unit)]);
    }
    let Value::Number(number) = value else {
        return Err(EvalError::WrongKind {
            what,
            expected: "a number",
            got: value.kind(),
        });
    };
    let places = places.unwrap_or(0).clamp(0, MAX_PLACES);
    let places = u32::try_from(places).unwrap_or(0);
    let cut = match function {
        F::Abs => Some(number.absolute()),
        F::Ceiling => number.ceiling(0),
        F::Floor => number.floor(0),
        F::Round => number.rounded(places),
        _ => number.over_whole(crate::decimal::Decimal::integer(1)),
    };
    let cut = cut.ok_or(EvalError::OutOfRange { what })?;
    Ok(vec![Item::Number(cut)])
}
