use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use medveil_circuits::proof::RawProof;
use medveil_circuits::snarkjs::proof_to_json;
use medveil_peers::protocol::*;

fn proof() -> RawProof {
    let (a, b) = (G1Affine::generator(), G2Affine::generator());
    RawProof::from_points(ark_groth16::Proof::<Bn254> { a, b, c: a }).unwrap()
}

fn prove(rest: &str) -> String {
    format!(r#"{{"done":"prove","ms":12.5{rest}}}"#)
}

#[test]
fn answers_are_read() {
    let done = read(r#"{"done":"load","ms":1.5,"setup_ms":20}"#, Step::Load).unwrap();
    assert_eq!((done.ms, done.setup_ms), (1.5, Some(20.0)));
    let json = proof_to_json(&proof()).replace('\n', "");
    let done = read(&prove(&format!(r#","proof":{json}"#)), Step::Prove).unwrap();
    assert_eq!(done.made, Some(Made::Proof(proof())));
    let done = read(&prove(r#","verified":true,"solve_ms":0"#), Step::Prove).unwrap();
    assert_eq!(
        (done.made, done.solve_ms),
        (Some(Made::Verified), Some(0.0))
    );
}

#[test]
fn what_is_no_answer_is_refused() {
    let form = |line: &str, step| matches!(read(line, step), Err(LineError::Form(_)));
    for line in [
        "",
        "ready",
        "{",
        "null",
        r#"{"done":"fly","ms":1}"#,
        r#"{"done":"load","ms":"1"}"#,
        r#"{"done":"load","ms":1,"more":2}"#,
        r#"{"done":"load","ms":1} {"done":"load","ms":1}"#,
        r#"{"done":"load","done":"load","ms":1}"#,
        r#"{"done":"load","ms":NaN}"#,
        r#"{"done":"load","ms":1e999}"#,
    ] {
        assert!(form(line, Step::Load), "{line}");
    }
    let refused = [
        ("[]", LineError::Other(Step::Load)),
        (r#"{"ms":1}"#, LineError::Other(Step::Load)),
        (r#"{"done":"prove","ms":1}"#, LineError::Other(Step::Load)),
        (r#"{"done":"load"}"#, LineError::Time),
        (r#"{"done":"load","ms":-1}"#, LineError::Time),
        (r#"{"done":"load","ms":1e12}"#, LineError::Time),
        (r#"{"done":"load","ms":1,"setup_ms":-0.5}"#, LineError::Time),
        (
            r#"{"failed":"no\nmemory"}"#,
            LineError::Failed("no memory".into()),
        ),
    ];
    for (line, why) in refused {
        assert_eq!(read(line, Step::Load), Err(why), "{line}");
    }
}

#[test]
fn proofs_that_are_none_are_refused() {
    let json = proof_to_json(&proof()).replace('\n', "");
    let (off, twice) = (
        format!(r#","proof":{}"#, json.replacen("\"2\"", "\"3\"", 1)),
        format!(r#","proof":{json},"verified":true"#),
    );
    for rest in [
        "",
        r#","proof":null"#,
        r#","proof":{}"#,
        r#","proof":7"#,
        &off,
        &twice,
    ] {
        let read = read(&prove(rest), Step::Prove);
        assert!(matches!(read, Err(LineError::Proof(_))), "{rest}: {read:?}");
    }
    let refused = read(&prove(r#","verified":false"#), Step::Prove);
    assert_eq!(refused, Err(LineError::Refused));
}

#[test]
fn orders_are_one_word_in_json() {
    let line = serde_json::to_string(&Order::of(Step::Prove)).unwrap();
    assert_eq!(line, r#"{"do":"prove"}"#);
}
