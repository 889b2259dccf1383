use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> SignaturePolicy {
    text.parse().unwrap()
}
fn msp(text: &str) -> MspId {
    MspId::new(text).unwrap()
}
fn peer(text: &str) -> Principal {
    Principal {
        msp_id: msp(text),
        role: Role::Peer,
    }
}

#[test]
fn prints_what_it_parses() {
    for (text, printed) in [
        ("AND('A.peer','B.peer')", "AND('A.peer', 'B.peer')"),
        (
            "and( \"A.peer\" , OutOf(2,'B.member','C.client','D.x.admin') )",
            "AND('A.peer', OutOf(2, 'B.member', 'C.client', 'D.x.admin'))",
        ),
        (
            "OutOf(1, 'A.peer', 'B.orderer')",
            "OR('A.peer', 'B.orderer')",
        ),
        ("'A.peer'", "'A.peer'"),
        ("AND('A.peer')", "OR('A.peer')"),
    ] {
        assert_eq!(parse(text).to_string(), printed);
        assert_eq!(parse(printed).to_string(), printed);
    }
}

#[test]
fn b3_refusals() {
    let deep = format!("{}'A.peer'{}", "OR(".repeat(20), ")".repeat(20));
    for bad in [
        "",
        "AND",
        "AND()",
        "AND('A.peer'",
        "AND('A.peer' 'B.peer')",
        "XOR('A.peer')",
        "'A'",
        "'A.king'",
        "'A.peer",
        "'A.peer\"",
        "OutOf(0,'A.peer')",
        "OutOf(2,'A.peer')",
        "OutOf(-1,'A.peer')",
        "OutOf(99999999999,'A.peer')",
        "'A.peer' x",
        "'A_B.peer'",
        &deep,
        &" ".repeat(MAX_TEXT + 1),
    ] {
        assert!(bad.parse::<SignaturePolicy>().is_err(), "{bad}");
    }
}

#[test]
fn p11_one_organisation_alone() {
    let alone = |text: &str| parse(text).can_be_satisfied_by(&BTreeSet::from([&msp("A")]));
    assert!(alone("OR('A.peer','B.peer')"));
    assert!(alone("AND('A.peer','A.admin')"));
    assert!(alone("OutOf(2,'A.peer','A.member','B.peer')"));
    assert!(!alone("AND('A.peer','B.peer')"));
    assert!(!alone("OutOf(2,'A.peer','B.peer','C.peer')"));
    assert!(!alone("AND('A.peer',OR('B.peer','C.peer'))"));
}

#[test]
fn one_identity_counts_once() {
    let two = parse("OutOf(2,'A.peer','A.peer','B.peer')");
    assert!(!two.is_satisfied_by(&[peer("A")]));
    assert!(two.is_satisfied_by(&[peer("A"), peer("A")]));
    assert!(two.is_satisfied_by(&[peer("B"), peer("A")]));
    let client = Principal {
        msp_id: msp("A"),
        role: Role::Client,
    };
    assert!(!parse("OR('A.peer')").is_satisfied_by(std::slice::from_ref(&client)));
    assert!(parse("OR('A.member')").is_satisfied_by(&[client]));
    assert!(!parse("AND('A.peer','B.peer')").is_satisfied_by(&[peer("A"), peer("C")]));
}

proptest! {
    #[test]
    fn b3_random_text_never_panics(text in "[ANDORutof('\".,0-9a-zé ]{0,80}") {
        if let Ok(policy) = text.parse::<SignaturePolicy>() {
            prop_assert_eq!(parse(&policy.to_string()).to_string(), policy.to_string());
        }
    }
}
