//! `quickstart`: all three journeys on a ledger of its own, calling only what the commands call and printing the equivalent command for each step.

mod access;
mod claims;
mod share;
mod trust;

use crate::desk::Desk;
use crate::error::GatewayError;
use crate::home::Actor;
use crate::output::Step;
use collections_config::MspId;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The cast of the quickstart.
pub struct Cast {
    /// Holds the data.
    pub hospital: MspId,
    /// Shares its collection.
    pub second_hospital: MspId,
    /// Employs the researcher and vouches for her.
    pub university: MspId,
    /// Approves studies.
    pub board: MspId,
    /// The researcher.
    pub researcher: Actor,
}

impl Cast {
    /// The organisations of the template consortium.
    ///
    /// **Errors**: none with these names.
    pub fn new() -> Result<Self, GatewayError> {
        let org = |name: &str| MspId::new(name).map_err(|e| GatewayError::internal("quickstart", e));
        let university = org("University")?;
        Ok(Cast {
            hospital: org("HospitalA")?,
            second_hospital: org("HospitalB")?,
            board: org("EthicsBoard")?,
            researcher: Actor::person(university.clone(), "alice")?,
            university,
        })
    }

    /// Everybody, organisations first.
    pub fn everybody(&self) -> Vec<Actor> {
        let orgs = [&self.hospital, &self.second_hospital, &self.university, &self.board];
        orgs.into_iter().cloned().map(Actor::organisation).chain(std::iter::once(self.researcher.clone())).collect()
    }
}

/// One run.
pub struct Run<'a> {
    desk: &'a Desk,
    cast: Cast,
    started: Instant,
    /// Files of this run: visas, letters, bundles.
    folder: PathBuf,
    study: String,
}

impl<'a> Run<'a> {
    /// A run in a home that has a consortium.
    ///
    /// **Errors**: the folder of the run cannot be made.
    pub fn new(desk: &'a Desk, folder: PathBuf) -> Result<Self, GatewayError> {
        std::fs::create_dir_all(&folder).map_err(|e| GatewayError::internal("quickstart", e))?;
        Ok(Run { desk, cast: Cast::new()?, started: Instant::now(), folder, study: "STUDY-7".to_owned() })
    }

    /// Runs all journeys and prints the last line.
    ///
    /// **Errors**: the first step that fails.
    pub fn all(&self, source: Option<&Path>, schema: Option<&Path>) -> Result<(), GatewayError> {
        self.trust()?;
        let shared = self.share(source, schema)?;
        self.access(&shared)?;
        let bundle = self.claims(&shared)?;
        self.audit()?;
        let root = self.desk.home.root();
        let seconds = self.started.elapsed().as_secs_f64();
        self.desk.output.heading("Done");
        let step = Step::new("done")
            .line(format!("everything lies in {} ({seconds:.1} s)", root.display()))
            .line(format!("  bundle {}", bundle.display()))
            .line(format!("  ledger {}", self.desk.home.ledger().display()))
            .line("  passphrases: random, in files named `passphrase` beside each vault (mode 0600)")
            .field("home", shown(root))
            .field("bundle", shown(&bundle))
            .field("ledger", shown(&self.desk.home.ledger()))
            .field("seconds", seconds);
        self.desk.output.step(&step);
        Ok(())
    }

    /// Prints the equivalent command and the step's answer with its time.
    fn step(&self, command: &str, work: impl FnOnce() -> Result<Step, GatewayError>) -> Result<Step, GatewayError> {
        let begun = Instant::now();
        let step = work()?;
        let ms = begun.elapsed().as_millis() as u64;
        let step = step.line(format!("  $ medveil {command}    [{ms} ms]")).field("command", format!("medveil {command}")).field("ms", ms);
        self.desk.output.step(&step);
        Ok(step)
    }

    fn audit(&self) -> Result<(), GatewayError> {
        self.desk.output.heading("An auditor re-verifies the whole ledger");
        self.step("ledger audit", || crate::service::ledger::audit(self.desk)).map(drop)
    }
}

/// A path as text.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A path as an argument of the printed command.
fn arg(path: &Path) -> String {
    let text = shown(path);
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
