//! Bytes as lower-case hex in JSON, for `#[serde(with = "crate::serde_hex")]`.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::borrow::Cow;

pub(crate) fn serialize<S: Serializer>(
    bytes: impl AsRef<[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Reads a `Vec<u8>`, or an array of exactly its length.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = <Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
    let bytes = hex::decode(text.as_ref()).map_err(D::Error::custom)?;
    T::try_from(bytes).map_err(|_| D::Error::custom("expected another number of bytes"))
}
