//! Evaluation of an expression on a resource. Elements are borrowed; nothing of a resource is
//! copied before it becomes a cell.
//!
//! `run` walks the tree; the other files know items only.

mod boundary;
mod collection;
mod compare;
mod convert;
mod element;
mod function;
mod item;
mod number;
mod operator;
mod run;
mod scope;
mod text;

pub(crate) use item::{Item, Value};
pub(crate) use run::evaluate;
pub(crate) use scope::{Fuel, MAX_WORK, Scope};

#[cfg(test)]
mod tests;
