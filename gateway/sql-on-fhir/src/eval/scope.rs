//! What an evaluation knows besides its focus, and how much work it may still do.

use super::item::Item;
use crate::error::EvalError;
use crate::json::Node;
use std::cell::Cell;

/// Steps and elements that one resource may cost.
pub(crate) const MAX_WORK: usize = 20_000_000;
/// Longest collection.
const MAX_ITEMS: usize = 1_000_000;
/// Longest computed text in bytes.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// The work that is left for one resource.
pub(crate) struct Fuel {
    left: Cell<usize>,
    limit: usize,
}

impl Fuel {
    pub(crate) fn new(limit: usize) -> Self {
        Fuel {
            left: Cell::new(limit),
            limit,
        }
    }

    /// **Errors**: nothing is left.
    pub(crate) fn burn(&self, work: usize) -> Result<(), EvalError> {
        let left = self
            .left
            .get()
            .checked_sub(work)
            .ok_or(EvalError::TooMuch {
                what: "steps of evaluation on one resource",
                limit: self.limit,
            })?;
        self.left.set(left);
        Ok(())
    }
}

/// A collection's length. **Errors**: it is too long.
pub(super) fn few(count: usize) -> Result<(), EvalError> {
    if count > MAX_ITEMS {
        return Err(EvalError::TooMuch {
            what: "items in one collection",
            limit: MAX_ITEMS,
        });
    }
    Ok(())
}

/// A text that was computed. **Errors**: it is too long.
pub(super) fn bounded(length: usize) -> Result<(), EvalError> {
    if length > MAX_TEXT {
        return Err(EvalError::TooMuch {
            what: "bytes of a computed text",
            limit: MAX_TEXT,
        });
    }
    Ok(())
}

/// The resource and the row that an expression is evaluated for.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a, 'f> {
    pub(crate) resource: &'a Node,
    pub(crate) row: usize,
    pub(crate) fuel: &'f Fuel,
}

/// The focus inside a criterion: `$this` and `$index`.
#[derive(Clone, Copy)]
pub(crate) struct Focus<'a, 'i> {
    pub(crate) this: &'i [Item<'a>],
    pub(crate) index: usize,
}
