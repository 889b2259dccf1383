//! Files that a command reads: opened once, and of a bounded length, whatever the file system says
//! of it. A pipe, a device or a file that grows ends at the bound like any other.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
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
/// **Errors**: the file system refused; it is longer.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(Error::new(
            ErrorKind::InvalidData,
            format!("expected at most {limit} bytes"),
        )),
        false => Ok(bytes),
    }
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
    fn m11_a_file_is_read_up_to_its_bound_whatever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(bytes(&path, 5).unwrap(), b"12345");
        for (path, limit) in [(&*path, 4), (Path::new("/dev/zero"), 1 << 16)] {
            let error = bytes(path, limit).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{}", path.display());
            assert!(error.to_string().contains("at most"), "{error}");
        }
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(text(&path).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(
            text(folder.path()).unwrap_err().kind(),
            ErrorKind::IsADirectory
        );
        let none = text(&folder.path().join("none")).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::NotFound);
    }
}
