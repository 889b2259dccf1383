use super::*;

#[test]
fn bytes_round_trip_and_refuse_the_order() {
    let minus_one = Felt(-Fr::from(1u64));
    assert_eq!(Felt::from_bytes(&minus_one.to_bytes()), Ok(minus_one));
    let mut order = minus_one.to_bytes();
    order[0] += 1;
    assert_eq!(Felt::from_bytes(&order), Err(FieldError::NotCanonical));
    assert_eq!(Felt::from_bytes(&[0u8; 31]), Err(FieldError::Length(31)));
}

#[test]
fn hex_is_lower_case_and_canonical() {
    let seven = Felt::from_u64(7);
    assert_eq!(Felt::from_hex(&seven.to_hex()), Ok(seven));
    assert_eq!(Felt::from_hex(&"A".repeat(64)), Err(FieldError::NotHex));
    assert_eq!(Felt::from_hex("07"), Err(FieldError::NotHex));
}
