//! Runs one fuzz target in a process of its own, whose memory is counted and bounded.
//!
//! `medveil-fuzz list`; `medveil-fuzz run TARGET SECONDS [SEED [TRACE-FILE]]`, which prints a report
//! in JSON; `medveil-fuzz read TARGET FILE`.

use medveil_fuzz::campaign::{self, Finding, Meter, Options, Report};
use medveil_fuzz::{Target, target, targets};
use peak_alloc::PeakAlloc;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Address space of the process: what a length in an input asks for must not exhaust the machine.
const ADDRESS_SPACE: u64 = 6 << 30;
/// Stack of the thread that reads, as threads of servers have it.
const STACK: usize = 2 << 20;

struct Counted;

impl Meter for Counted {
    fn in_use(&self) -> usize {
        MEMORY.current_usage()
    }
    fn peak(&self) -> usize {
        MEMORY.peak_usage()
    }
    fn reset_peak(&self) {
        MEMORY.reset_peak_usage();
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["list"] => {
            for target in targets() {
                print(target.name);
            }
            ExitCode::SUCCESS
        }
        ["run", name, seconds, rest @ ..] if rest.len() <= 2 => {
            let options = seconds.parse().ok().map(|seconds| Options {
                seed: rest.first().and_then(|seed| seed.parse().ok()).unwrap_or(1),
                time: Duration::from_secs_f64(seconds),
                trace: rest.get(1).map(Into::into),
            });
            match (target(name), options) {
                (Some(target), Some(options)) => run(target, options),
                _ => usage(),
            }
        }
        ["read", name, file] => match (target(name), std::fs::read(file)) {
            (Some(target), Ok(input)) => {
                print(&format!("{:?}", (target.run)(&input)));
                ExitCode::SUCCESS
            }
            _ => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    print("medveil-fuzz list | run TARGET SECONDS [SEED [TRACE-FILE]] | read TARGET FILE");
    ExitCode::from(2)
}

/// Prints a line; whoever closed the pipe does not want it.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn print_report(report: &Report) {
    print(&serde_json::to_string(report).unwrap_or_default());
}

/// The input does not come to an end, so neither does the run.
fn end_with(finding: Finding) {
    print_report(&Report {
        target: finding.target.clone(),
        findings: vec![finding],
        ..Report::default()
    });
    std::process::exit(1);
}

fn bound_memory() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = Rlimit {
        current: Some(ADDRESS_SPACE),
        maximum: Some(ADDRESS_SPACE),
    };
    // Where the system knows no such limit, the run goes on without it.
    let _ = setrlimit(Resource::As, limit);
}

fn run(target: &'static Target, options: Options) -> ExitCode {
    bound_memory();
    let work = move || campaign::run(target, &options, &Counted, end_with);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    match thread.map(|thread| thread.join()) {
        Ok(Ok(report)) => {
            print_report(&report);
            ExitCode::from(u8::from(!report.findings.is_empty()))
        }
        _ => ExitCode::from(2),
    }
}
