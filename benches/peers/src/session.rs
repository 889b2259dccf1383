//! A peer at work: a process that is given orders one at a time, within a bound of time, on its own
//! processors.

mod memory;
mod once;
mod pinned;

pub use self::pinned::Cpus;

use self::once::Once;
use crate::protocol::{self, Done, LineError, MAX_LINE, Order, Step, plain};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Why a peer did not do what it was told to.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It did not start.
    #[error("{program} does not start: {source}", program = program.display())]
    Start {
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was stopped.
    #[error("did not answer within {0} s, and was stopped")]
    Late(u64),
    /// It ended.
    #[error("ended before its time{0}")]
    Ended(String),
    /// It answered something else.
    #[error("{0}")]
    Line(#[from] LineError),
}

/// How a peer is started.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What its environment has besides, and has not.
    pub env: Vec<(&'static str, Option<String>)>,
    /// Whether it is started anew for each proof, as rapidsnark is.
    pub is_once: bool,
}

/// A peer at work. Dropping it ends the process.
pub struct Session(Way);

enum Way {
    Lines(Lines),
    Once(Once),
}

struct Lines {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Receiver<std::io::Result<String>>,
    log: PathBuf,
}

impl Session {
    /// Starts a peer on processors. What it says on standard error goes to `log`.
    ///
    /// **Errors**: it does not start.
    pub fn start(program: &Program, cpus: &Cpus, log: &Path) -> Result<Self, SessionError> {
        let way = match program.is_once {
            true => Way::Once(Once::new(program.clone(), cpus.clone())),
            false => Way::Lines(Lines::start(program, cpus, log)?),
        };
        Ok(Session(way))
    }

    /// Gives an order and waits for its answer.
    ///
    /// **Errors**: the peer did not answer in time (it is stopped then), ended, or said something
    /// else.
    pub fn order(&mut self, order: Order, bound: Duration) -> Result<Done, SessionError> {
        match &mut self.0 {
            Way::Lines(lines) => lines.order(order, bound),
            Way::Once(once) => once.order(order.step, bound),
        }
    }

    /// Most memory that the peer has had resident; `None` where the system does not say.
    ///
    /// **Units**: bytes.
    pub fn peak_memory(&self) -> Option<u64> {
        match &self.0 {
            Way::Lines(lines) => memory::peak(lines.child.id()),
            Way::Once(once) => once.peak_memory(),
        }
    }
}

/// A command with its environment and its output of errors.
fn command(program: &Program, cpus: &Cpus) -> Command {
    let mut command = Command::new(&program.path);
    command.args(&program.args);
    // For systems without affinity; elsewhere these say the same.
    let threads = cpus.count().to_string();
    command.env("RAYON_NUM_THREADS", &threads);
    command.env("GOMAXPROCS", &threads);
    for (name, value) in &program.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

impl Lines {
    fn start(program: &Program, cpus: &Cpus, log: &Path) -> Result<Self, SessionError> {
        let failed = |source| SessionError::Start {
            program: program.path.clone(),
            source,
        };
        let errors = std::fs::File::create(log).map_err(failed)?;
        let mut command = command(program, cpus);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(errors);
        let mut child = cpus.run(|| command.spawn()).map_err(failed)?;
        let (orders, output) = (child.stdin.take(), child.stdout.take());
        // One line is waited for at a time: a peer that says more waits for its reader.
        let (said, answers) = sync_channel(1);
        if let Some(output) = output {
            std::thread::spawn(move || {
                let mut output = BufReader::new(output);
                while let Some(line) = next_line(&mut output) {
                    if said.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Lines {
            child,
            orders,
            answers,
            log: log.to_owned(),
        })
    }

    fn order(&mut self, order: Order, bound: Duration) -> Result<Done, SessionError> {
        let line = serde_json::to_string(&order).unwrap_or_default();
        let orders = self.orders.as_mut();
        let told = orders.map(|orders| writeln!(orders, "{line}").and_then(|()| orders.flush()));
        if !matches!(told, Some(Ok(()))) {
            return Err(self.ended());
        }
        match self.answers.recv_timeout(bound) {
            Ok(Ok(line)) => Ok(protocol::read(&line, order.step)?),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                Err(SessionError::Late(bound.as_secs()))
            }
        }
    }

    /// With the last thing that it said.
    fn ended(&mut self) -> SessionError {
        let _ = self.child.kill();
        let _ = self.child.wait();
        SessionError::Ended(last_line(&self.log))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // The end of its orders is the end of its work; who does not listen is stopped.
        if let Some(mut orders) = self.orders.take() {
            let end = serde_json::to_string(&Order::of(Step::End)).unwrap_or_default();
            let _ = writeln!(orders, "{end}");
        }
        for _ in 0..50 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next line; none at the end. A line that is too long is one that is cut, and so no answer.
fn next_line(output: &mut impl BufRead) -> Option<std::io::Result<String>> {
    let mut line = Vec::new();
    match output.take(MAX_LINE as u64).read_until(b'\n', &mut line) {
        Ok(0) => None,
        Ok(_) => Some(Ok(String::from_utf8_lossy(&line).into_owned())),
        Err(error) => Some(Err(error)),
    }
}

/// The last line of a log, where there is one, behind a colon.
fn last_line(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(String::new, |line| format!(": {}", plain(line)))
}
