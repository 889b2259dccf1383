//! A transaction as it is ordered, and what becomes of it.

use super::codec::{FormatError, decode, encode, tagged_hash};
use super::proposal::{Action, Endorsement, Proposal};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::Role;
use medveil_msp::{Certificate, Creator};
use std::fmt;

/// Longest envelope: arguments and write set together.
///
/// **Units**: bytes.
pub const MAX_ENVELOPE: usize = 8 << 20;
/// A transaction as it is ordered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Envelope {
    /// What was asked.
    pub proposal: Proposal,
    /// The result of executing it.
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

    /// The endorsers that are peers by their certificates: those that endorsement policies count.
    /// Of an envelope whose endorsements were checked.
    pub fn peers(&self) -> impl Iterator<Item = &Creator> {
        let endorsers = self.endorsements.iter().map(|e| &e.endorser);
        endorsers.filter(|endorser| {
            let certificate = Certificate::from_der(&endorser.certificate);
            certificate
                .and_then(|c| c.role())
                .is_ok_and(|role| role == Role::Peer)
        })
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
