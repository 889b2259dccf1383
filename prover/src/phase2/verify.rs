//! Whether a key is what a circuit, powers and its contributions make.

use super::chain;
use super::columns::Columns;
use super::error::{Part, VerifyError};
use super::{combined, digest, sections};
use crate::ptau::{Base, PowersError, Ptau};
use crate::r1cs::R1cs;
use crate::zkey::{Contributions, Zkey};
use rand::{CryptoRng, RngCore};

/// What was found of a key that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who contributed. Nobody did where the list is empty: then delta is one, and everybody can
    /// forge proofs.
    pub contributions: Contributions,
}

/// Checks a key completely: its form and points, the circuit's coefficients, every point of every
/// section by a random number of its own, the contributions, and the circuit's digest.
///
/// What it does not check: the contributions to the powers (`snarkjs powersoftau verify`), and that
/// anybody forgot a secret.
///
/// **Cost**: some twenty sums of as many points as the domain has; then, for the digest, a
/// multiplication in G1 for each entry of A, B and C.
///
/// **Errors**: the first part that is not right.
pub fn verify(
    key: &Zkey,
    r1cs: &R1cs,
    powers: &Ptau,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Verified, VerifyError> {
    if !powers.is_prepared() {
        return Err(PowersError::Unprepared.into());
    }
    key.check()?;
    let contributions = key.contributions()?;
    sections::check(key, r1cs, powers, rng)?;
    let delta = chain::check(&contributions);
    let delta = delta.map_err(|(number, source)| VerifyError::Contribution { number, source })?;
    if delta != key.delta().0 {
        return Err(VerifyError::Differs(Part::Delta));
    }
    match circuit_digest(key, r1cs, powers)? == contributions.circuit {
        true => Ok(Verified { contributions }),
        false => Err(VerifyError::Differs(Part::Circuit)),
    }
}

/// The digest of a key whose sections were compared: only L was divided by delta since.
fn circuit_digest(key: &Zkey, r1cs: &R1cs, powers: &Ptau) -> Result<[u8; 64], PowersError> {
    let [a, b, _] = r1cs.matrices();
    let (a, b) = (Columns::with_public(a, r1cs), Columns::of(b, r1cs));
    let in_g1 = powers.lagrange_g1(Base::One, key.size().domain)?;
    let (_, l_query) = combined(r1cs, powers, (a, b), &in_g1)?;
    let mut key = key.to_ark();
    key.l_query = l_query;
    digest::of_circuit(&key, powers)
}
