//! `quickstart`: all three journeys on a ledger of its own, calling only what the commands call and
//! printing the equivalent command for each step.

mod access;
mod claims;
mod people;
mod share;
mod trust;

use super::args::{LedgerKind, QuickstartArgs};
use super::failed::CommandError;
use super::output::{Console, Output, Timing};
use super::render::Render;
use crate::home::Home;
use crate::journey::{audit, consortium, join, verify};
use crate::keyring::Keyring;
use crate::passphrases::Passphrases;
use crate::session::{Session, SessionError};
use crate::startup::{self, Startup};
use crate::step::Step;
pub use claims::ClaimRefused;
use claims::Claimed;
use medveil_custody::secret_dir;
use medveil_fabric_net::Layout;
use medveil_ledger::SystemClock;
use people::People;
use rand_chacha::ChaCha20Rng;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// One run.
struct Run<'a> {
    session: &'a Session,
    output: Output,
    people: People,
    /// Files of this run: visas, the letter, bundles.
    folder: PathBuf,
    study: String,
}

impl<'a> Run<'a> {
    fn new(session: &'a Session, output: Output) -> Result<Self, CommandError> {
        let folder = session.home.root().join("files");
        secret_dir(&folder).map_err(SessionError::from)?;
        Ok(Run {
            session,
            output,
            people: People::of_the_template()?,
            folder,
            study: "STUDY-7".to_owned(),
        })
    }

    async fn all(&self, args: &QuickstartArgs) -> Result<Claimed, CommandError> {
        self.trust().await?;
        let shared = self.share(args).await?;
        self.access(&shared).await?;
        self.claims(&shared).await
    }

    /// Runs a step and prints its answer.
    async fn step<T, E>(
        &self,
        command: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CommandError>
    where
        T: Render,
        CommandError: From<E>,
    {
        time(self.output, command, work).await
    }
}

/// Prints a step's answer with its time and the equivalent command.
async fn time<T, E>(
    output: Output,
    command: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, CommandError>
where
    T: Render,
    CommandError: From<E>,
{
    let begun = Instant::now();
    let answer = work.await?;
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let command = command.to_owned();
    output.finish_timed(&answer, &Timing { command, ms });
    Ok(answer)
}

fn file(path: &Path) -> impl Fn(std::io::Error) -> CommandError + '_ {
    move |source| CommandError::File {
        path: path.to_owned(),
        source,
    }
}

fn startup_of(home: &Home) -> Startup {
    Startup {
        progress: Arc::new(Console),
        ..Startup::new(home.clone())
    }
}

/// Runs everything in a home, which is made the first time, and prints the last line.
///
/// **Errors**: the first step that fails.
pub async fn run(home: Home, output: &Output, args: &QuickstartArgs) -> Result<(), CommandError> {
    let (started, output) = (Instant::now(), *output);
    let net = (args.ledger == LedgerKind::Fabric).then(|| Layout::new(&args.net));
    let mut rng = startup::rng()?;
    secret_dir(home.root()).map_err(crate::SessionError::from)?;
    let keyring = Keyring::new(home.clone(), Passphrases::default());
    let everybody = People::of_the_template()?.everybody();
    trust::passphrases(&keyring, &everybody, &mut rng)?;
    match &net {
        Some(layout) => join_all(&home, &keyring, output, layout, &mut rng).await?,
        None => found(&home, keyring, output, &mut rng).await?,
    }
    let claimed = {
        let session = startup_of(&home).open()?;
        let claimed = Run::new(&session, output)?.all(args).await?;
        outsider(output, &claimed).await?;
        claimed
    };
    auditor(&home, output).await?;
    output.heading("Done");
    let ledger = net.map_or_else(|| home.ledger(), |layout| layout.root().to_owned());
    output.finish(&Finished {
        home: path_text(home.root()),
        bundle: claimed.bundle.as_deref().map(path_text),
        trust: path_text(&claimed.trust),
        ledger: path_text(&ledger),
        seconds: started.elapsed().as_secs_f64(),
        has_files: everybody
            .iter()
            .all(|actor| home.passphrase(actor).is_file()),
    });
    Ok(())
}

async fn found(
    home: &Home,
    keyring: Keyring,
    output: Output,
    rng: &mut ChaCha20Rng,
) -> Result<(), CommandError> {
    if !home.exists() {
        let files = consortium::files(home, None, None, rng)?;
        consortium::found(home, &keyring, &files, &SystemClock, rng)?;
    }
    let session = startup_of(home).open_with(Some(keyring))?;
    if consortium::is_founded(&session).await? {
        return Ok(());
    }
    output.heading("A consortium of two hospitals, a university and an ethics board");
    let command = format!("{}consortium init", home_flag(home));
    time(output, &command, consortium::bootstrap(&session)).await?;
    Ok(())
}

/// Joins the home to a network for every organisation.
async fn join_all(
    home: &Home,
    keyring: &Keyring,
    output: Output,
    layout: &Layout,
    rng: &mut ChaCha20Rng,
) -> Result<(), CommandError> {
    if home.exists() && home.fabric().is_file() {
        return Ok(());
    }
    output.heading("Four organisations join the channel of a Fabric network");
    for org in People::of_the_template()?.organisations() {
        let file = layout.join(org);
        let command = format!("{}consortium join {}", home_flag(home), arg(&file));
        let joined = async { join::join(home, keyring, &file, rng) };
        time(output, &command, joined).await?;
    }
    Ok(())
}

async fn outsider(output: Output, claimed: &Claimed) -> Result<(), CommandError> {
    let trust = &claimed.trust;
    let Some(bundle) = &claimed.bundle else {
        return Ok(());
    };
    output.heading("An outsider verifies the exported bundle, with no ledger at hand");
    let command = format!("verify {} --trust {}", arg(bundle), arg(trust));
    let verified = async { verify::verify(&Console, bundle, Some(trust)) };
    time(output, &command, verified).await?;
    Ok(())
}

async fn auditor(home: &Home, output: Output) -> Result<(), CommandError> {
    output.heading("An auditor re-verifies the whole ledger");
    let flag = home_flag(home);
    if !home.fabric().is_file() {
        let command = format!("{flag}ledger audit");
        time(output, &command, audit::audit_home(home)).await?;
        return Ok(());
    }
    let (session, board) = (startup_of(home).open()?, People::of_the_template()?.board);
    let command = format!("{flag}--as {board} ledger audit");
    time(output, &command, audit::audit(&session, &board)).await?;
    Ok(())
}

/// Where everything lies after a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finished {
    home: String,
    /// Absent where no claim may be published of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<String>,
    trust: String,
    ledger: String,
    seconds: f64,
    /// Whether passphrases lie beside the vaults.
    #[serde(skip)]
    has_files: bool,
}

impl Step for Finished {
    const NAME: &'static str = "done";
    const VERSION: u32 = 2;
}

impl Render for Finished {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "everything lies in {} ({:.1} s)",
            self.home, self.seconds
        )];
        lines.extend(self.bundle.iter().map(|path| format!("  bundle {path}")));
        lines.extend([
            format!("  trust file {}", self.trust),
            format!("  ledger {}", self.ledger),
        ]);
        let random = "random, in files named `passphrase` beside each vault (mode 0600)";
        let words = if self.has_files {
            random
        } else {
            "those that were given"
        };
        lines.push(format!("  passphrases: {words}"));
        lines
    }
}

/// A path as text.
fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// The flag that a printed command needs where the home is not the usual one.
fn home_flag(home: &Home) -> String {
    match home.root() == Path::new("medveil-home") {
        true => String::new(),
        false => format!("--home {} ", arg(home.root())),
    }
}

/// A path as an argument of the printed command.
fn arg(path: &Path) -> String {
    let plain = path_text(path);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    if plain.bytes().all(is_plain) {
        plain
    } else {
        quote(&plain)
    }
}

/// A text as an argument of the printed command, in the quotes that need least escaping.
fn quote(text: &str) -> String {
    if text.contains('\'') && !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_commands_name_a_home_that_is_not_the_usual_one() {
        assert_eq!(home_flag(&Home::new("my home")), "--home 'my home' ");
        assert_eq!(home_flag(&Home::new("medveil-home")), "");
    }
}
