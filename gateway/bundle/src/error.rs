//! Why a bundle or a trust file is refused.

use medveil_circuits::verify::KeyError;
use medveil_collections_config::{NameError, Problems};
use medveil_msp::MspError;
use std::io::Read;
use std::path::PathBuf;

/// Any error that another one stands on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a bundle or a trust file is refused. `what` is `bundle` or `trust file`.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("{what} {}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is too long to be one.
    #[error("{what} {}: expected at most {max} bytes", path.display())]
    TooLong {
        what: &'static str,
        path: PathBuf,
        max: u64,
    },
    /// It is not the JSON of one. Only the place is told, not the text.
    #[error("{what}: not of its form at line {line}, column {column}")]
    Form {
        what: &'static str,
        line: usize,
        column: usize,
    },
    /// One part of it is not what it should be.
    #[error("{what}: expected {expected}")]
    Expected {
        what: &'static str,
        expected: String,
    },
    /// It was edited, or is not in its one byte form.
    #[error("{what}: expected canonical json (rfc 8785): was it edited by hand?")]
    NotCanonical { what: &'static str },
    #[error("bundle: keys")]
    Key(#[from] KeyError),
    #[error("trust file: consortium")]
    Consortium(#[from] Problems),
    #[error("trust file: roots")]
    Name(#[from] NameError),
    #[error("trust file: roots")]
    Msp(#[from] MspError),
    /// What the files say does not hold, or the trust is another's.
    #[error("bundle: {reason}")]
    Refused { reason: String },
    /// A stage of verification failed.
    #[error("bundle: {stage}")]
    Stage {
        stage: &'static str,
        source: BoxError,
    },
}

impl BundleError {
    /// Whether the files were read and understood, and what they say does not hold.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            BundleError::Refused { .. } | BundleError::Stage { .. }
        )
    }

    pub(crate) fn expected(what: &'static str, expected: impl Into<String>) -> Self {
        BundleError::Expected {
            what,
            expected: expected.into(),
        }
    }

    pub(crate) fn form(what: &'static str) -> impl Fn(serde_json::Error) -> Self {
        move |e| BundleError::Form {
            what,
            line: e.line(),
            column: e.column(),
        }
    }
}

pub(crate) fn refuse(reason: impl Into<String>) -> BundleError {
    BundleError::Refused {
        reason: reason.into(),
    }
}

/// Puts a stage of verification on an error.
pub(crate) fn at<E: Into<BoxError>>(stage: &'static str) -> impl Fn(E) -> BundleError {
    move |e| BundleError::Stage {
        stage,
        source: e.into(),
    }
}

/// That a text is no longer than one of its kind, wherever it comes from.
pub(crate) fn check_length(what: &'static str, text: &str, max: u64) -> Result<(), BundleError> {
    match text.len() as u64 > max {
        true => Err(BundleError::expected(what, format!("at most {max} bytes"))),
        false => Ok(()),
    }
}

/// Reads a file that is at most `max` bytes long.
pub(crate) fn read_text(
    what: &'static str,
    path: &std::path::Path,
    max: u64,
) -> Result<String, BundleError> {
    let io = |source| BundleError::Io {
        what,
        path: path.to_owned(),
        source,
    };
    // What the file system says of a pipe or a device is not how long it is.
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    let read = file.take(max.saturating_add(1)).read_to_end(&mut bytes);
    if read.map_err(io)? as u64 > max {
        return Err(BundleError::TooLong {
            what,
            path: path.to_owned(),
            max,
        });
    }
    let no_text = |e| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
    String::from_utf8(bytes).map_err(|e| io(no_text(e)))
}
