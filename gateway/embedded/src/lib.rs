//! The embedded ledger: the contract over files of one machine, with Fabric's rules, for
//! evaluation, tests and teaching. Never for production: that is what Fabric is for.
//!
//! [`SharedLedger`] implements `medveil_ledger::Ledger` and opens the files while it uses them; an
//! [`EmbeddedLedger`] is open all the time, and an [`EmbeddedClient`] uses it as one identity. Every
//! organisation's [`Peer`] has its own folder, key, state and private store, executes and signs; the
//! ordering below validates and stores, and holds no organisation's key. [`Layout`] names the files:
//!
//! ```text
//! lock                      one process at a time
//! chain                     genesis and blocks; appending and syncing is the commit point
//! orgs/MSP/authority.pem    the organisation's certificate authority
//! orgs/MSP/peer.pem, .key   its peer: endorses and signs heads (mode 0600, no passphrase)
//! orgs/MSP/state.redb       public state, private hashes, verdicts, the signed head
//! orgs/MSP/private.redb     private values of collections it is a member of
//! repairs.log, damaged/     what repairs did, and what they replaced
//! ```
//!
//! All of it is read before anything is written: damage is an error until an operator calls
//! [`EmbeddedLedger::repair`].
//!
//! Not here: several machines, channels or chaincodes; private data that expires; configuration
//! changes. Rolling back the whole folder cannot be seen.
//!
//! ```
//! use medveil_embedded::{OpenError, SharedLedger, medveil_contract};
//! use medveil_ledger::SystemClock;
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! use std::{path::Path, sync::Arc};
//!
//! let (clock, rng) = (Arc::new(SystemClock), ChaCha20Rng::seed_from_u64(1));
//! let on_wait = Arc::new(|folder: &Path| eprintln!("waiting for {}", folder.display()));
//! let ledger = SharedLedger::new(Path::new("/no/ledger"), clock, rng, medveil_contract(false), on_wait);
//! assert!(matches!(ledger.open_now().err(), Some(OpenError::Presence { .. })));
//! ```

mod apply;
mod chain;
mod client;
mod contract;
mod create;
mod execution;
mod faults;
mod heads;
mod layout;
mod ledger;
mod open;
mod order;
mod ordering;
mod peer;
mod prepared;
mod query;
mod repair;
mod shared;
mod simulator;
mod stores;
mod submit;
mod validate;
mod verdict;

pub use apply::ApplyError;
pub use chain::{Chain, ChainError};
pub use client::{EmbeddedClient, write_set};
pub use contract::{host, poll_ready};
pub use execution::{context, execute};
pub use faults::{Fault, Faults, NoFaults, WritePoint};
pub use heads::is_signed_by_peer;
pub use layout::{Layout, LockedHome, OpenError};
pub use ledger::{EmbeddedLedger, MakeChaincode, Options, medveil_contract};
pub use medveil_ledger::Transient;
pub use order::{OrderError, Ordered, screen_all};
pub use peer::{EndorseError, Peer, ProposalResponse, SignedProposal, TIME_WINDOW_MS};
pub use prepared::Prepared;
pub use query::{BlockView, TransactionView};
pub use repair::{Known, Mended, RepairError, Repaired};
pub use shared::{OnWait, SharedLedger};
pub use simulator::{Chaincode, Mode, Outcome, Simulator};
pub use stores::{
    Losses, Memory, PrivateSnapshot, PrivateStore, StateDump, StateReader, StateSnapshot,
    StateStore, StoreError, TxRecord, Updates, Versioned,
};
pub use validate::resolve;
pub use verdict::verdict;

#[cfg(feature = "testing")]
pub mod testing;
