//! Files of the key store in memory, read where they lie.
#![allow(unsafe_code)]

use memmap2::Mmap;
use std::fs::File;
use std::ops::Deref;

/// Bytes of a key.
pub(crate) enum Bytes {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl Bytes {
    /// **Errors**: the file system refused.
    pub fn map(file: &File) -> std::io::Result<Self> {
        // SAFETY: a file of the store is written under another name, renamed and never changed in
        // place, and only its owner can. Whoever does all the same ends this process, or gets proofs
        // that do not verify and so do not leave.
        Ok(Bytes::Mapped(unsafe { Mmap::map(file) }?))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Owned(bytes) => bytes,
            Bytes::Mapped(bytes) => bytes,
        }
    }
}
