//! The key store: files named by digest, written atomically, checked before they are parsed.
//!
//! `<digest>.vk` is a verifying key container. `<digest>.pk` is the proving key that belongs to it:
//! SHA-256 of the rest, then the points, uncompressed. Proving keys are large, so their points are
//! not checked again once the digest matches: the file was written by this program, and
//! a wrong proving key can only make proofs that do not verify.

use ark_bn254::Bn254;
use ark_groth16::ProvingKey as ArkKey;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, Compress, Validate};
use medveil_circuits::field::Digest;
use medveil_circuits::shape::Shape;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{AnyVerifyingKey, KeyError, VerifyingKey};
use std::io::Write;
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
    /// The verifying key is not acceptable.
    #[error("key store")]
    Key(#[from] KeyError),
}

/// A proving key of statement `S`, tied to its verifying key.
pub struct ProvingKey<S> {
    verifying: VerifyingKey<S>,
    points: ArkKey<Bn254>,
}

impl<S: Synthesize> ProvingKey<S> {
    /// Ties points to the verifying key inside them.
    ///
    /// **Errors**: the verifying key is another circuit's, or the points hold another verifying
    /// key.
    pub(crate) fn new(verifying: AnyVerifyingKey, points: ArkKey<Bn254>) -> Result<Self, KeyError> {
        let verifying = verifying.into_typed::<S>()?;
        if !verifying.any().has_points(&points.vk) {
            return Err(KeyError::Format(
                "the verifying key that this proving key holds",
            ));
        }
        Ok(ProvingKey { verifying, points })
    }

    /// The verifying key it belongs to.
    pub fn verifying(&self) -> &VerifyingKey<S> {
        &self.verifying
    }

    /// Digest of the verifying key it belongs to.
    pub fn verifying_digest(&self) -> Digest {
        self.verifying.digest()
    }

    pub fn points(&self) -> &ArkKey<Bn254> {
        &self.points
    }

    pub(crate) fn into_parts(self) -> (VerifyingKey<S>, ArkKey<Bn254>) {
        (self.verifying, self.points)
    }
}

/// A folder of keys.
#[derive(Clone, Debug)]
pub struct KeyStore(PathBuf);

impl KeyStore {
    /// Opens or makes the folder.
    ///
    /// **Errors**: the file system refused.
    pub fn open(dir: &Path) -> Result<Self, KeyStoreError> {
        std::fs::create_dir_all(dir).map_err(|source| KeyStoreError::Io {
            path: dir.to_owned(),
            source,
        })?;
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
                path: self.path(proving.verifying_digest(), "pk"),
                expected: "the verifying key of this proving key",
            });
        }
        self.save_points(verifying, &proving.points)
    }

    fn save_points(
        &self,
        verifying: &AnyVerifyingKey,
        points: &ArkKey<Bn254>,
    ) -> Result<(), KeyStoreError> {
        let path = self.path(verifying.digest(), "pk");
        let mut body = Vec::new();
        points
            .serialize_uncompressed(&mut body)
            .map_err(|_| KeyStoreError::Damaged {
                path: path.clone(),
                expected: "points",
            })?;
        write_atomically(&path, &[&Digest::of(&body).0, &body])?;
        self.save_verifying(verifying)
    }

    /// Stores a verifying key.
    ///
    /// **Errors**: the file system refused.
    pub fn save_verifying(&self, key: &AnyVerifyingKey) -> Result<(), KeyStoreError> {
        write_atomically(&self.path(key.digest(), "vk"), &[key.to_bytes()])
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
        self.path(verifying, "pk").is_file()
    }

    /// SHA-256 of the proving key's file.
    ///
    /// **Errors**: there is none.
    pub fn proving_file_digest(&self, verifying: Digest) -> Result<Digest, KeyStoreError> {
        Ok(Digest::of(&read(
            &self.path(verifying, "pk"),
            "proving",
            verifying,
        )?))
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
        let (key, points) = self.load_points(verifying)?;
        Ok(ProvingKey::new(key, points)?)
    }

    fn load_points(
        &self,
        verifying: Digest,
    ) -> Result<(AnyVerifyingKey, ArkKey<Bn254>), KeyStoreError> {
        let key = self.load_verifying(verifying)?;
        let path = self.path(verifying, "pk");
        let bytes = read(&path, "proving", verifying)?;
        let damaged = |expected| KeyStoreError::Damaged {
            path: path.clone(),
            expected,
        };
        let (digest, body) = bytes
            .split_at_checked(32)
            .ok_or_else(|| damaged("a digest and points"))?;
        if Digest::of(body).0 != digest {
            return Err(damaged("points with the digest at their head"));
        }
        let points =
            decode(body, Validate::No).ok_or_else(|| damaged("points and nothing after them"))?;
        if !key.has_points(&points.vk) {
            return Err(damaged("the proving key of this verifying key"));
        }
        Ok((key, points))
    }

    /// Copies a pair of keys made elsewhere into the store, after checking both. `shape` is that of the
    /// circuit that the verifying key names.
    ///
    /// **Errors**: a damaged file, two that do not belong together, or keys of another size than the
    /// circuit.
    pub fn import(
        &self,
        verifying: &[u8],
        proving: &[u8],
        shape: &Shape,
    ) -> Result<AnyVerifyingKey, KeyStoreError> {
        let key = AnyVerifyingKey::parse(verifying)?;
        let path = self.path(key.digest(), "pk");
        let damaged = |expected| KeyStoreError::Damaged {
            path: path.clone(),
            expected,
        };
        let (digest, body) = proving
            .split_at_checked(32)
            .ok_or_else(|| damaged("a digest and points"))?;
        if Digest::of(body).0 != digest {
            return Err(damaged("points with the digest at their head"));
        }
        // From outside, so every point is checked, once, here.
        let points = decode(body, Validate::Yes)
            .ok_or_else(|| damaged("points of the prime-order groups and nothing after them"))?;
        if !key.has_points(&points.vk) {
            return Err(damaged("the proving key of this verifying key"));
        }
        let got = (points.vk.gamma_abc_g1.len(), points.l_query.len());
        if got != (shape.instance, shape.witness) {
            return Err(KeyStoreError::Size {
                circuit: key.circuit().to_owned(),
                expected: shape.instance + shape.witness,
                got: got.0 + got.1,
            });
        }
        write_atomically(&path, &[proving])?;
        self.save_verifying(&key)?;
        Ok(key)
    }
}

/// Decodes points that fill the bytes exactly.
#[allow(clippy::disallowed_methods)] // Unchecked only after the digest was checked: see the module head.
fn decode(mut body: &[u8], validate: Validate) -> Option<ArkKey<Bn254>> {
    let points = ArkKey::deserialize_with_mode(&mut body, Compress::No, validate).ok()?;
    body.is_empty().then_some(points)
}

fn read(path: &Path, kind: &'static str, digest: Digest) -> Result<Vec<u8>, KeyStoreError> {
    std::fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => KeyStoreError::Missing { kind, digest },
        _ => KeyStoreError::Io {
            path: path.to_owned(),
            source,
        },
    })
}

fn write_atomically(path: &Path, parts: &[&[u8]]) -> Result<(), KeyStoreError> {
    let io = |source| KeyStoreError::Io {
        path: path.to_owned(),
        source,
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix(".medveil-").tempfile_in(dir).map_err(io)?;
    // Whoever sweeps a home leaves what is locked.
    file.as_file().try_lock().map_err(|e| io(e.into()))?;
    for part in parts {
        file.write_all(part).map_err(io)?;
    }
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}
