//! `quickstart`: all three journeys on a ledger of its own, calling only what the commands call and
//! printing the equivalent command for each step.

mod access;
mod claims;
mod share;
mod trust;

use crate::backend::SystemClock;
use crate::desk::Desk;
use crate::error::GatewayError;
use crate::home::{Actor, Home};
use crate::office::Offices;
use crate::output::{Output, Step};
use crate::service::{consortium, fabric_ledger, join, ledger, verify};
use crate::startup;
use claims::Claimed;
use collections_config::MspId;
use fabric_net::Layout;
use rand_chacha::ChaCha20Rng;
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
        let org =
            |name: &str| MspId::new(name).map_err(|e| GatewayError::internal("quickstart", e));
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
        let orgs = [
            &self.hospital,
            &self.second_hospital,
            &self.university,
            &self.board,
        ];
        orgs.into_iter()
            .cloned()
            .map(Actor::organisation)
            .chain(std::iter::once(self.researcher.clone()))
            .collect()
    }
}

/// One run.
pub struct Run<'a> {
    desk: &'a Desk,
    cast: Cast,
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
        Ok(Run {
            desk,
            cast: Cast::new()?,
            folder,
            study: "STUDY-7".to_owned(),
        })
    }

    /// Runs the journeys.
    ///
    /// **Errors**: the first step that fails.
    pub fn all(
        &self,
        source: Option<&Path>,
        schema: Option<&Path>,
    ) -> Result<Claimed, GatewayError> {
        self.trust()?;
        let shared = self.share(source, schema)?;
        self.access(&shared)?;
        self.claims(&shared)
    }

    fn step(
        &self,
        command: &str,
        work: impl FnOnce() -> Result<Step, GatewayError>,
    ) -> Result<Step, GatewayError> {
        timed(&self.desk.output, command, work)
    }
}

/// Prints a step's answer with its time and the equivalent command.
fn timed(
    output: &Output,
    command: &str,
    work: impl FnOnce() -> Result<Step, GatewayError>,
) -> Result<Step, GatewayError> {
    let begun = Instant::now();
    let step = work()?;
    let ms = begun.elapsed().as_millis() as u64;
    let step = step
        .line(format!("  $ medveil {command}    [{ms} ms]"))
        .field("command", format!("medveil {command}"))
        .field("ms", ms);
    output.step(&step);
    Ok(step)
}

/// Runs everything in a home, which is made the first time, and prints the last line.
///
/// **Errors**: the first step that fails.
pub fn run(
    home: Home,
    output: Output,
    source: Option<&Path>,
    schema: Option<&Path>,
    net: Option<&Layout>,
) -> Result<(), GatewayError> {
    let started = Instant::now();
    let mut rng = startup::rng()?;
    crate::custody::secret_dir(home.root())?;
    let offices = startup::offices(&home, None);
    trust::passphrases(&offices, &Cast::new()?.everybody(), &mut rng)?;
    if let Some(layout) = net {
        join_all(&home, &offices, &output, layout, &mut rng)?;
    } else if !home.exists() {
        output.heading("A consortium of two hospitals, a university and an ethics board");
        let files = consortium::files(None, None, &mut rng)?;
        consortium::found(&home, &offices, &files, &SystemClock, &mut rng)?;
        let opened = startup::open(home.clone(), output, None)?;
        output.step(&consortium::bootstrap(&opened.desk)?.line("  $ medveil consortium init"));
    }
    let claimed = {
        let opened = startup::open(home.clone(), output, None)?;
        Run::new(&opened.desk, home.root().join("files"))?.all(source, schema)?
    };
    output.heading("An outsider verifies the exported bundle, with no ledger at hand");
    timed(
        &output,
        &format!(
            "verify {} --trust {}",
            arg(&claimed.bundle),
            arg(&claimed.trust)
        ),
        || verify::verify(&output, &claimed.bundle, Some(&claimed.trust)),
    )?;
    output.heading("An auditor re-verifies the whole ledger");
    match home.fabric().is_file() {
        false => timed(&output, "ledger audit", || ledger::audit(&home))?,
        true => {
            let (opened, board) = (
                startup::open(home.clone(), output, None)?,
                Cast::new()?.board,
            );
            let Some(channel) = opened.fabric() else {
                return Err(GatewayError::internal(
                    "quickstart",
                    "expected a Fabric channel",
                ));
            };
            timed(&output, &format!("--as {board} ledger audit"), || {
                fabric_ledger::audit(&opened.desk, channel, &board)
            })?
        }
    };
    output.heading("Done");
    let ledger = net.map_or_else(|| home.ledger(), |layout| layout.root().to_owned());
    output.step(&last(
        &home,
        &ledger,
        &claimed,
        started.elapsed().as_secs_f64(),
    ));
    Ok(())
}

/// Joins the home to a network for every organisation of the cast.
fn join_all(
    home: &Home,
    offices: &Offices,
    output: &Output,
    layout: &Layout,
    rng: &mut ChaCha20Rng,
) -> Result<(), GatewayError> {
    if home.exists() && home.fabric().is_file() {
        return Ok(());
    }
    output.heading("Four organisations join the channel of a Fabric network");
    let cast = Cast::new()?;
    for org in [
        &cast.hospital,
        &cast.second_hospital,
        &cast.university,
        &cast.board,
    ] {
        let file = layout.join(org);
        timed(output, &format!("consortium join {}", arg(&file)), || {
            join::join(home, offices, &file, rng)
        })?;
    }
    Ok(())
}

fn last(home: &Home, ledger: &Path, claimed: &Claimed, seconds: f64) -> Step {
    Step::new("done")
        .line(format!(
            "everything lies in {} ({seconds:.1} s)",
            home.root().display()
        ))
        .line(format!("  bundle {}", claimed.bundle.display()))
        .line(format!("  trust file {}", claimed.trust.display()))
        .line(format!("  ledger {}", ledger.display()))
        .line("  passphrases: random, in files named `passphrase` beside each vault (mode 0600)")
        .field("home", shown(home.root()))
        .field("bundle", shown(&claimed.bundle))
        .field("trust", shown(&claimed.trust))
        .field("ledger", shown(ledger))
        .field("seconds", seconds)
}

/// A path as text.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A path as an argument of the printed command.
fn arg(path: &Path) -> String {
    let plain = shown(path);
    if plain
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
    {
        plain
    } else {
        text(&plain)
    }
}

/// A text as an argument of the printed command, in the quotes that need least escaping.
fn text(text: &str) -> String {
    if text.contains('\'') && !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
