use medveil_peers::spread::*;

#[test]
fn quartiles_lie_between_samples() {
    assert_eq!(Spread::of(&[]), None);
    let one = Spread::of(&[7.0]).unwrap();
    assert_eq!(
        (one.min, one.lower, one.median, one.max),
        (7.0, 7.0, 7.0, 7.0)
    );
    let even = Spread::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
    assert_eq!((even.lower, even.median, even.upper), (1.75, 2.5, 3.25));
    let odd = Spread::of(&[9.0, 1.0, 5.0]).unwrap();
    assert_eq!((odd.lower, odd.median, odd.upper), (3.0, 5.0, 7.0));
    assert_eq!(odd.over(2).max, 4.5);
}
