//! Set-up of any circuit from powers of tau, and the check of a key against both.
//!
//! Source: snarkjs' `zkey_new.js`, `zkey_contribute.js` and `zkey_verify_frominit.js`, whose files
//! and digests these are. A, B and C of a wire are sums of Lagrange polynomials at tau times its
//! coefficients; H are those of the odd powers of twice the domain; gamma is the generator. Then one
//! party multiplies delta by a secret x, divides L and H by it, and proves that it knows x.

mod chain;
mod columns;
mod digest;
mod error;
mod sections;
mod stream;
#[cfg(test)]
mod tests;
mod verify;
mod wrapped;

use crate::binfile::FormatError;
use crate::ptau::{Base, PowersError, Ptau};
use crate::r1cs::R1cs;
use crate::zkey::{Contributions, Details, Zkey};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand, Zero};
use ark_groth16::{ProvingKey as ArkKey, VerifyingKey as ArkVerifyingKey};
pub use chain::ChainError;
use columns::{Columns, Times, sums};
pub use error::{Part, VerifyError};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
pub use verify::{Verified, verify};
use zeroize::Zeroizing;

/// Points that are made affine together.
const CHUNK: usize = 1 << 12;

/// Why a set-up failed.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The powers cannot be read, or do not serve the circuit.
    #[error("set-up")]
    Powers(#[from] PowersError),
    /// The fresh key is none.
    #[error("set-up")]
    Format(#[from] FormatError),
    /// The prepared sections of the powers are not of the powers.
    #[error(
        "set-up: expected prepared sections of these powers, got ones that make a key that is not theirs"
    )]
    Key(#[from] VerifyError),
}

/// The points of a circuit before any contribution, and their digest.
struct Fresh {
    key: ArkKey<Bn254>,
    digest: [u8; 64],
}

/// Makes the key of a circuit with one contribution of the given randomness.
///
/// **Security**: one party knew x: whoever learns it can forge proofs. x is overwritten, and the
/// arithmetic with it takes variable time. The powers' own contributions are not checked.
///
/// **Cost**: for each entry of A, B and C a multiplication in G1, of B one in G2 too, that of one and
/// minus one excepted; twice the domain's and the private wires' number of them in G1 for x.
///
/// **Errors**: powers that are too small, not prepared or not consistent.
pub fn setup(
    r1cs: &R1cs,
    powers: &Ptau,
    name: Option<&str>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Zkey, SetupError> {
    let Fresh { mut key, digest } = fresh(r1cs, powers)?;
    let mut contributions = Contributions {
        circuit: digest,
        list: Vec::new(),
    };
    let x = Zeroizing::new(secret(rng));
    let point = (G1Affine::generator() * secret(rng)).into_affine();
    let details = Details {
        name: name.map(str::to_owned),
        beacon: None,
    };
    let delta = key.delta_g1;
    let own = chain::contribution(&contributions, delta, (&x, point), details);
    key.delta_g1 = own.delta;
    key.vk.delta_g2 = (key.vk.delta_g2 * *x).into_affine();
    let less = Zeroizing::new(x.inverse().unwrap_or_default());
    key.l_query = scaled(&key.l_query, &less);
    key.h_query = scaled(&key.h_query, &less);
    contributions.list.push(own);
    let key = Zkey::of_circuit(&key, r1cs, &contributions)?;
    sections::check(&key, r1cs, powers, rng)?;
    Ok(key)
}

/// A random number that is not zero.
fn secret(rng: &mut (impl RngCore + CryptoRng)) -> Fr {
    loop {
        let number = Fr::rand(rng);
        if !number.is_zero() {
            return number;
        }
    }
}

fn scaled(points: &[G1Affine], by: &Fr) -> Vec<G1Affine> {
    let chunks = points.par_chunks(CHUNK).map(|points| {
        let scaled: Vec<G1Projective> = points
            .iter()
            .map(|point| point.into_group().times_any(*by))
            .collect();
        G1Projective::normalize_batch(&scaled)
    });
    chunks.flatten().collect()
}

fn fresh(r1cs: &R1cs, powers: &Ptau) -> Result<Fresh, PowersError> {
    let domain = r1cs.sizes().domain();
    powers.check_domain(domain)?;
    powers.check_secrets()?;
    let [a, b, _] = r1cs.matrices();
    let (a, b) = (Columns::with_public(a, r1cs), Columns::of(b, r1cs));
    let in_g1 = powers.lagrange_g1(Base::One, domain)?;
    let a_query = sums(r1cs.sizes().wires, |wire| a.terms(wire, &in_g1));
    let b_g1_query = sums(r1cs.sizes().wires, |wire| b.terms(wire, &in_g1));
    let in_g2 = powers.lagrange_g2(domain)?;
    let b_g2_query = sums(r1cs.sizes().wires, |wire| b.terms(wire, &in_g2));
    drop(in_g2);
    let (inputs, l_query) = combined(r1cs, powers, (a, b), &in_g1)?;
    drop(in_g1);
    let double = powers.lagrange_g1(Base::One, 2 * domain)?;
    let vk = ArkVerifyingKey {
        alpha_g1: powers.one_in_g1(Base::Alpha, 0)?,
        beta_g2: powers.beta_g2()?,
        gamma_g2: G2Affine::generator(),
        delta_g2: G2Affine::generator(),
        gamma_abc_g1: inputs,
    };
    let key = ArkKey {
        vk,
        beta_g1: powers.one_in_g1(Base::Beta, 0)?,
        delta_g1: G1Affine::generator(),
        a_query,
        b_g1_query,
        b_g2_query,
        h_query: double.into_iter().skip(1).step_by(2).collect(),
        l_query,
    };
    let digest = digest::of_circuit(&key, powers)?;
    Ok(Fresh { key, digest })
}

/// Beta A + alpha B + C of each wire: those of public values, and the others.
fn combined(
    r1cs: &R1cs,
    powers: &Ptau,
    (a, b): (Columns, Columns),
    in_g1: &[G1Affine],
) -> Result<(Vec<G1Affine>, Vec<G1Affine>), PowersError> {
    let [_, _, c] = r1cs.matrices();
    let c = Columns::of(c, r1cs);
    let domain = in_g1.len();
    let alpha = powers.lagrange_g1(Base::Alpha, domain)?;
    let beta = powers.lagrange_g1(Base::Beta, domain)?;
    let mut all = sums(r1cs.sizes().wires, |wire| {
        let terms = a.terms(wire, &beta).chain(b.terms(wire, &alpha));
        terms.chain(c.terms(wire, in_g1))
    });
    let private = all.split_off((r1cs.sizes().public() + 1).min(all.len()));
    Ok((all, private))
}
