use super::*;
use std::collections::BTreeSet;

#[test]
fn c7_tags_and_labels_are_distinct() {
    let values: BTreeSet<u64> = ALL_TAGS.iter().map(|(_, tag)| tag.value()).collect();
    assert_eq!(values.len(), ALL_TAGS.len());
    assert!(
        values
            .iter()
            .all(|v| *v < Tag::node(TreeKind::Issuer, 0).value())
    );
    let labels: BTreeSet<&str> = Label::ALL.iter().map(|l| l.as_str()).collect();
    assert_eq!(labels.len(), Label::ALL.len());
}
