//! Tests of the statement "handover".

use super::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn a_recipient_unwraps_what_was_granted_and_nothing_else() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let keys = SegmentKeys::generate(rng);
    let secret = Scalar::random_nonzero(rng);
    let recipient = PublicPoint::new(Point::BASE8.mul(&secret)).expect("a point of the subgroup");
    let (grant, segment) = (
        RequestId::new(Felt::from_u64(5)),
        SegmentId::new(Felt::from_u64(6)),
    );
    let granted = Granted {
        keys: &keys,
        mask: 0b101,
        recipient: &recipient,
        grant,
        segment,
    };
    let package = wrap(&granted, &Scalar::random_nonzero(rng)).expect("a package");
    let got = unwrap(&package, 0b101, &secret, grant, segment);
    assert_eq!(got[0], Some(keys.keys[0]));
    assert_eq!(got[1], None);
    assert_eq!(got[2], Some(keys.keys[2]));
    assert!(package.wrapped[1].is_zero());
    let foreign = unwrap(
        &package,
        0b101,
        &Scalar::random_nonzero(rng),
        grant,
        segment,
    );
    assert_ne!(foreign[0], Some(keys.keys[0]));
    let other_segment = unwrap(
        &package,
        0b101,
        &secret,
        grant,
        SegmentId::new(Felt::from_u64(7)),
    );
    assert_ne!(other_segment[0], Some(keys.keys[0]));
}

#[test]
fn packages_are_read_strictly() {
    let (public, private) = crate::testing::handover_fixture();
    let granted = Granted {
        keys: &private.keys,
        mask: public.mask,
        recipient: &public.recipient,
        grant: public.grant,
        segment: public.segment,
    };
    let package = wrap(&granted, &private.ephemeral).expect("a package");
    let bytes = borsh::to_vec(&package).expect("a package is bytes");
    assert_eq!(bytes.len(), 64 + 32 * KEY_SLOTS);
    assert_eq!(
        borsh::from_slice::<HandoverPackage>(&bytes).expect("the same package"),
        package
    );
    assert!(borsh::from_slice::<HandoverPackage>(&bytes[1..]).is_err());
    assert!(borsh::from_slice::<HandoverPackage>(&[bytes.as_slice(), &[0]].concat()).is_err());
    // A point off the curve, and an element at or above r.
    for at in [0, 64 + 31] {
        let mut wrong = bytes.clone();
        wrong[at] = wrong[at].wrapping_add(if at == 0 { 1 } else { 0x80 });
        assert!(
            borsh::from_slice::<HandoverPackage>(&wrong).is_err(),
            "byte {at}"
        );
    }
    assert!(wrap(&granted, &Scalar::zero()).is_none());
}
