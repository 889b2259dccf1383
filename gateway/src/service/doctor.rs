//! `net doctor`: reads an operator's own configuration and says what this application needs of it,
//! and why.
//!
//! Nothing is changed and nothing is connected to. A key is judged after the environment's
//! override, as Fabric does it.

mod channel;
mod rules;
mod settings;

use self::settings::Settings;
use super::join::JoinFile;
use crate::backend::fabric::WholeBlock;
use crate::error::{Context, GatewayError};
use crate::output::{Output, Step};
use fabric_net::{Layout, NetState};
use serde_json::json;
use std::path::{Path, PathBuf};

const STAGE: &str = "doctor";

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does not work, or not safely.
    Problem,
    /// It works, and an operator should know.
    Warning,
    /// As it should be.
    Good,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Level::Problem => "problem",
            Level::Warning => "warning",
            Level::Good => "good",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// File and key.
    pub at: String,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
    /// Why it matters here, and what to do.
    pub why: &'static str,
}

/// One process's configuration.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its core.yaml or orderer.yaml.
    pub file: PathBuf,
    /// Lines `NAME=VALUE` that override the file, as in the process's environment.
    pub env: Option<PathBuf>,
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    /// Peers.
    pub core: Vec<Chart>,
    /// Orderers.
    pub orderer: Vec<Chart>,
    /// A configuration block of the channel.
    pub channel: Option<PathBuf>,
    /// A join file with what it names: identities, peers, authorities, connection profile.
    pub join: Option<PathBuf>,
}

impl Charts {
    fn is_empty(&self) -> bool {
        self.core.is_empty()
            && self.orderer.is_empty()
            && self.channel.is_none()
            && self.join.is_none()
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, GatewayError> {
    std::fs::read(path)
        .map_err(|e| GatewayError::not_found(STAGE, format!("{}: {e}", path.display())))
}

fn configured(chart: &Chart, prefix: &'static str) -> Result<Settings, GatewayError> {
    let text = |path: &Path| String::from_utf8(bytes(path)?).input(STAGE);
    let env = chart
        .env
        .as_deref()
        .map(text)
        .transpose()?
        .unwrap_or_default();
    let name = chart
        .env
        .as_deref()
        .map_or(String::new(), |env| format!(" with {}", env.display()));
    Settings::read(
        &format!("{}{name}", chart.file.display()),
        &text(&chart.file)?,
        prefix,
        &env,
    )
}

/// Everything that was found, worst first.
///
/// **Errors**: a file is missing or not of its form.
pub fn examine(charts: &Charts) -> Result<Vec<Finding>, GatewayError> {
    let mut findings = Vec::new();
    for chart in &charts.core {
        findings.extend(rules::core(&configured(chart, "CORE")?));
    }
    for chart in &charts.orderer {
        findings.extend(rules::orderer(&configured(chart, "ORDERER")?));
    }
    if let Some(path) = &charts.channel {
        let name = path.display().to_string();
        let block = WholeBlock::read(&bytes(path)?)
            .map_err(|e| GatewayError::input(STAGE, format!("{name}: expected {e}")))?;
        let settings = block
            .settings()
            .map_err(|e| GatewayError::input(STAGE, format!("{name}: expected {e}")))?;
        let settings = settings.ok_or_else(|| {
            GatewayError::input(STAGE, format!("{name}: expected a configuration block"))
        })?;
        findings.extend(channel::check(&name, &settings));
    }
    if let Some(path) = &charts.join {
        let found = JoinFile::check(path)?;
        let (at, why) = (
            path.display().to_string(),
            "identities, keys, authorities and peers were read as `consortium join` reads them",
        );
        findings.push(Finding {
            level: Level::Good,
            at,
            found,
            expected: "a join file that can be joined".to_owned(),
            why,
        });
    }
    findings.sort_by_key(|f| f.level);
    Ok(findings)
}

/// `net doctor`: the given files, or those of the network of this folder.
///
/// **Errors**: as [`examine`]; problems were found: all findings were printed before.
pub fn doctor(output: &Output, layout: &Layout, mut charts: Charts) -> Result<Step, GatewayError> {
    if charts.is_empty() {
        charts = of_network(layout)?;
    }
    let findings = examine(&charts)?;
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    let problems = count(Level::Problem);
    let summary = format!(
        "{problems} problems, {} warnings, {} settings as they should be",
        count(Level::Warning),
        count(Level::Good)
    );
    let told = |f: &Finding| json!({"level": f.level.word(), "at": f.at, "found": f.found, "expected": f.expected, "why": f.why});
    let mut step = Step::new("net.doctor");
    for f in findings.iter().filter(|f| f.level != Level::Good) {
        step = step.line(format!(
            "{:<8} {}: found {}, expected {}",
            f.level.word(),
            f.at,
            f.found,
            f.expected
        ));
        step = step.line(format!("         {}", f.why));
    }
    let step = step
        .line(&summary)
        .field("problems", problems)
        .field("warnings", count(Level::Warning));
    let step = step.field("findings", findings.iter().map(told).collect::<Vec<_>>());
    if problems == 0 {
        return Ok(step);
    }
    output.step(&step);
    Err(GatewayError::refused(STAGE, summary))
}

/// What `net up` made: each process with its own environment, and the channel's first block.
fn of_network(layout: &Layout) -> Result<Charts, GatewayError> {
    let state = NetState::read(layout).map_err(|_| {
        let message = format!(
            "{} holds no network: name files with --core, --orderer, --channel, --join",
            layout.root().display()
        );
        GatewayError::not_found(STAGE, message)
    })?;
    let chart = |name: String| Chart {
        file: layout.configuration(&name),
        env: Some(layout.environment(&name)),
    };
    let orderer = (0..state.orderers.len())
        .map(|i| chart(format!("orderer{i}")))
        .collect();
    let core = state
        .orgs
        .iter()
        .map(|o| chart(format!("peer-{}", o.msp_id)))
        .collect();
    Ok(Charts {
        core,
        orderer,
        channel: Some(layout.genesis()),
        join: None,
    })
}

#[cfg(test)]
mod tests;
