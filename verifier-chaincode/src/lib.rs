//! The MedVeil contract: a pure function over one transaction's view of a ledger, and the judge that verifies without a ledger.
//!
//! Sits between `circuits` (statements, strict verifier) and whoever runs a ledger: the embedded one in `gateway`, or a Fabric peer by `shim`. `call` is
//! what clients send, `ledger` is what a ledger must offer. No clock, no randomness, no threads, no proving keys.

pub mod call;
pub mod contract;
pub mod error;
pub mod identity;
pub mod judge;
pub mod ledger;
pub mod model;
#[cfg(feature = "shim")]
pub mod shim;
pub mod state_key;
#[cfg(feature = "testing")]
pub mod testing;

/// SHA-256, in hex, of the sources that decide what the contract does.
pub const CONTRACT_DIGEST: &str = env!("MEDVEIL_CONTRACT_DIGEST");

pub use call::{Call, Query};
pub use contract::{ConfigError, Contract, ContractConfig};
pub use error::{Code, ContractError};
pub use identity::{Caller, Role};
pub use ledger::{Ledger, LedgerError, ScanPage, TxContext};
pub use state_key::StateKey;
