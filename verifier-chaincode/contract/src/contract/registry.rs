//! `RegisterIssuer`, `UpdateRevocations`, `RetireIssuer`: who may vouch for people, and whom they
//! no longer vouch for.
//!
//! An organisation changes only its own issuers' leaves; more than half of all members may retire any. Every update
//! moves the one public root. Past roots stay acceptable for a while, however many come after them,
//! unless an update is urgent.

mod budget;
mod issuers;
mod retire;
mod revocations;
mod tree;

pub(super) use budget::HOUR_MS;
pub(super) use issuers::known_key;
pub(super) use tree::leaves_key;
