//! The chain file: genesis, then blocks, each in a frame of length and checksum. Appending a frame
//! and syncing it is the commit point.
//!
//! A frame that the end of the file cuts short was never acknowledged and is cut off at the next
//! opening. A wrong checksum anywhere before the end is damage, and refused. What is cut off is
//! compared with the heads that organisations kept before anything is changed.

use super::faults::{Fault, Faults, WritePoint};
use medveil_embedded_wire::format::{
    Block, BlockHeader, FormatError, Hash, decode, encode, sha256,
};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"medveil-chain-1\n";
/// Length, then SHA-256 of the content.
const FRAME: u64 = 8 + 32;
/// Number, two hashes and the length of an empty list.
const MIN_BLOCK: u64 = 8 + 32 + 32 + 4;
/// Longest frame: a full block of envelopes and a little.
const MAX_FRAME: u64 = 80 << 20;

/// Why the chain file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("chain file {}: {action}", path.display())]
    Io {
        path: PathBuf,
        action: &'static str,
        source: std::io::Error,
    },
    #[error("chain file: {part}: {what}")]
    Damaged {
        /// Which part: a block or the genesis.
        part: String,
        what: &'static str,
    },
    /// A test stopped the process here.
    #[error("stopped by a test at {0:?}")]
    Stopped(WritePoint),
    /// The block does not continue the chain.
    #[error("block {0}: does not continue the chain")]
    Order(u64),
}

pub struct Chain {
    path: PathBuf,
    file: File,
    genesis: Vec<u8>,
    /// Where the frame of each block starts.
    offsets: Vec<u64>,
    end: u64,
    torn: Option<u64>,
    last: Hash,
}

impl Chain {
    /// Writes a new chain that holds only its genesis. The file appears whole or not at all.
    ///
    /// **Errors**: there is one already, or the file system refused.
    pub fn create(path: &Path, genesis: &[u8]) -> Result<(), ChainError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(frame(genesis));
        let io = |action| {
            move |source: std::io::Error| ChainError::Io {
                path: path.to_owned(),
                action,
                source,
            }
        };
        if path.exists() {
            return Err(io("create")(std::io::ErrorKind::AlreadyExists.into()));
        }
        medveil_custody::write_file(path, &bytes)
            .map_err(|e| io("create")(std::io::Error::other(e)))
    }

    /// Opens a chain and finds its frames. Nothing is written, also not where the last frame is cut
    /// short.
    ///
    /// **Errors**: the file system refused, or the file is damaged before its end.
    pub fn open(path: &Path) -> Result<Self, ChainError> {
        let io = |action| {
            move |source| ChainError::Io {
                path: path.to_owned(),
                action,
                source,
            }
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(io("open"))?;
        let len = file.metadata().map_err(io("look at"))?.len();
        let mut magic = [0u8; 16];
        let head = file.read_exact(&mut magic);
        if head.is_err() || magic != *MAGIC {
            return Err(damage("genesis", "expected a chain file of format 1"));
        }
        let mut chain = Chain {
            path: path.to_owned(),
            file,
            genesis: vec![],
            offsets: vec![],
            end: 16,
            torn: None,
            last: [0; 32],
        };
        let Some(genesis) = chain.frame_at(16, len)? else {
            return Err(damage("genesis", "cut short"));
        };
        chain.last = sha256(&genesis);
        chain.end = 16 + FRAME + genesis.len() as u64;
        chain.genesis = genesis;
        chain.walk(len)?;
        Ok(chain)
    }

    /// Hops from frame to frame; reads the last one wholly.
    fn walk(&mut self, len: u64) -> Result<(), ChainError> {
        let mut at = self.end;
        while at < len {
            match self.length_at(at, len)? {
                // A file that grew by zeros in a crash is cut short too.
                Some(content) if content >= MIN_BLOCK && at + FRAME + content < len => {
                    self.offsets.push(at)
                }
                Some(content) if content >= MIN_BLOCK && self.frame_at(at, len)?.is_some() => {
                    self.offsets.push(at)
                }
                Some(_) | None => {
                    self.torn = Some(len);
                    break;
                }
            }
            at += FRAME + self.length_at(at, len)?.unwrap_or(0);
        }
        self.end = at.min(len);
        if let Some(last) = self.height().checked_sub(1) {
            self.last = self.block(last)?.header.hash();
        }
        Ok(())
    }

    /// Cuts off a last frame that never became whole. Call after the kept heads were compared.
    ///
    /// **Errors**: the file system refused.
    pub fn cut_torn_tail(&mut self) -> Result<bool, ChainError> {
        if self.torn.take().is_none() {
            return Ok(false);
        }
        self.file
            .set_len(self.end)
            .and_then(|()| self.file.sync_all())
            .map_err(|e| self.io("cut", e))?;
        Ok(true)
    }

    /// Whether the file ends in a frame that never became whole.
    pub fn has_torn_tail(&self) -> bool {
        self.torn.is_some()
    }

    pub fn genesis(&self) -> &[u8] {
        &self.genesis
    }

    /// Number of blocks.
    pub fn height(&self) -> u64 {
        self.offsets.len() as u64
    }

    /// Hash of the last block, or of the genesis.
    pub fn last_hash(&self) -> Hash {
        self.last
    }

    /// Reads a block and checks frame, number and data hash. Whether it continues the block before
    /// is the auditor's and the reader's question.
    ///
    /// **Errors**: no such block, or it is damaged.
    pub fn block(&mut self, number: u64) -> Result<Block, ChainError> {
        let name = || format!("block {number}");
        let at = usize::try_from(number)
            .ok()
            .and_then(|i| self.offsets.get(i))
            .copied();
        let at = at.ok_or_else(|| damage(name(), "there is no such block"))?;
        let len = self
            .file
            .metadata()
            .map_err(|e| self.io("look at", e))?
            .len();
        let bytes = self
            .frame_at(at, len)?
            .ok_or_else(|| damage(name(), "checksum or length is wrong"))?;
        let block: Block = decode(&bytes, "a block")
            .map_err(|FormatError(_)| damage(name(), "expected a block"))?;
        if block.header.number != number {
            return Err(damage(name(), "carries another number"));
        }
        if block.header.data != Block::data_hash(&block.envelopes) {
            return Err(damage(name(), "data hash is wrong"));
        }
        Ok(block)
    }

    /// Appends a block and syncs the file.
    ///
    /// **Errors**: the block does not continue the chain, or the file system refused; then the
    /// ledger must be opened anew.
    pub fn append(&mut self, block: &Block, faults: &dyn Faults) -> Result<(), ChainError> {
        let BlockHeader {
            number, previous, ..
        } = block.header;
        if number != self.height() || previous != self.last || self.torn.is_some() {
            return Err(ChainError::Order(number));
        }
        let bytes = frame(&encode(block));
        self.file
            .seek(SeekFrom::Start(self.end))
            .map_err(|e| self.io("seek in", e))?;
        let upto = match faults.at(&WritePoint::Append) {
            Fault::None => bytes.len(),
            Fault::Stop => 0,
            Fault::Tear(n) => n.min(bytes.len()),
        };
        self.file
            .write_all(bytes.get(..upto).unwrap_or(&bytes))
            .map_err(|e| self.io("write", e))?;
        if upto < bytes.len() {
            return Err(ChainError::Stopped(WritePoint::Append));
        }
        if faults.at(&WritePoint::Sync) != Fault::None {
            return Err(ChainError::Stopped(WritePoint::Sync));
        }
        self.file.sync_data().map_err(|e| self.io("sync", e))?;
        self.offsets.push(self.end);
        self.end += bytes.len() as u64;
        self.last = block.header.hash();
        Ok(())
    }

    fn length_at(&mut self, at: u64, len: u64) -> Result<Option<u64>, ChainError> {
        if at.checked_add(FRAME).is_none_or(|end| end > len) {
            return Ok(None);
        }
        let mut bytes = [0u8; 8];
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|e| self.io("read", e))?;
        let content = u64::from_le_bytes(bytes);
        let whole = content <= MAX_FRAME && at + FRAME + content <= len;
        Ok(whole.then_some(content))
    }

    /// The content of a frame, or none where it is cut short or its checksum is wrong.
    fn frame_at(&mut self, at: u64, len: u64) -> Result<Option<Vec<u8>>, ChainError> {
        let Some(content) = self.length_at(at, len)? else {
            return Ok(None);
        };
        let mut checksum = [0u8; 32];
        let mut bytes = vec![0u8; content as usize];
        let read = self
            .file
            .read_exact(&mut checksum)
            .and_then(|()| self.file.read_exact(&mut bytes));
        read.map_err(|e| self.io("read", e))?;
        Ok((sha256(&bytes) == checksum).then_some(bytes))
    }

    fn io(&self, action: &'static str, source: std::io::Error) -> ChainError {
        ChainError::Io {
            path: self.path.clone(),
            action,
            source,
        }
    }
}

fn damage(part: impl ToString, what: &'static str) -> ChainError {
    ChainError::Damaged {
        part: part.to_string(),
        what,
    }
}

fn frame(content: &[u8]) -> Vec<u8> {
    let mut bytes = (content.len() as u64).to_le_bytes().to_vec();
    bytes.extend(sha256(content));
    bytes.extend_from_slice(content);
    bytes
}
