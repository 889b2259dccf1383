use super::*;

#[test]
fn keys_read_back_and_refuse_bad_text() {
    let key = StateKey::issuer(7);
    assert_eq!(StateKey::parse(key.as_str()), Ok(key.clone()));
    assert!(key.as_str().starts_with(StateKey::issuers().as_str()));
    for bad in ["", "a b", "ä", "a\u{0}b", &"x".repeat(513)] {
        assert_eq!(StateKey::parse(bad), Err(StateKeyError), "{bad}");
    }
    assert!(StateKey::issuer(9) < StateKey::issuer(10));
}
