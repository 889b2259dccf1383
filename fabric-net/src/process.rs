//! Programs: run to their end, or kept running with a log and a process id that survives this
//! program.

use crate::error::{At, NetError};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How much of what a failed program printed goes into the error, in characters.
const TAIL: usize = 1500;
/// A killed process is gone at once, unless the system itself does not let it go.
const KILLED: Duration = Duration::from_secs(5);
/// In the environment of every process of a network: which network's it is. Not `MEDVEIL_NET`,
/// which people set for themselves.
const MARK: &str = "MEDVEIL_NET_PROCESS";

/// Marks a program as one of the network in this folder, so that it is found even where nothing was
/// written down about it.
pub(crate) fn mark(command: &mut Command, root: &Path) {
    command.env(MARK, root);
}

/// Takes the mark away: for what people start themselves.
pub(crate) fn unmark(command: &mut Command) {
    command.env_remove(MARK);
}

/// Every process that carries the mark of the network in this folder.
pub(crate) fn find_marked(root: &Path) -> Vec<Running> {
    let wanted = [MARK.as_bytes(), b"=", root.as_os_str().as_bytes()].concat();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid != own);
    let is_marked = |pid: &i32| {
        // Other users' processes do not tell.
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|b| *b == 0)
            .any(|variable| variable == wanted)
    };
    pids.filter(is_marked)
        .filter_map(|pid| {
            Some(Running {
                pid,
                started: started_at(pid)?,
            })
        })
        .filter(|r| r.is_alive())
        .collect()
}

/// Runs a program to its end; gives what it printed on standard output.
///
/// **Errors**: it could not be started or failed; the end of what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, NetError> {
    let program = Path::new(command.get_program())
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(source) => return Err(NetError::Start { program, source }),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&printed);
    // Fabric's programs say what is wrong first, and then at length how they are used.
    let text = text.split("\nUsage:").next().unwrap_or_default();
    let start = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
    let printed = text[start..].trim().to_owned();
    Err(NetError::Program { program, printed })
}

/// A process that outlives this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Running {
    pub pid: i32,
    /// When it was started, in the system's own ticks since it booted: another process with this
    /// id started at another time.
    pub started: u64,
}

impl Running {
    /// Starts a program in the background, in a process group of its own; what it prints goes to
    /// the end of a log.
    ///
    /// **Errors**: it cannot be started.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self, NetError> {
        let out: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .at(log)?;
        let err = out.try_clone().at(log)?;
        let program = command.get_program().to_string_lossy().into_owned();
        // A group of its own: an interrupt at the terminal ends the command that started it and not
        // the network.
        command.process_group(0);
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|source| NetError::Start { program, source })?;
        let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
        Ok(Running {
            pid,
            started: started_at(pid).unwrap_or_default(),
        })
    }

    pub fn is_alive(self) -> bool {
        let exists = Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid).is_ok());
        exists && !is_zombie(self.pid) && started_at(self.pid) == Some(self.started)
    }

    /// Asks it to end, waits, and ends it; gives whether it is gone.
    pub fn stop(self, patience: Duration) -> bool {
        [(Signal::TERM, patience), (Signal::KILL, KILLED)]
            .into_iter()
            .any(|(signal, patience)| {
                let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.is_alive()) else {
                    return true;
                };
                let _ = kill_process(pid, signal);
                self.is_gone_within(patience)
            })
    }

    fn is_gone_within(self, patience: Duration) -> bool {
        let begun = Instant::now();
        while self.is_alive() {
            if begun.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// The file name of its program.
    pub(crate) fn name(self) -> String {
        let program = std::fs::read_link(format!("/proc/{}/exe", self.pid)).unwrap_or_default();
        program.file_name().map_or_else(
            || "a process".to_owned(),
            |n| n.to_string_lossy().into_owned(),
        )
    }

    /// Whether it listens on a port itself: a program of somebody else's that answers there does
    /// not count.
    pub(crate) fn listens(self, port: u16) -> bool {
        let Ok(open) = std::fs::read_dir(format!("/proc/{}/fd", self.pid)) else {
            return false;
        };
        let sockets: BTreeSet<String> = open
            .flatten()
            .filter_map(|e| {
                std::fs::read_link(e.path())
                    .ok()?
                    .to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')
                    .map(str::to_owned)
            })
            .collect();
        ["tcp", "tcp6"].iter().any(|table| {
            let text = std::fs::read_to_string(format!("/proc/{}/net/{table}", self.pid))
                .unwrap_or_default();
            text.lines().any(|line| {
                listener(line).is_some_and(|(at, socket)| at == port && sockets.contains(socket))
            })
        })
    }
}

/// Port and socket of a line of `/proc/net/tcp` whose state is that of a listener.
fn listener(line: &str) -> Option<(u16, &str)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, socket) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    let port = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
    (*state == "0A").then_some((port, *socket))
}

/// Field 22 of `/proc/PID/stat`; the name before it is in brackets and may hold anything.
fn started_at(pid: i32) -> Option<u64> {
    stat(pid)?.split_whitespace().nth(19)?.parse().ok()
}

/// Whether a process has ended and is only not collected yet. While another of its threads ends
/// (field 20 counts them), its ports are still taken.
fn is_zombie(pid: i32) -> bool {
    let threads = |s: &str| {
        s.split_whitespace()
            .nth(17)
            .and_then(|n| n.parse::<u32>().ok())
            .unwrap_or_default()
    };
    stat(pid).is_some_and(|s| s.trim_start().starts_with('Z') && threads(&s) <= 1)
}

fn stat(pid: i32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')').map(|(_, rest)| rest.to_owned())
}
