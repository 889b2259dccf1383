use super::*;
use crate::eddsa::PrivateKey;
use crate::indexed;
use crate::visa::{VisaSchema, group_hash};

fn fixture() -> (PrivateKey, IssuerLeaf) {
    let key = PrivateKey::from_bytes([7; 32]);
    let leaf = IssuerLeaf {
        key: PublicPoint::new(key.public_key()).unwrap(),
        schema: VisaSchema::Ethics.id(),
        group: group_hash("boards"),
        institution: Felt::ZERO,
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
fn possession_is_of_this_consortium_schema_and_group() {
    let (key, leaf) = fixture();
    let here = ConsortiumId::new(Felt::from_u64(5));
    let signature = key.sign(possession_message(here, leaf.schema, leaf.group, &leaf.key).0);
    assert_eq!(
        verify_possession(here, leaf.schema, leaf.group, &leaf.key, &signature),
        Ok(())
    );
    let elsewhere = ConsortiumId::new(Felt::from_u64(6));
    assert!(verify_possession(elsewhere, leaf.schema, leaf.group, &leaf.key, &signature).is_err());
    assert!(
        verify_possession(
            here,
            VisaSchema::Terms.id(),
            leaf.group,
            &leaf.key,
            &signature
        )
        .is_err()
    );
    assert!(verify_possession(here, leaf.schema, Felt::ZERO, &leaf.key, &signature).is_err());
}
