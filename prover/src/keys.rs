//! The key store: files named by digest, written atomically, checked when they enter.
//!
//! `<digest>.vk` is a verifying key container. `<digest>.zkey` is the proving key that belongs to it,
//! and `<digest>.zkey.entry` what was noted when it entered. Proving keys are large, so their points and
//! entries are checked once, when the key is imported, and its file is hashed again only where it is
//! another one than then. It is mapped, not read. Keys of circuits that are not ours are in a
//! [`ZkeyCache`].

mod cache;
mod entry;
mod files;

pub use self::cache::{Found, ZkeyCache};
use self::entry::Entry;
use self::files::{OWN, READ_ONLY, make_folder, read, write_atomically};
use crate::binfile::FormatError;
use crate::map::Bytes;
use crate::proving_key::ProvingKey;
use crate::r1cs::R1cs;
use crate::zkey::Zkey;
use medveil_circuits::field::Digest;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{AnyVerifyingKey, KeyError};
use std::fs::{DirBuilder, File};
use std::path::{Path, PathBuf};

/// Why the store cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The file system refused.
    #[error("key store: {path}", path = path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no such key.
    #[error("key store: no {kind} key {digest}")]
    Missing {
        /// `verifying` or `proving`.
        kind: &'static str,
        /// Digest of the verifying key.
        digest: Digest,
    },
    /// The file is not what its name and digest say.
    #[error("key store: {path}: expected {expected}", path = path.display())]
    Damaged {
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
    /// The proving key is of another size than its circuit.
    #[error(
        "key store: {circuit} has {} variables, and the proving key is one of {got}: it is another circuit's, under a changed name", .expected
    )]
    Size {
        /// Name and version that the verifying key carries.
        circuit: String,
        /// Variables of the circuit.
        expected: usize,
        /// Those of the proving key.
        got: usize,
    },
    /// The file is no proving key.
    #[error("key store: {path}", path = path.display())]
    Format { path: PathBuf, source: FormatError },
    /// There is a proving key of an earlier build only.
    #[error(
        "key store: {path} is of an earlier build: `circuit approve` makes development keys anew, `keys import` takes a ceremony's .zkey; then remove this file", path = path.display()
    )]
    Earlier { path: PathBuf },
    /// The verifying key is not acceptable.
    #[error("key store")]
    Key(#[from] KeyError),
}

/// Endings of files.
const ZKEY: &str = "zkey";
const ENTRY: &str = "zkey.entry";

/// A folder of keys.
#[derive(Clone, Debug)]
pub struct KeyStore(PathBuf);

impl KeyStore {
    /// Opens or makes the folder.
    ///
    /// **Errors**: the file system refused.
    pub fn open(dir: &Path) -> Result<Self, KeyStoreError> {
        make_folder(&mut DirBuilder::new(), dir)?;
        Ok(KeyStore(dir.to_owned()))
    }

    fn path(&self, digest: Digest, extension: &str) -> PathBuf {
        self.0.join(format!("{digest}.{extension}"))
    }

    /// Stores both keys; the proving key first, so that a verifying key in the store always has its
    /// partner.
    ///
    /// **Errors**: the two do not belong together; the file system refused.
    pub fn save<S: Synthesize>(
        &self,
        verifying: &AnyVerifyingKey,
        proving: &ProvingKey<S>,
    ) -> Result<(), KeyStoreError> {
        if verifying.digest() != proving.verifying_digest() {
            return Err(KeyStoreError::Damaged {
                path: self.path(proving.verifying_digest(), ZKEY),
                expected: "the verifying key of this proving key",
            });
        }
        self.save_zkey(verifying, proving.zkey().bytes())
    }

    /// The entry last: a key without one is not there.
    fn save_zkey(&self, verifying: &AnyVerifyingKey, zkey: &[u8]) -> Result<(), KeyStoreError> {
        let (path, entry) = (self.path(verifying.digest(), ZKEY), Digest::of(zkey));
        let file = write_atomically(&path, zkey, READ_ONLY)?;
        self.note(verifying.digest(), entry, &file)?;
        self.save_verifying(verifying)
    }

    fn note(&self, verifying: Digest, digest: Digest, zkey: &File) -> Result<(), KeyStoreError> {
        let metadata = zkey.metadata().map_err(|source| KeyStoreError::Io {
            path: self.path(verifying, ZKEY),
            source,
        })?;
        let lines = Entry::new(digest, &metadata).to_lines();
        write_atomically(&self.path(verifying, ENTRY), lines.as_bytes(), OWN)?;
        Ok(())
    }

    /// Stores a verifying key.
    ///
    /// **Errors**: the file system refused.
    pub fn save_verifying(&self, key: &AnyVerifyingKey) -> Result<(), KeyStoreError> {
        write_atomically(&self.path(key.digest(), "vk"), key.to_bytes(), OWN)?;
        Ok(())
    }

    /// All verifying keys, sorted by circuit and digest.
    ///
    /// **Errors**: the folder cannot be read or holds a damaged key.
    pub fn verifying_keys(&self) -> Result<Vec<AnyVerifyingKey>, KeyStoreError> {
        let io = |source| KeyStoreError::Io {
            path: self.0.clone(),
            source,
        };
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let stem = path
                .file_stem()
                .and_then(|s| s.to_str())
                .unwrap_or_default();
            if path.extension().is_some_and(|e| e == "vk") {
                let damaged = || KeyStoreError::Damaged {
                    path: path.clone(),
                    expected: "a file named by its digest",
                };
                keys.push(self.load_verifying(Digest::from_hex(stem).map_err(|_| damaged())?)?);
            }
        }
        keys.sort_by(|a, b| (a.circuit(), a.digest()).cmp(&(b.circuit(), b.digest())));
        Ok(keys)
    }

    /// Whether the proving key of a verifying key is here.
    pub fn has_proving(&self, verifying: Digest) -> bool {
        [ZKEY, ENTRY]
            .iter()
            .all(|extension| self.path(verifying, extension).is_file())
    }

    /// SHA-256 of the proving key's file, as it was when it entered.
    ///
    /// **Errors**: there is none, or what is kept is no digest.
    pub fn proving_file_digest(&self, verifying: Digest) -> Result<Digest, KeyStoreError> {
        Ok(self.entry(verifying)?.digest)
    }

    fn entry(&self, verifying: Digest) -> Result<Entry, KeyStoreError> {
        if !self.has_proving(verifying) {
            return Err(self.missing(verifying));
        }
        let path = self.path(verifying, ENTRY);
        let lines = read(&path, "proving", verifying)?;
        Entry::parse(&lines).ok_or(KeyStoreError::Damaged {
            path,
            expected: "the digest and the file of a proving key, in two lines",
        })
    }

    fn missing(&self, verifying: Digest) -> KeyStoreError {
        let earlier = self.path(verifying, "pk");
        match earlier.is_file() {
            true => KeyStoreError::Earlier { path: earlier },
            false => KeyStoreError::Missing {
                kind: "proving",
                digest: verifying,
            },
        }
    }

    /// Loads a verifying key.
    ///
    /// **Errors**: there is none, its digest differs, or the linter refuses it.
    pub fn load_verifying(&self, digest: Digest) -> Result<AnyVerifyingKey, KeyStoreError> {
        let path = self.path(digest, "vk");
        let bytes = read(&path, "verifying", digest)?;
        if Digest::of(&bytes) != digest {
            return Err(KeyStoreError::Damaged {
                path,
                expected: "the bytes that its name digests",
            });
        }
        Ok(AnyVerifyingKey::parse(&bytes)?)
    }

    /// Loads the proving key that belongs to a verifying key.
    ///
    /// **Errors**: there is none, its digest differs, or it belongs to another verifying key or
    /// circuit.
    pub fn load_proving<S: Synthesize>(
        &self,
        verifying: Digest,
    ) -> Result<ProvingKey<S>, KeyStoreError> {
        let (key, zkey) = self.load_zkey(verifying)?;
        Ok(ProvingKey::new(key, zkey)?)
    }

    fn load_zkey(&self, verifying: Digest) -> Result<(AnyVerifyingKey, Zkey), KeyStoreError> {
        let key = self.load_verifying(verifying)?;
        let entry = self.entry(verifying)?;
        let path = self.path(verifying, ZKEY);
        let io = |source| KeyStoreError::Io {
            path: path.clone(),
            source,
        };
        let file = File::open(&path).map_err(io)?;
        let found = Entry::new(entry.digest, &file.metadata().map_err(io)?);
        let bytes = Bytes::map(&file).map_err(io)?;
        if found != entry {
            if Digest::of(&bytes) != entry.digest {
                return Err(KeyStoreError::Damaged {
                    path,
                    expected: "the bytes that entered the store",
                });
            }
            // A copy, as of a whole home; where it cannot be noted it is hashed again.
            let _ = self.note(verifying, entry.digest, &file);
        }
        let zkey = Zkey::of(bytes).map_err(|source| KeyStoreError::Format {
            path: path.clone(),
            source,
        })?;
        match key.has_points(&zkey.verifying()) {
            true => Ok((key, zkey)),
            false => Err(KeyStoreError::Damaged {
                path,
                expected: "the proving key of this verifying key",
            }),
        }
    }

    /// Copies a pair of keys made elsewhere into the store, after checking both. `matrices` are those
    /// of the circuit that the verifying key names.
    ///
    /// **Cost**: a subgroup check for each point of G2, on the current rayon pool.
    ///
    /// **Errors**: what is no key, two that do not belong together, or keys of another circuit.
    pub fn import(
        &self,
        verifying: &[u8],
        zkey: Vec<u8>,
        matrices: &Matrices,
    ) -> Result<AnyVerifyingKey, KeyStoreError> {
        let key = AnyVerifyingKey::parse(verifying)?;
        let path = self.path(key.digest(), ZKEY);
        let format = |source| KeyStoreError::Format {
            path: path.clone(),
            source,
        };
        let zkey = Zkey::parse(zkey).map_err(format)?;
        let damaged = |expected| KeyStoreError::Damaged {
            path: path.clone(),
            expected,
        };
        if !key.has_points(&zkey.verifying()) {
            return Err(damaged("the proving key of this verifying key"));
        }
        let circuit = R1cs::of(matrices);
        let (expected, got) = (circuit.sizes().wires, zkey.size().variables);
        if expected != got {
            return Err(KeyStoreError::Size {
                circuit: key.circuit().to_owned(),
                expected,
                got,
            });
        }
        // From outside, so every point and entry is checked, once, here.
        zkey.check().map_err(format)?;
        if !zkey.is_of(&circuit) {
            return Err(damaged("the matrices A and B of its circuit"));
        }
        self.save_zkey(&key, zkey.bytes())?;
        Ok(key)
    }
}
