use super::*;

fn leaves(n: u64) -> Vec<Fr> {
    (1..=n).map(Fr::from).collect()
}

#[test]
fn every_path_of_a_part_filled_tree_leads_to_its_root() {
    let tree = Tree::from_leaves(TreeKind::Issuer, 2, &leaves(37)).unwrap();
    for index in [0u64, 1, 15, 16, 36, 37, 200, 255] {
        let leaf = tree
            .leaves()
            .get(index as usize)
            .copied()
            .unwrap_or(Fr::ZERO);
        let path = tree.path(index).unwrap();
        assert_eq!(
            path.verify(TreeKind::Issuer, 2, tree.root(), leaf),
            Ok(()),
            "index {index}"
        );
        assert_eq!(
            path.verify(TreeKind::Set, 2, tree.root(), leaf),
            Err(MerkleError::Root)
        );
    }
    assert!(tree.path(256).is_err());
}

#[test]
fn setting_leaves_equals_building() {
    let mut tree = Tree::new(TreeKind::Segment, 3).unwrap();
    for (i, leaf) in leaves(300).iter().enumerate().rev() {
        tree.set(i as u64, *leaf).unwrap();
    }
    assert_eq!(tree.root(), root_of(TreeKind::Segment, 3, &leaves(300)));
    let mut sparse = Tree::new(TreeKind::Segment, 3).unwrap();
    sparse.set(4000, Fr::from(5u64)).unwrap();
    let mut dense = vec![Fr::ZERO; 4000];
    dense.push(Fr::from(5u64));
    assert_eq!(sparse.root(), root_of(TreeKind::Segment, 3, &dense));
}

#[test]
fn c7_a_node_is_no_leaf_and_a_16_slot_visa_is_no_node() {
    let tree = Tree::from_leaves(TreeKind::Issuer, 2, &leaves(16)).unwrap();
    let inner = node(
        TreeKind::Issuer,
        0,
        &std::array::from_fn(|i| Fr::from(i as u64 + 1)),
    );
    let full = tree.path(0).unwrap();
    let short = Path {
        index: 0,
        siblings: full.siblings[1..].to_vec(),
    };
    assert_eq!(
        short.verify(TreeKind::Issuer, 2, tree.root(), inner),
        Err(MerkleError::PathDepth {
            expected: 2,
            got: 1
        })
    );
    assert_ne!(root_from_path(TreeKind::Issuer, inner, &short), tree.root());
    assert_ne!(poseidon::hash(crate::domain::CIRCOMLIB, &leaves(16)), inner);
}

#[test]
fn path_codecs_round_trip_and_refuse_bad_shapes() {
    let tree = Tree::from_leaves(TreeKind::Issuer, 2, &leaves(20)).unwrap();
    let path = tree.path(17).unwrap();
    let bytes = borsh::to_vec(&path).unwrap();
    assert_eq!(borsh::from_slice::<Path>(&bytes).unwrap(), path);
    let text = serde_json::to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<Path>(&text).unwrap(), path);
    let mut far = bytes.clone();
    far[1] = 1; // index 273 of 256
    assert!(borsh::from_slice::<Path>(&far).is_err());
    let mut deep = bytes;
    deep[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(borsh::from_slice::<Path>(&deep).is_err());
}
