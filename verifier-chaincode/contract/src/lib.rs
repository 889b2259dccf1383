//! The MedVeil contract: a pure function over one transaction's view of a ledger.
//!
//! A client sends a [`Call`] or a [`Query`] (`call`), the [`Contract`] reads and writes by the
//! [`Ledger`] that runs it, and answers with the reply of that call or with a [`ContractError`].
//! Every proof is verified by the `judge`, which needs no ledger: offline verification and the
//! audit run the very same code. `model` is what the ledger stores.
//!
//! Two ledgers run the contract: the embedded one, and a Fabric peer behind the shim. It has no
//! clock, no randomness, no threads and no proving keys, so that every peer writes the same bytes.
//!
//! ```
//! use medveil_contract::call::request::GetDay;
//! use medveil_contract::testing::fixture::{BOARD, HOSPITAL, bench};
//! use medveil_contract::testing::{DAY_MS, msp};
//!
//! // A ledger in memory, with one contract for each organisation.
//! let mut bench = bench();
//! bench.now_ms += DAY_MS;
//! let ticked = bench.submit(&msp(HOSPITAL), &msp(HOSPITAL), (), None)?;
//! let day = bench.ask(&msp(BOARD), &msp(BOARD), GetDay)?;
//! assert_eq!((ticked.moved, day.current), (true, ticked.day));
//! # Ok::<(), medveil_contract::ContractError>(())
//! ```

pub mod call;
pub mod contract;
pub mod error;
pub mod identity;
pub mod judge;
pub mod ledger;
pub mod model;
mod serde_hex;
pub mod state_key;
#[cfg(feature = "testing")]
pub mod testing;

pub use call::{Call, Query};
pub use contract::{ConfigError, Contract, ContractConfig};
pub use error::{Code, ContractError};
pub use identity::{Caller, Role};
pub use ledger::{Ledger, LedgerError, ScanPage, TxContext};
pub use state_key::StateKey;
