//! The `medveil` program from outside: exit codes, help, and errors that machines read.
#![allow(clippy::unwrap_used)]

#[path = "program/circuits.rs"]
mod circuits;

use serde::Deserialize;
use std::process::{Command, Output};

fn medveil(words: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_medveil"))
        .current_dir(folder.path())
        .args(words)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn exit_codes_say_what_the_caller_can_do() {
    for (words, code) in [
        (&["--version"][..], 0),
        (&["no-such-command"], 2),
        (&["net", "up", "--orderers", "2"], 2),
        (&["verify", "no-such-file.json"], 4),
        (&["ledger", "audit"], 4),
        (&["net", "status"], 4),
        (&["bench", "peers", "--peers", "nobody"], 2),
        (&["bench", "peers", "--sizes", "7"], 2),
        (&["bench", "peer-worker", "nobody", "."], 2),
    ] {
        let output = medveil(words);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{words:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn every_command_teaches() {
    for words in [
        &["--help"][..],
        &["net", "--help"],
        &["net", "up", "--help"],
        &["quickstart", "--help"],
        &["access", "request", "--help"],
        &["bench", "peers", "--help"],
        &["groth16", "setup", "--help"],
        &["zkey", "verify", "--help"],
    ] {
        let output = medveil(words);
        assert!(
            output.status.success() && text(&output.stdout).contains("Usage: medveil"),
            "{words:?}"
        );
    }
}

/// What a command prints of a failure.
#[derive(Debug, Deserialize)]
struct Failed {
    ok: bool,
    kind: String,
    error: String,
}

#[test]
fn machines_read_errors_as_one_line_of_json() {
    let output = medveil(&["--json", "verify", "no-such-file.json"]);
    let failed: Failed = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!failed.ok && failed.kind == "not_found", "{failed:?}");
    assert!(failed.error.contains("no-such-file.json"), "{failed:?}");
}

/// What a comparison of provers found.
#[derive(Debug, Deserialize)]
struct Compared {
    ok: bool,
    runs: Vec<Run>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Deserialize)]
struct Run {
    constraints: usize,
    measured: Vec<Measured>,
}

#[derive(Debug, Deserialize)]
struct Measured {
    peer: String,
    error: Option<String>,
    over_ark: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct LeftOut {
    peer: String,
}

#[test]
fn provers_are_compared_as_processes_of_this_program() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_medveil"))
        .current_dir(folder.path())
        .args([
            "--json", "bench", "peers", "--cache", "cache", "--to", "found",
        ])
        .args([
            "--circuits",
            "dense",
            "--sizes",
            "8",
            "--threads",
            "1",
            "--rounds",
            "2",
        ])
        .args(["--peers", "medveil,ark-groth16,rapidsnark"])
        .output()
        .unwrap();
    let compared: Compared = serde_json::from_slice(&output.stdout).unwrap();
    assert!(compared.ok && compared.runs.len() == 1, "{compared:?}");
    assert_eq!(compared.left_out[0].peer, "rapidsnark");
    let run = &compared.runs[0];
    let names: Vec<&str> = run.measured.iter().map(|m| m.peer.as_str()).collect();
    assert_eq!(
        (run.constraints, names),
        (240, vec!["medveil", "ark-groth16"])
    );
    for measured in &run.measured {
        assert!(
            measured.error.is_none() && measured.over_ark.is_some(),
            "{measured:?}"
        );
    }
    for name in ["peers.csv", "peers.json", "peers.html"] {
        let text = std::fs::read_to_string(folder.path().join("found").join(name)).unwrap();
        assert!(
            text.contains("dense-8") && text.contains("ark-groth16"),
            "{name}"
        );
    }
}

#[test]
fn machines_read_usage_errors_too() {
    for (words, said) in [
        (
            &["--json", "no-such-command"][..],
            "unrecognized subcommand",
        ),
        (&["--json", "visa"], "expected a command"),
    ] {
        let output = medveil(words);
        let failed: Failed = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(failed.error.starts_with(said), "{failed:?}");
    }
}

/// What the system says of a running process: the soft and hard limit of dumps, and who owns what it
/// tells of the process. Nobody but root owns it where there is no dump.
#[cfg(target_os = "linux")]
#[test]
fn p7_no_memory_dumps_are_made_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    // A pipe whose writer says nothing: it waits there.
    let fifo = folder.path().join("bundle");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let mut both = std::fs::OpenOptions::new();
    let _writer = both.read(true).write(true).open(&fifo).unwrap();
    let mut child = Command::new("sh")
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" net doctor --core \"$1\"",
        ])
        .arg(env!("CARGO_BIN_EXE_medveil"))
        .arg(&fifo)
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    let limits = || {
        let text = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = text.lines().find(|l| l.starts_with("Max core file size"));
        line.unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let begun = std::time::Instant::now();
    while limits()[4..6] != ["0".to_owned(), "0".to_owned()] {
        assert!(begun.elapsed().as_secs() < 20, "{:?}", limits());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
