//! What a client prepares from the ledger's answers is what the contract rebuilds: registry, scope,
//! request, context, nullifier.

use circuits::eligibility::{self, HeldVisa, RegisteredIssuer, RequestValues, hidden_study};
use circuits::field::Felt;
use circuits::ids::{Day, SchemaId};
use circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use circuits::policy;
use circuits::registry::{IssuerLeaf, issuer_root};
use circuits::testing::EligibilityWorld;
use circuits::visa::{VisaSchema, group_hash};
use verifier_chaincode::call::{AccessTerms, RequestAccess, UpdateRevocations};
use verifier_chaincode::judge::eligibility as judge;
use verifier_chaincode::testing::access::Access;
use verifier_chaincode::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use verifier_chaincode::testing::registry::issuer;
use verifier_chaincode::testing::sharing::consortium_id;
use verifier_chaincode::testing::{DAY_MS, msp};
use verifier_chaincode::{Call, Query};

const LETTER: &[u8] = b"sealed letter";

fn part<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> T {
    serde_json::from_value(value.clone()).expect("the part")
}

/// Every issuer of the registry with its revocations, as a client downloads them.
fn download(access: &mut Access) -> Vec<RegisteredIssuer> {
    let registry = access
        .bench
        .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), &Query::GetRegistry)
        .expect("a registry");
    let mut issuers = Vec::new();
    for (slot, entry) in (0u16..).zip(registry["issuers"].as_array().expect("issuers")) {
        let query = Query::GetRevocations {
            issuer: slot,
            bookmark: String::new(),
        };
        let revoked = access
            .bench
            .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), &query)
            .expect("revocations");
        let schema: SchemaId = part(&entry["schema_id"]);
        assert!(VisaSchema::by_id(schema).is_some());
        let leaf = IssuerLeaf {
            key: part(&entry["key"]),
            schema,
            group: group_hash(entry["group"].as_str().expect("a group")),
            institution: part(&entry["institution"]),
            revocation_root: part(&entry["revocation_root"]),
            status: part(&entry["status"]),
        };
        issuers.push(RegisteredIssuer {
            leaf,
            revoked: part(&revoked["values"]),
        });
    }
    let leaves: Vec<Felt> = issuers.iter().map(|i| i.leaf.hash()).collect();
    assert_eq!(issuer_root(&leaves), access.issuer_root());
    issuers
}

/// The fixture's researcher, registered issuer and day.
fn scene() -> (Access, EligibilityWorld) {
    let mut access = Access::new();
    let mut world = EligibilityWorld::new();
    access.bench.now_ms += 780 * DAY_MS;
    for who in [HOSPITAL, BOARD] {
        access
            .bench
            .submit(&msp(who), &msp(HOSPITAL), &Call::Tick(()), None)
            .expect("a tick");
    }
    let register = Call::RegisterIssuer(issuer(1, "affiliation", "universities"));
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), &register, None)
        .expect("registered");
    world.wallet.truncate(1);
    world.issuers = download(&mut access);
    (access, world)
}

/// The terms of the researcher's request, and the world set to prove them.
fn ask(access: &mut Access, world: &mut EligibilityWorld) -> AccessTerms {
    let (mut terms, _) = access.terms(1, LETTER);
    assert_eq!(terms.day, world.day);
    world.scope = eligibility::scope(
        consortium_id(),
        "medveil",
        access.dataset.lineage,
        eligibility::period(terms.day, 90),
    );
    terms.nullifier = eligibility::nullifier(&world.secret, world.scope);
    terms.hidden_study = hidden_study(world.study, world.study_salt);
    terms.request = judge::request_id(&msp(UNIVERSITY), &terms);
    world.request = RequestValues::new(
        terms.hidden_study,
        &terms.purpose,
        terms.disease,
        &terms.region,
        UNIVERSITY,
    );
    world.context = access
        .with_frame(|frame| judge::instance(frame, &terms))
        .context;
    terms
}

#[test]
fn an_eligible_researcher_is_heard_and_the_contract_rebuilds_the_same_instance() {
    let (mut access, mut world) = scene();
    let terms = ask(&mut access, &mut world);
    let program = policy::compile(&access.document).expect("the policy compiles");
    let prepared = world.prepare(&program).expect("eligible");
    assert_eq!(
        prepared.public,
        access.with_frame(|frame| judge::instance(frame, &terms))
    );
    let rng = &mut verifier_chaincode::testing::sharing::rng(5);
    let proof = access
        .eligibility
        .forge(&prepared.public, rng)
        .raw()
        .clone();
    access
        .request(RequestAccess { terms, proof }, LETTER)
        .expect("accepted");
    // Another period is another scope, and so another nullifier.
    let later = eligibility::scope(
        consortium_id(),
        "medveil",
        access.dataset.lineage,
        eligibility::period(Day(world.day.0 + 90), 90),
    );
    assert_ne!(
        eligibility::nullifier(&world.secret, later),
        prepared.public.nullifier
    );
}

#[test]
fn r_a_revoked_researcher_finds_no_witness_at_the_head() {
    let (mut access, mut world) = scene();
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let index = world.wallet[0].0.visa().revocation_index;
    let insertions = vec![tree.insert(index).expect("inserted")];
    let call = Call::UpdateRevocations(UpdateRevocations {
        issuer: 0,
        insertions,
        urgent: false,
    });
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), &call, None)
        .expect("revoked");
    world.issuers = download(&mut access);
    ask(&mut access, &mut world);
    let program = policy::compile(&access.document).expect("the policy compiles");
    let held: Vec<HeldVisa<'_>> = world
        .wallet
        .iter()
        .map(|(visa, blind)| HeldVisa {
            visa,
            blind: *blind,
        })
        .collect();
    assert_eq!(held.len(), 1);
    let refusal = world
        .prepare(&program)
        .err()
        .expect("not eligible")
        .to_string();
    assert!(refusal.contains("revoked"), "{refusal}");
}
