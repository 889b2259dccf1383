//! For terminals.

use super::{Measured, Report, RunReport};
use crate::spread::Spread;

const HEAD: [&str; 10] = [
    "peer",
    "prove ms",
    "quartiles",
    "x ark",
    "x gnark",
    "solve ms",
    "verify ms",
    "batch ms",
    "load ms",
    "peak MiB",
];

/// As many digits as say something.
pub(super) fn ms(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

pub(super) fn median(spread: &Option<Spread>) -> String {
    spread.as_ref().map_or_else(String::new, |s| ms(s.median))
}

pub(super) fn quartiles(spread: &Option<Spread>) -> String {
    let words = |s: &Spread| format!("{} to {}", ms(s.lower), ms(s.upper));
    spread.as_ref().map_or_else(String::new, words)
}

pub(super) fn times(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.2}"))
}

pub(super) fn mib(bytes: Option<u64>) -> String {
    bytes.map_or_else(String::new, |bytes| (bytes >> 20).to_string())
}

fn cells(m: &Measured) -> [String; 10] {
    [
        m.peer.clone(),
        median(&m.prove),
        quartiles(&m.prove),
        times(m.over_ark),
        times(m.over_gnark),
        median(&m.solve),
        median(&m.verify),
        median(&m.batch),
        m.load_ms.map_or_else(String::new, ms),
        mib(m.peak_bytes),
    ]
}

/// The columns that say something, names to the left, numbers to the right.
fn columns(rows: &[[String; 10]]) -> Vec<String> {
    let mut lines = vec![String::new(); rows.len() + 1];
    for (column, head) in HEAD.iter().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|row| row[column].as_str()).collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let longest = cells.iter().map(|cell| cell.len()).max().unwrap_or(0);
        let width = longest.max(head.len());
        for (line, cell) in lines.iter_mut().zip([*head].into_iter().chain(cells)) {
            match column {
                0 => line.push_str(&format!("  {cell:<width$}")),
                _ => line.push_str(&format!("  {cell:>width$}")),
            }
        }
    }
    lines
}

impl RunReport {
    /// What was proven.
    pub(super) fn title(&self) -> String {
        let threads = match self.threads {
            1 => "1 thread".to_owned(),
            n => format!("{n} threads"),
        };
        let log = self.domain.max(1).ilog2();
        let rows = self.constraints;
        format!("{}: {rows} constraints (2^{log}), {threads}", self.circuit)
    }
}

impl Report {
    /// Lines for a terminal.
    pub fn table(&self) -> Vec<String> {
        let machine = &self.machine;
        let mut lines = vec![
            format!(
                "{}, {} processors, {}; built {}",
                machine.cpu, machine.cpus, machine.system, machine.build
            ),
            format!("  instructions: {}", machine.flags.join(" ")),
        ];
        if let Some(load) = &machine.load {
            lines.push(format!("  load before the run: {load}"));
        }
        for run in &self.runs {
            lines.push(String::new());
            lines.push(run.title());
            let rows: Vec<_> = run.measured.iter().map(cells).collect();
            lines.extend(columns(&rows));
            let failed = |m: &Measured| Some(format!("  {} {}", m.peer, m.error.as_ref()?));
            lines.extend(run.measured.iter().filter_map(failed));
        }
        lines.push(String::new());
        lines.push(self.words());
        let left_out = |left: &super::LeftOut| format!("{} is left out: {}", left.peer, left.why);
        lines.extend(self.left_out.iter().map(left_out));
        lines
    }

    /// What the columns say.
    pub(super) fn words(&self) -> String {
        format!(
            "Medians of {} proofs each ({} of snarkjs) after one, taken in turns; `x ark` and `x \
             gnark`: how many times faster; batch: of {}, each.",
            self.rounds,
            self.slow_rounds,
            super::BATCH
        )
    }
}
