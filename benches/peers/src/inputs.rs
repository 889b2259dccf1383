//! What every peer is given: circuit, witness and key as files, made once and kept by the digest of
//! what they are made of.
//!
//! **Security**: keys are development keys, whose secret everybody can compute, and the witnesses
//! are nobody's.

use crate::circuit::{Circuit, Visit};
use crate::error::PeersError;
use ark_bn254::Fr;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{ForeignKey, Trust};
use medveil_prover::groth16::MAX_INPUTS;
use medveil_prover::zkey::Size;
use medveil_prover::{R1cs, Witness, ZkeyCache, development_keys, wtns};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Goes up when other files are made of the same circuit.
const FORMAT: &str = "medveil/peers/1";

/// Names of the files.
pub const R1CS: &str = "circuit.r1cs";
/// See [`R1CS`].
pub const WTNS: &str = "witness.wtns";
/// See [`R1CS`].
pub const ZKEY: &str = "circuit.zkey";
/// Where this project's engine keeps keys that it checked.
pub const CHECKED: &str = "checked";

/// A circuit's files.
pub struct Inputs {
    /// Where they lie.
    pub folder: PathBuf,
    /// Digest of what they are made of.
    pub digest: String,
    /// Rows, without those of public inputs.
    pub constraints: usize,
    /// Variables, the constant one included.
    pub variables: usize,
    /// The key that accepts proofs.
    pub verifying: ForeignKey,
    /// The instance, without the constant one.
    pub public: Vec<Fr>,
}

/// Makes the files of a circuit, or finds them. `None` for a size that the circuit does not come in.
///
/// **Cost**: synthesis, and where there are none a set-up, on the current rayon pool: half a minute
/// for 2^18 rows.
///
/// **Errors**: a fault of the circuit, or of the system.
pub fn prepare(circuit: Circuit, cache: &Path) -> Option<Result<Inputs, PeersError>> {
    circuit.visit(Prepare { circuit, cache })
}

struct Prepare<'a> {
    circuit: Circuit,
    cache: &'a Path,
}

impl Visit for Prepare<'_> {
    type Out = Result<Inputs, PeersError>;

    fn visit<S: Synthesize>(self, public: &S::Public, private: &S::Private) -> Self::Out {
        let circuit = || self.circuit.to_string();
        let synthesis = |source| PeersError::Synthesis {
            circuit: circuit(),
            source,
        };
        let matrices = Matrices::of::<S>().map_err(synthesis)?;
        let digest = digest(&S::CIRCUIT.to_string(), &matrices);
        let folder = self.cache.join("inputs").join(&digest);
        if !folder.is_dir() {
            let assignment = matrices.assign::<S>(public, private).map_err(synthesis)?;
            let (_, proving) = development_keys::<S>().map_err(|source| PeersError::Setup {
                circuit: circuit(),
                source,
            })?;
            write(&folder, |at| {
                fs::write(at.join(R1CS), R1cs::of(&matrices).to_bytes())?;
                fs::write(at.join(WTNS), wtns::write(assignment.values()))?;
                fs::write(at.join(ZKEY), proving.zkey().bytes())
            })?;
        }
        Inputs::read(folder, digest, &matrices)
    }
}

fn digest(circuit: &str, matrices: &Matrices) -> String {
    let digest = Sha256::new()
        .chain_update(FORMAT)
        .chain_update(circuit)
        .chain_update(matrices.shape().digest.0)
        .finalize();
    // Enough for a name.
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// Fills a folder beside its place and moves it there, so that it is whole or not there.
pub(crate) fn write(
    folder: &Path,
    fill: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<(), PeersError> {
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(PeersError::io(parent))?;
    let beside = tempfile::tempdir_in(parent).map_err(PeersError::io(parent))?;
    fill(beside.path()).map_err(PeersError::io(folder))?;
    match fs::rename(beside.path(), folder) {
        // Another process was faster, with the same files.
        Err(_) if folder.is_dir() => Ok(()),
        moved => moved.map_err(PeersError::io(folder)),
    }
}

impl Inputs {
    /// The power of two that the rows fit into, those of public inputs included.
    pub fn domain(&self) -> usize {
        (self.constraints + self.public.len() + 1).next_power_of_two()
    }

    fn read(folder: PathBuf, digest: String, matrices: &Matrices) -> Result<Self, PeersError> {
        let damaged = |name| PeersError::Damaged {
            path: folder.join(name),
        };
        let bytes = |name| fs::read(folder.join(name)).map_err(PeersError::io(&folder));
        // Every point is checked once.
        let cache = ZkeyCache::open(&folder.join(CHECKED));
        let key = cache.and_then(|cache| cache.key(&folder.join(ZKEY), || ()));
        let key = key.map_err(|_| damaged(ZKEY))?.key;
        let verifying = ForeignKey::new(key.verifying(), MAX_INPUTS, Trust::Sound);
        let witness = Witness::parse(&bytes(WTNS)?).map_err(|_| damaged(WTNS))?;
        let is_whole = |values: &[Fr]| values.len() == Size::of(matrices).variables;
        if key.size() != Size::of(matrices) || !is_whole(witness.values()) {
            return Err(damaged(ZKEY));
        }
        let public = witness.values().get(1..matrices.n_instance());
        Ok(Inputs {
            digest,
            constraints: matrices.n_constraints(),
            variables: key.size().variables,
            verifying: verifying.map_err(|_| damaged(ZKEY))?,
            public: public.unwrap_or_default().to_vec(),
            folder,
        })
    }
}
