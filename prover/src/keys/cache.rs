//! Proving keys of any circuit: copied into a folder and checked the first time, then mapped.
//!
//! `<digest>.zkey` is named by SHA-256 of the file, with its entry beside it. `<name>.seen` says which
//! digest a file elsewhere has, and is named by what the system says of that file, so that it is read
//! again only when it changed. All of it may be deleted at any time.

use super::KeyStoreError;
use super::entry::Entry;
use super::files::{OWN, READ_ONLY, copy_atomically, make_folder, read, write_atomically};
use crate::binfile::FormatError;
use crate::map::Bytes;
use crate::zkey::Zkey;
use medveil_circuits::field::Digest;
use std::fs::{DirBuilder, File, Metadata};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};

/// Longest key: that of a circuit of 2^22 constraints.
///
/// **Units**: bytes.
const LONGEST: u64 = 8 << 30;

/// A folder of keys.
pub struct ZkeyCache(PathBuf);

/// A key, and whether it was known.
pub struct Found {
    pub key: Zkey,
    /// SHA-256 of the file.
    pub digest: Digest,
    /// Whether it was checked now, since it is new here.
    pub is_new: bool,
}

impl ZkeyCache {
    /// Opens or makes the folder; only its owner may look into it.
    ///
    /// **Errors**: the file system refused.
    pub fn open(dir: &Path) -> Result<Self, KeyStoreError> {
        make_folder(DirBuilder::new().mode(0o700), dir)?;
        Ok(ZkeyCache(dir.to_owned()))
    }

    /// The key of a file.
    ///
    /// **Cost**: where it is new, a copy and a subgroup check for each point of G2, on the current
    /// rayon pool, of which `checking` is told; otherwise a few points, whatever its size.
    ///
    /// **Errors**: no plain file, or no key.
    pub fn key(&self, path: &Path, checking: impl FnOnce()) -> Result<Found, KeyStoreError> {
        let file = medveil_plain_file::open(path).map_err(io(path))?;
        let metadata = file.metadata().map_err(io(path))?;
        if metadata.len() > LONGEST {
            return Err(KeyStoreError::Damaged {
                path: path.to_owned(),
                expected: "a file of at most 8 GiB",
            });
        }
        let seen = self.seen(&metadata);
        if let Some(known) = read_digest(&seen).and_then(|digest| self.kept(digest)) {
            return Ok(known);
        }
        let outline = |at, out: &mut [u8]| file.read_exact_at(out, at).ok();
        Zkey::check_outline(metadata.len(), outline).map_err(format(path))?;
        checking();
        let found = self.enter(path, file)?;
        let line = format!("{}\n", found.digest);
        write_atomically(&seen, line.as_bytes(), OWN)?;
        Ok(found)
    }

    fn seen(&self, file: &Metadata) -> PathBuf {
        let lines = Entry::new(Digest([0; 32]), file).to_lines();
        self.0
            .join(format!("{}.seen", Digest::of(lines.as_bytes())))
    }

    fn zkey(&self, digest: Digest) -> (PathBuf, PathBuf) {
        let path = |ending| self.0.join(format!("{digest}.{ending}"));
        (path(super::ZKEY), path(super::ENTRY))
    }

    /// A key that entered, as long as its file is the one that did.
    fn kept(&self, digest: Digest) -> Option<Found> {
        let (path, entry) = self.zkey(digest);
        let entry = Entry::parse(&read(&entry, "proving", digest).ok()?)?;
        let file = File::open(&path).ok()?;
        if Entry::new(digest, &file.metadata().ok()?) != entry {
            return None;
        }
        let key = Zkey::of(Bytes::map(&file).ok()?).ok()?;
        Some(Found {
            key,
            digest,
            is_new: false,
        })
    }

    /// Copies, checks, and then gives it its name: what has one was checked.
    fn enter(&self, from: &Path, file: File) -> Result<Found, KeyStoreError> {
        let copy = copy_atomically(&self.0, file, LONGEST).map_err(io(from))?;
        let bytes = Bytes::map(copy.as_file()).map_err(io(from))?;
        let digest = Digest::of(&bytes);
        if let Some(known) = self.kept(digest) {
            return Ok(known);
        }
        let key = Zkey::of(bytes).map_err(format(from))?;
        key.check().map_err(format(from))?;
        let (path, entry) = self.zkey(digest);
        let kept = copy.keep(&path, READ_ONLY).map_err(io(&path))?;
        let metadata = kept.metadata().map_err(io(&path))?;
        let lines = Entry::new(digest, &metadata).to_lines();
        write_atomically(&entry, lines.as_bytes(), OWN)?;
        Ok(Found {
            key,
            digest,
            is_new: true,
        })
    }
}

fn read_digest(path: &Path) -> Option<Digest> {
    let bytes = read(path, "proving", Digest([0; 32])).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    Digest::from_hex(text.strip_suffix('\n')?).ok()
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> KeyStoreError {
    move |source| KeyStoreError::Io {
        path: path.to_owned(),
        source,
    }
}

fn format(path: &Path) -> impl Fn(FormatError) -> KeyStoreError {
    move |source| KeyStoreError::Format {
        path: path.to_owned(),
        source,
    }
}
