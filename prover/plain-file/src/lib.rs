//! Opens files of others: plain ones. A pipe that nobody writes to would never open, and a device
//! never ends.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Opens a plain file. Whatever somebody puts in its place meanwhile, it does not wait.
///
/// **Errors**: the file system refused; `InvalidInput` where it is a folder, a device, a pipe or a
/// socket.
pub fn open(path: &Path) -> Result<File> {
    // Asked before it is opened too: opening a device may do something.
    plain(std::fs::metadata(path)?.is_file())?;
    let file = open_now(path)?;
    // The open file is asked, not the name: it may be another one by now.
    plain(file.metadata()?.is_file())?;
    Ok(file)
}

/// Opens whatever has the name: without a wait for the other end of a pipe.
///
/// **Errors**: the file system refused.
pub fn open_now(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

fn plain(is_file: bool) -> Result<()> {
    match is_file {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::InvalidInput, "expected a plain file")),
    }
}

#[cfg(test)]
mod tests;
