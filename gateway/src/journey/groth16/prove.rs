//! A proof by a key and a witness.

use super::{Groth16Error, bytes, places, trust, write};
use crate::cache;
use crate::progress::{OneProof, Progress};
use crate::startup;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::snarkjs::{proof_to_json, public_to_json};
use medveil_custody::{check_folder, sweep};
use medveil_prover::groth16::CircuitProver;
use medveil_prover::{KeyStoreError, Witness, ZkeyCache};
use rustix::process::geteuid;
use schemars::JsonSchema;
use serde::Serialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a proof is made of, and where it goes.
pub struct ProveFiles<'a> {
    pub key: &'a Path,
    pub witness: &'a Path,
    pub proof: &'a Path,
    pub public: &'a Path,
    /// Checked keys; without it, a folder of the user's caches.
    pub cache: Option<&'a Path>,
    pub threads: Option<usize>,
    pub insecure: bool,
}

/// A proof that verifies.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitProven {
    /// SHA-256 of the proving key's file.
    #[schemars(with = "String")]
    pub key: Digest,
    /// Variables of the circuit, the constant one included.
    pub variables: usize,
    /// Rows of the domain: constraints and public inputs, up to a power of two.
    pub domain: usize,
    /// Public inputs, without the constant one.
    pub inputs: usize,
    /// Threads that proved.
    pub threads: usize,
    /// Milliseconds from the checked key and the witness in memory to the verified proof.
    pub prove_ms: f64,
    /// Whether the key was new here, and so copied and checked first.
    pub checked: bool,
}

impl Step for CircuitProven {
    const NAME: &'static str = "groth16.prove";
}

/// Makes a proof, verifies it, and writes it with its public inputs.
///
/// **Errors**: files that are not what they should be, of two circuits or of an insecure key; a
/// witness that does not satisfy the circuit.
pub fn prove(
    progress: &dyn Progress,
    files: &ProveFiles<'_>,
) -> Result<CircuitProven, Groth16Error> {
    places(
        "",
        &[files.proof, files.public],
        &[files.key, files.witness],
    )?;
    let pool = startup::pool_of(files.threads)?;
    let dir = match files.cache {
        Some(dir) => dir.to_owned(),
        None => user_cache()?,
    };
    let cache = cache_in(&dir)?;
    let checking = || {
        let name = files.key.display();
        progress.note(&format!("{name} is new here: checking all its points"));
    };
    let found = pool.install(|| cache.key(files.key, checking));
    let found = found.map_err(|source| match &source {
        KeyStoreError::Io { path, .. } if path.starts_with(&dir) => Groth16Error::Cache(source),
        _ => Groth16Error::checked_key(files.key)(source),
    })?;
    let witness = pool.install(|| witness(files.witness))?;
    let prover = CircuitProver::new(&found.key, trust(files.insecure));
    let prover = prover.map_err(Groth16Error::key(files.key))?;
    let mut rng = startup::rng()?;
    let begun = Instant::now();
    let task = progress.begin("proving", Some(100));
    let watch = OneProof::new(task.as_ref());
    let made = pool.install(|| prover.prove_once(&witness, &mut rng, &watch));
    drop(task);
    let (proof, public) = made.map_err(|source| Groth16Error::Proof {
        key: files.key.to_owned(),
        witness: files.witness.to_owned(),
        source,
    })?;
    let prove_ms = begun.elapsed().as_secs_f64() * 1e3;
    // The proof last: where there is a new one, its public inputs are there too.
    write(files.public, &public_to_json(&public))?;
    write(files.proof, &proof_to_json(&proof))?;
    let size = found.key.size();
    Ok(CircuitProven {
        key: found.digest,
        variables: size.variables,
        domain: size.domain,
        inputs: size.public,
        threads: pool.current_num_threads(),
        prove_ms,
        checked: found.is_new,
    })
}

/// Its file is another copy, which is not kept.
fn witness(path: &Path) -> Result<Witness, Groth16Error> {
    let file = bytes(path, "wtns")?;
    Witness::parse(&file).map_err(Groth16Error::format(path))
}

/// Keys in it are taken as checked, so nobody else may put any there. What killed processes left of
/// copies goes.
fn cache_in(dir: &Path) -> Result<ZkeyCache, Groth16Error> {
    let cache = ZkeyCache::open(dir).map_err(Groth16Error::Cache)?;
    check_folder(dir).map_err(Groth16Error::CacheFolder)?;
    let owner = std::fs::metadata(dir).map(|found| found.uid());
    if owner.ok() != Some(geteuid().as_raw()) {
        let path = dir.to_owned();
        return Err(Groth16Error::CacheOwner { path });
    }
    sweep(dir);
    Ok(cache)
}

/// Where checked keys are kept, if nobody says.
fn user_cache() -> Result<PathBuf, Groth16Error> {
    let folder = cache::folder().map(|folder| folder.join("zkey"));
    folder.ok_or(Groth16Error::NoCache)
}
