//! A person's wallet: one secret, one blind for each request, and visas numbered in the order of
//! import.

use super::VisaError;
use crate::actor::Actor;
use crate::keyring::{KeyringError, get_secret, put_secret};
use crate::outfile;
use crate::session::Session;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::Day;
use medveil_circuits::visa::{HolderSecret, SignedVisa, VisaSchema};
use medveil_custody::Vault;
use rand::{CryptoRng, RngCore};
use std::path::Path;

const SECRET: &str = "holder-secret";
const VISA_PREFIX: &str = "visa-";

/// A visa as it lies in the vault.
#[derive(BorshSerialize, BorshDeserialize)]
struct StoredVisa {
    json: String,
    blind: Felt,
}

/// A person's secret and visas.
pub struct Wallet {
    pub secret: HolderSecret,
    /// Visas with their blinds, in the order of import: the place is the visa's number.
    pub visas: Vec<(SignedVisa, Felt)>,
}

/// Opens a person's wallet.
///
/// **Errors**: the person has none, or the vault does not open.
pub fn wallet(session: &Session, person: &Actor) -> Result<Wallet, VisaError> {
    let vault = session.keyring.open(person)?;
    let (visas, secret) = (visas(&vault)?, secret(&vault)?);
    Ok(Wallet { secret, visas })
}

fn visas(vault: &Vault) -> Result<Vec<(SignedVisa, Felt)>, VisaError> {
    let mut visas = Vec::new();
    for name in names(vault)? {
        let StoredVisa { json, blind } = get_secret(vault, &name)?;
        let signed = SignedVisa::from_json(&json).map_err(|_| KeyringError::Form { name })?;
        visas.push((signed, blind));
    }
    Ok(visas)
}

fn names(vault: &Vault) -> Result<Vec<String>, VisaError> {
    let mut names = vault.names()?;
    names.retain(|name| name.starts_with(VISA_PREFIX));
    Ok(names)
}

fn secret(vault: &Vault) -> Result<HolderSecret, VisaError> {
    let secret = HolderSecret::from_bytes(&vault.get(SECRET)?);
    let name = SECRET.to_owned();
    Ok(secret.ok_or(KeyringError::Form { name })?)
}

fn blind_name(commitment: Felt) -> String {
    format!("blind-{}", &commitment.to_hex()[..40])
}

/// The name of the request that goes to a file; requests for access have names of another beginning.
/// What goes to standard output has none: each is another one.
pub(super) fn request_name(schema: VisaSchema, out: &Path) -> Option<String> {
    if outfile::is_standard_output(out) {
        return None;
    }
    let out = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let both = format!("{} {}", schema.name(), out.display());
    let digest = Digest::of(both.as_bytes()).to_hex();
    Some(format!("wallet-request-{}", &digest[..40]))
}

/// The commitment of the request of a name, where that is not done with.
pub(super) fn requested(
    vault: &Vault,
    name: &str,
    is_there: bool,
    today: Day,
) -> Result<Option<Felt>, VisaError> {
    if !vault.has(SECRET) || !vault.has(name) {
        return Ok(None);
    }
    let commitment: Felt = get_secret(vault, name)?;
    for (signed, _) in visas(vault)? {
        let visa = signed.visa();
        if visa.holder == commitment && (!is_there || visa.expiry <= today) {
            return Ok(None);
        }
    }
    Ok(Some(commitment))
}

/// A fresh commitment of the person's secret, which is made the first time; the blind is kept, and
/// the commitment under the request's name.
pub(super) fn commit(
    vault: &Vault,
    request: Option<&str>,
    blind: Felt,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Felt, VisaError> {
    if !vault.has(SECRET) {
        let fresh = HolderSecret::generate(rng);
        vault.create_secret(SECRET, &fresh.to_bytes(), rng)?;
    }
    let commitment = secret(vault)?.commitment(blind);
    put_secret(vault, &blind_name(commitment), &blind, rng)?;
    if let Some(name) = request {
        put_secret(vault, name, &commitment, rng)?;
    }
    Ok(commitment)
}

/// The blind of a commitment that this wallet made.
///
/// **Errors**: it made none such.
pub(super) fn blind_of(vault: &Vault, signed: &SignedVisa) -> Result<Felt, VisaError> {
    let name = blind_name(signed.visa().holder);
    if !vault.has(SECRET) || !vault.has(&name) {
        return Err(VisaError::OtherHolder);
    }
    let blind: Felt = get_secret(vault, &name)?;
    if secret(vault)?.commitment(blind) != signed.visa().holder {
        return Err(VisaError::Commitment);
    }
    Ok(blind)
}

/// Adds a visa, where it is not in the wallet, and gives its number.
///
/// **Errors**: the vault, or the file system refused.
pub(super) fn add(
    vault: &Vault,
    signed: &SignedVisa,
    blind: Felt,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<usize, VisaError> {
    let json = signed.to_json();
    let names = names(vault)?;
    for (number, name) in names.iter().enumerate() {
        if get_secret::<StoredVisa>(vault, name)?.json == json {
            return Ok(number);
        }
    }
    let number = names.len();
    let name = format!("{VISA_PREFIX}{number:05}");
    put_secret(vault, &name, &StoredVisa { json, blind }, rng)?;
    Ok(number)
}
