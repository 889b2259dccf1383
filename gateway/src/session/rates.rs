//! How long proofs took in this home. A hint for estimates: nothing depends on it, so that a file
//! that cannot be read or written is none.

use crate::home::Home;
use crate::infile;
use medveil_circuits::statement::CircuitId;
use medveil_custody::write_file;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Runs that are remembered of a circuit.
const RUNS: usize = 8;

/// Microseconds a proof took, of the latest runs, by circuit.
#[derive(Default, Serialize, Deserialize)]
pub struct ProvingRates(BTreeMap<String, Vec<u64>>);

impl ProvingRates {
    /// Those of a home.
    pub fn of(home: &Home) -> Self {
        let bytes = infile::bytes(&home.proving_rates(), infile::LONGEST_TEXT);
        let read = bytes.ok().and_then(|b| serde_json::from_slice(&b).ok());
        read.unwrap_or_default()
    }

    /// The shortest and the longest time of a proof.
    pub fn span(&self, circuit: CircuitId) -> Option<(Duration, Duration)> {
        let runs = self.0.get(&circuit.to_string())?;
        let (least, most) = (runs.iter().min()?, runs.iter().max()?);
        Some((Duration::from_micros(*least), Duration::from_micros(*most)))
    }

    /// Remembers a run that made so many proofs.
    pub fn note(home: &Home, circuit: CircuitId, n_proofs: usize, took: Duration) {
        let Some(one) = took.as_micros().checked_div(n_proofs as u128) else {
            return;
        };
        let mut rates = ProvingRates::of(home);
        let runs = rates.0.entry(circuit.to_string()).or_default();
        runs.push(u64::try_from(one).unwrap_or(u64::MAX));
        runs.drain(..runs.len().saturating_sub(RUNS));
        if let Ok(bytes) = serde_json::to_vec(&rates) {
            // A hint that was not kept is measured again by the next run.
            let _ = write_file(&home.proving_rates(), &bytes);
        }
    }
}
