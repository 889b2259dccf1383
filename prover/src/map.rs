//! Files of the key store in memory, read where they lie.
#![allow(unsafe_code)]

#[cfg(unix)]
use memmap2::{Mmap, UncheckedAdvice};
#[cfg(unix)]
use std::fs::File;
use std::ops::Deref;

/// Bytes of a key.
pub(crate) enum Bytes {
    Owned(Vec<u8>),
    #[cfg(unix)]
    Mapped(Mmap),
}

impl Bytes {
    /// **Errors**: the file system refused.
    #[cfg(unix)]
    pub fn map(file: &File) -> std::io::Result<Self> {
        // SAFETY: a file of the store is written under another name, renamed and never changed in
        // place, and only its owner can. Whoever does all the same ends this process, or gets proofs
        // that do not verify and so do not leave.
        Ok(Bytes::Mapped(unsafe { Mmap::map(file) }?))
    }

    /// Lets go of what of a part is in memory. Whoever reads it again has it from the file.
    #[cfg(unix)]
    pub fn release(&self, part: &[u8]) {
        let Bytes::Mapped(map) = self else { return };
        let begin = part.as_ptr().addr().checked_sub(map.as_ptr().addr());
        let is_part = |begin: &usize| begin.saturating_add(part.len()) <= map.len();
        if let Some(begin) = begin.filter(is_part) {
            // SAFETY: the mapping is shared and read only: its pages come back as the file has them.
            // A system that refuses keeps them.
            let _ =
                unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, begin, part.len()) };
        }
    }

    /// Nothing, where a system is not asked so.
    #[cfg(not(unix))]
    pub fn release(&self, _: &[u8]) {}
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Owned(bytes) => bytes,
            #[cfg(unix)]
            Bytes::Mapped(bytes) => bytes,
        }
    }
}
