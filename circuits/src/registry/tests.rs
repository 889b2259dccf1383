use super::*;
use crate::eddsa::PrivateKey;
use crate::indexed;
use crate::visa::{VisaSchema, group_hash, msp_hash};

fn fixture() -> (PrivateKey, IssuerLeaf) {
    let key = PrivateKey::from_bytes([7; 32]);
    let leaf = IssuerLeaf {
        key: PublicPoint::new(key.public_key()).unwrap(),
        schema: VisaSchema::Ethics.id(),
        group: group_hash("boards"),
        institution: Felt::ZERO,
        registrant: msp_hash("EthicsBoard"),
        revocation_root: Felt(indexed::empty_root(indexed::REVOCATION_DEPTH)),
        status: ACTIVE,
    };
    (key, leaf)
}

#[test]
fn c6_every_part_of_a_leaf_is_hashed() {
    let leaf = fixture().1;
    let one = Felt::from_u64(1);
    let other_key = PublicPoint::new(PrivateKey::from_bytes([8; 32]).public_key()).unwrap();
    let others = [
        IssuerLeaf {
            key: other_key,
            ..leaf.clone()
        },
        IssuerLeaf {
            schema: VisaSchema::Terms.id(),
            ..leaf.clone()
        },
        IssuerLeaf {
            group: one,
            ..leaf.clone()
        },
        IssuerLeaf {
            institution: one,
            ..leaf.clone()
        },
        IssuerLeaf {
            registrant: one,
            ..leaf.clone()
        },
        IssuerLeaf {
            revocation_root: one,
            ..leaf.clone()
        },
        IssuerLeaf {
            status: 0,
            ..leaf.clone()
        },
    ];
    assert!(others.iter().all(|other| other.hash() != leaf.hash()));
    let tree = issuer_tree(&[leaf.hash(), others[0].hash()]).unwrap();
    assert_eq!(
        Felt(tree.root()),
        issuer_root(&[leaf.hash(), others[0].hash()]).felt()
    );
}

#[test]
fn m1_possession_is_of_this_consortium_schema_group_and_registrant() {
    let (key, leaf) = fixture();
    let shown = Possession {
        consortium: ConsortiumId::new(Felt::from_u64(5)),
        schema: leaf.schema,
        group: leaf.group,
        registrant: leaf.registrant,
        key: leaf.key,
    };
    let signature = key.sign(shown.message().0);
    assert_eq!(shown.verify(&signature), Ok(()));
    let others = [
        Possession {
            consortium: ConsortiumId::new(Felt::from_u64(6)),
            ..shown
        },
        Possession {
            schema: VisaSchema::Terms.id(),
            ..shown
        },
        Possession {
            group: Felt::ZERO,
            ..shown
        },
        Possession {
            registrant: msp_hash("Copyist"),
            ..shown
        },
    ];
    for other in others {
        assert!(other.verify(&signature).is_err(), "{other:?}");
    }
}

#[test]
fn the_root_over_batches_is_the_root_over_leaves() {
    let leaves: Vec<Felt> = (1..=600).map(Felt::from_u64).collect();
    for n in [0, 1, BATCH, BATCH + 1, 600] {
        let batches: Vec<Felt> = leaves[..n].chunks(BATCH).map(batch_root).collect();
        assert_eq!(root_of_batches(&batches), issuer_root(&leaves[..n]), "{n}");
    }
    assert_eq!(ISSUER_DEPTH, BATCH_DEPTH + 1);
    assert_eq!(merkle::capacity(BATCH_DEPTH), BATCH as u64);
}
