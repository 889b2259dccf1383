//! Why a secret could not be read or written.

use std::path::{Path, PathBuf};

/// Why a secret could not be read or written. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    #[error("{action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("{}: expected mode 0600, got {mode:04o}: make it readable by its owner only (chmod 600)", path.display())]
    Mode { path: PathBuf, mode: u32 },
    /// Others can enter or change the folder.
    #[error("{}: expected a folder of mode 0700, got {mode:04o}: make it its owner's alone (chmod 700)", path.display())]
    FolderMode { path: PathBuf, mode: u32 },
    #[error("{}: expected a folder", .0.display())]
    NotAFolder(PathBuf),
    #[error("{}: expected a plain file", .0.display())]
    NotAFile(PathBuf),
    /// The file is too long for what it should be.
    #[error("{}: expected at most {limit} bytes", path.display())]
    TooLong { path: PathBuf, limit: u64 },
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// A passphrase is missing or too weak.
    #[error("passphrase: {0}")]
    Passphrase(&'static str),
    #[error(
        "passphrase of {whose}: there is no terminal to ask on: give `--passphrase-file FILE` (`NAME=FILE` for one vault alone) or set MEDVEIL_PASSPHRASE"
    )]
    NoTerminal {
        whose: String,
        source: std::io::Error,
    },
    /// The passphrase does not open the vault, or the vault was changed.
    #[error("{}: wrong passphrase, or the file was changed", .0.display())]
    Locked(PathBuf),
    /// A secret file was changed, moved from another vault or renamed.
    #[error("{}: does not open under this vault: changed, renamed or from another vault", .0.display())]
    Changed(PathBuf),
    /// The file is not of the expected form.
    #[error("{}: expected {expected}", path.display())]
    Format {
        path: PathBuf,
        expected: &'static str,
    },
    /// A kept file's head is not one of this build.
    #[error("{}: has no checksum: damaged at its beginning, or kept by an earlier build, which this one does not read: put it back from a backup of this build", .0.display())]
    NoHash(PathBuf),
    /// A kept file is not what was written, or has another one's place.
    #[error("{}: damaged: not what was written there: put it back from a backup", .0.display())]
    Damaged(PathBuf),
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
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
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
