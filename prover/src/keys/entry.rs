//! What the store notes of a proving key when it enters: its digest, and which file it was.
//!
//! Hashing a large key takes longer than loading it. A file that is still the same (device, inode,
//! size, times of its last change) is not hashed again; a copied one is, once.

use medveil_circuits::field::Digest;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Two lines: the digest in hex, and five numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub digest: Digest,
    file: [i128; 5],
}

impl Entry {
    pub fn new(digest: Digest, file: &Metadata) -> Self {
        let nanos =
            |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Entry {
            digest,
            file: [
                file.dev().into(),
                file.ino().into(),
                file.size().into(),
                nanos(file.mtime(), file.mtime_nsec()),
                nanos(file.ctime(), file.ctime_nsec()),
            ],
        }
    }

    /// The entry that lines say, if they are as [`Entry::to_lines`] writes them.
    pub fn parse(lines: &[u8]) -> Option<Self> {
        let (digest, file) = std::str::from_utf8(lines).ok()?.split_once('\n')?;
        let numbers: Vec<i128> = file
            .trim_end()
            .split(' ')
            .map_while(|n| n.parse().ok())
            .collect();
        let entry = Entry {
            digest: Digest::from_hex(digest).ok()?,
            file: numbers.try_into().ok()?,
        };
        (entry.to_lines().as_bytes() == lines).then_some(entry)
    }

    pub fn to_lines(self) -> String {
        let numbers = self.file.map(|number| number.to_string()).join(" ");
        format!("{}\n{numbers}\n", self.digest)
    }
}
