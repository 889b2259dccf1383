//! The one seam between journeys and ledgers.
//!
//! [`Ledger`] is everything that journeys, listeners and audits ask of a ledger: submit, evaluate,
//! confirm, events, blocks, transactions, audit sources. `medveil-embedded` implements it over
//! files of this machine, `medveil-fabric-client` over the peers of a Fabric network. [`guard`]
//! holds the rule that compares what is signed with what was sent; both implementations call it.
//!
//! Calls are opaque argument lists here; what they mean is the contract's business.
//!
//! ```
//! use medveil_ledger::{Guard, OwnRun, Transaction, WriteSet};
//! use medveil_collections_config::{CollectionsConfig, MspId};
//!
//! let hospital = MspId::new("HospitalA").unwrap();
//! let collections = CollectionsConfig::from_json("[]").unwrap();
//! let transaction = Transaction::call(vec![b"Tick".to_vec()], vec![hospital.clone()]);
//! let guard = Guard { own: &hospital, transaction: &transaction, collections: &collections };
//! let prepared = WriteSet::default();
//! assert!(guard.may_sign(OwnRun::Writes(&prepared), &prepared).is_ok());
//! ```

mod clock;
mod error;
mod event;
pub mod guard;
mod record;
mod seam;
mod transaction;
mod writes;

pub use clock::{Clock, Entropy, SystemClock};
pub use error::{BoxError, LedgerError};
pub use event::{Checkpoint, LedgerEvent, Listen, Notice, Notices};
pub use guard::{Breach, Guard, OwnRun};
pub use record::{BlockRecord, Called, TransactionRecord, TransactionSummary, Verdict};
pub use seam::{AuditSource, ChannelPeers, Ledger, SignedBlocks};
pub use transaction::{Committed, ExpectedWrite, Settled, Transaction, Transient};
pub use writes::{Hash, WriteSet, sha256};
