use super::*;

#[test]
fn commitments_add_up() {
    let (a, b) = (Scalar::from_u64(11), Scalar::from_u64(13));
    let sum = commit(&[3, 4], &a).add(&commit(&[5, 6], &b));
    assert_eq!(sum, commit(&[8, 10], &a.add(&b)));
    assert_ne!(sum, commit(&[10, 8], &a.add(&b)));
}
