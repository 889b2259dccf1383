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
    let (grant, segment) = (RequestId::new(Felt::from_u64(5)), SegmentId::new(Felt::from_u64(6)));
    let package = wrap(&keys, 0b101, &recipient, grant, segment, &Scalar::random_nonzero(rng)).expect("a package");
    let got = unwrap(&package, 0b101, &secret, grant, segment);
    assert_eq!(got[0], Some(keys.keys[0]));
    assert_eq!(got[1], None);
    assert_eq!(got[2], Some(keys.keys[2]));
    assert!(package.wrapped[1].is_zero());
    let foreign = unwrap(&package, 0b101, &Scalar::random_nonzero(rng), grant, segment);
    assert_ne!(foreign[0], Some(keys.keys[0]));
    let other_segment = unwrap(&package, 0b101, &secret, grant, SegmentId::new(Felt::from_u64(7)));
    assert_ne!(other_segment[0], Some(keys.keys[0]));
}
