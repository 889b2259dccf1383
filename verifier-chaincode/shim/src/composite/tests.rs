use super::*;

#[test]
fn keys_have_the_form_of_fabrics_shims() {
    assert_eq!(
        composite_key("visa", &["a", "", "ü"]).unwrap(),
        "\0visa\0a\0\0ü\0"
    );
    assert_eq!(composite_key("visa", &[]).unwrap(), "\0visa\0");
    for (kind, attributes) in [
        ("", vec![]),
        ("a\0", vec![]),
        ("a", vec!["\0"]),
        ("a", vec!["\u{10ffff}"]),
    ] {
        assert_eq!(composite_key(kind, &attributes), Err(BadPart));
    }
}

#[test]
fn what_was_joined_is_split_and_lies_in_its_range() {
    for attributes in [vec![], vec!["a"], vec!["a", "", "b"]] {
        let key = composite_key("t", &attributes).unwrap();
        assert_eq!(
            split_composite_key(&key).unwrap(),
            (
                "t".to_owned(),
                attributes.iter().map(ToString::to_string).collect()
            )
        );
        let (start, end) = composite_range("t", &attributes[..attributes.len().min(1)]).unwrap();
        assert!(start <= key && key < end);
    }
    for no in ["", "plain", "\0", "\0\0", "\0a"] {
        assert_eq!(split_composite_key(no), None, "{no:?}");
    }
}
