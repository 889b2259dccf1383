//! Where answers go: standard output that takes nothing, files that are asked for, an end before time.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/quickstart/policy.yaml");

fn medveil(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil"));
    let words = line
        .split_whitespace()
        .map(|word| word.replace("POLICY", POLICY));
    command.current_dir(folder).args(words);
    command.env("MEDVEIL_PASSPHRASE", "correct horse battery");
    command
}

fn run(folder: &Path, line: &str) -> Output {
    medveil(folder, line).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a home.
fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), "consortium init");
    assert!(made.status.success(), "{}", text(&made.stderr));
    folder
}

/// Commands that end well, and one that does not.
const LINES: &[(&str, i32)] = &[
    ("--help", 0),
    ("help", 0),
    ("--version", 0),
    ("ledger events --help", 0),
    ("policy explain POLICY", 0),
    ("--json policy explain POLICY", 0),
    ("ledger blocks", 0),
    ("--json ledger blocks", 0),
    ("ledger audit", 0),
    ("--as EthicsBoard consortium trust --out -", 0),
    ("--json no-such-command", 2),
    ("--json verify no-such-file", 4),
];

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let folder = home();
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    // What standard output is, and how a command ends that would end well.
    let cases: [(&dyn Fn() -> Stdio, i32, bool); 3] = [
        (&|| full().into(), 9, true),
        (&|| File::open("/dev/null").unwrap().into(), 1, true),
        (&|| std::io::pipe().unwrap().1.into(), 130, false),
    ];
    for (output, expected, is_said) in cases {
        for (line, code) in LINES {
            let mut command = medveil(folder.path(), line);
            let done = command
                .stdin(Stdio::null())
                .stdout(output())
                .output()
                .unwrap();
            let said = text(&done.stderr);
            let expected = if *code == 0 { expected } else { *code };
            assert_eq!(done.status.code(), Some(expected), "{line}: {said}");
            assert!(
                !is_said || *code > 0 || said.contains("standard output"),
                "{line}: {said}"
            );
        }
    }
}

#[test]
fn a_listener_whose_output_is_full_keeps_its_place() {
    let folder = home();
    let line = "ledger events --checkpoint place.json";
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let failed = medveil(folder.path(), line).stdout(full).output().unwrap();
    assert_eq!(failed.status.code(), Some(9), "{}", text(&failed.stderr));
    let heard = run(folder.path(), line);
    assert!(text(&heard.stdout).contains("consortium.bootstrapped"));
    let again = run(folder.path(), line);
    assert!(!text(&again.stdout).contains("consortium.bootstrapped"));
}

#[test]
fn a_minus_is_standard_output_and_the_answer_goes_aside() {
    let folder = home();
    let file = run(
        folder.path(),
        "--as EthicsBoard consortium trust --out trust.json",
    );
    assert!(file.status.success());
    let trust = std::fs::read(folder.path().join("trust.json")).unwrap();
    for json in ["", "--json "] {
        let line = format!("{json}--as EthicsBoard consortium trust --out -");
        let printed = run(folder.path(), &line);
        assert_eq!(printed.stdout, trust);
        let said = text(&printed.stderr);
        assert!(!said.is_empty());
        if !json.is_empty() {
            let lines: Vec<Value> = said.lines().filter_map(|l| l.parse().ok()).collect();
            assert!(
                lines.iter().any(|line| line.get("step").is_some()),
                "{said}"
            );
        }
    }
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "a home and a trust file");
}

#[test]
fn f_a_file_to_write_is_a_plain_one_or_none() {
    let folder = home();
    let [fifo, link] = ["fifo", "link"].map(|name| folder.path().join(name));
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink("/dev/full", &link).unwrap();
    for place in ["/dev/full", "/dev/null", "fifo", "link", "medveil-home"] {
        for line in [
            "--as EthicsBoard consortium trust --out",
            "--as University/alice visa request --schema ethics --out",
            "schema draft POLICY --out",
            "--as HospitalA access show 00 --letter-out",
            "--as HospitalA claim bundle 00 --out",
        ] {
            let refused = run(folder.path(), &format!("{line} {place}"));
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{line} {place}: {said}");
            assert!(
                said.contains(&format!("{place}: expected a plain file")),
                "{said}"
            );
        }
    }
    let missing = run(
        folder.path(),
        "--as EthicsBoard consortium trust --out none/x",
    );
    assert_eq!(missing.status.code(), Some(4), "{}", text(&missing.stderr));
}

#[test]
fn f_an_answer_to_a_closed_standard_output_is_lost_and_said_to_be() {
    let folder = home();
    for (line, out) in [
        ("ledger blocks", ">&-"),
        ("--json ledger blocks", ">&-"),
        ("--help", ">&-"),
        ("--as EthicsBoard consortium trust --out -", ">&-"),
        ("ledger blocks", ">&- <&-"),
    ] {
        let script = format!("exec \"$0\" {line} {out}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_medveil")]);
        let done = command.current_dir(folder.path()).output().unwrap();
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{line} {out}: {said}");
        assert!(said.contains("standard output"), "{line} {out}: {said}");
    }
    let fine = Command::new("sh")
        .args([
            "-c",
            "exec \"$0\" ledger blocks <>/dev/null >&0",
            env!("CARGO_BIN_EXE_medveil"),
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(fine.status.success(), "{}", text(&fine.stderr));
}

#[test]
fn m11_a_file_that_is_none_is_bad_input_and_nobody_waits_for_it() {
    let folder = home();
    let at = |name: &str| folder.path().join(name);
    let made = Command::new("mkfifo").arg(at("fifo")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    std::os::unix::fs::symlink("loop", at("loop")).unwrap();
    for line in [
        "verify FILE",
        "dataset report --check FILE",
        "--as HospitalA ledger events --checkpoint FILE",
        "--as HospitalA keys import FILE POLICY",
        "policy check FILE",
        "dataset inspect POLICY --schema FILE",
        "dataset inspect FILE",
        "net doctor --core FILE",
        "--as University/alice visa import FILE",
        "--as University issuer issue --group universities --request FILE",
        "--as HospitalA access submit FILE",
        "collections check FILE",
        "keys publish --as HospitalA --passphrase-file FILE",
    ] {
        for name in ["fifo", "socket", "loop", "/dev/zero", "medveil-home"] {
            let mut words = line.replace("FILE", name);
            if line.contains("issue") {
                words += " --out v";
            }
            let done = run(folder.path(), &words);
            let said = text(&done.stderr);
            assert_eq!(done.status.code(), Some(2), "{words}: {said}");
        }
    }
}

/// Whether this process ignores a signal, as shells have it for what they start in the background: so
/// does what it starts.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(mask.unwrap().trim(), 16).unwrap();
    mask >> (signal - 1) & 1 == 1
}

#[test]
fn a_signal_ends_a_command_with_words_and_a_code_of_its_own() {
    let folder = home();
    let signals = [Signal::INT, Signal::TERM].into_iter();
    for signal in signals.filter(|signal| !is_ignored(signal.as_raw())) {
        let mut command = medveil(folder.path(), "--json ledger events --follow");
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It listens now.
        lines.next().unwrap().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let last: Value = lines.last().unwrap().unwrap().parse().unwrap();
        let of = |field: &str| last.get(field).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(of("kind").as_deref(), Some("interrupted"));
        assert_eq!(of("step").as_deref(), Some("ledger.events"));
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert!(said.contains("interrupted"), "{said}");
    }
}
