//! Frames of a chain file: length, SHA-256 of the content, content.

use super::ChainError;
use medveil_custody::open_plain;
use medveil_embedded_wire::format::{BlockHeader, Hash, decode, sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the file begins with.
pub(crate) const MAGIC: &[u8; 16] = b"medveil-chain-1\n";
/// Length, then SHA-256 of the content.
pub(crate) const FRAME: u64 = 8 + 32;
/// Number, two hashes and the length of an empty list.
pub(super) const MIN_BLOCK: u64 = 8 + 32 + 32 + 4;
/// Longest frame: a full block of envelopes and a little.
pub(super) const MAX_FRAME: u64 = 80 << 20;

/// The frame of a content.
pub(crate) fn frame(content: &[u8]) -> Vec<u8> {
    let mut bytes = (content.len() as u64).to_le_bytes().to_vec();
    bytes.extend(sha256(content));
    bytes.extend_from_slice(content);
    bytes
}

/// The header that a block's bytes begin with.
pub(crate) fn header_of(block: &[u8]) -> Option<BlockHeader> {
    decode(block.get(..MIN_BLOCK as usize - 4)?, "a header").ok()
}

/// Whether bytes are the block that follows: its number and the hash of the one before.
pub(crate) fn is_next(block: &[u8], number: u64, previous: &Hash) -> Option<BlockHeader> {
    header_of(block).filter(|h| h.number == number && h.previous == *previous)
}

/// An open chain file.
pub(crate) struct Frames {
    path: PathBuf,
    file: File,
}

impl Frames {
    /// **Errors**: the file system refused.
    pub(crate) fn open(path: &Path, write: bool) -> Result<Self, ChainError> {
        let file = match write {
            // With both rights a pipe that has the name is opened at once.
            true => OpenOptions::new().read(true).write(true).open(path),
            false => open_plain(path),
        };
        let path = path.to_owned();
        match file {
            Ok(file) => Ok(Frames { path, file }),
            Err(source) => Err(ChainError::Io {
                path,
                action: "open",
                source,
            }),
        }
    }

    pub(super) fn io(&self, action: &'static str) -> impl Fn(std::io::Error) -> ChainError + '_ {
        move |source| ChainError::Io {
            path: self.path.clone(),
            action,
            source,
        }
    }

    pub(crate) fn len(&self) -> Result<u64, ChainError> {
        let metadata = self.file.metadata().map_err(self.io("look at"))?;
        Ok(metadata.len())
    }

    /// Whether the file begins as a chain does.
    pub(crate) fn has_magic(&mut self) -> Result<bool, ChainError> {
        Ok(self.len()? >= 16 && self.bytes(0, 16)? == MAGIC)
    }

    /// **Errors**: the file ends before, or the file system refused.
    pub(super) fn bytes(&mut self, at: u64, len: u64) -> Result<Vec<u8>, ChainError> {
        let mut bytes = vec![0u8; len as usize];
        let read = self.file.seek(SeekFrom::Start(at));
        let read = read.and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(self.io("read"))?;
        Ok(bytes)
    }

    /// The length that a frame names; none where so much is not there.
    pub(super) fn length_at(&mut self, at: u64, len: u64) -> Result<Option<u64>, ChainError> {
        if at.checked_add(FRAME).is_none_or(|end| end > len) {
            return Ok(None);
        }
        let bytes = self.bytes(at, 8)?;
        let content = bytes.try_into().map_or(u64::MAX, u64::from_le_bytes);
        let whole = content <= MAX_FRAME && at + FRAME + content <= len;
        Ok(whole.then_some(content))
    }

    /// The content of a frame, or none where it is cut short or its checksum is wrong.
    pub(crate) fn frame_at(&mut self, at: u64, len: u64) -> Result<Option<Vec<u8>>, ChainError> {
        let mut bytes = Vec::new();
        Ok(self.read_frame(at, len, &mut bytes)?.then_some(bytes))
    }

    /// As [`Frames::frame_at`], into a buffer; whether there is such a frame.
    fn read_frame(&mut self, at: u64, len: u64, bytes: &mut Vec<u8>) -> Result<bool, ChainError> {
        let Some(content) = self.length_at(at, len)? else {
            return Ok(false);
        };
        let mut checksum = [0u8; 32];
        bytes.resize(content as usize, 0);
        let read = self.file.read_exact(&mut checksum);
        let read = read.and_then(|()| self.file.read_exact(bytes));
        read.map_err(self.io("read"))?;
        Ok(sha256(bytes) == checksum)
    }

    /// The headers of the blocks at these places, on as many threads as the machine has; none where
    /// a block is not whole.
    pub(super) fn headers(
        &self,
        places: &[u64],
        len: u64,
    ) -> Result<Vec<Option<BlockHeader>>, ChainError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let size = places.len().div_ceil(threads).max(16);
        std::thread::scope(|scope| {
            let parts: Vec<_> = places
                .chunks(size)
                .map(|part| scope.spawn(move || self.headers_of(part, len)))
                .collect();
            let mut headers = Vec::with_capacity(places.len());
            for part in parts {
                let stopped = |_| self.io("read")(std::io::Error::other("a thread stopped"));
                headers.extend(part.join().map_err(stopped)??);
            }
            Ok(headers)
        })
    }

    fn headers_of(&self, places: &[u64], len: u64) -> Result<Vec<Option<BlockHeader>>, ChainError> {
        // Each thread has a place of its own in the file.
        let mut frames = Frames::open(&self.path, false)?;
        let mut bytes = Vec::new();
        let mut header = |at: &u64| {
            let whole = frames.read_frame(*at, len, &mut bytes)?;
            Ok(header_of(&bytes).filter(|_| whole))
        };
        places.iter().map(&mut header).collect()
    }

    /// Whether a whole block stands anywhere from `at` on whose number is `least` or a little more.
    pub(super) fn has_block_behind(&mut self, at: u64, least: u64) -> Result<bool, ChainError> {
        let len = self.len()?;
        if len - at.min(len) > FRAME + MAX_FRAME {
            // More than one write leaves behind.
            return Ok(true);
        }
        let tail = self.bytes(at, len - at.min(len))?;
        let most = least + tail.len() as u64 / (FRAME + MIN_BLOCK);
        let number = |i: usize| {
            let bytes = tail.get(i..)?.first_chunk::<8>()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let is_block = |i: usize| -> Option<bool> {
            let rest = tail.get(i + FRAME as usize..)?;
            let content = number(i).filter(|n| *n >= MIN_BLOCK && *n <= rest.len() as u64)?;
            number(i + FRAME as usize).filter(|n| (least..=most).contains(n))?;
            let checksum = tail.get(i + 8..i + FRAME as usize)?;
            Some(sha256(rest.get(..content as usize)?) == checksum)
        };
        Ok((0..tail.len()).any(|i| is_block(i) == Some(true)))
    }

    /// **Errors**: the file system refused.
    pub(super) fn cut(&mut self, end: u64) -> Result<(), ChainError> {
        let cut = self.file.set_len(end).and_then(|()| self.file.sync_all());
        cut.map_err(self.io("cut"))
    }

    /// Writes without a sync.
    ///
    /// **Errors**: the file system refused.
    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), ChainError> {
        let sought = self.file.seek(SeekFrom::Start(at));
        sought.map_err(self.io("seek in"))?;
        let written = self.file.write_all(bytes);
        written.map_err(self.io("write"))
    }

    pub(super) fn sync(&self) -> Result<(), ChainError> {
        self.file.sync_data().map_err(self.io("sync"))
    }
}
