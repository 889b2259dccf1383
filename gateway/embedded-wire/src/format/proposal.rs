//! What a client asks for, and what peers sign.

use super::codec::{Hash, encode, tagged_hash};
use super::rwset::ReadWriteSet;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_msp::Creator;
use sha2::{Digest, Sha256};

/// What a client asks the peers to execute.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    pub channel: String,
    pub chaincode: String,
    /// Function name and its arguments.
    pub args: Vec<Vec<u8>>,
    /// Whether private arguments came beside it, which are not recorded.
    pub transient: bool,
    pub creator: Creator,
    /// The client's clock.
    ///
    /// **Units**: milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Makes the transaction id unique.
    pub nonce: [u8; 24],
}

impl Proposal {
    /// The transaction id: SHA-256 of nonce and creator, as hex.
    pub fn tx_id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.nonce);
        hash.update(encode(&self.creator));
        hex::encode(<Hash>::from(hash.finalize()))
    }

    /// What an action names it by.
    pub fn digest(&self) -> Hash {
        tagged_hash(b"medveil-proposal-1", &[&encode(self)])
    }

    /// What the creator signs when it asks for endorsements.
    pub fn message(&self) -> Vec<u8> {
        [b"medveil-ask-1".as_slice(), &self.digest()].concat()
    }
}

/// An event for listeners outside.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    pub name: String,
    pub payload: Vec<u8>,
}

/// The result of executing a proposal. Equal at every honest peer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Action {
    pub proposal: Hash,
    pub set: ReadWriteSet,
    pub event: Option<Event>,
    /// Answer to the client.
    pub payload: Vec<u8>,
}

impl Action {
    /// What an endorser signs.
    pub fn message(&self, endorser: &Creator) -> Vec<u8> {
        [
            b"medveil-endorsement-1".as_slice(),
            &tagged_hash(b"medveil-action-1", &[&encode(self), &encode(endorser)]),
        ]
        .concat()
    }
}

/// One peer's signature on an action.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Endorsement {
    pub endorser: Creator,
    pub signature: Vec<u8>,
}
