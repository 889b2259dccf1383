//! Secrets on disk: files that only their owner can read, and vaults under a passphrase.
//!
//! Sources: Argon2id (RFC 9106, second recommended parameters), XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha). Everything that holds a key goes through here: the holder master key,
//! recipient keys, admin, client and issuer keys live in a `Vault`; peer keys, which only endorse,
//! are plain secret files. It does not protect against whoever can read this process's memory.

pub mod files;
pub mod passphrase;
pub mod vault;

pub use files::{
    create_secret_file, read_secret_file, secret_dir, sync_folder, write_file, write_secret_file,
};
pub use passphrase::{Passphrase, PassphraseSource};
pub use vault::{Stretch, Vault};

use std::path::{Path, PathBuf};

/// Bytes of a secret: zeroised when dropped.
pub type SecretBytes = zeroize::Zeroizing<Vec<u8>>;

/// Why a secret could not be read or written. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The file system refused.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("{}: expected mode 0600, got {mode:04o}: make it readable by its owner only (chmod 600)", path.display())]
    Mode {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a plain file.
    #[error("{}: expected a plain file", .0.display())]
    NotAFile(PathBuf),
    /// The file is too long for what it should be.
    #[error("{}: expected at most {limit} bytes", path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// There is a file already.
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// A passphrase is missing or too weak.
    #[error("passphrase: {0}")]
    Passphrase(&'static str),
    /// The passphrase does not open the vault, or the vault was changed.
    #[error("{}: wrong passphrase, or the file was changed", .0.display())]
    Locked(PathBuf),
    /// A secret file was changed, moved from another vault or renamed.
    #[error("{}: does not open under this vault: changed, renamed or from another vault", .0.display())]
    Changed(PathBuf),
    /// The file is not of the expected form.
    #[error("{}: expected {expected}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
    /// A name of a secret breaks the rule.
    #[error(
        "secret name: expected 1 to 64 lower-case letters, digits, dots, hyphens and underscores, first a letter or digit"
    )]
    Name,
    /// A primitive failed, which it does for impossible parameters only.
    #[error("key derivation or encryption failed")]
    Primitive,
}

impl CustodyError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| CustodyError::Io {
            action,
            path,
            source,
        }
    }

    /// Whether the file does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, CustodyError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

#[cfg(test)]
mod tests;
