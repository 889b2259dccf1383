//! The contract behind the shim: the program as a process, and its ledger over a peer that the test
//! plays.

#![allow(clippy::unwrap_used)]

#[path = "../../shim/tests/shim/authority.rs"]
mod authority;
mod contract;
#[path = "../../shim/tests/shim/peer.rs"]
#[allow(dead_code, reason = "shared with the tests of the shim")]
mod peer;
mod program;
#[path = "../../shim/tests/shim/service.rs"]
#[allow(dead_code, reason = "shared with the tests of the shim")]
mod service;
