//! The circuits that this program can prove, by name: from a word of the command line to a
//! statement's type.

use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use circuits::claim::{ClaimChunk, ClaimFinal};
use circuits::eligibility::Eligibility;
use circuits::field::Digest;
use circuits::handover::Handover;
use circuits::registration::Registration;
use circuits::statement::{CircuitId, Synthesize};
use circuits::verify::AnyVerifyingKey;

/// A circuit and what can be done with it whatever its type.
pub struct Known {
    /// Name and version.
    pub circuit: CircuitId,
    /// Makes insecure development keys and stores them.
    pub make: fn(&Desk) -> Result<AnyVerifyingKey, GatewayError>,
    digest: fn() -> Result<Digest, GatewayError>,
}

fn known<S: Synthesize>() -> Known {
    Known {
        circuit: S::CIRCUIT,
        make: make::<S>,
        digest: shape::<S>,
    }
}

/// The seed is public, so every machine makes the same keys and everybody can recompute, and forge
/// under, them.
fn make<S: Synthesize>(desk: &Desk) -> Result<AnyVerifyingKey, GatewayError> {
    let (verifying, proving) = desk
        .pool
        .install(prover::development_keys::<S>)
        .internal("set-up")?;
    desk.keys.save(&verifying, &proving).internal("key store")?;
    desk.development
        .borrow_mut()
        .insert(S::CIRCUIT.to_string(), verifying.digest());
    Ok(verifying)
}

fn shape<S: Synthesize>() -> Result<Digest, GatewayError> {
    Ok(prover::matrices::shape::<S>().internal("circuit")?.digest)
}

/// Every circuit.
pub fn all() -> Vec<Known> {
    vec![
        known::<Eligibility<1>>(),
        known::<Eligibility<4>>(),
        known::<Registration<16>>(),
        known::<Registration<256>>(),
        known::<ClaimChunk<16>>(),
        known::<ClaimChunk<256>>(),
        known::<ClaimFinal>(),
        known::<Handover>(),
    ]
}

/// A circuit by its name, with or without the version.
///
/// **Errors**: an unknown name.
pub fn find(name: &str) -> Result<Known, GatewayError> {
    let all = all();
    let names: Vec<&str> = all.iter().map(|k| k.circuit.name).collect();
    let message = format!("expected one of {}, got {name}", names.join(", "));
    let found = all
        .into_iter()
        .find(|k| k.circuit.name == name || k.circuit.to_string() == name);
    found.ok_or_else(|| GatewayError::input("circuit", message))
}

/// Digest of a circuit's matrices; this process computes it once.
///
/// **Errors**: the circuit cannot be synthesised.
pub fn digest(desk: &Desk, known: &Known) -> Result<Digest, GatewayError> {
    let name = known.circuit.to_string();
    if let Some(found) = desk.matrices.borrow().get(&name) {
        return Ok(*found);
    }
    let spinner = desk
        .output
        .spinner(&format!("digesting the matrices of {name}"));
    let digest = (known.digest)();
    spinner.finish_and_clear();
    let digest = digest?;
    desk.matrices.borrow_mut().insert(name, digest);
    Ok(digest)
}
