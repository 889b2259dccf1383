//! Where the bytes of powers come from.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A file in memory, or one that is open. The latter may change: what is read is checked each time.
pub(super) enum Source {
    Bytes(Vec<u8>),
    File(Mutex<File>),
}

impl Source {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Source::File(Mutex::new(medveil_plain_file::open(path)?)))
    }

    pub fn length(&self) -> Result<u64> {
        match self {
            Source::Bytes(bytes) => Ok(bytes.len() as u64),
            Source::File(file) => {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(file.metadata()?.len())
            }
        }
    }

    /// Fills bytes from a place on.
    pub fn fill(&self, at: u64, out: &mut [u8]) -> Result<()> {
        match self {
            Source::Bytes(bytes) => {
                let begin = usize::try_from(at).ok();
                let range = begin.and_then(|begin| Some(begin..begin.checked_add(out.len())?));
                let taken = range.and_then(|range| bytes.get(range));
                out.copy_from_slice(taken.ok_or(Error::from(ErrorKind::UnexpectedEof))?);
                Ok(())
            }
            Source::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(out)
            }
        }
    }
}
