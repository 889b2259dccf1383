//! What can go wrong with a network.
//!
//! No message holds the text of its source: print the chain (`error_chain`).

use medveil_collections_config::{MspId, NameError, Problems};
use std::path::{Path, PathBuf};

/// Why a network does not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    #[error(transparent)]
    Missing(#[from] Missing),
    #[error(transparent)]
    Input(#[from] InputError),
    /// Another command works on the network in this folder.
    #[error("another medveil net command works on {folder}: wait for it")]
    Busy { folder: PathBuf },
    /// A file could not be read or written.
    #[error("{path}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("{program}")]
    Start {
        program: String,
        source: std::io::Error,
    },
    /// A program failed, and printed this at the end.
    #[error("{program}: {printed}")]
    Program { program: String, printed: String },
    /// A program printed something else than it was asked for.
    #[error("{program}: expected other output than {printed}")]
    Answer {
        program: String,
        printed: String,
        source: serde_json::Error,
    },
    /// A process of the network ended while it was waited for.
    #[error("{what}: it ended; the end of {log}:\n{tail}")]
    Ended {
        what: String,
        log: PathBuf,
        tail: String,
    },
    /// Processes of the network that neither SIGTERM nor SIGKILL ended.
    #[error("stop: these processes do not end: {processes}")]
    NotStopped { processes: String },
    /// Something did not become ready in time.
    #[error("{what} was not ready after {seconds} s; its log is {log}")]
    Timeout {
        what: String,
        seconds: u64,
        log: PathBuf,
    },
}

/// Something that must be there is not; each message says how to get it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("{folder} holds no network: run `medveil net up`")]
    Network { folder: PathBuf },
    #[error("the network is not up: run `medveil net up`")]
    Peers,
    #[error("Fabric is not installed: run `medveil net install`, or give --binaries DIR")]
    Fabric,
    #[error("neither XDG_CACHE_HOME nor HOME is set: no place to keep binaries")]
    CacheFolder,
    #[error(
        "the Go client is needed (go 1.24.2 or later, https://go.dev/dl), or Fabric's own binaries by --binaries DIR"
    )]
    GoClient,
    #[error("{folder}: expected core.yaml and orderer.yaml in a config folder")]
    SampleConfiguration { folder: PathBuf },
    #[error("{folder}: expected the programs {programs}")]
    Programs { folder: PathBuf, programs: String },
    #[error("{program}: no contract program there; build it with `cargo build --release`")]
    ContractProgram { program: PathBuf },
}

impl Missing {
    pub(crate) fn network(folder: &Path) -> Self {
        Missing::Network {
            folder: folder.to_owned(),
        }
    }
}

/// What was asked for cannot be done, or not with the network that is there.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("expected organisations whose names differ in more than case and punctuation")]
    Organisations,
    #[error("expected 1 or 3 orderers (Raft) or 4 (SmartBFT), got {0}")]
    Orderers(usize),
    #[error("expected a channel name of lower-case letters, digits, dots and hyphens, got {0}")]
    Channel(String),
    #[error("expected one of {known}, got {got}")]
    UnknownOrganisation { known: String, got: MspId },
    #[error("expected a network of at least one organisation")]
    NoOrganisation,
    #[error(
        "the folder holds a network of {orgs} with {orderers} orderers, {}: run `medveil net clean` first",
        clocks(*is_time_checked)
    )]
    AnotherNetwork {
        orgs: String,
        orderers: usize,
        is_time_checked: bool,
    },
    #[error("{0} is not empty and holds no network")]
    NotEmpty(PathBuf),
    #[error("{0} holds files that are no network's: remove it yourself")]
    ForeignFiles(PathBuf),
    /// The network's own file cannot be read as one.
    #[error("{path}: what is left of the network goes by `medveil net clean`")]
    Damaged {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error(transparent)]
    Unprintable(serde_json::Error),
    #[error(
        "the network was made with Fabric {made}, got programs of {got}: give those by --binaries DIR, or run `medveil net clean`"
    )]
    AnotherRelease { made: String, got: String },
    #[error("expected peer and orderer of one release, got {peer} and {orderer}")]
    MixedReleases { peer: String, orderer: String },
    #[error("expected Fabric 3.1 or 2.5, got {0}")]
    UnsupportedRelease(String),
    #[error("{0}: it does not say which release it is")]
    UnknownRelease(PathBuf),
    #[error("expected {wanted} free ports from {first} to {end}, got {found}")]
    NoPorts {
        wanted: usize,
        first: u16,
        end: u16,
        found: usize,
    },
    #[error(
        "port {port} of {process} is taken by another program: end it, or make another network"
    )]
    PortTaken { port: u16, process: String },
    #[error("{program}: expected a package label, got {label}")]
    Label { program: PathBuf, label: String },
    #[error("another consortium is deployed here: its contract accepts no second one")]
    AnotherConsortium,
    #[error(transparent)]
    Collections(#[from] Problems),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("core.yaml")]
    Sample(#[source] serde_saphyr::Error),
    #[error("core.yaml: expected Fabric's sample with {0}")]
    SampleWithout(&'static str),
    #[error("package")]
    Package(#[source] std::io::Error),
}

fn clocks(is_time_checked: bool) -> &'static str {
    if is_time_checked {
        "whose clocks are checked"
    } else {
        "whose clocks are not checked"
    }
}

/// Puts a path on an input or output error.
pub(crate) trait At<T> {
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
