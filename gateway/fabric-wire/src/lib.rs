//! Fabric's proposals, transactions, blocks and channel configurations: forms, no network.
//!
//! [`propose`] signs a proposal, [`Prepared`] reads what peers made of it, [`Recorded`] checks a
//! transaction that is on a chain, [`WholeBlock`] reads a block and counts as Fabric counts.
//! `medveil-fabric-client` sends and receives; `medveil-bundle` and `medveil-audit` only read.
//!
//! Source: Fabric's transaction format (hyperledger/fabric-protos).
//!
//! ```
//! use medveil_fabric_wire::{VALID, verdict};
//!
//! assert!(verdict(VALID).is_valid());
//! assert_eq!(verdict(11).to_string(), "MVCC_READ_CONFLICT");
//! ```

mod block;
mod codes;
mod error;
mod ordering;
mod outline;
mod prepared;
mod proposal;
pub mod proto;
mod recorded;
mod rwset;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use block::WholeBlock;
pub use codes::{
    DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, MVCC_CONFLICTS, MVCC_READ_CONFLICT,
    PHANTOM_READ_CONFLICT, VALID, verdict,
};
pub use error::FormError;
pub use ordering::Ordering;
pub use outline::Outline;
pub use prepared::{Endorser, Prepared, ReadSet};
pub use proposal::{ProposalError, ProposedTransaction, Target, creator_bytes, propose};
pub use recorded::{Expected, MAX_ENDORSEMENTS, Recorded};
pub use rwset::{Part, ReadVersion};
pub use settings::{ChannelSettings, OrgSettings, Rule};
