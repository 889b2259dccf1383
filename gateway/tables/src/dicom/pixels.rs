//! The pixel data of a file: how many bytes, and their SHA-256. They are passed piece by piece and
//! not looked at.
//!
//! What is counted and hashed is the value field of Pixel Data (7FE0,0010) of the data set itself,
//! not of one inside a sequence, as the file has it (after inflating, if the file is deflated):
//! - native: the bytes of the announced length, a padding byte at the end included;
//! - encapsulated: all items one after the other, the Basic Offset Table first, each with its tag,
//!   its length and its bytes, without the Sequence Delimitation Item.
//!
//! That is `ds.PixelData` of pydicom. The same image in another transfer syntax has another hash.

use super::element::{self, ITEM, SEQUENCE_END, Syntax};
use super::source::{Fault, Source};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What is asked of the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// They are passed over, and so without knowing their bytes.
    Nothing,
    Bytes,
    Hash,
}

/// None where there are no pixels, or where it was not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pixels {
    pub bytes: Option<u64>,
    /// In hexadecimal digits.
    pub sha256: Option<String>,
}

struct Tally {
    bytes: u64,
    hash: Option<Sha256>,
}

impl Tally {
    fn new(ask: Ask) -> Tally {
        Tally {
            bytes: 0,
            hash: (ask == Ask::Hash).then(Sha256::new),
        }
    }

    fn take(&mut self, source: &mut Source, length: u32) -> Result<(), Fault> {
        self.bytes += u64::from(length);
        match &mut self.hash {
            Some(hash) => source.stream(length, &mut |piece| hash.update(piece)),
            None => source.skip(length),
        }
    }

    fn head(&mut self, syntax: Syntax, length: u32) {
        self.bytes += 8;
        if let Some(hash) = &mut self.hash {
            let (group, element) = (ITEM.group(), ITEM.element());
            for number in [group, element] {
                hash.update(match syntax {
                    Syntax::ExplicitBig => number.to_be_bytes(),
                    _ => number.to_le_bytes(),
                });
            }
            hash.update(match syntax {
                Syntax::ExplicitBig => length.to_be_bytes(),
                _ => length.to_le_bytes(),
            });
        }
    }

    fn done(self) -> Pixels {
        if self.bytes == 0 {
            return Pixels::default();
        }
        Pixels {
            bytes: Some(self.bytes),
            sha256: self.hash.map(|hash| {
                hash.finalize().iter().fold(String::new(), |mut out, byte| {
                    let _ = write!(out, "{byte:02x}");
                    out
                })
            }),
        }
    }
}

/// A value of known length.
pub(super) fn native(source: &mut Source, length: u32, ask: Ask) -> Result<Pixels, Fault> {
    let mut tally = Tally::new(ask);
    tally.take(source, length)?;
    Ok(tally.done())
}

/// Items up to the delimiter, none of which may reach past `bound`.
pub(super) fn encapsulated(
    source: &mut Source,
    syntax: Syntax,
    bound: Option<u64>,
    ask: Ask,
) -> Result<Pixels, Fault> {
    let mut tally = Tally::new(ask);
    loop {
        let head = element::header(source, syntax)?;
        match (head.tag, head.length) {
            (SEQUENCE_END, _) => return Ok(tally.done()),
            (ITEM, Some(length)) => {
                let end = source.pos() + u64::from(length);
                if bound.is_some_and(|bound| end > bound) {
                    return Err(head.fault("a length reaches past the end of what it is in"));
                }
                tally.head(syntax, length);
                tally.take(source, length)?;
            }
            _ => return Err(head.fault("expected a fragment or the end of the fragments")),
        }
    }
}
