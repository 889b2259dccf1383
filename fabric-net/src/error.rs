//! What can go wrong with a network.

use std::path::{Path, PathBuf};

/// Why a network does not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Something that must be there is not; the message says how to get it.
    #[error("{0}")]
    Missing(String),
    /// Bad usage or input.
    #[error("{0}")]
    Input(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("{program}: {message}")]
    Program {
        /// Which program.
        program: String,
        /// The end of what it printed.
        message: String,
    },
    /// Something did not become ready in time.
    #[error("{what} was not ready after {seconds} s; its log is {log}")]
    Timeout {
        /// What.
        what: String,
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
}

/// Puts a path on an input or output error.
pub(crate) trait At<T> {
    /// With this path.
    fn at(self, path: &Path) -> Result<T, NetError>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, NetError> {
        self.map_err(|source| NetError::Io {
            path: path.to_owned(),
            source,
        })
    }
}
