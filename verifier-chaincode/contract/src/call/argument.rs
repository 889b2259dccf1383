//! Arguments of queries as plain text, one form for each type.

use crate::error::{Code, ContractError, Refuse};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, LineageId, Nullifier, PolicyRoot, RequestId, SegmentId};
use medveil_collections_config::MspId;

/// An argument of a query.
pub(super) trait Argument: Sized {
    fn to_text(&self) -> String;

    /// **Errors**: a text that is not of this form.
    fn from_text(text: &str) -> Result<Self, ContractError>;
}

/// Types whose text is their `Display`, and what a refusal calls them.
macro_rules! arguments {
    ($($ty:ty => $what:literal;)*) => {$(
        impl Argument for $ty {
            fn to_text(&self) -> String {
                self.to_string()
            }
            fn from_text(text: &str) -> Result<Self, ContractError> {
                text.parse().map_err(|_| mismatch($what))
            }
        }
    )*};
}

arguments! {
    u16 => "the place of an issuer";
    u32 => "the index of a chunk";
    DatasetRoot => "a dataset root";
    LineageId => "a lineage id";
    MspId => "an msp id";
    Nullifier => "a nullifier";
    PolicyRoot => "a policy root";
    RequestId => "a request id";
    SegmentId => "a segment id";
}

fn mismatch(what: &'static str) -> ContractError {
    ContractError::new(Code::BadInput, "arguments", format_args!("expected {what}"))
}

impl Argument for String {
    fn to_text(&self) -> String {
        self.clone()
    }
    fn from_text(text: &str) -> Result<Self, ContractError> {
        Ok(text.to_owned())
    }
}

impl Argument for Digest {
    fn to_text(&self) -> String {
        self.to_hex()
    }
    fn from_text(text: &str) -> Result<Self, ContractError> {
        Digest::from_hex(text).refuse(Code::BadInput, "arguments")
    }
}

impl Argument for Felt {
    fn to_text(&self) -> String {
        self.to_hex()
    }
    fn from_text(text: &str) -> Result<Self, ContractError> {
        Felt::from_hex(text).refuse(Code::BadInput, "arguments")
    }
}

impl Argument for Option<Felt> {
    fn to_text(&self) -> String {
        self.as_ref().map(Argument::to_text).unwrap_or_default()
    }
    fn from_text(text: &str) -> Result<Self, ContractError> {
        (!text.is_empty())
            .then(|| Felt::from_text(text))
            .transpose()
    }
}

impl Argument for Option<RequestId> {
    fn to_text(&self) -> String {
        self.as_ref().map(Argument::to_text).unwrap_or_default()
    }
    fn from_text(text: &str) -> Result<Self, ContractError> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| mismatch("a request id or nothing"))
        };
        (!text.is_empty()).then(|| parse(text)).transpose()
    }
}
