//! Single-party development set-up. Whoever runs it could forge proofs, so its keys say so inside.

use crate::circuit::Circuit;
use crate::error::SetupError;
use crate::keys::ProvingKey;
use crate::reduction::OddCoset;
use crate::zkey::Zkey;
use ark_bn254::Bn254;
use ark_groth16::{Groth16, ProvingKey as ArkKey};
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{AnyVerifyingKey, Provenance};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};

const DEVELOPMENT_SEED: &[u8] = b"medveil/v1/insecure-development-keys/";

/// Makes *the* insecure development keys of one circuit: the same on every machine, so that
/// approvers can recompute them and pins can name them.
///
/// **Security**: the set-up's secret follows from public data, so anybody can forge proofs under
/// these keys. They say `InsecureDev` inside.
///
/// **Errors**: as [`setup`].
pub fn development_keys<S: Synthesize>() -> Result<(AnyVerifyingKey, ProvingKey<S>), SetupError> {
    let matrices = crate::matrices::shape::<S>()?.digest;
    let seed = Sha256::new()
        .chain_update(DEVELOPMENT_SEED)
        .chain_update(S::CIRCUIT.to_string())
        .chain_update(matrices.0)
        .finalize();
    setup::<S>(&mut ChaCha20Rng::from_seed(seed.into()))
}

/// Makes insecure keys of one circuit from one party's randomness.
///
/// **Security**: whoever can learn the randomness can forge proofs. The keys say `InsecureDev`
/// inside.
///
/// **Cost**: one fixed-base multiplication a constraint and query; seconds for 2^16 constraints.
///
/// **Errors**: the circuit cannot be synthesised, or leaves a public input unconstrained.
pub fn setup<S: Synthesize>(
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(AnyVerifyingKey, ProvingKey<S>), SetupError> {
    let failed = |source| SetupError::Synthesis {
        circuit: S::CIRCUIT.to_string(),
        source,
    };
    let points = points(Circuit(|cs| S::synthesize(cs, None, None)), rng).map_err(failed)?;
    let verifying = AnyVerifyingKey::wrap(S::CIRCUIT, Provenance::InsecureDev, points.vk.clone())?;
    let matrices = Matrices::of::<S>().map_err(failed)?;
    let proving = ProvingKey::new(verifying.clone(), Zkey::from_ark(&points, &matrices)?)?;
    Ok((verifying, proving))
}

fn points(circuit: Circuit, mut rng: &mut dyn RngCore) -> Result<ArkKey<Bn254>, SynthesisError> {
    type Engine = Groth16<Bn254, OddCoset>;
    Engine::generate_random_parameters_with_reduction(circuit, &mut rng)
}
