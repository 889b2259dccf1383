use super::*;
use crate::domain::{CIRCOMLIB, KEYSTREAM, PAGE};
use std::str::FromStr;

#[test]
#[allow(clippy::disallowed_methods)] // Published decimals, below r.
fn c9_published_circomlib_vectors() {
    // circomlib test/poseidoncircuit.js: [1, 2] and [1, 2, 3, 4].
    let expected = "7853200120776062878684798364095072458815029376092732009249414926327459813530";
    assert_eq!(
        hash(CIRCOMLIB, &[Fr::from(1u64), Fr::from(2u64)]),
        Fr::from_str(expected).unwrap()
    );
    let expected = "18821383157269793795438455681495246036402687001665670618754263018637548127333";
    let inputs: Vec<Fr> = (1..=4u64).map(Fr::from).collect();
    assert_eq!(hash(CIRCOMLIB, &inputs), Fr::from_str(expected).unwrap());
}

#[test]
fn c7_every_tag_and_every_tree_level_hashes_apart() {
    use crate::domain::{ALL_TAGS, Tag, TreeKind};
    let kinds = [
        TreeKind::Issuer,
        TreeKind::Revocation,
        TreeKind::Set,
        TreeKind::Segment,
    ];
    let mut tags: Vec<Tag> = ALL_TAGS.iter().map(|(_, tag)| *tag).collect();
    tags.extend(
        kinds
            .iter()
            .flat_map(|kind| (0..8).map(|level| Tag::node(*kind, level))),
    );
    for n in [2usize, 16] {
        let inputs = vec![Fr::from(7u64); n];
        let outputs: std::collections::BTreeSet<_> = tags
            .iter()
            .map(|tag| crate::field::Felt(hash(*tag, &inputs)))
            .collect();
        assert_eq!(outputs.len(), tags.len());
    }
    // Another number of inputs is another width, so trailing zeros are not ignored.
    assert_ne!(
        hash(PAGE, &[Fr::from(7u64)]),
        hash(PAGE, &[Fr::from(7u64), Fr::ZERO])
    );
}

#[test]
fn fold_chains_fifteen_behind_the_running_hash() {
    let e: Vec<Fr> = (1..=40u64).map(Fr::from).collect();
    assert_eq!(fold(PAGE, &e[..16]), hash(PAGE, &e[..16]));
    let mut acc = hash(PAGE, &e[..16]);
    for range in [16..31, 31..40] {
        acc = hash(PAGE, &[&[acc], &e[range]].concat());
    }
    assert_eq!(fold(PAGE, &e), acc);
}

#[test]
fn keystream_is_the_wide_permutation_without_lane_zero() {
    let stream = keystream(KEYSTREAM, &[Fr::from(5u64), Fr::from(1u64)]);
    let mut lanes = vec![Fr::ZERO; 17];
    (lanes[0], lanes[1], lanes[2]) = (Fr::from(27u64), Fr::from(5u64), Fr::from(1u64));
    assert_eq!(stream[..], permute(&lanes)[1..]);
}
