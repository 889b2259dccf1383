use super::*;

const VALUES: [u64; 6] = [50, 10, u64::MAX, 30, 1, 40];

#[test]
fn insertions_followed_by_root_alone_equal_the_tree() {
    let mut tree = RevocationTree::new(2).unwrap();
    let mut root = empty_root(2);
    for (n, value) in VALUES.iter().enumerate() {
        let insertion = tree.insert(*value).unwrap();
        root = apply_insertion(root, n as u64 + 1, &insertion).unwrap();
        assert_eq!(root, tree.root());
    }
    assert_eq!(
        RevocationTree::from_values(2, &VALUES).unwrap().root(),
        root
    );
    assert_eq!(tree.insert(30), Err(IndexedError::Present));
    assert_eq!(tree.root(), root);
}

#[test]
fn absence_holds_exactly_for_what_is_not_inside() {
    let tree = RevocationTree::from_values(2, &VALUES).unwrap();
    for x in [2u64, 9, 11, 29, 31, 49, 51, u64::MAX - 1] {
        let proof = tree.absence_proof(x).unwrap();
        assert_eq!(verify_absence(tree.root(), x, &proof), Ok(()));
    }
    for x in VALUES {
        assert_eq!(tree.absence_proof(x), Err(IndexedError::Present));
        // No leaf of the tree surrounds a member.
        for (value, (_, next)) in &tree.links {
            assert!(!surrounds(*value, *next, x));
        }
    }
    assert_eq!(tree.absence_proof(0), Err(IndexedError::Zero));
}

#[test]
fn wrong_absence_proofs_are_refused() {
    let tree = RevocationTree::from_values(2, &VALUES).unwrap();
    let good = tree.absence_proof(20).unwrap();
    assert_eq!(
        verify_absence(tree.root(), 31, &good),
        Err(IndexedError::NotBetween)
    );
    let wide = Absence {
        low_next: 0,
        ..good.clone()
    };
    assert_eq!(
        verify_absence(tree.root(), 31, &wide),
        Err(IndexedError::Merkle(MerkleError::Root))
    );
    assert_eq!(
        verify_absence(empty_root(2), 20, &good),
        Err(IndexedError::Merkle(MerkleError::Root))
    );
}

#[test]
fn wrong_insertions_are_refused() {
    let mut tree = RevocationTree::from_values(2, &[10, 30]).unwrap();
    let root = tree.root();
    let good = tree.insert(20).unwrap();
    assert!(apply_insertion(root, 3, &good).is_ok());
    assert_eq!(
        apply_insertion(root, 2, &good),
        Err(IndexedError::Slot {
            expected: 2,
            got: 3
        })
    );
    assert_eq!(
        apply_insertion(
            root,
            3,
            &Insertion {
                value: 30,
                ..good.clone()
            }
        ),
        Err(IndexedError::Present)
    );
    assert_eq!(
        apply_insertion(
            root,
            3,
            &Insertion {
                value: 31,
                ..good.clone()
            }
        ),
        Err(IndexedError::NotBetween)
    );
    let twice = apply_insertion(tree.root(), 4, &good);
    assert!(twice.is_err());
    let mut foreign = good;
    foreign.slot_path.siblings[1][3] += Fr::from(1u64);
    assert_eq!(
        apply_insertion(root, 3, &foreign),
        Err(IndexedError::Merkle(MerkleError::Root))
    );
}

#[test]
fn a_full_tree_refuses() {
    let values: Vec<u64> = (1..16).collect();
    let mut tree = RevocationTree::from_values(1, &values).unwrap();
    assert!(tree.insert(99).is_err());
    assert!(tree.absence_proof(99).is_ok());
}
