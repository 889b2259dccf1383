//! The key of a circuit, by one party.

use super::{Groth16Error, places, r1cs};
use crate::outfile;
use crate::progress::Progress;
use crate::startup;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_prover::groth16::MAX_INPUTS;
use medveil_prover::zkey::Details;
use medveil_prover::{Ptau, insecure_key, phase2};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What a key is made of, and where it goes.
pub struct SetupFiles<'a> {
    pub circuit: &'a Path,
    /// Powers of tau that are prepared for phase 2.
    pub powers: Option<&'a Path>,
    pub key: &'a Path,
    /// What the contribution is called.
    pub name: Option<&'a str>,
    pub threads: Option<usize>,
}

/// A key was made by one party.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeySetUp {
    /// The file that was written.
    pub out: PathBuf,
    /// SHA-256 of it.
    #[schemars(with = "String")]
    pub digest: Digest,
    pub constraints: usize,
    /// Variables of the circuit, the constant one included.
    pub variables: usize,
    /// Public outputs and inputs.
    pub inputs: usize,
    /// Rows of the domain: constraints and public inputs, up to a power of two.
    pub domain: usize,
    /// Whether it is of powers of tau, so that `zkey verify` can check it.
    pub from_powers: bool,
    /// Always: whoever made it could forge proofs, had they kept its secret.
    pub insecure: bool,
}

impl Step for KeySetUp {
    const NAME: &'static str = "groth16.setup";
}

/// What nobody could use is not made.
fn check(files: &SetupFiles<'_>, inputs: usize) -> Result<(), Groth16Error> {
    if inputs > MAX_INPUTS {
        return Err(Groth16Error::TooManyInputs {
            path: files.circuit.to_owned(),
            most: MAX_INPUTS,
            got: inputs,
        });
    }
    let got = files.name.map_or(0, str::len);
    if got > Details::LONGEST_NAME {
        return Err(Groth16Error::Name {
            most: Details::LONGEST_NAME,
            got,
        });
    }
    match files.name.is_some() && files.powers.is_none() {
        true => Err(Groth16Error::NameOfNothing),
        false => Ok(()),
    }
}

/// Makes a key and writes it.
///
/// **Errors**: files that are not what they should be; powers that are not prepared, too small or not
/// consistent.
pub fn setup(progress: &dyn Progress, files: &SetupFiles<'_>) -> Result<KeySetUp, Groth16Error> {
    let read: Vec<&Path> = [files.circuit].into_iter().chain(files.powers).collect();
    places("zkey", &[files.key], &read)?;
    let (pool, mut rng) = (startup::pool_of(files.threads)?, startup::rng()?);
    let circuit = r1cs(files.circuit)?;
    let sizes = circuit.sizes();
    check(files, sizes.public())?;
    let what = format!("making a key of {} constraints", sizes.constraints);
    let task = progress.begin(&what, None);
    let key = match files.powers {
        Some(path) => {
            let powers = Ptau::open(path).map_err(Groth16Error::powers(path))?;
            let made = || phase2::setup(&circuit, &powers, files.name, &mut rng);
            pool.install(made).map_err(|source| Groth16Error::Powered {
                path: path.to_owned(),
                source,
            })?
        }
        None => {
            let made = pool.install(|| insecure_key(&circuit, &mut rng));
            made.map_err(|source| Groth16Error::Setup {
                path: files.circuit.to_owned(),
                source,
            })?
        }
    };
    drop(task);
    outfile::replace(files.key, key.bytes()).map_err(Groth16Error::Written)?;
    Ok(KeySetUp {
        out: files.key.to_owned(),
        digest: Digest::of(key.bytes()),
        constraints: sizes.constraints,
        variables: sizes.wires,
        inputs: sizes.public(),
        domain: key.size().domain,
        from_powers: files.powers.is_some(),
        insecure: true,
    })
}
