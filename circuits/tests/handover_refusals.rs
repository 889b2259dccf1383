//! One refusal a clause of statement "handover", from one valid fixture: the native reading names
//! the clause, the circuit is not satisfied.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::dataset::KEY_SLOTS;
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::handover::{
    Granted, Handover, HandoverPackage, HandoverPrivate, HandoverPublic, wrap,
};
use medveil_circuits::ids::{KeyCommitment, RequestId, SegmentId};
use medveil_circuits::statement::{PublicInputs, Statement};
use medveil_circuits::testing::{handover_fixture, violations};

fn refused(public: &HandoverPublic, private: &HandoverPrivate, clause: &str) -> usize {
    let found = Handover::check(public, private).expect_err("the native reading accepts a forgery");
    assert_eq!(found.clause, clause, "{found}");
    let broken = violations::<Handover>(public, private);
    assert!(broken > 0, "{clause}: the circuit accepts a forgery");
    broken
}

fn misstated(clause: &str, change: impl FnOnce(&mut HandoverPublic)) -> usize {
    let (mut public, private) = handover_fixture();
    change(&mut public);
    refused(&public, &private, clause)
}

/// What an instance and a witness say is granted.
fn granted<'a>(public: &'a HandoverPublic, private: &'a HandoverPrivate) -> Granted<'a> {
    Granted {
        keys: &private.keys,
        mask: public.mask,
        recipient: &public.recipient,
        grant: public.grant,
        segment: public.segment,
    }
}

/// The fixture's package, changed, under its new digest.
fn repackaged(change: impl FnOnce(&mut HandoverPackage)) -> usize {
    let (mut public, private) = handover_fixture();
    let mut package = wrap(&granted(&public, &private), &private.ephemeral).unwrap();
    change(&mut package);
    assert_ne!(package.digest(), public.digest);
    public.digest = package.digest();
    refused(&public, &private, "H5")
}

fn other_point() -> PublicPoint {
    PublicPoint::new(Point::BASE8.mul(&Scalar::from_u64(4711))).unwrap()
}

#[test]
fn the_fixture_holds() {
    let (public, private) = handover_fixture();
    Handover::check(&public, &private).unwrap();
    assert_eq!(violations::<Handover>(&public, &private), 0);
    assert_eq!(public.to_field().len(), HandoverPublic::LEN);
}

#[test]
fn h1_an_ephemeral_scalar_of_zero() {
    // Its keystream would be that of the identity, which everybody knows.
    let (mut public, mut private) = handover_fixture();
    private.ephemeral = Scalar::zero();
    public.digest = Felt::from_u64(1);
    refused(&public, &private, "H1");
}

#[test]
fn h2_another_ephemeral_point() {
    // The recipient could not unwrap.
    assert_eq!(repackaged(|package| package.ephemeral = other_point()), 1);
}

#[test]
fn h3_p12_wrapped_to_another_recipient() {
    assert!(misstated("H5", |public| public.recipient = other_point()) >= 1);
    assert!(
        misstated("H5", |public| public.grant =
            RequestId::new(Felt::from_u64(6)))
            >= 1
    );
    assert!(
        misstated("H5", |public| public.segment =
            SegmentId::new(Felt::from_u64(6)))
            >= 1
    );
    let (public, private) = handover_fixture();
    let to_another = Granted {
        recipient: &other_point(),
        ..granted(&public, &private)
    };
    let foreign = wrap(&to_another, &private.ephemeral).unwrap();
    assert_eq!(repackaged(|package| package.wrapped = foreign.wrapped), 1);
}

#[test]
fn h4_a_mask_of_more_than_15_bits() {
    misstated("H4", |public| public.mask |= 1 << 15);
}

#[test]
fn h5_p12_a_wrong_key_or_mask() {
    // One granted key replaced, one withheld key slipped in, one granted key left out.
    assert_eq!(
        repackaged(|package| package.wrapped[3] = Felt::from_u64(1)),
        1
    );
    assert_eq!(
        repackaged(|package| package.wrapped[2] = Felt::from_u64(1)),
        1
    );
    assert_eq!(repackaged(|package| package.wrapped[0] = Felt::ZERO), 1);
    for slot in 0..KEY_SLOTS {
        assert!(
            misstated("H5", |public| public.mask ^= 1 << slot) >= 1,
            "slot {slot}"
        );
    }
    assert_eq!(
        misstated("H5", |public| public.digest = Felt::from_u64(1)),
        1
    );
}

#[test]
fn h6_p12_keys_that_were_not_committed() {
    // The package is made of other keys than the segment's, consistently.
    let (mut public, mut private) = handover_fixture();
    private.keys.keys[1] += Fr::from(1u64);
    let package = wrap(&granted(&public, &private), &private.ephemeral).unwrap();
    public.digest = package.digest();
    assert_eq!(refused(&public, &private, "H6"), 1);
    assert_eq!(
        misstated("H6", |public| public.key_commitment =
            KeyCommitment::new(Felt::from_u64(1))),
        1
    );
    // Also a key that was not granted must be the committed one.
    let (public, mut private) = handover_fixture();
    private.keys.keys[14] += Fr::from(1u64);
    assert_eq!(refused(&public, &private, "H6"), 1);
}
