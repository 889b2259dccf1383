//! docs/THREATS.md B and V3 for the codecs of the primitives: any bytes give a value or an error,
//! and a value is encoded by exactly one byte string.
#![allow(clippy::unwrap_used)]

use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::domain::TreeKind;
use medveil_circuits::eddsa::{PrivateKey, Signature};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::indexed::{Absence, Insertion, RevocationTree};
use medveil_circuits::merkle::{Path, Tree};
use proptest::prelude::*;

/// Decoding then encoding is the identity, or there is an error.
fn canonical<T: BorshDeserialize + BorshSerialize>(bytes: &[u8]) {
    if let Ok(value) = borsh::from_slice::<T>(bytes) {
        assert_eq!(borsh::to_vec(&value).unwrap(), bytes);
    }
}

fn all(bytes: &[u8]) {
    canonical::<Felt>(bytes);
    canonical::<PublicPoint>(bytes);
    canonical::<Signature>(bytes);
    canonical::<Path>(bytes);
    canonical::<Absence>(bytes);
    canonical::<Insertion>(bytes);
    let _ = Scalar::from_bytes_le(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = serde_json::from_str::<Path>(text);
        let _ = serde_json::from_str::<PublicPoint>(text);
        let _ = serde_json::from_str::<Signature>(text);
    }
}

fn good() -> Vec<Vec<u8>> {
    let tree = Tree::from_leaves(TreeKind::Issuer, 2, &[Fr::from(1u64), Fr::from(2u64)]).unwrap();
    let mut revoked = RevocationTree::from_values(2, &[7, 9]).unwrap();
    vec![
        borsh::to_vec(&PublicPoint::new(Point::BASE8).unwrap()).unwrap(),
        borsh::to_vec(&PrivateKey::from_bytes([1; 32]).sign(Fr::from(3u64))).unwrap(),
        borsh::to_vec(&tree.path(1).unwrap()).unwrap(),
        borsh::to_vec(&revoked.absence_proof(8).unwrap()).unwrap(),
        borsh::to_vec(&revoked.insert(8).unwrap()).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn b_random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        all(&bytes);
    }

    #[test]
    fn b_good_bytes_changed_cut_or_lengthened(which in 0usize..5, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = good().swap_remove(which);
        let at = at.index(bytes.len());
        bytes[at] ^= byte;
        all(&bytes);
        bytes[at] ^= byte;
        if cut {
            bytes.truncate(at);
        } else {
            bytes.push(byte);
        }
        prop_assert!(borsh::from_slice::<Path>(&bytes).is_err() || which != 2);
        all(&bytes);
    }
}
