//! Files of others: plain ones, since a pipe that nobody writes to would never open.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Opens a plain file.
///
/// **Errors**: the file system refused; it is a folder, a device, a pipe or a socket.
pub(crate) fn open(path: &Path) -> Result<File> {
    let other = || Error::new(ErrorKind::InvalidInput, "expected a plain file");
    if !std::fs::metadata(path)?.is_file() {
        return Err(other());
    }
    let file = File::open(path)?;
    // It may be another one by now.
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(other()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m11_only_plain_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"1").unwrap();
        open(&path).unwrap();
        for other in [folder.path(), Path::new("/dev/null")] {
            assert_eq!(open(other).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        let none = open(&folder.path().join("none")).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::NotFound);
    }
}
