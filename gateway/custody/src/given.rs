//! Reading files whatever they are: within a bound, and without waiting for somebody who may never
//! write. The one place of a home's and a ledger's readers.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Result, Seek};
use std::path::Path;

/// Most that is read of a pipe, whose length nobody knows before.
///
/// **Units**: bytes.
const LONGEST_PIPE: u64 = 64 << 20;

/// Opens a plain file for reading.
///
/// **Errors**: the file system refused; it is a folder, a device, a pipe or a socket
/// ([`ErrorKind::InvalidInput`]).
pub fn open_plain(path: &Path) -> Result<File> {
    let (file, metadata) = open(path)?;
    match metadata.is_file() {
        true => Ok(file),
        false => Err(other("expected a plain file")),
    }
}

/// Reads a plain file of at most so many bytes.
///
/// **Errors**: as [`open_plain`]; it is longer ([`ErrorKind::InvalidData`]).
pub fn read_plain(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let (file, metadata) = open(path)?;
    match metadata.is_file() {
        true => within(file, metadata.len(), limit),
        false => Err(other("expected a plain file")),
    }
}

/// Reads what a command was given: a plain file of at most so many bytes, or a pipe that somebody
/// writes to.
///
/// **Errors**: as [`read_plain`]; nobody writes to the pipe.
pub fn read_given(path: &Path, limit: u64) -> Result<Vec<u8>> {
    read_given_of(path, limit, b"")
}

/// As [`read_given`], of files of a format that may be large: of a plain file that begins otherwise
/// than with `magic`, whatever its length, only so many bytes are read, which are no file of it.
///
/// **Errors**: as [`read_given`].
pub fn read_given_of(path: &Path, limit: u64, magic: &[u8]) -> Result<Vec<u8>> {
    let (mut file, metadata) = open(path)?;
    if !metadata.is_file() {
        return match is_pipe(&metadata) {
            true => of_pipe(file, limit.min(LONGEST_PIPE)),
            false => Err(other("expected a plain file or a pipe")),
        };
    }
    let mut begin = Vec::with_capacity(magic.len());
    let first = file.by_ref().take(magic.len() as u64);
    first.take(limit).read_to_end(&mut begin)?;
    if begin != magic {
        return Ok(begin);
    }
    file.rewind()?;
    within(file, metadata.len(), limit)
}

/// Whether a system's error says that a name is no file that can be opened: its links lead to each
/// other, or nothing answers behind it, as behind a socket.
pub fn is_no_file(error: &Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let known = [Errno::LOOP, Errno::NXIO].map(Errno::raw_os_error);
        error.raw_os_error().is_some_and(|e| known.contains(&e))
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// Whether an error says that what has the name is no file of a form that anybody wrote there: another
/// content, or no plain file at all. It says nothing of the system.
pub fn is_other_form(error: &Error) -> bool {
    let is_form = matches!(
        error.kind(),
        ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof
            | ErrorKind::InvalidInput
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
    );
    is_form || is_no_file(error)
}

fn other(expected: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, expected)
}

/// Opens whatever has the name: without a wait for the other end of a pipe.
fn open(path: &Path) -> Result<(File, Metadata)> {
    let file = medveil_plain_file::open_now(path)?;
    // The open file is asked, not the name: nobody can swap it in between.
    let metadata = file.metadata()?;
    match metadata.is_dir() {
        true => Err(ErrorKind::IsADirectory.into()),
        false => Ok((file, metadata)),
    }
}

/// Into a buffer of the right length from the start: one that grows is twice as long in between.
fn within(file: File, len: u64, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if len <= limit {
        let room = usize::try_from(len.saturating_add(1)).unwrap_or(usize::MAX);
        bytes.try_reserve_exact(room)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    match len.max(bytes.len() as u64) > limit {
        true => Err(too_long(limit)),
        false => Ok(bytes),
    }
}

fn too_long(limit: u64) -> Error {
    let words = format!("expected at most {limit} bytes");
    Error::new(ErrorKind::InvalidData, words)
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

/// The first byte says whether somebody writes: without a writer, the pipe is at its end.
#[cfg(unix)]
fn of_pipe(mut file: File, limit: u64) -> Result<Vec<u8>> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let mut first = [0u8; 1];
    let mut bytes = Vec::new();
    match file.read(&mut first) {
        Ok(0) => return Err(other("expected a pipe that somebody writes to")),
        Ok(_) => bytes.extend(first),
        Err(e) if e.kind() == ErrorKind::WouldBlock => {}
        Err(e) => return Err(e),
    }
    let flags = fcntl_getfl(&file)?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    let rest = limit.saturating_add(1).saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(too_long(limit)),
        false => Ok(bytes),
    }
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn of_pipe(_: File, _: u64) -> Result<Vec<u8>> {
    Err(other("expected a plain file"))
}

#[cfg(test)]
mod tests;
