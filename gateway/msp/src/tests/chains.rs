//! Authorities of every shape: who leads to whom, when, and what the contract says of the same
//! certificate.

use super::super::testing::{Ca, Leaf, NOW, plain, valid};
use super::*;
use medveil_contract::identity::Caller;
use rcgen::{BasicConstraints, DnValue, IsCa, KeyUsagePurpose};

const YEAR_MS: u64 = 365 * 86_400_000;

fn id() -> MspId {
    MspId::new("University").unwrap()
}
fn certificates(of: &[&Ca]) -> Vec<Certificate> {
    of.iter().map(|ca| ca.certificate()).collect()
}
fn msp(roots: &[&Ca], intermediates: &[&Ca], lists: Vec<RevocationList>) -> Result<Msp, MspError> {
    Msp::of(
        id(),
        certificates(roots),
        certificates(intermediates),
        lists,
    )
}
fn check(msp: Msp, leaf: &Leaf, at_ms: u64) -> Result<Role, MspError> {
    let creator = Creator {
        msp_id: msp.msp_id().clone(),
        certificate: leaf.certificate.der().to_vec(),
    };
    MspSet::new([msp])
        .unwrap()
        .check(&creator, at_ms)
        .map(|member| member.role())
}
fn short(params: &mut rcgen::CertificateParams) {
    valid(params, Validity::years_from(NOW, 1));
}

/// The texts of units that are read: a role, another word, a role in capitals, nothing; as the
/// common kinds of text and as one that is not read.
fn unit(text: &str) -> Vec<DnValue> {
    let printable = rcgen::string::PrintableString::try_from(text).unwrap();
    let wide = rcgen::string::BmpString::try_from(text).unwrap();
    vec![
        text.into(),
        DnValue::PrintableString(printable),
        DnValue::BmpString(wide),
    ]
}

#[test]
fn a_certificate_has_the_role_that_the_contract_reads_in_it() {
    let ca = Ca::root("ca", &plain);
    let words = [
        "admin",
        "client",
        "peer",
        "orderer",
        "org1.department1",
        "Admin",
        "",
    ];
    let units: Vec<DnValue> = words.into_iter().flat_map(unit).collect();
    let mut cases: Vec<Vec<DnValue>> = vec![Vec::new()];
    cases.extend(units.iter().map(|one| vec![one.clone()]));
    cases.extend(
        units
            .iter()
            .flat_map(|one| units.iter().map(|two| vec![one.clone(), two.clone()])),
    );
    let mut roles = 0;
    for case in cases {
        let certificate = ca.issue(&case, &plain).certificate;
        let ours = certificate.role().map(|role| role.as_str()).ok();
        let contracts = Caller::from_certificate(id(), certificate.to_pem().as_bytes())
            .map(|caller| caller.role.as_str())
            .ok();
        assert_eq!(ours, contracts, "{case:?}");
        roles += usize::from(ours.is_some());
    }
    assert!(roles > 100, "{roles}");
}

#[test]
fn a_department_beside_the_role_is_accepted_and_a_second_role_is_not() {
    let ca = Ca::root("ca", &plain);
    let of = |units: [&str; 2]| {
        check(
            msp(&[&ca], &[], vec![]).unwrap(),
            &ca.issue(&units.map(Into::into), &plain),
            NOW,
        )
    };
    assert_eq!(of(["client", "org1.department1"]), Ok(Role::Client));
    assert_eq!(of(["org1", "admin"]), Ok(Role::Admin));
    assert!(matches!(
        of(["client", "admin"]),
        Err(MspError::Certificate(_))
    ));
    assert!(matches!(
        of(["org1", "department1"]),
        Err(MspError::Certificate(_))
    ));
}

#[test]
fn an_identity_of_an_intermediate_authority_is_its_organisations() {
    let root = Ca::root("root", &plain);
    let (one, other) = (root.below("one", &plain), root.below("other", &plain));
    let two = one.below("two", &plain);
    let three = two.below("three", &plain);
    let known = msp(&[&root], &[&three, &one, &two], vec![]).unwrap();
    for ca in [&root, &one, &two, &three] {
        assert_eq!(check(known.clone(), &ca.client(), NOW), Ok(Role::Client));
    }
    // The root certified that authority, but the organisation does not name it: as in Fabric, the
    // certificate alone does not bring it along.
    assert_eq!(
        check(known, &other.client(), NOW),
        Err(MspError::NotIssued(id()))
    );
}

#[test]
fn authorities_that_may_not_certify_are_refused() {
    let root = Ca::root("root", &plain);
    let refused: [(&str, super::super::testing::Change<'_>); 3] = [
        ("no authority", &|p| p.is_ca = IsCa::ExplicitNoCa),
        ("no constraints", &|p| p.is_ca = IsCa::NoCa),
        ("another use", &|p| {
            p.key_usages = vec![KeyUsagePurpose::DigitalSignature]
        }),
    ];
    for (name, change) in refused {
        assert!(
            msp(&[&root], &[&root.below("one", change)], vec![]).is_err(),
            "{name}"
        );
        assert!(
            msp(&[&Ca::root("root", change)], &[], vec![]).is_err(),
            "{name}"
        );
    }
    let silent = root.below("one", &|p| p.key_usages = Vec::new());
    assert_eq!(
        check(
            msp(&[&root], &[&silent], vec![]).unwrap(),
            &silent.client(),
            NOW
        ),
        Ok(Role::Client)
    );
    assert!(
        msp(&[&root], &[&Ca::root("second", &plain)], vec![]).is_err(),
        "a root among the intermediates"
    );
    assert!(
        msp(&[&root.below("one", &plain)], &[], vec![]).is_err(),
        "an intermediate among the roots"
    );
    assert!(msp(&[], &[], vec![]).is_err());
    assert!(msp(&[&root, &root], &[], vec![]).is_err(), "twice");
}

#[test]
fn f_expired_authorities_certify_nothing() {
    let root = Ca::root("root", &plain);
    let intermediate = root.below("one", &short);
    let known = msp(&[&root], &[&intermediate], vec![]).unwrap();
    let client = intermediate.client();
    assert_eq!(check(known.clone(), &client, NOW), Ok(Role::Client));
    for at in [NOW + 2 * YEAR_MS, NOW - YEAR_MS] {
        assert_eq!(
            check(known.clone(), &client, at),
            Err(MspError::Expired(id()))
        );
        assert_eq!(check(known.clone(), &root.client(), at), Ok(Role::Client));
    }
    let root = Ca::root("root", &short);
    assert_eq!(
        check(
            msp(&[&root], &[], vec![]).unwrap(),
            &root.client(),
            NOW + 2 * YEAR_MS
        ),
        Err(MspError::Expired(id()))
    );
}

#[test]
fn a_root_is_replaced_while_both_are_listed() {
    // The same name, another key; then each alone.
    let (old, new) = (Ca::root("ca", &short), Ca::root("ca", &plain));
    let both = msp(&[&old, &new], &[], vec![]).unwrap();
    assert_eq!(
        both,
        msp(&[&new, &old], &[], vec![]).unwrap(),
        "the order says nothing"
    );
    for ca in [&old, &new] {
        assert_eq!(check(both.clone(), &ca.client(), NOW), Ok(Role::Client));
    }
    assert_eq!(
        check(both.clone(), &old.client(), NOW + 2 * YEAR_MS),
        Err(MspError::Expired(id()))
    );
    assert_eq!(
        check(both, &new.client(), NOW + 2 * YEAR_MS),
        Ok(Role::Client)
    );
    assert_eq!(
        check(msp(&[&new], &[], vec![]).unwrap(), &old.client(), NOW),
        Err(MspError::NotIssued(id()))
    );
}

#[test]
fn chains_that_are_too_deep_are_refused() {
    let root = Ca::root("root", &plain);
    let (one, two, three, four) = {
        let one = root.below("1", &plain);
        let two = one.below("2", &plain);
        let three = two.below("3", &plain);
        let four = three.below("4", &plain);
        (one, two, three, four)
    };
    assert!(msp(&[&root], &[&one, &two, &three], vec![]).is_ok());
    assert!(matches!(
        msp(&[&root], &[&one, &two, &three, &four], vec![]),
        Err(MspError::Certificate(_))
    ));
    let limited = Ca::root("root", &|p| {
        p.is_ca = IsCa::Ca(BasicConstraints::Constrained(1))
    });
    let one = limited.below("1", &plain);
    assert!(msp(&[&limited], &[&one], vec![]).is_ok());
    assert!(
        msp(&[&limited], &[&one, &one.below("2", &plain)], vec![]).is_err(),
        "deeper than the root allows"
    );
    let many: Vec<Ca> = (0..16)
        .map(|n| root.below(&n.to_string(), &plain))
        .collect();
    assert!(
        msp(&[&root], &many.iter().collect::<Vec<_>>(), vec![]).is_err(),
        "too many"
    );
}

#[test]
fn b1_authorities_of_strangers_lead_nowhere() {
    let (root, foreign) = (Ca::root("root", &plain), Ca::root("root", &plain));
    let stranger = foreign.below("one", &plain);
    assert!(matches!(
        msp(&[&root], &[&stranger], vec![]),
        Err(MspError::Certificate(_))
    ));
    let known = msp(&[&root], &[], vec![]).unwrap();
    for ca in [&foreign, &stranger] {
        assert_eq!(
            check(known.clone(), &ca.client(), NOW),
            Err(MspError::NotIssued(id()))
        );
    }
    // An identity that may not certify, and does.
    let client = root.below("client", &|p| p.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(
        check(known, &client.client(), NOW),
        Err(MspError::NotIssued(id()))
    );
}

#[test]
fn revoked_certificates_are_refused_from_then_on() {
    let root = Ca::root("root", &plain);
    let one = root.below("one", &plain);
    let (kept, lost, under) = (root.client(), root.client(), one.client());
    let list = root.revoke(&[&lost.certificate, &one.certificate()], NOW);
    let known = msp(&[&root], &[&one], vec![list.clone()]).unwrap();
    for (leaf, expected) in [
        (&kept, Ok(Role::Client)),
        (&lost, Err(MspError::Revoked(id()))),
        (&under, Err(MspError::Revoked(id()))),
    ] {
        assert_eq!(check(known.clone(), leaf, NOW), expected);
        assert_eq!(
            check(known.clone(), leaf, NOW - 1000),
            Ok(Role::Client),
            "what was signed before stays"
        );
    }
    // An authority takes back its own only.
    let elsewhere = msp(
        &[&root],
        &[&one],
        vec![one.revoke(&[&lost.certificate], NOW)],
    )
    .unwrap();
    assert_eq!(check(elsewhere, &lost, NOW), Ok(Role::Client));
    let foreign = Ca::root("root", &plain).revoke(&[&kept.certificate], NOW);
    assert!(matches!(
        msp(&[&root], &[], vec![foreign]),
        Err(MspError::RevocationList(_))
    ));
    assert_eq!(RevocationList::from_pem(&list.to_pem()).unwrap(), list);
    assert_eq!(Msp::from_pem(id(), &known.to_pem()).unwrap(), known);
    for bad in [
        "",
        "text",
        &root.certificate().to_pem(),
        &list.to_pem().repeat(2),
    ] {
        assert!(RevocationList::from_pem(bad).is_err());
    }
}

#[test]
fn one_root_has_the_form_it_always_had_and_more_have_one_form() {
    let (a, b) = (org("A", 1).authority.msp().unwrap(), Ca::root("b", &plain));
    let der = a.root().der().to_vec();
    assert_eq!(
        borsh::to_vec(&a).unwrap(),
        borsh::to_vec(&(a.msp_id().clone(), der)).unwrap()
    );
    assert_eq!(
        (a.to_pem(), a.authorities_pem()),
        (a.root().to_pem(), a.root().to_pem())
    );
    let one = b.below("one", &plain);
    let more = Msp::of(
        a.msp_id().clone(),
        vec![a.root().clone(), b.certificate()],
        vec![one.certificate()],
        vec![],
    )
    .unwrap();
    let bytes = borsh::to_vec(&more).unwrap();
    assert_eq!(borsh::from_slice::<Msp>(&bytes).unwrap(), more);
    assert_eq!(
        Msp::from_pem(a.msp_id().clone(), &more.to_pem()).unwrap(),
        more
    );
    let mut all: Vec<Vec<u8>> = more.authorities().map(|c| c.der().to_vec()).collect();
    all.reverse();
    assert!(
        borsh::from_slice::<Msp>(&borsh::to_vec(&(a.msp_id().clone(), all.concat())).unwrap())
            .is_err(),
        "another order"
    );
    for bad in [&all[0], &Vec::new(), &[all[1].clone(), vec![0]].concat()] {
        assert!(
            borsh::from_slice::<Msp>(&borsh::to_vec(&(a.msp_id().clone(), bad)).unwrap()).is_err()
        );
    }
    assert!(Msp::from_pem(id(), "").is_err());
    assert!(
        Msp::from_pem(
            id(),
            &b.certificate()
                .to_pem()
                .replace("CERTIFICATE", "PRIVATE KEY")
        )
        .is_err()
    );
}
