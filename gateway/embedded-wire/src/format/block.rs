//! Blocks, and the heads that organisations sign.

use super::codec::{Hash, encode, tagged_hash};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_msp::Creator;
use sha2::{Digest, Sha256};

/// A block's header: its hash is the block's.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockHeader {
    /// Place in the chain, from 0.
    pub number: u64,
    /// Hash of the block before, or of the channel's genesis.
    pub previous: Hash,
    pub data: Hash,
}

impl BlockHeader {
    pub fn hash(&self) -> Hash {
        tagged_hash(b"medveil-block-1", &[&encode(self)])
    }
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
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

/// The last block that an organisation applied, signed by its peer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Head {
    /// Hash of the channel's genesis.
    pub genesis: Hash,
    pub number: u64,
    pub hash: Hash,
    pub signer: Creator,
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
