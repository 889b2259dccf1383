use super::*;
use medveil_collections_config::error_chain;
use medveil_msp::testing::{Ca, NOW, plain};
use medveil_msp::{Authority, Creator, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn consortium() -> Consortium {
    Consortium::from_json(
        &include_str!("../../../data/quickstart/consortium.json")
            .replace("@NONCE@", &"5a".repeat(16)),
    )
    .unwrap()
}

fn trust(seed: u64) -> Trust {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let consortium = consortium();
    let validity = Validity::years_from(1_800_000_000_000, 10);
    let root = |m: &medveil_collections_config::Member| {
        Authority::create(&m.msp_id, validity, &mut rng)
            .unwrap()
            .msp()
            .unwrap()
    };
    with(
        &consortium,
        &consortium.members().iter().map(root).collect::<Vec<_>>(),
    )
}

fn with(consortium: &Consortium, roots: &[Msp]) -> Trust {
    let circuits = BTreeMap::from([("handover/v1".to_owned(), BTreeSet::from([Digest([1; 32])]))]);
    let parts = TrustParts {
        ledger: LedgerKind::Embedded,
        channel: "c",
        chaincode: "medveil",
        consortium,
        genesis: Digest([2; 32]),
        roots,
        circuits,
    };
    Trust::new(parts).unwrap()
}

fn refused(from: &str, to: &str) -> String {
    let text = trust(1).to_json();
    let changed = text.replacen(from, to, 1);
    assert_ne!(text, changed, "{from}");
    error_chain(&Trust::from_json(&changed).err().unwrap())
}

#[test]
fn reads_back_and_judges() {
    let trust = trust(1);
    let again = Trust::from_json(&trust.to_json()).unwrap();
    assert_eq!(again.fingerprint(), trust.fingerprint());
    assert!(again.accepts_key("handover/v1", Digest([1; 32])));
    assert!(
        !again.accepts_key("handover/v1", Digest([3; 32]))
            && !again.accepts_key("handover/v2", Digest([1; 32]))
    );
    assert_eq!(again.msps().unwrap().ids().count(), 4);
    let orgs = |names: &[&str]| {
        names
            .iter()
            .map(|n| MspId::new(*n).unwrap())
            .collect::<BTreeSet<_>>()
    };
    assert!(again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB", "University"])));
    assert!(!again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB"])));
    assert!(!again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB", "Stranger"])));
}

#[test]
fn another_authority_changes_the_fingerprint() {
    assert_ne!(trust(1).fingerprint(), trust(2).fingerprint());
}

#[test]
fn v9_changed_files_are_refused() {
    assert!(refused(FORMAT, "medveil-trust-2").contains("format"));
    assert!(refused(MAJORITY, "any").contains("endorsement"));
    assert!(refused("{\"chaincode\"", "{ \"chaincode\"").contains("canonical"));
    assert!(refused("{\"chaincode\"", "{\"more\":1,\"chaincode\"").contains("form"));
    assert!(
        refused("\"HospitalA\":\"-----", "\"HospitalZ\":\"-----")
            .contains("the authorities of each member")
    );
    assert!(refused("\\\"nonce\\\":\\\"5a", "\\\"nonce\\\":\\\"5A").contains("nonce"));
    assert!(refused(&"01".repeat(32), &"01".repeat(31)).contains("form"));
}

#[test]
fn every_member_has_authorities() {
    let mut file = trust(1).file;
    file.roots.remove("HospitalA");
    let refused = error_chain(&Trust::check(file).err().unwrap());
    assert!(
        refused.contains("the authorities of each member"),
        "{refused}"
    );
}

#[test]
fn a_member_with_one_root_has_the_form_it_always_had() {
    let trust = trust(1);
    for msp in trust.roots() {
        assert_eq!(
            trust.file.roots.get(msp.msp_id().as_str()),
            Some(&msp.root().to_pem())
        );
    }
}

#[test]
fn a_member_may_have_several_roots_and_intermediates() {
    let (old, new) = (Ca::root("ca", &plain), Ca::root("ca", &plain));
    let one = new.below("one", &plain);
    let (client, gone) = (one.client(), new.client());
    let mut roots = trust(1).roots().to_vec();
    let id = roots[0].msp_id().clone();
    let lists = vec![new.revoke(&[&gone.certificate], NOW)];
    roots[0] = Msp::of(
        id.clone(),
        vec![old.certificate(), new.certificate()],
        vec![one.certificate()],
        lists,
    )
    .unwrap();
    let made = with(&consortium(), &roots);
    let text = made.to_json();
    let again = Trust::from_json(&text).unwrap();
    assert_eq!(
        (again.fingerprint(), again.to_json()),
        (made.fingerprint(), text.clone())
    );
    let creator = |leaf: &medveil_msp::testing::Leaf| Creator {
        msp_id: id.clone(),
        certificate: leaf.certificate.der().to_vec(),
    };
    let msps = again.msps().unwrap();
    assert!(msps.check(&creator(&client), NOW).is_ok());
    // Judged when it endorsed, by the lists of that day.
    assert!(msps.check(&creator(&gone), NOW).is_ok());
    let pems: Vec<String> = again.roots()[0]
        .authorities()
        .map(|c| c.to_pem().replace('\n', "\\n"))
        .collect();
    let swapped = text.replace(&pems.concat(), &[&*pems[1], &pems[0], &pems[2]].concat());
    assert_ne!(text, swapped);
    let refused = error_chain(&Trust::from_json(&swapped).err().unwrap());
    assert!(refused.contains("roots before intermediates"), "{refused}");
    let listed = text.replace(
        &pems[2],
        &(pems[2].clone() + &new.revoke(&[], NOW).to_pem().replace('\n', "\\n")),
    );
    assert!(Trust::from_json(&listed).is_err(), "a revocation list");
}
