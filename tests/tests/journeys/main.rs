//! The journeys, through the same services that the commands call, on the embedded ledger.
#![allow(clippy::unwrap_used)]

mod access;
mod canary;
mod claims;
mod share;
mod world;
