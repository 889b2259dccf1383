//! What a run found: one value, and its forms for people and programs.

mod csv;
mod html;
mod plot;
mod table;

use crate::circuit::Circuit;
use crate::error::PeersError;
use crate::inputs::Inputs;
use crate::machine::Machine;
use crate::peer::Peer;
use crate::spread::Spread;
use schemars::JsonSchema;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Proofs that are verified together.
pub const BATCH: usize = 64;

/// What a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The day it was made.
    pub day: String,
    /// The command that made it.
    pub command: String,
    /// The machine that it was made on.
    pub machine: Machine,
    /// Proofs of each peer, after one that warms up.
    pub rounds: usize,
    /// Proofs of a peer that takes long.
    pub slow_rounds: usize,
    /// Who was compared.
    pub peers: Vec<PeerInfo>,
    /// Who could not be had.
    pub left_out: Vec<LeftOut>,
    /// Each circuit on each number of threads.
    pub runs: Vec<RunReport>,
}

/// Somebody who was compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PeerInfo {
    /// As `--peers` names it.
    pub peer: String,
    /// Version, and what is particular about it.
    pub about: String,
}

impl PeerInfo {
    /// Of a peer.
    pub fn of(peer: Peer) -> Self {
        PeerInfo {
            peer: peer.to_string(),
            about: peer.about().to_owned(),
        }
    }
}

/// Somebody who could not be had.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    /// As `--peers` names it.
    pub peer: String,
    /// Why.
    pub why: String,
}

/// One circuit on one number of threads.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunReport {
    /// The circuit's name.
    pub circuit: String,
    /// What its rows are made of.
    pub kind: String,
    /// Rows, without those of public inputs.
    pub constraints: usize,
    /// Variables, the constant one included.
    pub variables: usize,
    /// Public inputs.
    pub public: usize,
    /// The power of two that its rows fit into.
    pub domain: usize,
    /// Threads.
    pub threads: usize,
    /// What each peer did.
    pub measured: Vec<Measured>,
}

/// What one peer did.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Measured {
    /// As `--peers` names it.
    pub peer: String,
    /// Why it did not do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Times of a proof, in milliseconds.
    pub prove: Option<Spread>,
    /// Times of solving, which are not in `prove`, in milliseconds.
    pub solve: Option<Spread>,
    /// Times of verifying one proof, in milliseconds.
    pub verify: Option<Spread>,
    /// Times of verifying 64 proofs together, divided by 64, in milliseconds.
    pub batch: Option<Spread>,
    /// From the key's file to a peer that is ready, in milliseconds.
    pub load_ms: Option<f64>,
    /// The first proof after that, which warms up and may prepare what later ones use, in
    /// milliseconds.
    pub first_ms: Option<f64>,
    /// A set-up of its own, made in this run, in milliseconds.
    pub setup_ms: Option<f64>,
    /// Most memory that was resident, mapped files included, in bytes.
    pub peak_bytes: Option<u64>,
    /// The same for each constraint.
    pub bytes_per_constraint: Option<u64>,
    /// How many times faster it proves than ark-groth16, by medians.
    pub over_ark: Option<f64>,
    /// How many times faster it proves than gnark, by medians, without gnark's solving.
    pub over_gnark: Option<f64>,
}

impl RunReport {
    /// Adds ratios to what was measured.
    pub fn new(circuit: Circuit, inputs: &Inputs, threads: usize, measured: Vec<Measured>) -> Self {
        let mut run = RunReport {
            circuit: circuit.to_string(),
            kind: circuit.kind.to_string(),
            constraints: inputs.constraints,
            variables: inputs.variables,
            public: inputs.public.len(),
            domain: inputs.domain(),
            threads,
            measured,
        };
        run.compare();
        run
    }

    /// Computes ratios anew.
    pub fn compare(&mut self) {
        let [ark, gnark] = [Peer::Ark, Peer::Gnark].map(|peer| self.median(peer));
        let constraints = self.constraints.max(1) as u64;
        for measured in &mut self.measured {
            let own = measured.prove.as_ref().map(|spread| spread.median);
            let over = |other: Option<f64>| Some(other? / own.filter(|own| *own > 0.0)?);
            (measured.over_ark, measured.over_gnark) = (over(ark), over(gnark));
            measured.bytes_per_constraint = measured.peak_bytes.map(|bytes| bytes / constraints);
        }
    }

    fn median(&self, peer: Peer) -> Option<f64> {
        let mut measured = self.measured.iter();
        let found = measured.find(|m| m.peer == peer.name())?;
        Some(found.prove.as_ref()?.median)
    }
}

/// Where a report was written.
#[derive(Clone, Debug)]
pub struct Written {
    pub csv: PathBuf,
    pub json: PathBuf,
    pub html: PathBuf,
}

impl Report {
    /// Writes `peers.csv`, `peers.json` and `peers.html` into a folder.
    ///
    /// **Errors**: the file system refused; a plot could not be drawn.
    pub fn write(&self, folder: &Path) -> Result<Written, PeersError> {
        let written = Written {
            csv: folder.join("peers.csv"),
            json: folder.join("peers.json"),
            html: folder.join("peers.html"),
        };
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|e| PeersError::Report(e.to_string()))?;
        let files = [
            (&written.csv, self.to_csv()?),
            (&written.json, json + "\n"),
            (&written.html, self.to_html()?),
        ];
        fs::create_dir_all(folder).map_err(PeersError::io(folder))?;
        for (path, text) in files {
            fs::write(path, text).map_err(PeersError::io(path))?;
        }
        Ok(written)
    }
}
