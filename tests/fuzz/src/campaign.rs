//! Runs a target over its corpus and then over changed inputs, for a time, and says what went wrong.
//!
//! A run is a seeded sequence of inputs: time only decides how far it goes. Inputs that are refused
//! in a new way join those that later ones are made of.

mod watch;

pub use watch::{Finding, HANG, Kind};

use crate::{Mutator, Reading, Target, corpus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use watch::Watch;

/// Longest that one input may take.
pub const MAX_TIME: Duration = Duration::from_secs(2);
/// Most memory of one input, beside `MEMORY_TIMES` its length.
///
/// **Units**: bytes.
pub const MEMORY: usize = 64 << 20;
/// Bytes of memory that one byte of input may take.
pub const MEMORY_TIMES: usize = 16;
/// Inputs at least this long count for the ratio of memory to input.
const LONG: usize = 4096;
/// Inputs that later ones are made of.
const MAX_POOL: usize = 600;
/// Findings after which a run ends.
const MAX_FINDINGS: usize = 8;

/// What counts the memory in use.
pub trait Meter {
    fn in_use(&self) -> usize;
    fn peak(&self) -> usize;
    fn reset_peak(&self);
}

/// How a run goes.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub time: Duration,
    /// Gets each input before it is read, for a run that ends its process.
    pub trace: Option<PathBuf>,
}

/// What came of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub target: String,
    pub executions: u64,
    /// Inputs that were accepted.
    pub accepted: u64,
    /// Different ways in which inputs were refused.
    pub refusals: usize,
    pub seconds: f64,
    /// **Units**: milliseconds.
    pub slowest_ms: f64,
    /// Most memory that one input took, and the input's length.
    ///
    /// **Units**: bytes.
    pub most_memory: (usize, usize),
    /// Most memory for each byte of one long input.
    pub memory_ratio: f64,
    pub findings: Vec<Finding>,
}

struct Run<'a> {
    target: &'static Target,
    meter: &'a dyn Meter,
    watch: Watch,
    report: Report,
    refusals: BTreeSet<String>,
}

/// Runs a target. `on_hang` gets an input that does not come to an end; it must end the process.
pub fn run(
    target: &'static Target,
    options: &Options,
    meter: &dyn Meter,
    on_hang: impl FnOnce(Finding) + Send + 'static,
) -> Report {
    let start = Instant::now();
    let mut run = Run {
        target,
        meter,
        watch: Watch::start(target, options.trace.clone(), on_hang),
        report: Report {
            target: target.name.to_owned(),
            ..Report::default()
        },
        refusals: BTreeSet::new(),
    };
    let mut pool = corpus::inputs(target);
    // Fixtures are made at the first reading; they count for no input.
    for input in &pool {
        let _ = run.watch.guard(input, || (target.run)(input));
    }
    for input in &pool {
        run.execute(input);
    }
    let mut mutator = Mutator::new(target, options.seed);
    while start.elapsed() < options.time && run.report.findings.len() < MAX_FINDINGS {
        let input = mutator.mutate(&pool);
        if run.execute(&input) && pool.len() < MAX_POOL && input.len() < 1 << 16 {
            pool.push(input);
        }
    }
    run.report.refusals = run.refusals.len();
    run.report.seconds = start.elapsed().as_secs_f64();
    run.report
}

impl Run<'_> {
    /// Reads one input; gives whether it was refused in a new way.
    fn execute(&mut self, input: &[u8]) -> bool {
        self.report.executions += 1;
        self.meter.reset_peak();
        let before = self.meter.in_use();
        let start = Instant::now();
        let result = self.watch.guard(input, || (self.target.run)(input));
        let (time, memory) = (start.elapsed(), self.meter.peak().saturating_sub(before));
        self.measure(input, time, memory);
        match result {
            Ok(Reading::Read) => {
                self.report.accepted += 1;
                self.refusals.insert(String::new())
            }
            Ok(Reading::Refused(why)) => self.refusals.insert(outline(&why)),
            Err(panic) => {
                self.find(Kind::Panic, panic, input);
                false
            }
        }
    }

    fn measure(&mut self, input: &[u8], time: Duration, memory: usize) {
        let report = &mut self.report;
        report.slowest_ms = report.slowest_ms.max(time.as_secs_f64() * 1e3);
        if memory > report.most_memory.0 {
            report.most_memory = (memory, input.len());
        }
        if input.len() >= LONG {
            report.memory_ratio = report.memory_ratio.max(memory as f64 / input.len() as f64);
        }
        if memory > MEMORY + MEMORY_TIMES * input.len() {
            let what = format!(
                "{memory} bytes of memory for {} bytes of input",
                input.len()
            );
            self.find(Kind::Memory, what, input);
        }
        if time > MAX_TIME {
            // Other processes may have had the processor: the best of three counts.
            let again = (0..2)
                .map(|_| self.time(input))
                .min()
                .unwrap_or(time)
                .min(time);
            if again > MAX_TIME {
                let what = format!("{again:?} for {} bytes of input", input.len());
                self.find(Kind::Time, what, input);
            }
        }
    }

    fn time(&self, input: &[u8]) -> Duration {
        let start = Instant::now();
        let _ = self.watch.guard(input, || (self.target.run)(input));
        start.elapsed()
    }

    /// Keeps one finding of each kind and place.
    fn find(&mut self, kind: Kind, message: String, input: &[u8]) {
        let place = |message: &str| message.lines().next().map(outline).unwrap_or_default();
        let known = |f: &Finding| f.kind == kind && place(&f.message) == place(&message);
        if self.report.findings.iter().any(known) {
            return;
        }
        self.report.findings.push(Finding {
            target: self.target.name.to_owned(),
            kind,
            message,
            input: hex::encode(input),
        });
    }
}

/// A refusal without what it quotes: numbers, and texts in quotes.
fn outline(why: &str) -> String {
    let mut quoted = false;
    let mut outline = String::new();
    for c in why.chars().take(400) {
        match c {
            '`' | '"' | '\'' => quoted = !quoted,
            '0'..='9' => {}
            _ if !quoted && outline.len() < 160 => outline.push(c),
            _ => {}
        }
    }
    outline
}
