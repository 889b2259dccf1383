//! What a fuzz target is, and what it says of an input.

use std::fmt::Display;

/// What an input looks like: which changes keep it close to its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Numbers and lengths in little-endian, one after another.
    Borsh,
    Protobuf,
    /// ASN.1 in DER.
    Der,
    /// DER in base64 between two lines.
    Pem,
    /// JSON; texts within it may be JSON, base64 or hex again.
    Json,
    /// Any other text.
    Text,
}

/// What a target said of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It was accepted.
    Read,
    /// Why it was not.
    Refused(String),
}

impl Reading {
    /// The reading of a decoder's result.
    pub fn of<T>(result: Result<T, impl Display>) -> Self {
        match result {
            Ok(_) => Reading::Read,
            Err(error) => Reading::refused(error),
        }
    }

    pub fn refused(why: impl Display) -> Self {
        Reading::Refused(why.to_string())
    }

    pub fn is_read(&self) -> bool {
        *self == Reading::Read
    }
}

/// One decoder, or several that read the same bytes.
pub struct Target {
    /// Also the name of its corpus folder.
    pub name: &'static str,
    pub form: Form,
    /// Words that its inputs may contain.
    pub words: &'static [&'static str],
    /// Reads an input.
    ///
    /// **Panics**: the decoder is wrong: it panicked, or what it accepted does not encode to the
    /// same bytes.
    pub run: fn(&[u8]) -> Reading,
}

impl Target {
    pub(crate) const fn new(name: &'static str, form: Form, run: fn(&[u8]) -> Reading) -> Self {
        Target {
            name,
            form,
            words: &[],
            run,
        }
    }

    pub(crate) const fn with_words(self, words: &'static [&'static str]) -> Self {
        Target { words, ..self }
    }
}

/// An input as text.
pub(crate) fn text(input: &[u8]) -> Result<&str, Reading> {
    std::str::from_utf8(input).map_err(|_| Reading::refused("not utf-8"))
}

/// Fails where what was decoded encodes to other bytes.
///
/// **Panics**: the bytes differ.
#[track_caller]
pub(crate) fn same_bytes(what: &str, input: &[u8], encoded: &[u8]) {
    if input == encoded {
        return;
    }
    let at = input
        .iter()
        .zip(encoded)
        .take_while(|(a, b)| a == b)
        .count();
    panic!(
        "{what}: {} bytes were decoded and encode to {} others, which differ from byte {at} on",
        input.len(),
        encoded.len()
    );
}

/// Splits an input of several parts: each but the last is a length of four bytes, little-endian, and
/// that many bytes or what there is of them.
pub(crate) fn parts<const N: usize>(input: &[u8]) -> [&[u8]; N] {
    let mut rest = input;
    std::array::from_fn(|i| {
        if i + 1 == N {
            return rest;
        }
        let (length, after) = rest.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        let length = u32::from_le_bytes(*length) as usize;
        let (part, after) = after.split_at(length.min(after.len()));
        rest = after;
        part
    })
}

/// Joins parts as `parts` splits them.
pub fn join_parts(parts: &[&[u8]]) -> Vec<u8> {
    let Some((last, first)) = parts.split_last() else {
        return Vec::new();
    };
    let mut input = Vec::new();
    for part in first {
        input.extend((part.len() as u32).to_le_bytes());
        input.extend_from_slice(part);
    }
    input.extend_from_slice(last);
    input
}
