//! Every target over its corpus and over changed inputs, each in a process of its own, side by side.
//!
//! `MEDVEIL_FUZZ_SECONDS` is the time of each target, `MEDVEIL_FUZZ_TARGETS` a list of names with
//! commas, `MEDVEIL_FUZZ_SEED` another sequence of inputs. `MEDVEIL_FUZZ_STATE` names a file in which
//! a long run is kept, so that the next one does what is left of it.

use medveil_fuzz::campaign::{Finding, HANG, Kind, Report};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time of each target in an ordinary run.
const SECONDS: f64 = 1.0;
/// Longest part of a run that is kept: what is lost where it is ended.
const PART: f64 = 300.0;
/// Longest input that a failure prints whole.
///
/// **Units**: bytes.
const PRINTED: usize = 2048;

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).expect("a folder for findings");
    folder
}

fn names() -> Vec<&'static str> {
    let wanted: Option<String> = setting("MEDVEIL_FUZZ_TARGETS");
    let is_wanted = |name: &&str| {
        let list = wanted.as_deref();
        list.is_none_or(|list| list.split(',').any(|wanted| wanted == *name))
    };
    medveil_fuzz::targets()
        .map(|t| t.name)
        .filter(is_wanted)
        .collect()
}

/// What a process printed, and how it ended; none where it did not end in time.
struct Ended {
    status: Option<ExitStatus>,
    output: String,
    errors: String,
}

fn process(
    name: &str,
    (seconds, seed): (f64, u64),
    temporary: &Path,
    trace: Option<&Path>,
) -> Ended {
    let (output, errors) = (temporary.join("output"), temporary.join("errors"));
    let file = |path: &Path| std::fs::File::create(path).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil-fuzz"));
    command
        .args(["run", name, &seconds.to_string(), &seed.to_string()])
        .args(trace);
    command.env("TMPDIR", temporary).stdin(Stdio::null());
    command.stdout(file(&output)).stderr(file(&errors));
    let mut child = command.spawn().expect("the program starts");
    let end = Instant::now() + Duration::from_secs_f64(seconds) + 4 * HANG;
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break Some(status),
            None if Instant::now() > end => break None,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let text =
        |path: &Path| String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
    Ended {
        status,
        output: text(&output),
        errors: text(&errors),
    }
}

/// Runs a target. Where its process ends by a signal, the same run tells the input.
fn run(name: &str, seconds: f64, seed: u64) -> Report {
    let temporary = tempfile::tempdir().expect("a folder");
    let ended = process(name, (seconds, seed), temporary.path(), None);
    if let Ok(report) = serde_json::from_str(&ended.output) {
        return report;
    }
    let trace = temporary.path().join("input");
    let again = process(name, (8.0 * seconds, seed), temporary.path(), Some(&trace));
    if let Ok(report) = serde_json::from_str::<Report>(&again.output)
        && !report.findings.is_empty()
    {
        return report;
    }
    let input = std::fs::read(&trace).unwrap_or_default();
    let message = format!("{:?}: {}", ended.status, ended.errors.trim());
    Report {
        target: name.to_owned(),
        findings: vec![Finding {
            target: name.to_owned(),
            kind: Kind::Crash,
            message,
            input: hex::encode(input),
        }],
        ..Report::default()
    }
}

/// What was done of a long run, by target.
#[derive(Default, Serialize, Deserialize)]
struct Kept(BTreeMap<String, Done>);

#[derive(Clone, Default, Serialize, Deserialize)]
struct Done {
    parts: u64,
    report: Report,
}

impl Kept {
    fn place() -> Option<PathBuf> {
        setting("MEDVEIL_FUZZ_STATE")
    }

    fn open() -> Self {
        let text = Kept::place().and_then(|path| std::fs::read_to_string(path).ok());
        let kept = text.map(|text| serde_json::from_str(&text).expect("a file of another run"));
        kept.unwrap_or_default()
    }

    /// Adds a part of a target's run; whole in its file, or not at all.
    fn add(&mut self, name: &str, part: Report) -> Done {
        let done = self.0.entry(name.to_owned()).or_default();
        done.parts += 1;
        let all = &mut done.report;
        all.target = part.target;
        all.executions += part.executions;
        all.accepted += part.accepted;
        all.seconds += part.seconds;
        all.refusals = all.refusals.max(part.refusals);
        all.slowest_ms = all.slowest_ms.max(part.slowest_ms);
        all.most_memory = all.most_memory.max(part.most_memory);
        all.memory_ratio = all.memory_ratio.max(part.memory_ratio);
        all.findings.extend(part.findings);
        let done = done.clone();
        if let Some(path) = Kept::place() {
            let partial = path.with_extension("partial");
            let text = serde_json::to_string_pretty(self).expect("numbers");
            std::fs::write(&partial, text).expect("a file");
            std::fs::rename(&partial, &path).expect("a file");
        }
        done
    }
}

/// What is left of a target's run, in parts that each have a sequence of inputs of their own.
fn go_on(name: &str, seconds: f64, kept: &Mutex<Kept>) -> Report {
    let first: u64 = setting("MEDVEIL_FUZZ_SEED").unwrap_or(1);
    let known = kept.lock().expect("no panic").0.get(name).cloned();
    let mut done = known.unwrap_or_default();
    // Ends of parts are not exact.
    while done.parts == 0 || done.report.seconds + 1.0 < seconds {
        let part = (seconds - done.report.seconds).min(PART);
        let part = run(name, part, first + done.parts);
        done = kept.lock().expect("no panic").add(name, part);
        if !done.report.findings.is_empty() {
            break;
        }
    }
    done.report
}

fn run_all(names: &[&str], seconds: f64) -> Vec<Report> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, reports) = (Mutex::new(names.iter()), Mutex::new(Vec::new()));
    let kept = Mutex::new(Kept::open());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let name = next.lock().expect("no panic").next();
                    let Some(name) = name else { break };
                    let report = go_on(name, seconds, &kept);
                    reports.lock().expect("no panic").push(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no panic");
    reports.sort_by(|a, b| a.target.cmp(&b.target));
    reports
}

fn line(report: &Report) -> String {
    let Report {
        target,
        executions,
        accepted,
        refusals,
        seconds,
        ..
    } = report;
    let (memory, length) = report.most_memory;
    format!(
        "{target:20} {executions:9} inputs {:8.0}/s {:3}% read {refusals:5} refusals, slowest {:7.1} ms, \
         most memory {:8} KiB (of {length} bytes), {:5.1} times the input",
        *executions as f64 / seconds.max(1e-9),
        accepted * 100 / (*executions).max(1),
        report.slowest_ms,
        memory / 1024,
        report.memory_ratio,
    )
}

/// Writes the input to a file; what a failure says of it.
fn tell(finding: &Finding) -> String {
    let input = hex::decode(&finding.input).expect("hex");
    let digest = medveil_circuits::field::Digest::of(&input).to_hex();
    let path = folder().join(format!("{}-{}", finding.target, &digest[..12]));
    std::fs::write(&path, &input).expect("a file");
    let hex = finding
        .input
        .get(..2 * PRINTED)
        .map_or(finding.input.clone(), |h| format!("{h}.."));
    let Finding {
        target,
        kind,
        message,
        ..
    } = finding;
    format!(
        "{target}: {kind:?}: {message}\n  input ({}): {hex}",
        path.display()
    )
}

#[test]
fn b_every_decoder_refuses_what_it_cannot_read() {
    let seconds = setting("MEDVEIL_FUZZ_SECONDS").unwrap_or(SECONDS);
    let names = names();
    assert!(!names.is_empty(), "expected names of targets");
    let reports = run_all(&names, seconds);
    for report in &reports {
        println!("{}", line(report));
    }
    assert_eq!(reports.len(), names.len());
    let findings: Vec<String> = reports.iter().flat_map(|r| &r.findings).map(tell).collect();
    assert!(
        findings.is_empty(),
        "{} findings\n\n{}",
        findings.len(),
        findings.join("\n\n")
    );
}
