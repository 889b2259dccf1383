//! A worker of an engine that is linked: the other end of [`crate::protocol`].

mod ark;
mod ours;

use crate::inputs::{WTNS, ZKEY};
use crate::protocol::{Line, MAX_LINE, Order, Step};
use medveil_circuits::proof::RawProof;
use medveil_circuits::snarkjs::proof_to_json;
use medveil_prover::Witness;
use serde_json::Value;
use serde_json::value::RawValue;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Engines that are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// This project's; the way that it takes is the environment's.
    Medveil,
    /// ark-groth16.
    Ark,
}

impl Linked {
    /// All of them.
    pub const ALL: [Linked; 2] = [Linked::Medveil, Linked::Ark];

    /// As a worker's command line says it.
    pub fn name(self) -> &'static str {
        match self {
            Linked::Medveil => "medveil",
            Linked::Ark => "ark-groth16",
        }
    }
}

/// Something that proves with one key and one witness.
trait Engine {
    fn prove(&mut self) -> Result<RawProof, String>;
    fn verify(&self, proof: &RawProof) -> Result<(), String>;
    /// **Errors**: one that does not hold, or an engine that verifies one by one only.
    fn batch(&self, proofs: &[RawProof]) -> Result<(), String>;
}

/// Serves on this process's standard input and output.
///
/// **Errors**: as [`serve`].
pub fn serve_here(engine: Linked, folder: &Path) -> std::io::Result<()> {
    serve(
        engine,
        folder,
        std::io::stdin().lock(),
        std::io::stdout().lock(),
    )
}

/// Serves until it is told to go or its orders end.
///
/// **Errors**: the system's, of the two ends.
pub fn serve(
    engine: Linked,
    folder: &Path,
    mut orders: impl BufRead,
    mut answers: impl Write,
) -> std::io::Result<()> {
    let mut worker = Worker {
        engine,
        folder: folder.to_owned(),
        loaded: None,
        proofs: Vec::new(),
    };
    loop {
        let mut line = String::new();
        let read = orders.by_ref().take(MAX_LINE as u64).read_line(&mut line)?;
        if read == 0 {
            return Ok(());
        }
        let order = serde_json::from_str::<Order>(&line).map_err(|e| e.to_string());
        if order == Ok(Order::of(Step::End)) {
            return Ok(());
        }
        let done = order.and_then(|order| worker.obey(order));
        let line = done.unwrap_or_else(|failed| Line {
            failed: Some(failed),
            ..Line::default()
        });
        let line = serde_json::to_string(&line).map_err(std::io::Error::other)?;
        writeln!(answers, "{line}")?;
        answers.flush()?;
    }
}

struct Worker {
    engine: Linked,
    folder: PathBuf,
    loaded: Option<Box<dyn Engine>>,
    proofs: Vec<RawProof>,
}

/// What it takes, in milliseconds, and what comes of it.
fn timed<T>(work: impl FnOnce() -> Result<T, String>) -> Result<(f64, T), String> {
    let begun = Instant::now();
    let made = work()?;
    Ok((begun.elapsed().as_secs_f64() * 1e3, made))
}

impl Worker {
    fn obey(&mut self, order: Order) -> Result<Line, String> {
        let (ms, proof) = match order.step {
            Step::Load => (self.load()?, None),
            Step::Prove => {
                let engine = self.loaded.as_mut().ok_or(NOT_LOADED)?;
                let (ms, proof) = timed(|| engine.prove())?;
                let json = one_line(&proof_to_json(&proof))?;
                self.proofs.push(proof);
                (ms, Some(json))
            }
            Step::Verify => {
                let engine = self.loaded.as_ref().ok_or(NOT_LOADED)?;
                let proof = self.proofs.last().ok_or("there is no proof yet")?;
                (timed(|| engine.verify(proof))?.0, None)
            }
            Step::Batch => {
                let engine = self.loaded.as_ref().ok_or(NOT_LOADED)?;
                let count = order.proofs.unwrap_or(1);
                let proofs: Vec<_> = self.proofs.iter().cycle().take(count).cloned().collect();
                (timed(|| engine.batch(&proofs))?.0, None)
            }
            Step::End => (0.0, None),
        };
        Ok(Line {
            done: Some(order.step),
            ms: Some(ms),
            proof,
            ..Line::default()
        })
    }

    /// Gives the time from the key's file to an engine that is ready; the witness is read before.
    fn load(&mut self) -> Result<f64, String> {
        let path = |name| self.folder.join(name);
        let read = |name| std::fs::read(path(name)).map_err(|e| format!("{name}: {e}"));
        let witness = Witness::parse(&read(WTNS)?).map_err(|e| e.to_string())?;
        let (ms, engine) = match self.engine {
            Linked::Medveil => ours::load(&path(ZKEY), witness)?,
            Linked::Ark => ark::load(&self.folder, witness)?,
        };
        self.loaded = Some(engine);
        Ok(ms)
    }
}

const NOT_LOADED: &str = "nothing is loaded yet";

/// JSON without the breaks between its lines.
fn one_line(json: &str) -> Result<Box<RawValue>, String> {
    let value: Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
    serde_json::value::to_raw_value(&value).map_err(|e| e.to_string())
}
