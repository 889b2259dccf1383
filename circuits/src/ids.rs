//! Domain quantities as types of their own, so that no two of them can be mistaken for each other.
//!
//! Each is one canonical field element (or one small integer) with its codec; how it is derived
//! stands in SPEC and in the module that derives it.

use crate::field::{Felt, FieldError};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! felt_ids {
    ($($name:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Felt);

        impl $name {
            /// Names a field element as this quantity.
            pub const fn new(value: Felt) -> Self { $name(value) }
            /// The field element.
            pub const fn felt(self) -> Felt { self.0 }
            /// Decodes the 64 hex digits.
            ///
            /// **Errors**: not 64 lower-case hex digits of a canonical value.
            pub fn from_hex(text: &str) -> Result<Self, FieldError> { Felt::from_hex(text).map($name) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = FieldError;
            fn from_str(text: &str) -> Result<Self, FieldError> { $name::from_hex(text) }
        }
    )*};
}

felt_ids! {
    ConsortiumId, "Hash of the Bootstrap bytes; stands for \"channel\" in every hash.";
    LineageId, "A dataset through all its versions.";
    DatasetRoot, "One version of a dataset.";
    SegmentId, "Fresh 128-bit id of one registration attempt.";
    Nullifier, "One use of one secret in one scope.";
    RequestId, "One access request; the grant it becomes has the same id.";
    SchemaId, "A visa schema.";
    PolicyRoot, "A compiled policy.";
    IssuerRoot, "A state of the issuer registry.";
    QueryHash, "A compiled cohort query.";
    KeyCommitment, "Commitment to the slot keys of a segment.";
}

/// A UTC day: whole days since 1970-01-01.
///
/// **Units**: days. 0 means absent; a valid day is 1 .. 2^20 - 1 (the year 4840).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Day(pub u32);

impl Day {
    /// The day that a time in milliseconds since 1970 falls in.
    pub const fn of_millis(millis: u64) -> Day {
        Day((millis / 86_400_000) as u32)
    }
    /// As a field element.
    pub fn felt(self) -> Felt {
        Felt::from_u64(u64::from(self.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
