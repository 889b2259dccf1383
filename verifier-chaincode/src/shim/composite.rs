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
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_form_of_fabrics_shims() {
        assert_eq!(
            composite_key("visa", &["a", "", "ü"]).unwrap(),
            "\0visa\0a\0\0ü\0"
        );
        assert_eq!(composite_key("visa", &[]).unwrap(), "\0visa\0");
        for (kind, attributes) in [
            ("", vec![]),
            ("a\0", vec![]),
            ("a", vec!["\0"]),
            ("a", vec!["\u{10ffff}"]),
        ] {
            assert_eq!(composite_key(kind, &attributes), Err(BadPart));
        }
    }

    #[test]
    fn what_was_joined_is_split_and_lies_in_its_range() {
        for attributes in [vec![], vec!["a"], vec!["a", "", "b"]] {
            let key = composite_key("t", &attributes).unwrap();
            assert_eq!(
                split_composite_key(&key).unwrap(),
                (
                    "t".to_owned(),
                    attributes.iter().map(ToString::to_string).collect()
                )
            );
            let (start, end) =
                composite_range("t", &attributes[..attributes.len().min(1)]).unwrap();
            assert!(start <= key && key < end);
        }
        for no in ["", "plain", "\0", "\0\0", "\0a"] {
            assert_eq!(split_composite_key(no), None, "{no:?}");
        }
    }
}
