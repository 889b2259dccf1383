//! One row a peer, circuit and number of threads.

use super::Report;
use crate::error::PeersError;
use crate::spread::Spread;
use ::csv::Writer;

const HEAD: [&str; 27] = [
    "circuit",
    "constraints",
    "domain",
    "threads",
    "peer",
    "rounds",
    "prove_ms_median",
    "prove_ms_min",
    "prove_ms_lower",
    "prove_ms_upper",
    "prove_ms_max",
    "over_ark",
    "over_gnark",
    "solve_ms_median",
    "verify_ms_median",
    "verify_ms_min",
    "verify_ms_max",
    "batch_ms_median",
    "batch_ms_min",
    "batch_ms_max",
    "load_ms",
    "first_ms",
    "setup_ms",
    "peak_bytes",
    "bytes_per_constraint",
    "variables",
    "error",
];

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.3}"))
}

fn whole(value: Option<u64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

impl Report {
    /// The file.
    ///
    /// **Errors**: none that is known.
    pub fn to_csv(&self) -> Result<String, PeersError> {
        let failed = |error: ::csv::Error| PeersError::Report(error.to_string());
        let mut csv = Writer::from_writer(Vec::new());
        csv.write_record(HEAD).map_err(failed)?;
        for run in &self.runs {
            for m in &run.measured {
                let of = |spread: &Option<Spread>, part: fn(&Spread) -> f64| {
                    number(spread.as_ref().map(part))
                };
                let rounds = m.prove.as_ref().map_or(0, |prove| prove.samples);
                let row = [
                    run.circuit.clone(),
                    run.constraints.to_string(),
                    run.domain.to_string(),
                    run.threads.to_string(),
                    m.peer.clone(),
                    rounds.to_string(),
                    of(&m.prove, |s| s.median),
                    of(&m.prove, |s| s.min),
                    of(&m.prove, |s| s.lower),
                    of(&m.prove, |s| s.upper),
                    of(&m.prove, |s| s.max),
                    number(m.over_ark),
                    number(m.over_gnark),
                    of(&m.solve, |s| s.median),
                    of(&m.verify, |s| s.median),
                    of(&m.verify, |s| s.min),
                    of(&m.verify, |s| s.max),
                    of(&m.batch, |s| s.median),
                    of(&m.batch, |s| s.min),
                    of(&m.batch, |s| s.max),
                    number(m.load_ms),
                    number(m.first_ms),
                    number(m.setup_ms),
                    whole(m.peak_bytes),
                    whole(m.bytes_per_constraint),
                    run.variables.to_string(),
                    m.error.clone().unwrap_or_default(),
                ];
                csv.write_record(row).map_err(failed)?;
            }
        }
        let bytes = csv
            .into_inner()
            .map_err(|e| PeersError::Report(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| PeersError::Report(e.to_string()))
    }
}
