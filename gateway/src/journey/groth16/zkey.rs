//! What a proving key says, and the verifying key inside it.

use super::{Groth16Error, places, r1cs, write};
use crate::infile;
use crate::progress::Progress;
use crate::startup;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::snarkjs::points_to_json;
use medveil_circuits::verify::{ForeignKey, KeyError, Trust};
use medveil_prover::groth16::MAX_INPUTS;
use medveil_prover::zkey::{Contributions, Details};
use medveil_prover::{Ptau, Zkey, phase2};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What a proving key says of itself. Its points are not checked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyInfo {
    /// SHA-256 of the file.
    #[schemars(with = "String")]
    pub digest: Digest,
    pub bytes: usize,
    /// Variables of the circuit, the constant one included.
    pub variables: usize,
    /// Public inputs, without the constant one.
    pub inputs: usize,
    /// Rows of the domain: constraints and public inputs, up to a power of two.
    pub domain: usize,
    /// Who says that they contributed. `zkey verify` checks them.
    pub contributions: Vec<Contributor>,
    /// Why anybody may be able to forge proofs, as far as the verifying key tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<String>,
}

/// Somebody who contributed randomness.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Contributor {
    /// What they call themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the randomness is public, hashed again and again.
    pub beacon: bool,
    /// BLAKE2b-512: of what was before a contribution to a key; of the powers after one to powers.
    pub hash: String,
}

pub(super) fn contributor(details: &Details, hash: &[u8; 64]) -> Contributor {
    Contributor {
        name: details.name.clone(),
        beacon: details.beacon.is_some(),
        hash: hex::encode(hash),
    }
}

impl Step for KeyInfo {
    const NAME: &'static str = "zkey.info";
}

/// A verifying key was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyExported {
    /// SHA-256 of its points, compressed.
    #[schemars(with = "String")]
    pub key: Digest,
    /// Public inputs, without the constant one.
    pub inputs: usize,
    /// The file that was written.
    pub out: PathBuf,
    /// Why anybody may be able to forge proofs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<String>,
}

impl Step for KeyExported {
    const NAME: &'static str = "zkey.export-vkey";
}

/// A key is what circuit, powers and contributions make.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyVerified {
    pub contributions: Vec<Contributor>,
    /// Whether anybody can forge proofs: nobody contributed, or the linter refuses the verifying key.
    pub insecure: bool,
}

impl Step for KeyVerified {
    const NAME: &'static str = "zkey.verify";
}

/// Checks every point of a key by a random number of its own against circuit and powers.
///
/// **Errors**: files that are not what they should be, or the first section that differs.
pub fn verify_key(
    progress: &dyn Progress,
    [circuit, powers, key]: [&Path; 3],
    threads: Option<usize>,
) -> Result<KeyVerified, Groth16Error> {
    let (pool, mut rng) = (startup::pool_of(threads)?, startup::rng()?);
    let matrices = r1cs(circuit)?;
    let of_tau = Ptau::open(powers).map_err(Groth16Error::powers(powers))?;
    let read = read(key)?;
    let what = format!("comparing {} with circuit and powers", key.display());
    let task = progress.begin(&what, None);
    let verified = pool.install(|| phase2::verify(&read, &matrices, &of_tau, &mut rng));
    drop(task);
    let verified = verified.map_err(Groth16Error::differs(key, powers))?;
    let list = &verified.contributions.list;
    Ok(KeyVerified {
        contributions: contributors(&verified.contributions),
        insecure: list.is_empty() || verifying(key, &read)?.1.is_some(),
    })
}

fn contributors(all: &Contributions) -> Vec<Contributor> {
    let list = all.list.iter();
    list.map(|own| contributor(&own.details, &own.transcript))
        .collect()
}

/// Looks at a proving key.
///
/// **Errors**: a file that cannot be read, or is none.
pub fn info(path: &Path) -> Result<KeyInfo, Groth16Error> {
    let key = read(path)?;
    let size = key.size();
    let contributions = key.contributions().map_err(Groth16Error::format(path))?;
    Ok(KeyInfo {
        digest: Digest::of(key.bytes()),
        bytes: key.bytes().len(),
        variables: size.variables,
        inputs: size.public,
        domain: size.domain,
        contributions: contributors(&contributions),
        insecure: verifying(path, &key)?.1,
    })
}

/// Writes the verifying key of a proving key as snarkjs' JSON.
///
/// **Errors**: as [`info`]; the file cannot be written.
pub fn export(path: &Path, out: &Path) -> Result<KeyExported, Groth16Error> {
    places("", &[out], &[path])?;
    let key = read(path)?;
    let (verifying, insecure) = verifying(path, &key)?;
    write(out, &points_to_json(verifying.points()))?;
    Ok(KeyExported {
        key: verifying.digest(),
        inputs: key.size().public,
        out: out.to_owned(),
        insecure,
    })
}

fn read(path: &Path) -> Result<Zkey, Groth16Error> {
    let read = infile::bytes_of(path, infile::LONGEST_KEY, "zkey");
    let bytes = read.map_err(|source| Groth16Error::File {
        path: path.to_owned(),
        source,
    })?;
    Zkey::parse(bytes).map_err(Groth16Error::format(path))
}

/// The verifying key, and what the linter says of it.
fn verifying(path: &Path, key: &Zkey) -> Result<(ForeignKey, Option<String>), Groth16Error> {
    let points = key.verifying();
    let sound = ForeignKey::new(points.clone(), MAX_INPUTS, Trust::Sound);
    match sound {
        Ok(own) => Ok((own, key.known_delta().map(str::to_owned))),
        Err(KeyError::Lint { why, .. }) => {
            let key = ForeignKey::new(points, MAX_INPUTS, Trust::Anything);
            Ok((key.map_err(Groth16Error::key(path))?, Some(why.to_owned())))
        }
        Err(other) => Err(Groth16Error::key(path)(other)),
    }
}
