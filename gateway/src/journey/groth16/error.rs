//! Why files of circuits were refused.

use crate::classify::{Classify, Kind, kind_of_io, kind_of_own_file};
use crate::journey::known_circuits::KnownCircuitError;
use crate::session::SessionError;
use medveil_circuits::snarkjs::SnarkjsError;
use medveil_circuits::verify::{KeyError, VerifyError};
use medveil_custody::CustodyError;
use medveil_prover::groth16::CircuitError;
use medveil_prover::{FormatError, KeyStoreError, PowersError, SetupError, phase2};
use std::path::{Path, PathBuf};

/// Why there is no proof, or none that holds.
#[derive(Debug, thiserror::Error)]
pub enum Groth16Error {
    /// A file cannot be read.
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A binary file is not what it should be.
    #[error("{}", path.display())]
    Format { path: PathBuf, source: FormatError },
    /// A JSON file is not what it should be.
    #[error("{}", path.display())]
    Json { path: PathBuf, source: SnarkjsError },
    /// The linter refuses the verifying key of a proving key.
    #[error(
        "{}: with this key anybody may be able to forge proofs; --insecure takes it, for tests and benches", path.display()
    )]
    Insecure { path: PathBuf, source: KeyError },
    /// The folder of checked keys cannot serve.
    #[error("the folder of checked keys, which --cache names, and which may be removed")]
    Cache(#[source] KeyStoreError),
    /// Others can write into the folder of checked keys, so they may have put keys there.
    #[error("the folder of checked keys, which --cache names")]
    CacheFolder(#[source] CustodyError),
    /// It is another user's.
    #[error("the folder of checked keys, {}: expected one of this user, got another's", path.display())]
    CacheOwner { path: PathBuf },
    /// The proving key is none.
    #[error(transparent)]
    Key(KeyStoreError),
    /// There is no proof.
    #[error("{} and {}", key.display(), witness.display())]
    Proof {
        key: PathBuf,
        witness: PathBuf,
        source: CircuitError,
    },
    /// A proof does not hold.
    #[error("{}", path.display())]
    Verification { path: PathBuf, source: VerifyError },
    /// Powers of tau are not what they should be.
    #[error("{}", path.display())]
    Powers { path: PathBuf, source: PowersError },
    /// Powers of tau do not serve a circuit.
    #[error("{}", path.display())]
    Powered {
        path: PathBuf,
        source: phase2::SetupError,
    },
    /// A circuit cannot be set up.
    #[error("{}", path.display())]
    Setup { path: PathBuf, source: SetupError },
    /// A key is not what circuit and powers make.
    #[error("{}", path.display())]
    KeyDiffers {
        path: PathBuf,
        source: phase2::VerifyError,
    },
    /// This program has no such circuit.
    #[error(transparent)]
    Circuit(KnownCircuitError),
    /// A witness of another circuit.
    #[error("{}: expected {expected} values, one for each variable of the circuit, got {got}", path.display())]
    Length {
        path: PathBuf,
        expected: usize,
        got: usize,
    },
    /// Public inputs of another circuit.
    #[error("{}: expected {expected} public inputs, as the verifying key has, got {got}", path.display())]
    Inputs {
        path: PathBuf,
        expected: usize,
        got: usize,
    },
    /// A witness does not satisfy its circuit.
    #[error("{}: constraint {row} of the circuit does not hold, the first being 0", path.display())]
    Unsatisfied { path: PathBuf, row: usize },
    /// One file is to be two.
    #[error("{} and {} are one file: expected one of its own for each", path.display(), other.display())]
    SameFile { path: PathBuf, other: PathBuf },
    /// A file that a command reads would be lost.
    #[error("{} holds {holds}, which would be replaced: expected another file to write; was one forgotten?", path.display())]
    Replaced { path: PathBuf, holds: &'static str },
    /// A circuit of more public inputs than keys are taken for.
    #[error("{}: expected a circuit of at most {most} public inputs, got {got}", path.display())]
    TooManyInputs {
        path: PathBuf,
        most: usize,
        got: usize,
    },
    /// A name that does not fit.
    #[error("--name: expected at most {most} bytes, got {got}")]
    Name { most: usize, got: usize },
    /// Without powers of tau nobody contributes.
    #[error("--name: expected powers of tau, POT.ptau, to which a contribution is made")]
    NameOfNothing,
    /// A file cannot be written.
    #[error(transparent)]
    Written(CustodyError),
    /// There is no folder for the user's caches.
    #[error("no folder for checked keys is known: name one with --cache DIR")]
    NoCache,
    /// Public inputs and proofs do not come in pairs.
    #[error("expected a proof for each file of public inputs: PUBLIC.json PROOF.json ...")]
    Pairs,
    /// The system has no randomness, or refuses threads.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Groth16Error {
    pub(super) fn json(path: &Path) -> impl Fn(SnarkjsError) -> Self {
        move |source| match source {
            SnarkjsError::Key(source @ KeyError::Lint { .. }) => Groth16Error::Insecure {
                path: path.to_owned(),
                source,
            },
            source => Groth16Error::Json {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(super) fn key(path: &Path) -> impl Fn(KeyError) -> Self {
        move |source| match source {
            source @ KeyError::Lint { .. } => Groth16Error::Insecure {
                path: path.to_owned(),
                source,
            },
            source => Groth16Error::Json {
                path: path.to_owned(),
                source: source.into(),
            },
        }
    }

    /// Of a user's own file, which the cache was asked for.
    pub(super) fn checked_key(path: &Path) -> impl Fn(KeyStoreError) -> Self {
        move |source| match source {
            KeyStoreError::Io { path: of, source } if of == path => {
                Groth16Error::File { path: of, source }
            }
            KeyStoreError::Format { path: of, source } if of == path => {
                Groth16Error::Format { path: of, source }
            }
            other => Groth16Error::Key(other),
        }
    }

    /// Powers that do not serve are not the key's fault.
    pub(super) fn differs<'p>(
        key: &'p Path,
        powers: &'p Path,
    ) -> impl Fn(phase2::VerifyError) -> Self + 'p {
        move |source| match source {
            phase2::VerifyError::Powers(source) => Groth16Error::powers(powers)(source),
            source @ phase2::VerifyError::Differs(phase2::Part::Powers) => {
                Groth16Error::KeyDiffers {
                    path: powers.to_owned(),
                    source,
                }
            }
            source => Groth16Error::KeyDiffers {
                path: key.to_owned(),
                source,
            },
        }
    }

    pub(super) fn powers(path: &Path) -> impl Fn(PowersError) -> Self {
        move |source| match source {
            PowersError::Read(source) => Groth16Error::File {
                path: path.to_owned(),
                source,
            },
            source => Groth16Error::Powers {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(super) fn format(path: &Path) -> impl Fn(FormatError) -> Self {
        move |source| Groth16Error::Format {
            path: path.to_owned(),
            source,
        }
    }
}

impl Classify for Groth16Error {
    fn kind(&self) -> Kind {
        match self {
            Groth16Error::File { source, .. } => kind_of_io(source),
            Groth16Error::Format { .. }
            | Groth16Error::Json { .. }
            | Groth16Error::Powers { .. }
            | Groth16Error::Powered { .. }
            | Groth16Error::Setup { .. }
            | Groth16Error::Length { .. }
            | Groth16Error::Inputs { .. }
            | Groth16Error::TooManyInputs { .. }
            | Groth16Error::Name { .. }
            | Groth16Error::NameOfNothing
            | Groth16Error::Replaced { .. }
            | Groth16Error::SameFile { .. }
            | Groth16Error::NoCache
            | Groth16Error::Pairs => Kind::Input,
            Groth16Error::Insecure { .. }
            | Groth16Error::Verification { .. }
            | Groth16Error::Unsatisfied { .. } => Kind::Refused,
            Groth16Error::KeyDiffers { source, .. } => match source {
                phase2::VerifyError::Format(_) | phase2::VerifyError::Powers(_) => Kind::Input,
                phase2::VerifyError::Differs(_) | phase2::VerifyError::Contribution { .. } => {
                    Kind::Refused
                }
            },
            Groth16Error::Circuit(e) => e.kind(),
            Groth16Error::Cache(KeyStoreError::Io { source, .. }) => kind_of_own_file(source),
            Groth16Error::Cache(e) => e.kind(),
            Groth16Error::CacheFolder(e) => e.kind(),
            Groth16Error::CacheOwner { .. } => Kind::NoPermission,
            Groth16Error::Key(KeyStoreError::Io { source, .. }) => kind_of_io(source),
            Groth16Error::Key(_) => Kind::Input,
            Groth16Error::Proof { source, .. } => match source {
                CircuitError::Unsatisfied => Kind::Refused,
                CircuitError::Stopped => Kind::Interrupted,
                CircuitError::Format(_) | CircuitError::Key(_) => Kind::Input,
            },
            Groth16Error::Written(e) => e.kind(),
            Groth16Error::Session(e) => e.kind(),
        }
    }
}
