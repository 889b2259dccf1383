//! A synthetic diabetes clinic as FHIR R4 transaction Bundles, one file a patient: nobody in it
//! exists.
//!
//! Deterministic: the same count and seed give the same bytes on every machine (integers only).
//! Shapes and codes follow what Synthea writes; the distributions are plausible for an outpatient
//! clinic of adults and stand for no real population.

mod patient;

use super::error::SourceError;
use super::files::io;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::fs;
use std::path::Path;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Patients who permit research.
    pub permitting: usize,
    /// Further patients who refused or withdrew; a reader leaves them out.
    pub refusing: usize,
}

/// Writes Bundles of `n` patients who permit research, and of one more in twenty who does not, into
/// an empty folder.
///
/// **Errors**: the folder holds something, or the file system refused.
pub fn write(dir: &Path, n: usize, seed: u64) -> Result<Written, SourceError> {
    fs::create_dir_all(dir).map_err(io(dir))?;
    if fs::read_dir(dir).map_err(io(dir))?.next().is_some() {
        return Err(SourceError::Unsuitable {
            path: dir.to_owned(),
            what: "expected an empty folder".to_owned(),
        });
    }
    let refusing = n / 20;
    for i in 0..n + refusing {
        // Each patient has a stream of its own, so that a larger cohort begins with the same
        // patients.
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(i as u64 + if i < n { 0 } else { 1 << 32 });
        let bundle = patient::bundle(&mut rng, i < n);
        let path = dir.join(format!("patient-{i:05}.json"));
        let mut text = serde_json::to_vec_pretty(&bundle).unwrap_or_default();
        text.push(b'\n');
        fs::write(&path, text).map_err(io(&path))?;
    }
    Ok(Written {
        permitting: n,
        refusing,
    })
}
