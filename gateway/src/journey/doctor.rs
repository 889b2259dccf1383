//! `net doctor`: reads an operator's own configuration and says what this application needs of it,
//! and why; of a network on this machine it also says which processes died.
//!
//! Nothing is changed and nothing is connected to. A key is judged after the environment's
//! override, as Fabric does it.

mod channel;
mod processes;
mod rules;
mod settings;

pub use settings::SettingsError;

use self::settings::Settings;
use super::join::{JoinError, JoinFile};
use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use crate::step::{Step, count};
use medveil_fabric_net::{Layout, NetError, NetState};
use medveil_fabric_wire::{FormError, WholeBlock};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Why a configuration was not looked at, or is no good.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: expected text", path.display())]
    NotText {
        path: PathBuf,
        source: std::string::FromUtf8Error,
    },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{}", path.display())]
    Block { path: PathBuf, source: FormError },
    #[error(transparent)]
    Join(#[from] JoinError),
    /// Neither files nor a network.
    #[error("nothing to look at: name files with --core, --orderer, --channel, --join")]
    NoNetwork(#[source] NetError),
    /// What was looked at has problems.
    #[error("{}", .0.summary())]
    Problems(Diagnosis),
}

impl Classify for DoctorError {
    fn kind(&self) -> Kind {
        match self {
            DoctorError::File { source, .. } => kind_of_io(source),
            DoctorError::NotText { .. } | DoctorError::Settings(_) | DoctorError::Block { .. } => {
                Kind::Input
            }
            DoctorError::Join(e) => e.kind(),
            DoctorError::NoNetwork(_) => Kind::NotFound,
            DoctorError::Problems(_) => Kind::Refused,
        }
    }

    fn answer(&self) -> Option<Value> {
        match self {
            DoctorError::Problems(diagnosis) => serde_json::to_value(diagnosis).ok(),
            DoctorError::File { .. }
            | DoctorError::NotText { .. }
            | DoctorError::Settings(_)
            | DoctorError::Block { .. }
            | DoctorError::Join(_)
            | DoctorError::NoNetwork(_) => None,
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It does not work, or not safely.
    Problem,
    /// It works, and an operator should know.
    Warning,
    /// As it should be.
    Good,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    pub level: Level,
    /// File and key, or a process.
    pub at: String,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
    /// Why it matters here, and what to do.
    pub why: &'static str,
}

/// Everything that was looked at, worst first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnosis {
    pub problems: usize,
    pub warnings: usize,
    pub findings: Vec<Finding>,
}

impl Step for Diagnosis {
    const NAME: &'static str = "net.doctor";
}

impl Diagnosis {
    fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|f| f.level);
        let count = |level| findings.iter().filter(|f| f.level == level).count();
        Diagnosis {
            problems: count(Level::Problem),
            warnings: count(Level::Warning),
            findings,
        }
    }

    /// How many settings are as they should be.
    pub fn good(&self) -> usize {
        self.findings.len() - self.problems - self.warnings
    }

    /// How many findings there are of each level, in words.
    pub fn summary(&self) -> String {
        let problems = count(self.problems as u64, "problem");
        let warnings = count(self.warnings as u64, "warning");
        let good = count(self.good() as u64, "setting");
        format!("{problems}, {warnings}, {good} in order")
    }

    /// The findings, where none is a problem.
    ///
    /// **Errors**: there are problems; the error holds the findings.
    pub fn verdict(self) -> Result<Self, DoctorError> {
        match self.problems {
            0 => Ok(self),
            _ => Err(DoctorError::Problems(self)),
        }
    }
}

/// One process's configuration.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    /// Its core.yaml or orderer.yaml.
    pub file: PathBuf,
    /// Lines `NAME=VALUE` that override the file, as in the process's environment.
    pub env: Option<PathBuf>,
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct ConfigFiles {
    /// Peers.
    pub core: Vec<ConfigFile>,
    /// Orderers.
    pub orderer: Vec<ConfigFile>,
    /// A configuration block of the channel.
    pub channel: Option<PathBuf>,
    /// A join file with what it names: identities, peers, authorities, connection profile.
    pub join: Option<PathBuf>,
}

impl ConfigFiles {
    fn is_empty(&self) -> bool {
        self.core.is_empty()
            && self.orderer.is_empty()
            && self.channel.is_none()
            && self.join.is_none()
    }
}

/// Longest file that is looked at: a block of configuration, or a file of settings.
///
/// **Units**: bytes.
const LONGEST: u64 = 64 << 20;

fn bytes(path: &Path) -> Result<Vec<u8>, DoctorError> {
    infile::bytes(path, LONGEST).map_err(|source| DoctorError::File {
        path: path.to_owned(),
        source,
    })
}

fn text(path: &Path) -> Result<String, DoctorError> {
    String::from_utf8(bytes(path)?).map_err(|source| DoctorError::NotText {
        path: path.to_owned(),
        source,
    })
}

fn settings(config: &ConfigFile, prefix: &'static str) -> Result<Settings, DoctorError> {
    let (file, env) = (config.file.display(), config.env.as_deref());
    let name = match env {
        Some(env) => format!("{file} with {}", env.display()),
        None => file.to_string(),
    };
    let env = env.map(text).transpose()?.unwrap_or_default();
    Ok(Settings::read(&name, &text(&config.file)?, prefix, &env)?)
}

/// Looks at files.
///
/// **Errors**: a file is missing or not of its form.
pub fn examine(files: &ConfigFiles) -> Result<Diagnosis, DoctorError> {
    Ok(Diagnosis::new(findings(files)?))
}

fn findings(files: &ConfigFiles) -> Result<Vec<Finding>, DoctorError> {
    let mut findings = Vec::new();
    for config in &files.core {
        findings.extend(rules::core(&settings(config, "CORE")?));
    }
    for config in &files.orderer {
        findings.extend(rules::orderer(&settings(config, "ORDERER")?));
    }
    if let Some(path) = &files.channel {
        findings.extend(channel(path)?);
    }
    if let Some(path) = &files.join {
        findings.push(Finding {
            level: Level::Good,
            at: path.display().to_string(),
            found: JoinFile::check(path)?.to_string(),
            expected: "a join file that can be joined".to_owned(),
            why: "identities, keys, authorities and peers were read as `consortium join` reads them",
        });
    }
    Ok(findings)
}

fn channel(path: &Path) -> Result<Vec<Finding>, DoctorError> {
    let bytes = bytes(path)?;
    let settings = WholeBlock::read(&bytes).and_then(|block| block.settings());
    let settings = settings.and_then(|s| s.ok_or(FormError("a configuration block")));
    let settings = settings.map_err(|source| DoctorError::Block {
        path: path.to_owned(),
        source,
    })?;
    Ok(channel::check(&path.display().to_string(), &settings))
}

/// `net doctor`: the given files, or those and the processes of the network of this folder.
///
/// **Errors**: as [`examine`]; neither files nor a network. Whether there are problems is what
/// [`Diagnosis::verdict`] says.
pub fn doctor(layout: &Layout, files: &ConfigFiles) -> Result<Diagnosis, DoctorError> {
    if !files.is_empty() {
        return examine(files);
    }
    let state = NetState::read(layout).map_err(DoctorError::NoNetwork)?;
    let mut findings = findings(&config_files_of(layout, &state))?;
    findings.extend(processes::check(layout, &state));
    Ok(Diagnosis::new(findings))
}

/// What `net up` made: each process with its own environment, and the channel's first block.
fn config_files_of(layout: &Layout, state: &NetState) -> ConfigFiles {
    let config = |name: String| ConfigFile {
        file: layout.configuration(&name),
        env: Some(layout.environment(&name)),
    };
    let orderers = 0..state.orderers.len();
    let orgs = state.orgs.iter();
    ConfigFiles {
        core: orgs.map(|o| config(format!("peer-{}", o.msp_id))).collect(),
        orderer: orderers.map(|i| config(format!("orderer{i}"))).collect(),
        channel: Some(layout.genesis()),
        join: None,
    }
}

#[cfg(test)]
mod tests;
