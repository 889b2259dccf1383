//! What is signed, ordered and chained: proposals, write sets, endorsements, envelopes, blocks and
//! heads.
//!
//! Source: Fabric's transaction flow (proposal, simulation result, endorsements over result and
//! endorser, envelope signed by the client, block header of number, previous hash and data hash),
//! in borsh instead of protobuf. Every signed or hashed message starts with its own words, so
//! that none can pass for another. Private values never occur here, only their hashes.

use crate::msp::Creator;
use borsh::{BorshDeserialize, BorshSerialize};
use collections_config::CollectionName;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256.
pub type Hash = [u8; 32];

/// Longest envelope: arguments and write set together.
///
/// **Units**: bytes.
pub const MAX_ENVELOPE: usize = 8 << 20;
/// Longest key of the public state or of a collection.
///
/// **Units**: bytes.
pub const MAX_KEY: usize = 512;

/// What a client asks the peers to execute.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// Channel.
    pub channel: String,
    /// Chaincode.
    pub chaincode: String,
    /// Function name and its arguments.
    pub args: Vec<Vec<u8>>,
    /// Whether private arguments came beside it, which are not recorded.
    pub transient: bool,
    /// Who asks.
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

/// When a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Version {
    /// Block number.
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
}

/// A key that was read, and the version that was seen; none when there was no value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Read {
    /// Key.
    pub key: String,
    /// Version.
    pub version: Option<Version>,
}

/// A public value to be written.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Write {
    /// Key.
    pub key: String,
    /// Value.
    pub value: Vec<u8>,
}

/// A private key that was read, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HashedRead {
    /// SHA-256 of the key.
    pub key: Hash,
    /// Version.
    pub version: Option<Version>,
}

/// A private value to be written, by its hashes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HashedWrite {
    /// SHA-256 of the key.
    pub key: Hash,
    /// SHA-256 of the value.
    pub value: Hash,
}

/// What a transaction did in one private data collection.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CollectionSet {
    /// Collection.
    pub collection: CollectionName,
    /// Reads, sorted by key hash.
    pub reads: Vec<HashedRead>,
    /// Writes, sorted by key hash.
    pub writes: Vec<HashedWrite>,
}

/// What a transaction read and wants to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReadWriteSet {
    /// Public reads, sorted by key.
    pub reads: Vec<Read>,
    /// Public writes, sorted by key.
    pub writes: Vec<Write>,
    /// Private reads and writes, sorted by collection.
    pub collections: Vec<CollectionSet>,
}

impl ReadWriteSet {
    /// Whether every list is strictly sorted, every key of a legal length and no collection set
    /// empty: one form per meaning.
    pub fn is_well_formed(&self) -> bool {
        let legal = |key: &str| !key.is_empty() && key.len() <= MAX_KEY;
        sorted(self.reads.iter().map(|r| &r.key))
            && sorted(self.writes.iter().map(|w| &w.key))
            && sorted(self.collections.iter().map(|c| &c.collection))
            && self.reads.iter().all(|r| legal(&r.key))
            && self.writes.iter().all(|w| legal(&w.key))
            && self.collections.iter().all(|c| {
                sorted(c.reads.iter().map(|r| &r.key))
                    && sorted(c.writes.iter().map(|w| &w.key))
                    && !(c.reads.is_empty() && c.writes.is_empty())
            })
    }

    /// Whether nothing is written, publicly or privately.
    pub fn writes_nothing(&self) -> bool {
        self.writes.is_empty() && self.collections.iter().all(|c| c.writes.is_empty())
    }

    /// The collections that are written to.
    pub fn written_collections(&self) -> impl Iterator<Item = &CollectionName> {
        self.collections
            .iter()
            .filter(|c| !c.writes.is_empty())
            .map(|c| &c.collection)
    }
}

fn sorted<T: Ord>(mut items: impl Iterator<Item = T>) -> bool {
    let Some(mut last) = items.next() else {
        return true;
    };
    items.all(|item| {
        let grows = last < item;
        last = item;
        grows
    })
}

/// An event for listeners outside.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// Name.
    pub name: String,
    /// Payload.
    pub payload: Vec<u8>,
}

/// What executing a proposal came to. Equal at every honest peer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Action {
    /// Digest of the proposal.
    pub proposal: Hash,
    /// Reads and writes.
    pub set: ReadWriteSet,
    /// Event.
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
    /// The peer.
    pub endorser: Creator,
    /// Its signature.
    pub signature: Vec<u8>,
}

/// A transaction as it is ordered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Envelope {
    /// What was asked.
    pub proposal: Proposal,
    /// What it came to.
    pub action: Action,
    /// Who says so, sorted by endorser.
    pub endorsements: Vec<Endorsement>,
    /// The creator's signature over all of it.
    pub signature: Vec<u8>,
}

impl Envelope {
    /// What the creator signs.
    pub fn message(proposal: &Proposal, action: &Action, endorsements: &[Endorsement]) -> Vec<u8> {
        let parts = [
            encode(proposal),
            encode(action),
            encode(&endorsements.to_vec()),
        ];
        [
            b"medveil-envelope-1".as_slice(),
            &tagged_hash(b"medveil-submit-1", &[&parts[0], &parts[1], &parts[2]]),
        ]
        .concat()
    }

    /// The bytes that are ordered.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads ordered bytes.
    ///
    /// **Errors**: too long, trailing bytes, or not of this form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > MAX_ENVELOPE {
            return Err(FormatError("an envelope of at most 8 MiB"));
        }
        decode(bytes, "an envelope")
    }
}

/// A block's header: its hash is the block's.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockHeader {
    /// Place in the chain, from 0.
    pub number: u64,
    /// Hash of the block before, or of the channel's genesis.
    pub previous: Hash,
    /// Hash of the envelopes.
    pub data: Hash,
}

impl BlockHeader {
    /// The block's hash.
    pub fn hash(&self) -> Hash {
        tagged_hash(b"medveil-block-1", &[&encode(self)])
    }
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// Header.
    pub header: BlockHeader,
    /// Ordered envelopes, byte for byte as they came.
    pub envelopes: Vec<Vec<u8>>,
}

impl Block {
    /// A block after the one with hash `previous`.
    pub fn new(number: u64, previous: Hash, envelopes: Vec<Vec<u8>>) -> Self {
        let data = Block::data_hash(&envelopes);
        Block {
            header: BlockHeader {
                number,
                previous,
                data,
            },
            envelopes,
        }
    }

    /// Hash over the hashes of the envelopes.
    pub fn data_hash(envelopes: &[Vec<u8>]) -> Hash {
        let hashes: Vec<Hash> = envelopes.iter().map(|e| Sha256::digest(e).into()).collect();
        let parts: Vec<&[u8]> = hashes.iter().map(|h| h.as_slice()).collect();
        tagged_hash(b"medveil-data-1", &parts)
    }
}

/// What became of an ordered envelope. Every organisation comes to its own, equal, verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum ValidationCode {
    /// Its writes are part of the state.
    Valid,
    /// Not an envelope, or its parts do not belong together.
    Malformed,
    /// The creator is unknown, expired, or did not sign.
    BadCreator,
    /// An endorser is unknown, expired, twice there, or did not sign.
    BadEndorsement,
    /// Too few or the wrong organisations endorsed.
    EndorsementPolicy,
    /// A transaction of this id was ordered before.
    DuplicateTxId,
    /// A value it read has changed since.
    MvccConflict,
}

impl fmt::Display for ValidationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValidationCode::Valid => "valid",
            ValidationCode::Malformed => "malformed envelope",
            ValidationCode::BadCreator => "creator unknown, expired or signature wrong",
            ValidationCode::BadEndorsement => {
                "endorser unknown, expired, repeated or signature wrong"
            }
            ValidationCode::EndorsementPolicy => "endorsement policy not satisfied",
            ValidationCode::DuplicateTxId => "transaction id used before",
            ValidationCode::MvccConflict => "a value it read has changed since (mvcc conflict)",
        })
    }
}

/// The last block that an organisation applied, signed by its peer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Head {
    /// Hash of the channel's genesis.
    pub genesis: Hash,
    /// Block number.
    pub number: u64,
    /// Block hash.
    pub hash: Hash,
    /// The peer.
    pub signer: Creator,
    /// Its signature.
    pub signature: Vec<u8>,
}

impl Head {
    /// What the peer signs.
    pub fn message(genesis: &Hash, number: u64, hash: &Hash) -> Vec<u8> {
        [
            b"medveil-head-1".as_slice(),
            genesis,
            &number.to_le_bytes(),
            hash,
        ]
        .concat()
    }
}

/// A private value on its way to a member's store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PrivateWrite {
    /// Collection.
    pub collection: CollectionName,
    /// Key.
    pub key: String,
    /// Value: sealed for whoever may read it.
    pub value: Vec<u8>,
}

/// Bytes that do not have their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct FormatError(pub &'static str);

/// The borsh bytes of a value made here.
pub(crate) fn encode<T: BorshSerialize>(value: &T) -> Vec<u8> {
    // Writing to memory fails for lists longer than 2^32 only, and everything here is capped far
    // below.
    borsh::to_vec(value).unwrap_or_default()
}

/// Reads borsh bytes wholly.
pub(crate) fn decode<T: BorshDeserialize>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, FormatError> {
    borsh::from_slice(bytes).map_err(|_| FormatError(what))
}

/// SHA-256 over words and length-prefixed parts.
pub(crate) fn tagged_hash(words: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(words);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of a private key or value.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}
