//! The library, outside of it so that it is compiled once: its own code is optimised.
#![allow(clippy::unwrap_used)]

mod bench;
mod circuit;
mod gnark;
mod peer;
mod protocol;
mod report;
mod session;
mod spread;
