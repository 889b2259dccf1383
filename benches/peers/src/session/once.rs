//! A prover that is a program of its own, started anew for each proof: `PROGRAM KEY.zkey
//! WITNESS.wtns PROOF.json PUBLIC.json`.

use super::{Cpus, Program, SessionError, command, last_line, memory};
use crate::protocol::{Done, LineError, Made, Step};
use medveil_circuits::snarkjs::{MAX_JSON_BYTES, proof_from_json};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(1);

pub struct Once {
    program: Program,
    cpus: Cpus,
    peak: Option<u64>,
}

impl Once {
    pub fn new(program: Program, cpus: Cpus) -> Self {
        Once {
            program,
            cpus,
            peak: None,
        }
    }

    pub fn peak_memory(&self) -> Option<u64> {
        self.peak
    }

    pub fn order(&mut self, step: Step, bound: Duration) -> Result<Done, SessionError> {
        let (ms, made) = match step {
            Step::Prove => {
                let (ms, made) = self.prove(bound)?;
                (ms, Some(made))
            }
            // The key is loaded for each proof.
            Step::Load | Step::End => (0.0, None),
            Step::Verify | Step::Batch => {
                let words = "it verifies nothing".to_owned();
                return Err(LineError::Failed(words).into());
            }
        };
        Ok(Done {
            ms,
            solve_ms: None,
            setup_ms: None,
            made,
        })
    }

    fn prove(&mut self, bound: Duration) -> Result<(f64, Made), SessionError> {
        let failed = |source| SessionError::Start {
            program: self.program.path.clone(),
            source,
        };
        let folder = tempfile::tempdir().map_err(failed)?;
        let [proof, public, log] =
            ["proof.json", "public.json", "log"].map(|name| folder.path().join(name));
        let errors = std::fs::File::create(&log).map_err(failed)?;
        let mut command = command(&self.program, &self.cpus);
        command.args([&proof, &public]).stderr(errors);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let begun = Instant::now();
        let child = self.cpus.run(|| command.spawn()).map_err(failed)?;
        self.wait(child, begun, bound, &log)?;
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        let none = |why: String| SessionError::from(LineError::Proof(why));
        let json = read(&proof).map_err(|e| none(e.to_string()))?;
        let proof = proof_from_json(&json).map_err(|e| none(e.to_string()))?;
        Ok((ms, Made::Proof(proof)))
    }

    fn wait(
        &mut self,
        mut child: Child,
        begun: Instant,
        bound: Duration,
        log: &Path,
    ) -> Result<(), SessionError> {
        loop {
            self.peak = self.peak.max(memory::peak(child.id()));
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if begun.elapsed() < bound => std::thread::sleep(LOOK),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(SessionError::Late(bound.as_secs()));
                }
                Ok(Some(_)) | Err(_) => return Err(SessionError::Ended(last_line(log))),
            }
        }
    }
}

/// A proof's JSON; what is longer is cut, and so none.
fn read(path: &Path) -> std::io::Result<String> {
    let mut json = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_JSON_BYTES as u64).read_to_string(&mut json)?;
    Ok(json)
}
