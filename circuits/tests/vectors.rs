//! The primitives against independent implementations (docs/THREATS.md C9): `vectors/*.json`, made
//! by `tools/make_vectors.mjs` with circomlibjs, @zk-kit and node's crypto. One table, two readers:
//! the native functions here, the gadgets in `vectors/gadgets.rs`.
#![allow(clippy::unwrap_used)]

use medveil_circuits::babyjubjub::{Point, Scalar};
use medveil_circuits::domain::{ALL_TAGS, Label, Tag, TreeKind};
use medveil_circuits::eddsa::{self, Signature};
use medveil_circuits::field::{Felt, Fr, bytes_to_field};
use medveil_circuits::indexed::RevocationTree;
use medveil_circuits::{generators, merkle, pedersen, poseidon};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "r1cs")]
#[path = "vectors/gadgets.rs"]
mod gadgets;

#[derive(Deserialize)]
struct File<T> {
    vectors: Vec<T>,
}

fn load<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = format!("{}/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: File<T> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file.vectors
}

fn fields(felts: &[Felt]) -> Vec<Fr> {
    felts.iter().map(|felt| felt.0).collect()
}

/// Tags of the vectors are any number; those without a name are tree nodes' (kind, level).
fn tag(value: u64) -> Option<Tag> {
    let named = ALL_TAGS
        .iter()
        .map(|(_, tag)| *tag)
        .find(|tag| tag.value() == value);
    named.or_else(|| {
        (value >= 256)
            .then(|| kind(value / 256).map(|kind| Tag::node(kind, value % 256)))
            .flatten()
    })
}

fn kind(value: u64) -> Option<TreeKind> {
    [
        TreeKind::Issuer,
        TreeKind::Revocation,
        TreeKind::Set,
        TreeKind::Segment,
    ]
    .into_iter()
    .find(|kind| *kind as u64 == value)
}

#[derive(Deserialize)]
struct HashVector {
    tag: u64,
    inputs: Vec<Felt>,
    output: Felt,
}

#[derive(Deserialize)]
struct FoldVector {
    tag: u64,
    elements: Vec<Felt>,
    output: Felt,
}

#[derive(Deserialize)]
struct StreamVector {
    tag: u64,
    inputs: Vec<Felt>,
    outputs: Vec<Felt>,
}

#[derive(Deserialize)]
struct TreeVector {
    kind: u64,
    depth: usize,
    leaves: Vec<Felt>,
    root: Felt,
}

#[derive(Deserialize)]
struct IndexedVector {
    depth: usize,
    values: Vec<String>,
    root: Felt,
}

#[derive(Deserialize, Clone, Copy)]
struct PointVector {
    x: Felt,
    y: Felt,
}

impl PointVector {
    fn point(self) -> Point {
        Point {
            x: self.x.0,
            y: self.y.0,
        }
    }
}

#[derive(Deserialize)]
struct CurveVector {
    a: PointVector,
    b: PointVector,
    sum: PointVector,
    scalar: Felt,
    product: PointVector,
    in_subgroup: bool,
}

#[derive(Deserialize)]
struct SignatureVector {
    by: String,
    message: Felt,
    key: PointVector,
    r8: PointVector,
    s: Felt,
    valid: bool,
}

#[derive(Deserialize)]
struct BytesVector {
    label: String,
    bytes: String,
    output: Felt,
}

#[derive(Deserialize)]
struct GeneratorVector {
    name: String,
    point: PointVector,
}

#[derive(Deserialize)]
struct PedersenVector {
    lanes: Vec<String>,
    rho: Felt,
    point: PointVector,
}

impl PedersenVector {
    fn lanes(&self) -> Vec<u64> {
        self.lanes
            .iter()
            .map(|lane| lane.parse().unwrap())
            .collect()
    }
}

#[test]
fn c9_there_are_a_thousand_vectors() {
    let names = [
        "poseidon",
        "fold",
        "keystream",
        "merkle",
        "indexed",
        "babyjubjub",
        "eddsa",
        "bytes_to_field",
        "generators",
        "pedersen",
    ];
    let total: usize = names
        .iter()
        .map(|name| load::<serde_json::Value>(name).len())
        .sum();
    assert!(total >= 1_000, "{total} vectors");
}

#[test]
fn c9_poseidon() {
    let mut checked = 0;
    for vector in load::<HashVector>("poseidon") {
        // Tags that this project does not use cannot be named here.
        let Some(tag) = tag(vector.tag) else { continue };
        assert_eq!(
            Felt(poseidon::hash(tag, &fields(&vector.inputs))),
            vector.output
        );
        checked += 1;
    }
    assert!(checked >= 400, "{checked} checked");
}

#[test]
fn c9_folds_and_keystreams() {
    for vector in load::<FoldVector>("fold") {
        assert_eq!(
            Felt(poseidon::fold(
                tag(vector.tag).unwrap(),
                &fields(&vector.elements)
            )),
            vector.output
        );
    }
    for vector in load::<StreamVector>("keystream") {
        let stream = poseidon::keystream(tag(vector.tag).unwrap(), &fields(&vector.inputs));
        assert_eq!(stream.map(Felt).to_vec(), vector.outputs);
    }
}

#[test]
fn c9_trees() {
    for vector in load::<TreeVector>("merkle") {
        let root = merkle::root_of(
            kind(vector.kind).unwrap(),
            vector.depth,
            &fields(&vector.leaves),
        );
        assert_eq!(Felt(root), vector.root);
    }
    for vector in load::<IndexedVector>("indexed") {
        let values: Vec<u64> = vector
            .values
            .iter()
            .map(|value| value.parse().unwrap())
            .collect();
        let tree = RevocationTree::from_values(vector.depth, &values).unwrap();
        assert_eq!(Felt(tree.root()), vector.root);
    }
}

#[test]
fn c9_babyjubjub() {
    for vector in load::<CurveVector>("babyjubjub") {
        let (a, b) = (vector.a.point(), vector.b.point());
        assert_eq!(a.add(&b), vector.sum.point());
        let scalar = Scalar::from_bytes_le(&vector.scalar.to_bytes()).unwrap();
        assert_eq!(a.mul(&scalar), vector.product.point());
        assert_eq!(a.in_subgroup(), vector.in_subgroup);
    }
}

#[test]
fn c5_c9_eddsa() {
    for vector in load::<SignatureVector>("eddsa") {
        let bytes = [
            vector.r8.x.to_bytes(),
            vector.r8.y.to_bytes(),
            vector.s.to_bytes(),
        ]
        .concat();
        let decoded = Signature::from_bytes(&bytes);
        let accepted = decoded.is_ok_and(|signature| {
            eddsa::verify(&vector.key.point(), vector.message.0, &signature).is_ok()
        });
        assert_eq!(accepted, vector.valid, "{}", vector.by);
    }
}

#[test]
fn c9_bytes_to_field() {
    for vector in load::<BytesVector>("bytes_to_field") {
        let label = Label::ALL
            .iter()
            .find(|label| label.as_str() == vector.label)
            .unwrap();
        assert_eq!(
            bytes_to_field(*label, &hex::decode(&vector.bytes).unwrap()),
            vector.output
        );
    }
}

#[test]
fn c9_generators_and_commitments() {
    for (i, vector) in load::<GeneratorVector>("generators").iter().enumerate() {
        let point = if vector.name.ends_with("blind") {
            generators::blind()
        } else {
            generators::lane(i)
        };
        assert_eq!(point, vector.point.point(), "{}", vector.name);
    }
    for vector in load::<PedersenVector>("pedersen") {
        let rho = Scalar::from_bytes_le(&vector.rho.to_bytes()).unwrap();
        assert_eq!(
            pedersen::commit(&vector.lanes(), &rho),
            vector.point.point()
        );
    }
}
