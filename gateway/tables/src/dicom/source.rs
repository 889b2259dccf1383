//! The bytes of one file: where they stand, how many are left, skipped without being read.

use crate::error::TableError;
use flate2::bufread::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// Bytes read at once when a value is streamed.
const CHUNK: usize = 1 << 16;

/// What is wrong with a file, before the file is named.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    What(String),
}

impl Fault {
    pub(super) fn what(what: impl Into<String>) -> Fault {
        Fault::What(what.into())
    }

    /// Names the file.
    pub(super) fn at(self, path: &Path) -> TableError {
        match self {
            Fault::Io(source) => TableError::Io {
                path: path.to_owned(),
                source,
            },
            Fault::What(what) => TableError::Malformed {
                place: path.display().to_string(),
                what,
            },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Fault::what("the file ends in the middle of an element")
            }
            // What the inflater answers to data that are not deflated.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Fault::what("expected deflated data, as the transfer syntax says: they are damaged")
            }
            _ => Fault::Io(error),
        }
    }
}

enum Input {
    Plain(BufReader<File>),
    Inflated(Box<BufReader<DeflateDecoder<BufReader<File>>>>),
}

/// A file that is read from front to back.
///
/// **Cost**: two buffers of 8 KiB, however large the file.
pub(super) struct Source {
    input: Input,
    /// Position in the file, or in the inflated data.
    pos: u64,
    /// The file's length, or how much may be inflated.
    end: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source, Fault> {
        let file = medveil_plain_file::open(path).map_err(|error| match error.kind() {
            ErrorKind::InvalidInput => Fault::what("expected a plain file"),
            _ => Fault::Io(error),
        })?;
        let metadata = file.metadata().map_err(Fault::Io)?;
        Ok(Source {
            input: Input::Plain(BufReader::new(file)),
            pos: 0,
            end: metadata.len(),
        })
    }

    /// What follows is deflated, and may inflate to `limit` bytes.
    pub(super) fn inflate(self, limit: u64) -> Source {
        match self.input {
            Input::Plain(rest) => Source {
                input: Input::Inflated(Box::new(BufReader::new(DeflateDecoder::new(rest)))),
                pos: 0,
                end: limit,
            },
            Input::Inflated(_) => self,
        }
    }

    pub(super) fn pos(&self) -> u64 {
        self.pos
    }

    pub(super) fn at_end(&mut self) -> Result<bool, Fault> {
        match &mut self.input {
            Input::Plain(_) => Ok(self.pos >= self.end),
            Input::Inflated(input) => Ok(input.fill_buf()?.is_empty()),
        }
    }

    /// Refuses to go further than the file, or than may be inflated.
    fn ahead(&self, length: u64) -> Result<(), Fault> {
        let left = self.end.saturating_sub(self.pos);
        if length <= left {
            return Ok(());
        }
        let (pos, end) = (self.pos, self.end);
        Err(Fault::what(match self.input {
            Input::Plain(_) => format!("byte {pos}: {length} bytes announced, {left} are left"),
            Input::Inflated(_) => {
                format!("byte {pos} after inflating: expected at most {end} bytes in all")
            }
        }))
    }

    pub(super) fn exact<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.ahead(bytes.len() as u64)?;
        match &mut self.input {
            Input::Plain(input) => input.read_exact(bytes)?,
            Input::Inflated(input) => input.read_exact(bytes)?,
        }
        self.pos += bytes.len() as u64;
        Ok(())
    }

    /// A value of `length` bytes, which the caller has bounded.
    pub(super) fn value(&mut self, length: u32) -> Result<Vec<u8>, Fault> {
        // Before the memory is taken: a file cannot announce more than it has.
        self.ahead(u64::from(length))?;
        let mut bytes = vec![0; length as usize];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Goes past `length` bytes; a file that is not deflated is not read for that.
    pub(super) fn skip(&mut self, length: u32) -> Result<(), Fault> {
        self.ahead(u64::from(length))?;
        match &mut self.input {
            Input::Plain(input) => input.seek_relative(i64::from(length))?,
            Input::Inflated(_) => return self.stream(length, &mut |_| {}),
        }
        self.pos += u64::from(length);
        Ok(())
    }

    /// Hands over `length` bytes piece by piece.
    pub(super) fn stream(&mut self, length: u32, take: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.ahead(u64::from(length))?;
        let mut left = length as usize;
        let mut chunk = vec![0; left.min(CHUNK)];
        while left > 0 {
            let size = left.min(CHUNK);
            if let Some(piece) = chunk.get_mut(..size) {
                self.fill(piece)?;
                take(piece);
            }
            left -= size;
        }
        Ok(())
    }

    /// The group of the next element in little endian, without going on; none at the end.
    pub(super) fn peek_group(&mut self) -> Result<Option<u16>, Fault> {
        if self.end.saturating_sub(self.pos) < 2 {
            return Ok(None);
        }
        let Input::Plain(input) = &mut self.input else {
            return Ok(None);
        };
        let mut bytes = [0; 2];
        input.read_exact(&mut bytes)?;
        input.seek_relative(-2)?;
        Ok(Some(u16::from_le_bytes(bytes)))
    }

    /// Whether the mark `DICM` stands at byte 128; goes past it.
    pub(super) fn mark(&mut self) -> Result<bool, Fault> {
        if self.end < 132 {
            return Ok(false);
        }
        self.skip(128)?;
        Ok(&self.exact::<4>()? == b"DICM")
    }
}

/// Whether two files have the same bytes.
pub(super) fn same_bytes(one: &Path, other: &Path) -> Result<bool, TableError> {
    let open = |path: &Path| {
        let file = File::open(path).map_err(|e| Fault::Io(e).at(path))?;
        let length = file.metadata().map_err(|e| Fault::Io(e).at(path))?.len();
        Ok::<_, TableError>((BufReader::with_capacity(CHUNK, file), length))
    };
    let ((mut a, left), (mut b, right)) = (open(one)?, open(other)?);
    if left != right {
        return Ok(false);
    }
    loop {
        let x = a.fill_buf().map_err(|e| Fault::Io(e).at(one))?;
        let y = b.fill_buf().map_err(|e| Fault::Io(e).at(other))?;
        let size = x.len().min(y.len());
        if x.get(..size) != y.get(..size) {
            return Ok(false);
        }
        if size == 0 {
            return Ok(x.len() == y.len());
        }
        a.consume(size);
        b.consume(size);
    }
}
