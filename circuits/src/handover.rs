//! Statement "handover": the right slot keys, and no others, were wrapped to the right recipient
//! (SPEC section 10).
//!
//! The ledger sees a digest of the package and a proof; the package itself lies in the recipient
//! organisation's implicit collection.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use crate::babyjubjub::{Point, PublicPoint, Scalar};
use crate::dataset::{KEY_SLOTS, SegmentKeys};
use crate::domain;
use crate::field::{Felt, Fr};
use crate::ids::{KeyCommitment, RequestId, SegmentId};
use crate::poseidon;
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied, ensure};
use borsh::{BorshDeserialize, BorshSerialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverPublic {
    /// Poseidon digest of the package.
    pub digest: Felt,
    /// Commitment to the slot keys.
    pub key_commitment: KeyCommitment,
    /// The recipient's key.
    pub recipient: PublicPoint,
    /// Granted key slots, one bit each.
    pub mask: u16,
    pub grant: RequestId,
    pub segment: SegmentId,
}

impl PublicInputs for HandoverPublic {
    const LEN: usize = 7;

    fn to_field(&self) -> Vec<Fr> {
        vec![
            self.digest.0,
            self.key_commitment.felt().0,
            self.recipient.x().0,
            self.recipient.y().0,
            Fr::from(u64::from(self.mask)),
            self.grant.felt().0,
            self.segment.felt().0,
        ]
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct HandoverPrivate {
    /// All slot keys and the blind of their commitment.
    pub keys: SegmentKeys,
    /// Fresh scalar, not 0.
    pub ephemeral: Scalar,
}

/// The handover of one segment's keys.
pub struct Handover;

/// What the recipient receives: `R = e*B8` and the wrapped keys.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HandoverPackage {
    pub ephemeral: PublicPoint,
    /// E_0 .. E_14; 0 where a slot was not granted.
    pub wrapped: [Felt; KEY_SLOTS],
}

impl HandoverPackage {
    /// fold_30(R.x, R.y, E_0 .. E_14).
    pub fn digest(&self) -> Felt {
        let mut parts = vec![self.ephemeral.x().0, self.ephemeral.y().0];
        parts.extend(self.wrapped.iter().map(|e| e.0));
        Felt(poseidon::fold(domain::HANDOVER_DIGEST, &parts))
    }
}

/// The keystream of a shared point. The point goes with it.
fn stream(mut shared: Point, grant: RequestId, segment: SegmentId) -> Zeroizing<[Fr; 16]> {
    let stream = poseidon::keystream(
        domain::HANDOVER_STREAM,
        &[shared.x, shared.y, grant.felt().0, segment.felt().0],
    );
    shared.x.zeroize();
    shared.y.zeroize();
    Zeroizing::new(stream)
}

/// Keys of granted slots, none elsewhere. **Security**: zeroised.
pub type SlotKeys = Zeroizing<[Option<Fr>; KEY_SLOTS]>;

fn is_granted(mask: u16, slot: usize) -> bool {
    mask >> slot & 1 == 1
}

/// What is granted to whom. **Security**: keys; no `Debug`.
#[derive(Clone, Copy)]
pub struct Granted<'a> {
    pub keys: &'a SegmentKeys,
    /// Granted key slots, one bit each.
    pub mask: u16,
    pub recipient: &'a PublicPoint,
    pub grant: RequestId,
    pub segment: SegmentId,
}

/// Wraps the granted slot keys to a recipient.
///
/// **Errors**: nothing is returned for an ephemeral scalar of 0.
pub fn wrap(granted: &Granted<'_>, ephemeral: &Scalar) -> Option<HandoverPackage> {
    let r = PublicPoint::new(Point::BASE8.mul(ephemeral)).ok()?;
    let point = granted.recipient.point();
    let pad = stream(point.mul(ephemeral), granted.grant, granted.segment);
    let wrap_one = |slot: usize| {
        if is_granted(granted.mask, slot) {
            Felt(granted.keys.keys[slot] + pad[slot])
        } else {
            Felt::ZERO
        }
    };
    Some(HandoverPackage {
        ephemeral: r,
        wrapped: std::array::from_fn(wrap_one),
    })
}

/// Unwraps the granted slot keys with the recipient's secret.
///
/// **Shape**: one entry a slot; none where the slot was not granted.
pub fn unwrap(
    package: &HandoverPackage,
    mask: u16,
    secret: &Scalar,
    grant: RequestId,
    segment: SegmentId,
) -> SlotKeys {
    let pad = stream(package.ephemeral.point().mul(secret), grant, segment);
    Zeroizing::new(std::array::from_fn(|slot| {
        is_granted(mask, slot).then(|| package.wrapped[slot].0 - pad[slot])
    }))
}

impl Statement for Handover {
    const CIRCUIT: CircuitId = CircuitId {
        name: "handover",
        version: 1,
    };
    type Public = HandoverPublic;
    type Private = HandoverPrivate;

    fn check(public: &HandoverPublic, private: &HandoverPrivate) -> Result<(), Unsatisfied> {
        ensure(
            !private.ephemeral.is_zero(),
            "H1",
            "the ephemeral scalar is not 0",
        )?;
        ensure(public.mask < 1 << KEY_SLOTS, "H4", "the mask has 15 bits")?;
        let granted = Granted {
            keys: &private.keys,
            mask: public.mask,
            recipient: &public.recipient,
            grant: public.grant,
            segment: public.segment,
        };
        let digest = wrap(&granted, &private.ephemeral).map(|p| p.digest());
        ensure(
            digest == Some(public.digest),
            "H5",
            "the package is the granted keys under the shared point",
        )?;
        ensure(
            private.keys.commitment() == public.key_commitment,
            "H6",
            "the slot keys open their commitment",
        )
    }
}

#[cfg(test)]
mod tests;
