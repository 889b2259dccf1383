//! Powers of tau, as their file tells them.

use super::Groth16Error;
use super::zkey::{Contributor, contributor};
use crate::step::Step;
use medveil_prover::{PowersError, Ptau};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// What a file of powers says of itself. `snarkjs powersoftau verify` checks it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PowersInfo {
    /// Logarithm of how many rows a circuit may have.
    pub power: u32,
    /// That of the ceremony that it was cut from.
    pub ceremony_power: u32,
    /// Whether a set-up can use it.
    pub prepared: bool,
    /// Why anybody may be able to forge proofs by keys of these powers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<String>,
    pub contributions: Vec<Contributor>,
}

impl Step for PowersInfo {
    const NAME: &'static str = "powersoftau.info";
}

/// Looks at powers of tau.
///
/// **Errors**: a file that cannot be read, or is none.
pub fn powers_info(path: &Path) -> Result<PowersInfo, Groth16Error> {
    let powers = Ptau::open(path).map_err(Groth16Error::powers(path))?;
    let contributions = powers.contributions().map_err(Groth16Error::powers(path))?;
    let of = |own: &medveil_prover::ptau::PowersContribution| {
        contributor(&own.details, &own.next_challenge)
    };
    let insecure = match powers.check_secrets() {
        Ok(()) => None,
        Err(PowersError::Known(what)) => Some(format!("they are of {what}")),
        Err(other) => return Err(Groth16Error::powers(path)(other)),
    };
    Ok(PowersInfo {
        insecure,
        power: powers.power(),
        ceremony_power: powers.ceremony_power(),
        prepared: powers.is_prepared(),
        contributions: contributions.iter().map(of).collect(),
    })
}
