//! The chain file: genesis, then blocks, each in a frame of length and checksum. Appending a frame
//! and syncing it is the commit point.
//!
//! A frame that the end of the file cuts short was never acknowledged and is cut off at the next
//! opening, where no whole block stands behind it and nobody signed it. Anything else that is not as
//! it was written is damage, and refused.

mod frames;

pub(super) use frames::{FRAME, Frames, MAGIC, frame, is_next};

use super::faults::{Fault, Faults, WritePoint};
use frames::MIN_BLOCK;
use medveil_embedded_wire::format::{
    Block, BlockHeader, FormatError, Hash, decode, encode, sha256,
};
use std::path::{Path, PathBuf};

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
    frames: Frames,
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

    /// The genesis that a chain's file begins with; nothing else of it is read.
    ///
    /// **Errors**: the file system refused, or the beginning of the file is damaged.
    pub fn genesis_of(path: &Path) -> Result<Vec<u8>, ChainError> {
        read_genesis(&mut Frames::open(path, false)?)
    }

    /// Opens a chain and finds its frames. Nothing is written, also not where the last frame is cut
    /// short.
    ///
    /// **Errors**: the file system refused, or the file is damaged at its beginning or its end.
    pub fn open(path: &Path) -> Result<Self, ChainError> {
        let mut frames = Frames::open(path, true)?;
        let len = frames.len()?;
        let genesis = read_genesis(&mut frames)?;
        let mut chain = Chain {
            frames,
            end: 16 + FRAME + genesis.len() as u64,
            last: sha256(&genesis),
            genesis,
            offsets: vec![],
            torn: None,
        };
        chain.walk(len)?;
        Ok(chain)
    }

    /// Hops from frame to frame; reads the last one wholly.
    fn walk(&mut self, len: u64) -> Result<(), ChainError> {
        let mut at = self.end;
        while at < len {
            let content = self.frames.length_at(at, len)?;
            let Some(content) = content.filter(|content| *content >= MIN_BLOCK) else {
                self.torn = Some(len);
                break;
            };
            let next = at + FRAME + content;
            // A file that grew by zeros in a crash is cut short too.
            if next == len && self.frames.frame_at(at, len)?.is_none() {
                self.torn = Some(len);
                break;
            }
            self.offsets.push(at);
            at = next;
        }
        self.end = at.min(len);
        if let Some(last) = self.height().checked_sub(1) {
            self.last = self.block(last)?.header.hash();
        }
        Ok(())
    }

    /// Reads every block: its checksum, and that it follows the one before. Gives their hashes.
    ///
    /// **Errors**: a block is damaged, or whole blocks stand behind one that is.
    pub fn check(&mut self) -> Result<Vec<Hash>, ChainError> {
        let len = self.frames.len()?;
        let mut hashes: Vec<Hash> = Vec::new();
        let mut previous = sha256(&self.genesis);
        for (number, header) in (0u64..).zip(self.frames.headers(&self.offsets, len)?) {
            let wrong = |what| damage(format!("block {number}"), what);
            let header = header.ok_or_else(|| wrong("checksum or length is wrong"))?;
            if header.number != number || header.previous != previous {
                return Err(wrong("does not follow the block before it"));
            }
            previous = header.hash();
            hashes.push(previous);
        }
        let height = self.height();
        if self.torn.is_some() && self.frames.has_block_behind(self.end, height)? {
            let what = "checksum or length is wrong, and blocks stand behind it";
            return Err(damage(format!("block {height}"), what));
        }
        Ok(hashes)
    }

    /// Cuts off a last frame that never became whole. Call after [`Chain::check`], and after the kept
    /// heads were compared.
    ///
    /// **Errors**: the file system refused.
    pub fn cut_torn_tail(&mut self) -> Result<bool, ChainError> {
        if self.torn.take().is_none() {
            return Ok(false);
        }
        self.frames.cut(self.end)?;
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
        let len = self.frames.len()?;
        let bytes = self
            .frames
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
        let upto = match faults.at(&WritePoint::Append) {
            Fault::None => bytes.len(),
            Fault::Stop => 0,
            Fault::Tear(n) => n.min(bytes.len()),
        };
        let written = bytes.get(..upto).unwrap_or(&bytes);
        self.frames.write(self.end, written)?;
        if upto < bytes.len() {
            return Err(ChainError::Stopped(WritePoint::Append));
        }
        if faults.at(&WritePoint::Sync) != Fault::None {
            return Err(ChainError::Stopped(WritePoint::Sync));
        }
        self.frames.sync()?;
        self.offsets.push(self.end);
        self.end += bytes.len() as u64;
        self.last = block.header.hash();
        Ok(())
    }
}

fn read_genesis(frames: &mut Frames) -> Result<Vec<u8>, ChainError> {
    let len = frames.len()?;
    if !frames.has_magic()? {
        return Err(damage("genesis", "expected a chain file of format 1"));
    }
    let genesis = frames.frame_at(16, len)?;
    genesis.ok_or_else(|| damage("genesis", "checksum or length is wrong"))
}

fn damage(part: impl ToString, what: &'static str) -> ChainError {
    ChainError::Damaged {
        part: part.to_string(),
        what,
    }
}
