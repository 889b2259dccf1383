//! A folder of secrets under one passphrase.
//!
//! `vault.json` holds a random 256-bit data key, encrypted under the stretched passphrase; each
//! secret is a file `NAME.secret`, encrypted under the data key. So a passphrase is stretched once
//! per process and can be changed without touching the secrets. The name of a secret is
//! authenticated: a file that is renamed or copied from another vault does not open.

use super::error::CustodyError;
use super::files::{
    MAX_SECRET_FILE, SecretBytes, create_secret_file, read_secret_file, secret_dir,
    write_secret_file,
};
use super::passphrase::Passphrase;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FORMAT: &str = "medveil-vault-1";
const SECRET_MAGIC: &[u8; 16] = b"medveil-secret-1";
const NONCE: usize = 24;
const VAULT_FILE: &str = "vault.json";

type Key = Zeroizing<[u8; 32]>;

/// How hard a passphrase is stretch_key (Argon2id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// Memory.
    ///
    /// **Units**: KiB.
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Stretch {
    /// RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes.
    pub const DEFAULT: Stretch = Stretch {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 4,
    };
    /// The least that a vault may use: 8 MiB, one pass. For tests.
    pub const LEAST: Stretch = Stretch {
        memory_kib: 8 * 1024,
        passes: 1,
        lanes: 1,
    };

    /// Neither weaker than the least nor so much that a changed file could exhaust the machine.
    fn is_sane(&self) -> bool {
        (Self::LEAST.memory_kib..=1 << 20).contains(&self.memory_kib)
            && (1..=16).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VaultFile {
    format: String,
    argon2id: Stretch,
    salt: String,
    nonce: String,
    key: String,
}

/// An open vault. **Security**: holds the data key, zeroised when dropped; no `Debug`.
pub struct Vault {
    dir: PathBuf,
    key: Key,
}

impl Vault {
    /// Makes a vault in a folder that has none.
    ///
    /// **Errors**: there is one already, the passphrase is too short, or the file system refused.
    pub fn create(
        dir: &Path,
        passphrase: &Passphrase,
        stretch: Stretch,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, CustodyError> {
        passphrase.check_new()?;
        secret_dir(dir)?;
        let mut key = Key::default();
        rng.fill_bytes(key.as_mut());
        let file = wrap(&key, passphrase, stretch, rng)?;
        create_secret_file(&dir.join(VAULT_FILE), &file)?;
        Ok(Vault {
            dir: dir.to_owned(),
            key,
        })
    }

    /// Opens a vault. **Cost**: one stretch of the passphrase (about a tenth of a second by
    /// default).
    ///
    /// **Errors**: wrong passphrase, a changed file, or one that others can read.
    pub fn open(dir: &Path, passphrase: &Passphrase) -> Result<Self, CustodyError> {
        let path = dir.join(VAULT_FILE);
        let bytes = read_secret_file(&path, 4096)?;
        let key = unwrap_key(&path, &bytes, passphrase)?;
        Ok(Vault {
            dir: dir.to_owned(),
            key,
        })
    }

    /// Whether a folder holds a vault.
    pub fn exists(dir: &Path) -> bool {
        dir.join(VAULT_FILE).is_file()
    }

    /// Replaces the passphrase; secrets stay as they are.
    ///
    /// **Errors**: the new one is too short, or the file system refused.
    pub fn change_passphrase(
        &self,
        new: &Passphrase,
        stretch: Stretch,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), CustodyError> {
        new.check_new()?;
        write_secret_file(
            &self.dir.join(VAULT_FILE),
            &wrap(&self.key, new, stretch, rng)?,
        )
    }

    /// Writes or replaces a secret.
    ///
    /// **Errors**: the name breaks the rule, or the file system refused.
    pub fn put(
        &self,
        name: &str,
        secret: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), CustodyError> {
        let path = self.path(name)?;
        write_secret_file(&path, &self.encrypt(name, secret, rng)?)
    }

    /// Writes a secret that must not exist yet.
    ///
    /// **Errors**: it exists, the name breaks the rule, or the file system refused.
    pub fn create_secret(
        &self,
        name: &str,
        secret: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), CustodyError> {
        let path = self.path(name)?;
        create_secret_file(&path, &self.encrypt(name, secret, rng)?)
    }

    /// Reads a secret.
    ///
    /// **Errors**: there is none, others can read its file, or it was changed, renamed or copied
    /// from another vault.
    pub fn get(&self, name: &str) -> Result<SecretBytes, CustodyError> {
        let path = self.path(name)?;
        let bytes = read_secret_file(&path, MAX_SECRET_FILE)?;
        let format = || CustodyError::Format {
            path: path.clone(),
            expected: "a secret of a medveil vault",
        };
        let rest = bytes.strip_prefix(SECRET_MAGIC).ok_or_else(format)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE).ok_or_else(format)?;
        decrypt(&self.key, nonce, ciphertext, name.as_bytes()).ok_or(CustodyError::Changed(path))
    }

    /// Whether a secret of that name exists.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).is_ok_and(|path| path.is_file())
    }

    /// Names of all secrets, sorted.
    ///
    /// **Errors**: the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, CustodyError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(CustodyError::io("list", &self.dir))? {
            let entry = entry.map_err(CustodyError::io("list", &self.dir))?;
            if let Some(name) = entry
                .file_name()
                .to_str()
                .and_then(|n| n.strip_suffix(".secret"))
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Removes a secret. The bytes may stay on the disk until it reuses their place; without the
    /// vault's key they say nothing.
    ///
    /// **Errors**: there is none, or the file system refused.
    pub fn remove(&self, name: &str) -> Result<(), CustodyError> {
        let path = self.path(name)?;
        std::fs::remove_file(&path).map_err(CustodyError::io("remove", &path))
    }

    fn path(&self, name: &str) -> Result<PathBuf, CustodyError> {
        let inner =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        let first = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let plain = first && name.len() <= 64 && name.bytes().all(inner);
        if plain {
            Ok(self.dir.join(format!("{name}.secret")))
        } else {
            Err(CustodyError::Name)
        }
    }

    fn encrypt(
        &self,
        name: &str,
        secret: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, CustodyError> {
        let (nonce, ciphertext) = encrypt(&self.key, secret, name.as_bytes(), rng)?;
        Ok([SECRET_MAGIC.as_slice(), &nonce, &ciphertext].concat())
    }
}

fn encrypt(
    key: &Key,
    message: &[u8],
    aad: &[u8],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<([u8; NONCE], Vec<u8>), CustodyError> {
    let mut nonce = [0u8; NONCE];
    rng.fill_bytes(&mut nonce);
    let cipher = XChaCha20Poly1305::new((&**key).into());
    let ciphertext = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: message, aad })
        .map_err(|_| CustodyError::Primitive)?;
    Ok((nonce, ciphertext))
}

fn decrypt(key: &Key, nonce: &[u8], ciphertext: &[u8], aad: &[u8]) -> Option<SecretBytes> {
    let nonce = <[u8; NONCE]>::try_from(nonce).ok()?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    cipher
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: ciphertext,
                aad,
            },
        )
        .ok()
        .map(SecretBytes::new)
}

/// The stretching parameters and the salt are authenticated with the data key.
fn header(stretch: Stretch, salt: &[u8]) -> Vec<u8> {
    let numbers = [stretch.memory_kib, stretch.passes, stretch.lanes]
        .map(u32::to_le_bytes)
        .concat();
    [FORMAT.as_bytes(), &numbers, salt].concat()
}

fn stretch_key(
    passphrase: &Passphrase,
    stretch: Stretch,
    salt: &[u8],
) -> Result<Key, CustodyError> {
    let params = Params::new(stretch.memory_kib, stretch.passes, stretch.lanes, Some(32))
        .map_err(|_| CustodyError::Primitive)?;
    let mut key = Key::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(|_| CustodyError::Primitive)?;
    Ok(key)
}

fn wrap(
    key: &Key,
    passphrase: &Passphrase,
    stretch: Stretch,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, CustodyError> {
    if !stretch.is_sane() {
        return Err(CustodyError::Primitive);
    }
    let mut salt = [0u8; 16];
    rng.fill_bytes(&mut salt);
    let outer = stretch_key(passphrase, stretch, &salt)?;
    let (nonce, wrapped) = encrypt(&outer, key.as_ref(), &header(stretch, &salt), rng)?;
    let file = VaultFile {
        format: FORMAT.to_owned(),
        argon2id: stretch,
        salt: hex::encode(salt),
        nonce: hex::encode(nonce),
        key: hex::encode(wrapped),
    };
    serde_json::to_vec_pretty(&file).map_err(|_| CustodyError::Primitive)
}

fn unwrap_key(path: &Path, bytes: &[u8], passphrase: &Passphrase) -> Result<Key, CustodyError> {
    let format = || CustodyError::Format {
        path: path.to_owned(),
        expected: "a medveil vault",
    };
    let file: VaultFile = serde_json::from_slice(bytes).map_err(|_| format())?;
    if file.format != FORMAT || !file.argon2id.is_sane() {
        return Err(format());
    }
    let part = |text: &str| hex::decode(text).map_err(|_| format());
    let (salt, nonce, wrapped) = (part(&file.salt)?, part(&file.nonce)?, part(&file.key)?);
    if salt.len() != 16 || nonce.len() != NONCE || wrapped.len() != 48 {
        return Err(format());
    }
    let outer = stretch_key(passphrase, file.argon2id, &salt)?;
    let inner = decrypt(&outer, &nonce, &wrapped, &header(file.argon2id, &salt))
        .ok_or_else(|| CustodyError::Locked(path.to_owned()))?;
    let mut key = Key::default();
    key.copy_from_slice(inner.get(..32).ok_or_else(format)?);
    Ok(key)
}
