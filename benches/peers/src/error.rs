//! Why there is no report. A peer that fails does not end the others: its failure is in the report.

use std::path::{Path, PathBuf};

/// Why peers could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum PeersError {
    /// Something was asked for that there is not.
    #[error("bench peers: expected {expected}, got {got}")]
    Options {
        /// What there is.
        expected: String,
        got: String,
    },
    /// The file system refused.
    #[error("bench peers: {path}", path = path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A circuit's key could not be made.
    #[error("bench peers: a key of {circuit}")]
    Setup {
        circuit: String,
        source: medveil_prover::SetupError,
    },
    /// A circuit's values could not be made.
    #[error("bench peers: values of {circuit}")]
    Synthesis {
        circuit: String,
        source: ark_relations::gr1cs::SynthesisError,
    },
    /// A file of the cache is not what it was.
    #[error("bench peers: {path} is damaged: remove its folder, and it is made anew", path = path.display())]
    Damaged { path: PathBuf },
    /// The report could not be drawn or written down.
    #[error("bench peers: the report: {0}")]
    Report(String),
}

impl PeersError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| PeersError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
