//! Files that are not sealed and must be what was written all the same: a head that says so, the
//! content, and behind it a hash over both and over what the file is. A bit that flips, a file that
//! is cut, or that has another one's place, is found when it is read.

use super::error::CustodyError;
use super::files::{
    SecretBytes, SecretParts, create_secret_file, read_secret_file, write_secret_file,
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// What such a file begins with.
const HEAD: &[u8; 16] = b"medveil-kept-1\r\n";
const HASH: usize = 32;

/// The hash so far of a file that is `what`, such as `claim 12ab`.
fn begun(what: &str) -> Sha256 {
    let mut hash = Sha256::new();
    hash.update(HEAD);
    hash.update((what.len() as u64).to_le_bytes());
    hash.update(what);
    hash
}

/// The bytes of a file that is `what` and has this content.
pub fn to_kept(what: &str, content: &[u8]) -> Vec<u8> {
    let hash = begun(what).chain_update(content).finalize();
    [HEAD.as_slice(), content, &hash].concat()
}

/// The content of a file that is `what`; `path` is for errors.
///
/// **Errors**: it has no such head, or is not what was written.
pub fn from_kept(
    path: &Path,
    what: &str,
    mut bytes: SecretBytes,
) -> Result<SecretBytes, CustodyError> {
    if !bytes.starts_with(HEAD) {
        return Err(CustodyError::NoHash(path.to_owned()));
    }
    let hashed = bytes.len().checked_sub(HASH).filter(|at| *at >= HEAD.len());
    let (content, hash) = hashed
        .and_then(|at| bytes.split_at_checked(at))
        .ok_or_else(|| CustodyError::Damaged(path.to_owned()))?;
    let content_at = HEAD.len()..content.len();
    let known = content.get(content_at.clone()).unwrap_or_default();
    if begun(what).chain_update(known).finalize().as_slice() != hash {
        return Err(CustodyError::Damaged(path.to_owned()));
    }
    bytes.truncate(content_at.end);
    bytes.drain(..content_at.start);
    Ok(bytes)
}

/// Writes or replaces a file, mode 0600.
///
/// **Errors**: as [`write_secret_file`].
pub fn write_kept(path: &Path, what: &str, content: &[u8]) -> Result<(), CustodyError> {
    write_secret_file(path, &to_kept(what, content))
}

/// Writes a file, mode 0600, that must not exist yet.
///
/// **Errors**: as [`create_secret_file`].
pub fn create_kept(path: &Path, what: &str, content: &[u8]) -> Result<(), CustodyError> {
    create_secret_file(path, &to_kept(what, content))
}

/// Reads a file of at most so many bytes of content.
///
/// **Errors**: as [`read_secret_file`]; it is not what was written.
pub fn read_kept(path: &Path, what: &str, limit: u64) -> Result<SecretBytes, CustodyError> {
    let limit = limit.saturating_add((HEAD.len() + HASH) as u64);
    from_kept(path, what, read_secret_file(path, limit)?)
}

/// A file, mode 0600, that is written in parts.
pub struct KeptParts {
    parts: SecretParts,
    hash: Sha256,
}

impl KeptParts {
    /// Begins a file that is `what`.
    ///
    /// **Errors**: as [`SecretParts::begin`].
    pub fn begin(path: &Path, what: &str) -> Result<Self, CustodyError> {
        let mut parts = SecretParts::begin(path)?;
        parts.append(HEAD)?;
        let hash = begun(what);
        Ok(KeptParts { parts, hash })
    }

    /// Writes behind what was written.
    ///
    /// **Errors**: the file system refused.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), CustodyError> {
        self.hash.update(bytes);
        self.parts.append(bytes)
    }

    /// Gives the file the name that readers know.
    ///
    /// **Errors**: as [`SecretParts::finish`].
    pub fn finish(mut self, name: &Path) -> Result<(), CustodyError> {
        self.parts.append(&self.hash.finalize())?;
        self.parts.finish(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_a_kept_file_is_what_was_written_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, draft) = (folder.path().join("file"), folder.path().join("draft"));
        for content in [&b""[..], b"7", &[0x5a; 300]] {
            let mut parts = KeptParts::begin(&draft, "claim 7").unwrap();
            content
                .chunks(7)
                .for_each(|part| parts.append(part).unwrap());
            parts.finish(&path).unwrap();
            let written = std::fs::read(&path).unwrap();
            assert_eq!(written, to_kept("claim 7", content));
            let read = |what: &str| read_kept(&path, what, content.len() as u64);
            assert_eq!(read("claim 7").unwrap().as_slice(), content);
            // Another one's place.
            assert!(matches!(read("claim 8"), Err(CustodyError::Damaged(_))));
            for bit in 0..written.len() * 8 {
                let mut bytes = written.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                write_secret_file(&path, &bytes).unwrap();
                match read("claim 7") {
                    Err(CustodyError::NoHash(_)) => assert!(bit < HEAD.len() * 8),
                    Err(CustodyError::Damaged(_)) => assert!(bit >= HEAD.len() * 8),
                    other => panic!("{bit}: {other:?}"),
                }
            }
            for end in 0..written.len() {
                write_secret_file(&path, &written[..end]).unwrap();
                let cut = read("claim 7");
                let is_found =
                    matches!(cut, Err(CustodyError::NoHash(_) | CustodyError::Damaged(_)));
                assert!(is_found, "{end}: {cut:?}");
            }
            write_secret_file(&path, &[&written[..], b"\0"].concat()).unwrap();
            let longer = read_kept(&path, "claim 7", 1 << 20);
            assert!(matches!(longer, Err(CustodyError::Damaged(_))));
        }
        // What an earlier build kept.
        write_secret_file(&path, b"claim").unwrap();
        let said = read_kept(&path, "claim 7", 10).unwrap_err().to_string();
        assert!(said.contains("an earlier build"), "{said}");
        create_kept(&draft, "claim 7", b"claim").unwrap();
        assert!(matches!(
            create_kept(&draft, "claim 7", b"claim"),
            Err(CustodyError::Exists(_))
        ));
    }
}
