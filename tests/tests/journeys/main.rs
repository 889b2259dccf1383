//! The journeys, through the same services that the commands call, on both ledgers: files of this
//! machine, and a Fabric network of this machine that the test brings up. `cargo test -p medveil-tests
//! on_fabric` runs one half.
#![allow(clippy::unwrap_used)]

mod access;
mod canary;
mod claims;
mod clients;
mod differencing;
mod events;
mod faults;
mod grants;
mod held;
mod homes;
mod killed;
mod kills;
mod members;
mod people;
mod probe;
mod share;
mod shared_keys;
mod trust;
mod upgrades;
mod witnesses;
mod world;
