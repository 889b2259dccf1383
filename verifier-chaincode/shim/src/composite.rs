//! Composite keys: an object's type and attributes in one key, in the form that every Fabric shim
//! uses.
//!
//! Source: the composite keys of Fabric's chaincode interface. U+0000 begins the key and ends each
//! part; U+10FFFF ends a range of them.

/// The first character of every composite key, and the end of each part.
const END: char = '\0';
/// Above every part.
const AFTER: char = '\u{10ffff}';

/// A part holds a character that composite keys need for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("composite key: expected a type, and parts without U+0000 and U+10FFFF")]
pub struct BadPart;

/// Joins a type and attributes.
///
/// **Errors**: an empty type, or a part with U+0000 or U+10FFFF.
pub fn composite_key(kind: &str, attributes: &[&str]) -> Result<String, BadPart> {
    let mut key = String::from(END);
    for part in std::iter::once(&kind).chain(attributes) {
        if kind.is_empty() || part.contains([END, AFTER]) {
            return Err(BadPart);
        }
        key.push_str(part);
        key.push(END);
    }
    Ok(key)
}

/// Type and attributes of a composite key; none where it is no such key.
pub fn split_composite_key(key: &str) -> Option<(String, Vec<String>)> {
    let body = key.strip_prefix(END)?.strip_suffix(END)?;
    let mut parts = body.split(END).map(str::to_owned);
    let kind = parts.next().filter(|k| !k.is_empty())?;
    Some((kind, parts.collect()))
}

/// First key and the end of the range of all keys that begin with these parts.
///
/// **Errors**: as [`composite_key`].
pub fn composite_range(kind: &str, attributes: &[&str]) -> Result<(String, String), BadPart> {
    let start = composite_key(kind, attributes)?;
    let end = format!("{start}{AFTER}");
    Ok((start, end))
}

#[cfg(test)]
mod tests;
