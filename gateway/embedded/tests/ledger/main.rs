//! The ledger's rules, attacks on it, and processes that die between two writes.
#![allow(clippy::unwrap_used)]

mod attacks;
mod damage;
mod faults;
mod journeys;
mod races;
mod repairs;
mod secrets;
mod shared;
