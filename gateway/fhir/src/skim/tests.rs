use super::*;
use proptest::prelude::*;

fn streamed(skimmer: &Skimmer, text: &str) -> Option<Head> {
    let mut from = serde_json::Deserializer::from_str(text);
    HeadSeed(skimmer).deserialize(&mut from).ok().flatten()
}

#[test]
fn contents_are_equal_whatever_the_order_and_meta() {
    let skimmer = Skimmer::new();
    let content = |text: &str| streamed(&skimmer, text).map(|h| h.content);
    let base = content(r#"{"a":{"x":1.0,"y":[1,2]},"b":"t"}"#);
    assert!(base.is_some());
    assert_eq!(
        base,
        content(r#"{ "b":"\u0074", "meta":{"versionId":"1"}, "a":{"y":[1,2],"x":1.0}}"#)
    );
    for other in [
        r#"{"a":{"x":1.00,"y":[1,2]},"b":"t"}"#,
        r#"{"a":{"x":1.0,"y":[2,1]},"b":"t"}"#,
        r#"{"a":{"x":1.0,"y":[1,2]},"b":["t"]}"#,
        r#"{"a":{"x":"1.0","y":[1,2]},"b":"t"}"#,
        r#"{"a":{"x":1.0,"y":[1,2]}}"#,
    ] {
        assert_ne!(base, content(other), "{other}");
    }
}

#[test]
fn modifiers_are_seen_wherever_they_stand() {
    let skimmer = Skimmer::new();
    for text in [
        r#"{"modifierExtension":[]}"#,
        r#"{"x":[{"modifierExtension":1}]}"#,
        r#"{"code":{"modifierExtension":1}}"#,
    ] {
        assert!(streamed(&skimmer, text).is_some_and(|h| h.modifier));
        assert!(
            skimmer
                .head(&crate::json::parse(text.as_bytes()).unwrap())
                .modifier
        );
    }
    assert!(streamed(&skimmer, r#"{"x":1}"#).is_some_and(|h| !h.modifier));
}

proptest! {
    #[test]
    fn a_stream_and_a_tree_say_the_same(names in proptest::collection::vec("[a-z]{1,3}|status|code|period|subject", 1..6), value in ".{0,5}", number in any::<i64>()) {
        let mut names = names;
        names.sort();
        names.dedup();
        let value = serde_json::to_string(&value).unwrap();
        let fields: Vec<String> = names.iter().map(|n| format!(r#""{n}":[{value},{number},{{"a":{number}.50,"b":null,"c":true}}]"#)).collect();
        let text = format!("{{{}}}", fields.join(","));
        let skimmer = Skimmer::new();
        let (a, b) = (streamed(&skimmer, &text).unwrap(), skimmer.head(&crate::json::parse(text.as_bytes()).unwrap()));
        prop_assert_eq!(a.content, b.content);
        prop_assert!(a.node == b.node);
    }
}
