//! Proofs of any circuit, by the keys and witnesses that snarkjs and circom write.
//!
//! Such a key holds A and B, and no C: whether a witness fits the circuit shows when the proof is
//! verified, which it is before it leaves.

use crate::binfile::FormatError;
use crate::engine::{Engine, EngineError, Task, Way};
use crate::prove::random;
use crate::watch::Watch;
use crate::wtns::Witness;
use crate::zkey::Zkey;
use ark_bn254::Bn254;
use ark_groth16::Proof as ArkProof;
use medveil_circuits::field::Fr;
use medveil_circuits::proof::RawProof;
use medveil_circuits::verify::{ForeignKey, KeyError, Trust};
use rand::{CryptoRng, RngCore};

/// Most public inputs of a key.
pub const MAX_INPUTS: usize = 1 << 16;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum CircuitError {
    /// Key and witness are not of one circuit, or the key is none.
    #[error("prove")]
    Format(#[from] FormatError),
    /// The verifying key inside the proving key is not acceptable.
    #[error("prove")]
    Key(#[from] KeyError),
    /// The proof that was made does not verify.
    #[error(
        "prove: the proof does not verify, so it is not given out: expected a witness that satisfies the circuit; `wtns check` says whether it does"
    )]
    Unsatisfied,
    /// Whoever waited for the proof does no longer.
    #[error("prove: stopped before the proof was made")]
    Stopped,
}

/// Proves one circuit with one key.
pub struct CircuitProver {
    engine: Engine,
    verifying: ForeignKey,
}

impl CircuitProver {
    /// A prover with a key whose points were checked ([`Zkey::check`]).
    ///
    /// **Errors**: the linter refuses the verifying key inside it, such as one without a contribution,
    /// whose delta is the generator; all contributions are beacons, so that everybody knows delta.
    pub fn new(key: &Zkey, trust: Trust) -> Result<Self, KeyError> {
        Self::with(key, trust, Way::fastest())
    }

    /// The same without special instructions, whatever the processor has: for comparisons.
    ///
    /// **Errors**: as [`CircuitProver::new`].
    pub fn portable(key: &Zkey, trust: Trust) -> Result<Self, KeyError> {
        Self::with(key, trust, Way::Portable)
    }

    fn with(key: &Zkey, trust: Trust, way: Way) -> Result<Self, KeyError> {
        if let Some(why) = key.known_delta().filter(|_| trust == Trust::Sound) {
            let circuit = "a circuit of others".to_owned();
            return Err(KeyError::Lint { circuit, why });
        }
        Ok(CircuitProver {
            engine: Engine::new(key, way),
            verifying: ForeignKey::new(key.verifying(), MAX_INPUTS, trust)?,
        })
    }

    /// The key that accepts its proofs.
    pub fn verifying(&self) -> &ForeignKey {
        &self.verifying
    }

    /// Makes one proof, on the current rayon pool, and gives it with its public inputs.
    ///
    /// **Errors**: a witness of another circuit, or one that does not satisfy it.
    ///
    /// **Security**: r and s are uniform, from `rng`. Variable time.
    pub fn prove(
        &self,
        witness: &Witness,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(RawProof, Vec<Fr>), CircuitError> {
        let made = self.engine.prove(&[task(witness, rng)], &());
        self.verified(witness, made)
    }

    /// The same for whoever makes no other proof with this prover: with less memory, since what it
    /// makes of the key is let go on the way. `watch` is told how far it is.
    ///
    /// **Errors**: as [`CircuitProver::prove`], or `watch` does not want it any more.
    ///
    /// **Security**: as [`CircuitProver::prove`].
    pub fn prove_once(
        &self,
        witness: &Witness,
        rng: &mut (impl RngCore + CryptoRng),
        watch: &dyn Watch,
    ) -> Result<(RawProof, Vec<Fr>), CircuitError> {
        let made = self.engine.prove_once(task(witness, rng), watch);
        self.verified(witness, made)
    }

    /// A proof that leaves, and its public inputs.
    fn verified(
        &self,
        witness: &Witness,
        made: Result<Vec<ArkProof<Bn254>>, EngineError>,
    ) -> Result<(RawProof, Vec<Fr>), CircuitError> {
        let made = made.map_err(|source| match source {
            EngineError::Format(source) => CircuitError::Format(source),
            EngineError::Stopped => CircuitError::Stopped,
        })?;
        let made = made.into_iter().next().ok_or(CircuitError::Unsatisfied)?;
        let inputs = 1..=self.engine.key().size().public;
        let public = witness.values().get(inputs).unwrap_or_default();
        let proof = RawProof::from_points(made).map_err(|_| CircuitError::Unsatisfied)?;
        let verified = self.verifying.verify(public, &proof);
        verified.map_err(|_| CircuitError::Unsatisfied)?;
        Ok((proof, public.to_vec()))
    }
}

fn task<'w>(witness: &'w Witness, rng: &mut (impl RngCore + CryptoRng)) -> Task<'w> {
    Task {
        values: witness.values(),
        random: random(rng),
    }
}

/// Whether this processor has the instructions of the faster way.
pub fn has_lanes() -> bool {
    crate::simd::IfmaToken::detect().is_some()
}
