//! What is signed, ordered and chained: proposals, write sets, endorsements, envelopes, blocks and
//! heads.
//!
//! Source: Fabric's transaction flow (proposal, simulation result, endorsements over result and
//! endorser, envelope signed by the client, block header of number, previous hash and data hash),
//! in borsh instead of protobuf. Every signed or hashed message starts with its own words, so
//! that none can pass for another. Private values never occur here, only their hashes.

mod block;
mod codec;
mod envelope;
mod proposal;
mod rwset;

pub use block::{Block, BlockHeader, Head};
pub use codec::{FormatError, Hash, decode, encode, sha256, tagged_hash};
pub use envelope::{Envelope, MAX_ENVELOPE, ValidationCode};
pub use proposal::{Action, Endorsement, Event, Proposal};
pub use rwset::{
    CollectionSet, HashedRead, HashedWrite, MAX_KEY, PrivateWrite, Read, ReadWriteSet, Version,
    Write,
};
