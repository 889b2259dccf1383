//! Files that a command reads: opened once, and of a bounded length, whatever the file system says
//! of it. A file that grows, and a pipe, end at the bound; devices are not read.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Longest file of settings, certificates or requests.
///
/// **Units**: bytes.
pub const LONGEST_TEXT: u64 = 1 << 20;
/// Longest proving key: that of a circuit of 2^22 constraints.
///
/// **Units**: bytes.
pub const LONGEST_KEY: u64 = 4 << 30;

/// Reads a file of at most so many bytes.
///
/// **Errors**: the file system refused; it is longer, or neither a plain file nor a pipe that
/// somebody writes to.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>> {
    medveil_custody::read_given(path, limit)
}

/// As [`bytes`], but of a plain file that begins otherwise than with `magic` only so much is read: what
/// is no file of the format is not read for its length.
///
/// **Errors**: as [`bytes`].
pub fn bytes_of(path: &Path, limit: u64, magic: &str) -> Result<Vec<u8>> {
    medveil_custody::read_given_of(path, limit, magic.as_bytes())
}

/// Reads a text of at most so many bytes.
///
/// **Errors**: the file system refused; it is longer, or no UTF-8.
pub fn text_within(path: &Path, limit: u64) -> Result<String> {
    let text = String::from_utf8(bytes(path, limit)?);
    text.map_err(|_| Error::new(ErrorKind::InvalidData, "expected text in UTF-8"))
}

/// Reads a text of at most [`LONGEST_TEXT`].
///
/// **Errors**: as [`text_within`].
pub fn text(path: &Path) -> Result<String> {
    text_within(path, LONGEST_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m11_a_text_is_bounded_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(text_within(&path, 5).unwrap(), "12345");
        let error = text_within(&path, 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(text(&path).unwrap_err().kind(), ErrorKind::InvalidData);
        let none = text(&folder.path().join("none")).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::NotFound);
        let device = text(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(device.kind(), ErrorKind::InvalidInput);
    }
}
