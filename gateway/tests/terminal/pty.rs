//! A program on terminals: one for standard output, one for standard error.

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

/// What a program printed, and its exit code.
pub struct Printed {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

fn terminal() -> (OwnedFd, OwnedFd) {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let name = ptsname(&own, Vec::new()).unwrap();
    let other = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (own, other)
}

/// Reads until nobody has the other end any more, which is an error of its own.
fn reader(own: OwnedFd) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        let mut file = File::from(own);
        while let Ok(n @ 1..) = file.read(&mut part) {
            bytes.extend(&part[..n]);
        }
        String::from_utf8(bytes).expect("text")
    })
}

/// Runs a command whose standard output and standard error are terminals.
pub fn on_terminals(command: &mut Command) -> Printed {
    let ((out, out_end), (err, err_end)) = (terminal(), terminal());
    let (out, err) = (reader(out), reader(err));
    command.stdin(Stdio::null()).stdout(out_end).stderr(err_end);
    let mut child = command.spawn().unwrap();
    // The command holds the terminals' other ends as well.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let code = child.wait().unwrap().code();
    Printed {
        code,
        out: out.join().unwrap(),
        err: err.join().unwrap(),
    }
}

/// Runs a command whose output goes to pipes.
pub fn on_pipes(command: &mut Command) -> Printed {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Printed {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
