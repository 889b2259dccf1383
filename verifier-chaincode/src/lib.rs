//! The MedVeil contract: a pure function over one transaction's view of a ledger, and the judge that verifies without a ledger.
//!
//! Sits between `circuits` (statements, strict verifier) and whoever runs a ledger (the embedded one in `gateway`, a Fabric peer later). `call` is
//! what clients send, `ledger` is what a ledger must offer. No clock, no randomness, no threads, no proving keys.

pub mod call;
pub mod contract;
pub mod error;
pub mod identity;
pub mod judge;
pub mod ledger;
pub mod model;
pub mod state_key;
#[cfg(feature = "testing")]
pub mod testing;

pub use call::{Call, Query};
pub use contract::{ConfigError, Contract, ContractConfig};
pub use error::{Code, ContractError};
pub use identity::{Caller, Role};
pub use ledger::{Ledger, LedgerError, ScanPage, TxContext};
pub use state_key::StateKey;
