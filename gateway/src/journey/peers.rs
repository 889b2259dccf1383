//! `bench peers`: whole proofs on this engine and on other people's, by `medveil-peers`.
//!
//! Nothing of a home or a ledger is touched. The engines that are linked run as processes of this
//! program, so that memory and processors are each peer's own.

use crate::cache;
use crate::classify::{Classify, Kind, kind_behind, kind_of_io};
use crate::progress::{Progress, Task};
use crate::step::Step;
use jiff::Timestamp;
use medveil_peers::PeersError;
use medveil_peers::bench::{self, Options, Watch, circuits};
use medveil_peers::circuit::Kind as Circuit;
use medveil_peers::peer::{Peer, Places};
use medveil_peers::report::Report;
use medveil_peers::worker::{self, Linked};
use schemars::JsonSchema;
use serde::Serialize;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SIZES: [u32; 2] = [14, 16];
const FULL: std::ops::RangeInclusive<u32> = 12..=20;

/// Why provers could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// A name of nothing.
    #[error("bench peers: expected {what} among {}, got \"{got}\"", .known.join(", "))]
    Name {
        what: &'static str,
        known: Vec<String>,
        got: String,
    },
    /// The system does not say where a user's cache is, or which program this is.
    #[error("bench peers: {0}")]
    System(&'static str),
    #[error(transparent)]
    Peers(#[from] PeersError),
    /// A worker whose orders or answers have no reader.
    #[error("bench peer-worker")]
    Worker(#[source] std::io::Error),
}

impl Classify for ComparisonError {
    fn kind(&self) -> Kind {
        match self {
            ComparisonError::Name { .. } => Kind::Input,
            ComparisonError::System(_) => Kind::NotFound,
            ComparisonError::Worker(error) => kind_of_io(error),
            ComparisonError::Peers(error) => match error {
                PeersError::Options { .. } => Kind::Input,
                PeersError::Io { source, .. } => kind_of_io(source),
                PeersError::Damaged { .. } => Kind::Damaged,
                error => kind_behind(error, Kind::Internal),
            },
        }
    }
}

/// What is to be compared.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub circuits: &'a [String],
    /// Logarithms; none for the usual ones.
    pub sizes: &'a [u32],
    /// None for 1 and all processors.
    pub threads: &'a [usize],
    pub rounds: usize,
    pub slow_rounds: usize,
    /// None for all.
    pub peers: &'a [String],
    pub is_full: bool,
    pub rapidsnark: Option<&'a Path>,
    /// None for the user's own.
    pub cache: Option<&'a Path>,
    /// Where the report goes.
    pub to: &'a Path,
    /// **Units**: seconds.
    pub bound: u64,
}

/// Provers side by side.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PeersCompared {
    /// What was found.
    #[serde(flatten)]
    pub report: Report,
    /// The page with plots.
    pub html: String,
    /// One row a peer, circuit and number of threads.
    pub csv: String,
    /// The same as this answer.
    pub json: String,
}

impl Step for PeersCompared {
    const NAME: &'static str = "bench.peers";
}

/// Finds things by their names.
fn named<T: Copy>(
    what: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    words: &[String],
) -> Result<Vec<T>, ComparisonError> {
    let mut found: Vec<T> = Vec::new();
    for word in words {
        let thing = all.iter().find(|thing| name(**thing) == word);
        let thing = thing.ok_or_else(|| ComparisonError::Name {
            what,
            known: all.iter().map(|thing| name(*thing).to_owned()).collect(),
            got: word.clone(),
        })?;
        if found.iter().all(|known| name(*known) != name(*thing)) {
            found.push(*thing);
        }
    }
    Ok(found)
}

/// Compares provers and writes the report.
///
/// **Errors**: what is asked for is not there; the system refused. A peer that fails is part of the
/// answer.
pub fn compare(
    progress: &dyn Progress,
    asked: &Asked<'_>,
) -> Result<PeersCompared, ComparisonError> {
    let options = options(asked)?;
    let watch = Shown {
        progress,
        task: RefCell::new(None),
    };
    let report = bench::compare(&options, &watch)?;
    drop(watch);
    let written = report.write(asked.to)?;
    Ok(PeersCompared {
        html: written.html.display().to_string(),
        csv: written.csv.display().to_string(),
        json: written.json.display().to_string(),
        report,
    })
}

fn options(asked: &Asked<'_>) -> Result<Options, ComparisonError> {
    let kinds = named("a circuit", &Circuit::ALL, Circuit::name, asked.circuits)?;
    let peers = match asked.peers {
        [] => Peer::ALL.to_vec(),
        names => named("a peer", &Peer::ALL, Peer::name, names)?,
    };
    let sizes: Vec<u32> = match (asked.is_full, asked.sizes) {
        (true, _) => FULL.collect(),
        (false, []) => SIZES.to_vec(),
        (false, sizes) => sizes.to_vec(),
    };
    let this = std::env::current_exe();
    let this =
        this.map_err(|_| ComparisonError::System("the system does not name this program"))?;
    let words = std::env::args_os().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    let cache = asked.cache.map(|cache| Ok(cache.to_owned()));
    Ok(Options {
        circuits: circuits(&kinds, &sizes),
        threads: threads(asked.threads),
        rounds: asked.rounds,
        slow_rounds: asked.slow_rounds,
        peers,
        places: Places {
            cache: cache.unwrap_or_else(users_cache)?,
            worker: [this.as_os_str(), "bench".as_ref(), "peer-worker".as_ref()]
                .map(ToOwned::to_owned)
                .into(),
            rapidsnark: asked.rapidsnark.map(ToOwned::to_owned),
        },
        bound: Duration::from_secs(asked.bound),
        command: words.fold("medveil".to_owned(), |line, word| format!("{line} {word}")),
        day: Timestamp::now().to_string().chars().take(10).collect(),
    })
}

fn threads(asked: &[usize]) -> Vec<usize> {
    let all = medveil_peers::session::Cpus::all().count();
    let mut threads = match asked {
        [] => vec![1, all],
        asked => asked.to_vec(),
    };
    threads.dedup();
    threads
}

fn users_cache() -> Result<PathBuf, ComparisonError> {
    let folder = cache::folder().map(|folder| folder.join("peers"));
    folder.ok_or(ComparisonError::System(
        "neither XDG_CACHE_HOME nor HOME is set: say where to keep peers with --cache",
    ))
}

/// Shows how far a comparison is.
struct Shown<'a> {
    progress: &'a dyn Progress,
    task: RefCell<Option<(String, Box<dyn Task>)>>,
}

impl Watch for Shown<'_> {
    fn at(&self, what: &str, done: u64, total: u64) {
        // One line for each circuit, and one bar.
        let stage = what.split(':').next().unwrap_or(what);
        let mut task = self.task.borrow_mut();
        if task.as_ref().is_none_or(|(known, _)| known != stage) {
            *task = None;
            *task = Some((stage.to_owned(), self.progress.begin(stage, Some(total))));
        }
        if let Some((_, task)) = task.as_ref() {
            task.set(done, total);
        }
    }

    fn note(&self, text: &str) {
        self.progress.note(text);
    }
}

/// Serves as one linked engine, until its orders end.
///
/// **Errors**: an engine that is not linked; nobody reads its answers.
pub fn work(engine: &str, folder: &Path) -> Result<(), ComparisonError> {
    let words = [engine.to_owned()];
    let found = named("an engine", &Linked::ALL, Linked::name, &words)?;
    for engine in found {
        worker::serve_here(engine, folder).map_err(ComparisonError::Worker)?;
    }
    Ok(())
}
