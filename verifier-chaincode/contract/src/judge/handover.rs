//! Judges a handover: the granted slot keys of one segment, wrapped to the recipient's key.

use super::{JudgeError, KeyRing};
use crate::call::ConfirmDelivery;
use crate::model::{RequestEntry, SegmentEntry};
use medveil_circuits::field::Digest;
use medveil_circuits::handover::{Handover, HandoverPublic};
use medveil_circuits::proof::Proof;
use medveil_circuits::statement::Statement;
use medveil_circuits::verify::verify as verify_proof;

/// The circuit that proves it.
pub fn circuit() -> String {
    Handover::CIRCUIT.to_string()
}

/// The instance of a delivery under a grant.
pub fn instance(
    request: &RequestEntry,
    segment: &SegmentEntry,
    args: &ConfirmDelivery,
) -> HandoverPublic {
    HandoverPublic {
        digest: args.digest,
        key_commitment: segment.key_commitment,
        recipient: request.recipient,
        mask: request.columns,
        grant: request.request,
        segment: segment.segment,
    }
}

/// Verifies the proof; gives the digest of the key.
///
/// **Errors**: the proof does not hold for exactly this grant, segment, recipient and mask.
pub fn verify(
    request: &RequestEntry,
    segment: &SegmentEntry,
    args: &ConfirmDelivery,
    keys: &KeyRing,
) -> Result<Digest, JudgeError> {
    let key = keys.get::<Handover>()?;
    verify_proof(
        key,
        &instance(request, segment, args),
        &Proof::new(args.proof.clone()),
    )?;
    Ok(key.digest())
}
