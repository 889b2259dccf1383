//! Functions that pick, count and combine items.

use super::compare::{is_in, same};
use super::element::Items;
use super::item::{Item, truth};
use super::scope::Fuel;
use crate::error::EvalError;
use crate::path::ast::TypeName;

/// The items from `skip` on, at most `take`.
pub(super) fn slice(items: Items<'_>, skip: i128, take: i128) -> Items<'_> {
    let size = |n: i128| usize::try_from(n.max(0)).unwrap_or(usize::MAX);
    items
        .into_iter()
        .skip(size(skip))
        .take(size(take))
        .collect()
}

/// The item at an index; nothing beyond the ends.
pub(super) fn at(mut items: Items<'_>, index: i128) -> Items<'_> {
    match usize::try_from(index).ok().filter(|at| *at < items.len()) {
        Some(at) => vec![items.swap_remove(at)],
        None => Vec::new(),
    }
}

/// Each item once, in the order of first sight. **Cost**: every pair.
pub(super) fn distinct<'a>(items: Items<'a>, fuel: &Fuel) -> Result<Items<'a>, EvalError> {
    let mut seen: Items<'a> = Vec::new();
    for item in items {
        fuel.burn(seen.len())?;
        if !is_in(&item, &seen)? {
            seen.push(item);
        }
    }
    Ok(seen)
}

/// The items that stand in another collection (`inside`), or that do not.
pub(super) fn among<'a>(
    items: Items<'a>,
    other: &[Item<'a>],
    inside: bool,
    fuel: &Fuel,
) -> Result<Items<'a>, EvalError> {
    let mut kept = Vec::new();
    for item in items {
        fuel.burn(other.len())?;
        if is_in(&item, other)? == inside {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Whether all items stand in another collection.
pub(super) fn subset(
    items: &[Item<'_>],
    other: &[Item<'_>],
    fuel: &Fuel,
) -> Result<bool, EvalError> {
    for item in items {
        fuel.burn(other.len())?;
        if !is_in(item, other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether some item is this truth.
pub(super) fn any(items: &[Item<'_>], asked: bool) -> Result<bool, EvalError> {
    for item in items {
        if truth(std::slice::from_ref(item), "allTrue() and its like")? == Some(asked) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The items of a type. **Errors**: see [`super::element::is_type`].
pub(super) fn of_type<'a>(items: Items<'a>, of: &TypeName) -> Result<Items<'a>, EvalError> {
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        if super::element::is_type(&item, of, "ofType()")? {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Whether an item is not in a list yet, for `repeat`.
pub(super) fn is_new(item: &Item<'_>, seen: &[Item<'_>], fuel: &Fuel) -> Result<bool, EvalError> {
    fuel.burn(seen.len())?;
    for other in seen {
        if same(item, other)? == Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}
