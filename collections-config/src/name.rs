//! Names that Fabric gives meaning to: MSP ids and collections, implicit and explicit.
//!
//! Sources: Fabric's policy language (a principal is `MSP.role` with `[[:alnum:].-]+` before the
//! last dot) and its collection name rule (`[A-Za-z0-9_-]+`). Both are a little stricter here, so
//! that a name is also a safe file name.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io::Read;
use std::str::FromStr;

/// Longest MSP id or collection name, in bytes.
pub const MAX_NAME: usize = 64;

/// The collection of all members that holds the sealed bodies of requests. No sharing group has
/// this name.
pub const REQUESTS: &str = "medveil-requests";

/// What Fabric puts before an MSP id to name that organisation's implicit collection.
pub const IMPLICIT_PREFIX: &str = "_implicit_org_";

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The MSP id breaks the rule.
    #[error(
        "msp id: expected 1 to 64 letters, digits, dots and hyphens, first and last a letter or digit"
    )]
    MspId,
    /// The collection name breaks the rule.
    #[error(
        "collection name: expected 1 to 64 letters, digits, underscores and hyphens, first a letter or digit, or an implicit name"
    )]
    Collection,
}

/// An organisation's MSP id.
///
/// **Shape**: 1 to 64 ASCII letters, digits, dots and hyphens; the first and the last are letters
/// or digits, no two dots in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct MspId(String);

impl MspId {
    /// Checks a text.
    ///
    /// **Errors**: the text breaks the rule.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        let plain = bytes.len() <= MAX_NAME
            && ends(bytes.first())
            && ends(bytes.last())
            && bytes.iter().all(|b| inner(*b));
        if plain && !text.contains("..") {
            Ok(MspId(text))
        } else {
            Err(NameError::MspId)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A private data collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollectionName {
    /// The collection every organisation has without any definition: `_implicit_org_MSP`.
    Implicit(MspId),
    /// A collection of the collections file.
    Explicit(ExplicitName),
}

/// The name of a collection that the collections file defines.
///
/// **Shape**: 1 to 64 ASCII letters, digits, underscores and hyphens; the first is a letter or
/// digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExplicitName(String);

impl ExplicitName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CollectionName {
    /// The implicit collection of an organisation.
    pub fn implicit(owner: &MspId) -> Self {
        CollectionName::Implicit(owner.clone())
    }

    /// The collection of all members, for the sealed bodies of requests.
    pub fn requests() -> Self {
        CollectionName::Explicit(ExplicitName(REQUESTS.to_owned()))
    }

    /// A defined collection.
    ///
    /// **Errors**: the text breaks the rule, or has the form of an implicit name.
    pub fn explicit(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let first = text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        if first && text.len() <= MAX_NAME && text.bytes().all(inner) {
            Ok(CollectionName::Explicit(ExplicitName(text)))
        } else {
            Err(NameError::Collection)
        }
    }

    /// The owner of an implicit collection.
    pub fn owner(&self) -> Option<&MspId> {
        match self {
            CollectionName::Implicit(owner) => Some(owner),
            CollectionName::Explicit(_) => None,
        }
    }
}

impl FromStr for CollectionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.strip_prefix(IMPLICIT_PREFIX) {
            Some(owner) => MspId::new(owner)
                .map(CollectionName::Implicit)
                .map_err(|_| NameError::Collection),
            None => CollectionName::explicit(text),
        }
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CollectionName::Implicit(owner) => write!(f, "{IMPLICIT_PREFIX}{owner}"),
            CollectionName::Explicit(name) => f.write_str(name.as_str()),
        }
    }
}

impl FromStr for MspId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        MspId::new(text)
    }
}

impl fmt::Display for MspId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for MspId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl BorshSerialize for CollectionName {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        BorshSerialize::serialize(&self.to_string(), writer)
    }
}

/// Reads a borsh string of at most `MAX_NAME` bytes plus the implicit prefix, without trusting its
/// length.
fn read_text<R: Read>(reader: &mut R) -> std::io::Result<String> {
    let invalid = |what: &'static str| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let len = u32::deserialize_reader(reader)? as usize;
    if len > MAX_NAME + IMPLICIT_PREFIX.len() {
        return Err(invalid("name: expected a short text"));
    }
    let mut bytes = vec![0u8; len];
    reader.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| invalid("name: expected utf-8"))
}

macro_rules! text_codecs {
    ($($name:ty),*) => {$(
        impl BorshDeserialize for $name {
            fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
                read_text(reader)?.parse().map_err(|e: NameError| std::io::Error::new(std::io::ErrorKind::InvalidData, e))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_codecs!(MspId, CollectionName);

#[cfg(test)]
mod tests;
