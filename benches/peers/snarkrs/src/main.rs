//! snarkrs as a worker of `medveil bench peers`: orders on standard input, answers on standard
//! output, one JSON object a line (benches/peers/src/protocol.rs).
//!
//! `peer-snarkrs FOLDER`, where FOLDER has circuit.zkey and witness.wtns.

use serde_json::{json, Value};
use snarkrs_lib::groth16::prove::prove_unchecked;
use snarkrs_lib::json::proof_to_string;
use snarkrs_lib::rand::thread_rng;
use snarkrs_lib::{
    verify, Backend, CpuBackend, Fr, PreparedCircuit, Proof, ProvingKey, StageTimings, Witness,
};
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

struct Worker {
    folder: PathBuf,
    loaded: Option<(Box<dyn PreparedCircuit>, Vec<Fr>)>,
    last: Option<Proof>,
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

impl Worker {
    fn obey(&mut self, order: &str) -> Result<Value, Box<dyn Error>> {
        match order {
            "load" => {
                let witness = Witness::load(&self.folder.join("witness.wtns"))?.0;
                let begun = Instant::now();
                let key = ProvingKey::load(&self.folder.join("circuit.zkey"))?;
                let circuit = CpuBackend::new().prepare(key)?;
                let ms = ms(begun);
                self.loaded = Some((circuit, witness));
                Ok(json!({"done": order, "ms": ms}))
            }
            "prove" => {
                let (circuit, witness) = self.loaded.as_ref().ok_or("nothing is loaded yet")?;
                let begun = Instant::now();
                let mut stages = StageTimings::default();
                let circuit = circuit.as_ref();
                let proof = prove_unchecked(circuit, witness, &mut thread_rng(), &mut stages)?;
                let ms = ms(begun);
                let json: Value = serde_json::from_str(&proof_to_string(&proof))?;
                self.last = Some(proof);
                Ok(json!({"done": order, "ms": ms, "proof": json}))
            }
            "verify" => {
                let (circuit, witness) = self.loaded.as_ref().ok_or("nothing is loaded yet")?;
                let proof = self.last.as_ref().ok_or("there is no proof yet")?;
                let key = circuit.key();
                let public = witness.get(1..=key.n_public).unwrap_or_default();
                let begun = Instant::now();
                verify(&key.vk, public, proof)?;
                Ok(json!({"done": order, "ms": ms(begun)}))
            }
            other => Err(format!("snarkrs cannot do that: {other}").into()),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("peer-snarkrs FOLDER")?;
    let mut worker = Worker {
        folder: folder.into(),
        loaded: None,
        last: None,
    };
    for line in std::io::stdin().lock().lines() {
        let order: Value = serde_json::from_str(&line?)?;
        let order = order.get("do").and_then(Value::as_str).unwrap_or_default();
        if order == "end" {
            break;
        }
        let done = worker.obey(order);
        let answer = done.unwrap_or_else(|error| json!({"failed": error.to_string()}));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
