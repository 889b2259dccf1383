//! What people read: the lines of each answer. Nothing is decided here.

mod access;
mod audit;
mod circuit;
mod claim;
mod collections;
mod consortium;
mod dataset;
mod day;
mod doctor;
mod events;
mod groth16;
mod issuer;
mod join;
mod keys;
mod ledger;
mod member;
mod net;
mod peers;
mod policy;
mod reading;
mod repair;
mod verify;
mod visa;

use crate::step::Step;
pub(super) use crate::step::count;

/// An answer in sentences.
pub trait Render: Step {
    /// Its lines, first the one that says what was done.
    fn lines(&self) -> Vec<String>;
}

/// Somebody's text without the blanks that could push the rest of it out of its line.
pub(super) fn single_blanks(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Somebody's words among the program's own.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", single_blanks(text).replace('"', "\\\""))
}

/// Names with commas between.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|i| i.to_string()).collect();
    items.join(", ")
}
