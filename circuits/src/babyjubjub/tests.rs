use super::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

/// (0, -1) has order 2.
fn order_two() -> Point {
    Point {
        x: Fr::ZERO,
        y: -Fr::ONE,
    }
}

#[test]
fn base_point_is_in_the_prime_subgroup() {
    assert!(Point::BASE8.in_subgroup());
    assert!(!Point::BASE8.is_identity());
    assert!(Point::IDENTITY.in_subgroup());
}

#[test]
fn multiples_agree_with_repeated_addition() {
    let mut sum = Point::IDENTITY;
    for k in 0..20 {
        assert_eq!(Point::BASE8.mul(&Scalar::from_u64(k)), sum);
        sum = sum.add(&Point::BASE8);
    }
    assert_eq!(Point::BASE8.double(), Point::BASE8.add(&Point::BASE8));
    assert!(Point::BASE8.add(&Point::BASE8.neg()).is_identity());
}

#[test]
fn multiplication_is_linear() {
    let (a, b) = (Scalar::random(&mut rng()), Scalar::random(&mut rng()));
    let sum = Point::BASE8.mul(&a.add(&b));
    assert_eq!(sum, Point::BASE8.mul(&a).add(&Point::BASE8.mul(&b)));
    assert_eq!(Point::BASE8.mul(&a.mul(&b)), Point::BASE8.mul(&a).mul(&b));
}

#[test]
fn c5_public_points_refuse_small_order_other_cosets_identity_and_off_curve() {
    assert_eq!(
        PublicPoint::new(order_two()),
        Err(PointError::NotInSubgroup)
    );
    assert_eq!(
        PublicPoint::new(Point::BASE8.add(&order_two())),
        Err(PointError::NotInSubgroup)
    );
    assert_eq!(PublicPoint::new(Point::IDENTITY), Err(PointError::Identity));
    assert_eq!(
        PublicPoint::new(Point {
            x: Fr::ONE,
            y: Fr::ONE
        }),
        Err(PointError::NotOnCurve)
    );
    assert!(PublicPoint::new(Point::BASE8).is_ok());
}

#[test]
fn c5_public_point_codecs_check_too() {
    let good = PublicPoint::new(Point::BASE8).unwrap();
    let bytes = borsh::to_vec(&good).unwrap();
    assert_eq!(bytes.len(), 64);
    assert_eq!(borsh::from_slice::<PublicPoint>(&bytes).unwrap(), good);
    let text = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<PublicPoint>(&text).unwrap(), good);
    let raw = order_two();
    let bad = borsh::to_vec(&(crate::field::Felt(raw.x), crate::field::Felt(raw.y))).unwrap();
    assert!(borsh::from_slice::<PublicPoint>(&bad).is_err());
}

#[test]
fn c5_scalars_at_or_above_the_order_are_refused() {
    let top = Scalar::zero().sub(&Scalar::from_u64(1));
    let mut bytes = top.to_bytes_le();
    assert!(Scalar::from_bytes_le(&bytes).is_ok_and(|s| s == top));
    bytes[0] += 1;
    assert!(Scalar::from_bytes_le(&bytes).is_err_and(|e| e == ScalarError::NotCanonical));
    assert!(Scalar::from_bytes_le(&bytes[..31]).is_err());
    assert!(Scalar::from_field(top.to_field()).is_some_and(|s| s == top));
    assert!(Scalar::from_field(top.to_field() + Fr::ONE).is_none());
}

#[test]
fn reduction_of_a_field_element_is_modulo_the_order() {
    let order = Scalar::zero().sub(&Scalar::from_u64(1)).to_field() + Fr::ONE;
    assert!(Scalar::reduce_field(order).is_zero());
    assert!(Scalar::reduce_field(order.double() + Fr::from(9u64)) == Scalar::from_u64(9));
}
