//! What a commit of so many rows will take: chunks, proofs, time, memory, bytes of pages.
//!
//! Counts and bytes are exact. Time comes from what this home's proofs of the circuit took or, where
//! it made none, from a calibration. Memory is a sum over what a commit holds at its peak.

use super::store::pages_bytes;
use super::{Tier, size};
use crate::home::Home;
use crate::session::ProvingRates;
use medveil_circuits::dataset::{BLOCK_COLUMNS, ColumnLayout, MAX_CHUNKS};
use medveil_prover::rate::nanos_a_constraint;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// What a commit will take.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommitEstimate {
    pub chunks: usize,
    /// One for each block of ten cell columns in each chunk.
    pub proofs: usize,
    /// Of one proof.
    pub constraints: usize,
    /// Bytes that `dataset store` will store.
    pub pages_bytes: u64,
    /// Most bytes of the call that will register it.
    pub register_bytes: u64,
    pub proving_seconds_low: u64,
    pub proving_seconds_high: u64,
    pub rate: RateSource,
    pub memory_bytes_low: u64,
    pub memory_bytes_high: u64,
    /// Why a commit of so many rows and columns would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What the proving time is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// Earlier proofs of the same circuit in this home.
    Proofs,
    /// A short calibration, just now: this home made no proof of the circuit yet.
    Calibration,
}

/// Size of a registration circuit.
///
/// **Source**: `circuits/pins/circuits.txt`; a test compares.
struct Size {
    constraints: u64,
    instance: u64,
    witness: u64,
    entries: u64,
}

impl Tier {
    fn size(self) -> Size {
        match self {
            Tier::Small => Size {
                constraints: 29_266,
                instance: 14,
                witness: 28_903,
                entries: 731_215,
            },
            Tier::Large => Size {
                constraints: 162_198,
                instance: 14,
                witness: 156_315,
                entries: 2_588_735,
            },
        }
    }
}

/// Estimates the commit of so many rows of a layout.
pub fn estimate(
    home: &Home,
    n_rows: usize,
    layout: &[ColumnLayout],
    schema_bytes: usize,
) -> CommitEstimate {
    let tier = Tier::for_dataset(n_rows);
    let (chunks, blocks) = (n_rows.div_ceil(tier.rows()), layout.len() / BLOCK_COLUMNS);
    let proofs = chunks * blocks;
    let (one, rate) = time_of_proof(home, tier);
    let seconds = |one: Duration| one.as_secs_f64() * proofs as f64;
    let pages_bytes = pages_bytes(chunks, layout, tier.rows());
    let memory = memory(tier, (n_rows, layout.len()), pages_bytes);
    CommitEstimate {
        chunks,
        proofs,
        constraints: tier.size().constraints as usize,
        pages_bytes,
        register_bytes: size::registration_bytes(chunks, blocks, schema_bytes) as u64,
        proving_seconds_low: seconds(one.0).floor() as u64,
        proving_seconds_high: seconds(one.1).ceil() as u64,
        rate,
        memory_bytes_low: memory * 3 / 4,
        memory_bytes_high: memory * 3 / 2,
        refused: refused(chunks, blocks, schema_bytes),
    }
}

/// The shortest and the longest time that a proof may take.
fn time_of_proof(home: &Home, tier: Tier) -> ((Duration, Duration), RateSource) {
    match ProvingRates::of(home).span(tier.registration()) {
        // Earlier runs do not bound later ones.
        Some((least, most)) => ((least.mul_f64(0.8), most.mul_f64(1.25)), RateSource::Proofs),
        None => {
            let nanos = nanos_a_constraint() * tier.size().constraints as f64;
            let about = Duration::from_nanos(nanos as u64);
            (
                (about.mul_f64(0.5), about.mul_f64(2.0)),
                RateSource::Calibration,
            )
        }
    }
}

fn refused(chunks: usize, blocks: usize, schema_bytes: usize) -> Option<String> {
    if chunks > MAX_CHUNKS {
        return Some(format!("expected at most {MAX_CHUNKS} chunks"));
    }
    let checked = size::check_registration(chunks, blocks, schema_bytes);
    checked.err().map(|error| error.to_string())
}

/// What a commit holds when it holds most.
///
/// **Units**: bytes.
fn memory(tier: Tier, (n_rows, n_cells): (usize, usize), pages: u64) -> u64 {
    const FIELD: u64 = 32;
    let size = tier.size();
    let variables = size.instance + size.witness;
    let domain = (size.constraints + size.instance).next_power_of_two();
    // Points of both groups; a matrix entry is a coefficient and its column.
    let key = 64 * (2 * variables + size.witness + domain) + 128 * variables;
    let matrices = size.entries * (FIELD + 8) + 3 * 24 * size.constraints;
    // Synthesis, values, quotient and sums of points: measured, 130 to 150 MiB for registration-256.
    let proof = 17 * FIELD * domain;
    let at_once = rayon::current_num_threads().clamp(1, 8) as u64;
    // Each page is there in the plain and encrypted, for the proof and for the store.
    let rows = n_rows as u64 * (100 + 28 * n_cells as u64);
    key + matrices + at_once * proof + rows + 3 * pages
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pinned sizes of the circuits.
    const PINS: &str = include_str!("../../../../circuits/pins/circuits.txt");

    #[test]
    fn sizes_are_those_of_the_circuits() {
        for tier in [Tier::Small, Tier::Large] {
            let (size, circuit) = (tier.size(), tier.registration().to_string());
            let line = PINS
                .lines()
                .find(|line| line.starts_with(&circuit))
                .unwrap();
            let numbers = line.split(' ').skip(1).take(4).map(|n| n.parse().unwrap());
            let numbers: Vec<u64> = numbers.collect();
            let own = [size.constraints, size.instance, size.witness, size.entries];
            assert_eq!(numbers, own, "{circuit}");
        }
    }

    #[test]
    fn a_commit_that_would_be_refused_is_said_to_be() {
        let home = tempfile::tempdir().unwrap();
        let layout = vec![ColumnLayout::default(); BLOCK_COLUMNS];
        let of = |rows| estimate(&Home::new(home.path()), rows, &layout, 1000);
        let (one, most) = (of(1), of(256 * MAX_CHUNKS));
        assert_eq!(
            (one.chunks, one.proofs, one.rate),
            (1, 1, RateSource::Calibration)
        );
        assert!(one.refused.is_none() && one.proving_seconds_high >= 1);
        assert_eq!(most.chunks, MAX_CHUNKS);
        assert!(of(256 * MAX_CHUNKS + 1).refused.is_some());
    }
}
