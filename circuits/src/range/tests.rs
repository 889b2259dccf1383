use super::*;

#[test]
fn c3_widths_at_their_edges() {
    let max = Fr::from(u64::MAX);
    assert!(fits(&max, 64) && !fits(&max, 63));
    assert_eq!(to_u64(&max), Some(u64::MAX));
    assert_eq!(to_u64(&(max + Fr::from(1u64))), None);
    assert!(!fits(&-Fr::from(1u64), 253) && fits(&-Fr::from(1u64), 254));
}
