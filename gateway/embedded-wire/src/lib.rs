//! What is signed, ordered and chained on the embedded ledger: forms and rules, no storage.
//!
//! [`mod@format`] has proposals, write sets, envelopes, blocks and heads; [`Genesis`] is what block 0
//! stands on; [`Rules::screen`] judges an envelope by all that needs no state. `medveil-embedded`
//! stores and executes; `medveil-bundle` and `medveil-audit` read.
//!
//! ```
//! use medveil_embedded_wire::{Block, Envelope};
//!
//! let block = Block::new(0, [0; 32], vec![b"no envelope".to_vec()]);
//! assert_eq!(block.header.data, Block::data_hash(&block.envelopes));
//! assert!(Envelope::from_bytes(&block.envelopes[0]).is_err());
//! ```

pub mod format;
mod genesis;
mod rules;

pub use format::{
    Action, Block, BlockHeader, CollectionSet, Endorsement, Envelope, Event, FormatError, Hash,
    HashedRead, HashedWrite, Head, MAX_ENVELOPE, MAX_KEY, PrivateWrite, Proposal, Read,
    ReadWriteSet, ValidationCode, Version, Write,
};
pub use genesis::{Genesis, GenesisError};
pub use rules::{Rejected, Rules, Screened};
