//! Programs: run to their end, or kept running with a log and a process id that survives this program.

use crate::error::{At, NetError};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How much of what a failed program printed is told.
const TAIL: usize = 1500;

/// Runs a program to its end; gives what it printed on standard output.
///
/// **Errors**: it could not be started or failed; the end of what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, NetError> {
    let program = Path::new(command.get_program()).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let fail = |message: String| NetError::Program { program: program.clone(), message };
    let output = command.stdin(Stdio::null()).output().map_err(|e| fail(e.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&printed);
    let start = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
    Err(fail(text[start..].trim().to_owned()))
}

/// A process that outlives this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Running {
    /// Process id.
    pub pid: i32,
    /// When it was started, in the system's own ticks since it booted: another process with this id started at another time.
    pub started: u64,
}

impl Running {
    /// Starts a program in the background, in a process group of its own; what it prints goes to the end of a log.
    ///
    /// **Errors**: it cannot be started.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self, NetError> {
        let out: File = OpenOptions::new().create(true).append(true).open(log).at(log)?;
        let err = out.try_clone().at(log)?;
        let program = command.get_program().to_string_lossy().into_owned();
        // A group of its own: an interrupt at the terminal ends the command that started it and not the network.
        command.process_group(0);
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|e| NetError::Program { program, message: e.to_string() })?;
        let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
        Ok(Running { pid, started: started_at(pid).unwrap_or_default() })
    }

    /// Whether it still runs.
    pub fn is_alive(self) -> bool {
        let exists = Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid).is_ok());
        exists && !is_zombie(self.pid) && started_at(self.pid) == Some(self.started)
    }

    /// Asks it to end, waits, and ends it.
    pub fn stop(self, patience: Duration) {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.is_alive()) else { return };
        let _ = kill_process(pid, Signal::TERM);
        let begun = Instant::now();
        while self.is_alive() {
            if begun.elapsed() > patience {
                let _ = kill_process(pid, Signal::KILL);
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Field 22 of `/proc/PID/stat`; the name before it is in brackets and may hold anything.
fn started_at(pid: i32) -> Option<u64> {
    stat(pid)?.split_whitespace().nth(19)?.parse().ok()
}

fn is_zombie(pid: i32) -> bool {
    stat(pid).is_some_and(|s| s.trim_start().starts_with('Z'))
}

fn stat(pid: i32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')').map(|(_, rest)| rest.to_owned())
}
