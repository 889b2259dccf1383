//! The messages of an Arrow stream: a mark, the length of a description, the description, a body.

use crate::error::TableError;
use crate::guard::damaged;
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::{Message, RecordBatch, root_as_message};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Most bytes of a message, and of what its compressed parts become.
const MAX_MESSAGE: u64 = 2 << 30;
/// Most bytes of a message's description.
const MAX_ABOUT: u64 = 64 << 20;
const FILE_MARK: &[u8; 6] = b"ARROW1";
const MESSAGE_MARK: [u8; 4] = [0xff; 4];

/// Where reading of a file stands.
pub(super) struct Messages {
    path: PathBuf,
    input: BufReader<File>,
    /// Bytes that may still be read.
    left: u64,
    ended: bool,
}

impl Messages {
    /// **Errors**: the file cannot be read, or is neither an Arrow file nor a stream.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let io = |source| TableError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        let start = start(&mut file, size).map_err(io)?;
        let start = start.map_err(|what| TableError::Malformed {
            place: path.display().to_string(),
            what: what.to_owned(),
        })?;
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            input: BufReader::with_capacity(1 << 16, file),
            left: size.saturating_sub(start),
            ended: false,
        })
    }

    /// The next message with its mark and length, as a decoder wants it, and the end mark as
    /// the last; `None` behind it.
    ///
    /// **Errors**: the stream has no end mark, or announces more than the file has or than fits.
    pub fn next(&mut self, place: &str) -> Result<Option<Buffer>, TableError> {
        if self.ended {
            return Ok(None);
        }
        let mark = self.four(place)?;
        // Before version 0.15 of Arrow, messages had no mark.
        let length = match mark {
            MESSAGE_MARK => self.four(place)?,
            old => old,
        };
        let size = u64::from(u32::from_le_bytes(length));
        if size == 0 {
            self.ended = true;
            let end = [MESSAGE_MARK, [0; 4]].concat();
            return Ok(Some(Buffer::from_vec(end)));
        }
        if size > MAX_ABOUT.min(self.left) {
            return Err(damaged(place));
        }
        let mut message = MutableBuffer::new(0);
        message.extend_from_slice(&MESSAGE_MARK);
        message.extend_from_slice(&length);
        self.read(&mut message, size)?;
        let about = message.as_slice().get(8..).unwrap_or_default();
        let body = root_as_message(about)
            .map_err(|_| damaged(place))?
            .bodyLength();
        let body = u64::try_from(body).map_err(|_| damaged(place))?;
        if body > self.left {
            return Err(damaged(place));
        }
        if body > MAX_MESSAGE {
            return Err(large(place));
        }
        self.read(&mut message, body)?;
        checked(message, size, place).map(Some)
    }

    fn four(&mut self, place: &str) -> Result<[u8; 4], TableError> {
        let mut four = [0u8; 4];
        if self.left < 4 {
            return Err(TableError::Malformed {
                place: place.to_owned(),
                what: "has no end mark: the file is cut short".to_owned(),
            });
        }
        self.left -= 4;
        self.input
            .read_exact(&mut four)
            .map_err(|source| self.io(source))?;
        Ok(four)
    }

    /// Appends `length` bytes, of which the file has enough.
    fn read(&mut self, to: &mut MutableBuffer, length: u64) -> Result<(), TableError> {
        self.left = self.left.saturating_sub(length);
        let from = to.len();
        // At most 2 GiB, which every supported machine addresses.
        to.resize(from + length as usize, 0);
        let into = to.as_slice_mut().get_mut(from..).unwrap_or_default();
        self.input
            .read_exact(into)
            .map_err(|source| self.io(source))
    }

    fn io(&self, source: std::io::Error) -> TableError {
        TableError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

fn large(place: &str) -> TableError {
    TableError::Malformed {
        place: place.to_owned(),
        what: "has a batch of more than 2 GiB: write it with fewer rows a batch".to_owned(),
    }
}

/// Where the stream starts, or what is wrong.
fn start(file: &mut File, size: u64) -> std::io::Result<Result<u64, &'static str>> {
    let mut mark = [0u8; 6];
    if size < 8 {
        return Ok(Err("is no Arrow file: it has fewer than 8 bytes"));
    }
    file.read_exact(&mut mark)?;
    if mark.starts_with(b"FEA1") {
        return Ok(Err(
            "is Feather of version 1: write it as version 2 (Arrow IPC)",
        ));
    }
    if &mark != FILE_MARK {
        return Ok(Ok(0));
    }
    let mut end = [0u8; 6];
    file.seek(SeekFrom::End(-6))?;
    file.read_exact(&mut end)?;
    if size < 24 || &end != FILE_MARK {
        return Ok(Err("is cut short: expected the mark ARROW1 at its end"));
    }
    // The mark is filled up with zeros to 8 bytes, or to the 64 that writers may align to.
    let mut head = [0u8; 64];
    file.seek(SeekFrom::Start(0))?;
    let length = head.len().min(usize::try_from(size).unwrap_or(head.len()));
    file.read_exact(head.get_mut(..length).unwrap_or_default())?;
    let zeros = head
        .chunks_exact(8)
        .skip(1)
        .take_while(|eight| *eight == [0; 8]);
    Ok(Ok(8 + 8 * zeros.count() as u64))
}

/// Looks at the body behind a description of `size` bytes.
fn checked(message: MutableBuffer, size: u64, place: &str) -> Result<Buffer, TableError> {
    let behind = message.as_slice().get(8..).unwrap_or_default();
    // At most 64 MiB, see above.
    let parts = behind.split_at_checked(size as usize);
    let (about, body) = parts.ok_or_else(|| damaged(place))?;
    let about = root_as_message(about).map_err(|_| damaged(place))?;
    unpacked(about, body, place)?;
    Ok(message.into())
}

/// Checks that all parts of a body lie in it, and what compressed ones say they become: the library
/// takes the first for granted, and reserves the second.
fn unpacked(message: Message<'_>, body: &[u8], place: &str) -> Result<(), TableError> {
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch()?.data());
    let Some(batch) = batch else {
        return Ok(());
    };
    match unpacked_size(batch, body) {
        Some(size) if size <= MAX_MESSAGE => Ok(()),
        Some(_) => Err(large(place)),
        None => Err(damaged(place)),
    }
}

fn unpacked_size(batch: RecordBatch<'_>, body: &[u8]) -> Option<u64> {
    let packed = batch.compression().is_some();
    let mut sum = 0u64;
    for part in batch.buffers().into_iter().flatten() {
        let from = usize::try_from(part.offset()).ok()?;
        let length = usize::try_from(part.length()).ok()?;
        let bytes = body.get(from..from.checked_add(length)?)?;
        // An empty part has no length in front; -1 says that the part is not compressed.
        if let Some(head) = bytes.first_chunk::<8>().filter(|_| packed) {
            let size = match i64::from_le_bytes(*head) {
                -1 => length as u64,
                size => u64::try_from(size).ok()?,
            };
            sum = sum.checked_add(size)?;
        }
    }
    Some(sum)
}
