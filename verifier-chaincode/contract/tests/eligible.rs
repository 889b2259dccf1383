//! What a client prepares from the ledger's answers is what the contract rebuilds: registry, scope,
//! request, context, nullifier.

use medveil_circuits::eligibility::{
    self, HeldVisa, RegisteredIssuer, RequestValues, hidden_study,
};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::Day;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_circuits::policy;
use medveil_circuits::registry::issuer_root;
use medveil_circuits::testing::EligibilityWorld;
use medveil_circuits::visa::VisaSchema;
use medveil_contract::call::request::{GetRegistry, GetRevocations};
use medveil_contract::call::{AccessTerms, RequestAccess, UpdateRevocations};
use medveil_contract::judge::eligibility as judge;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::sharing::consortium_id;
use medveil_contract::testing::{DAY_MS, msp};

const BODY: &[u8] = b"body";

/// Every issuer of the registry with its revocations, as a client downloads them.
fn download(access: &mut Access) -> Vec<RegisteredIssuer> {
    let registry = access
        .bench
        .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), GetRegistry)
        .expect("a registry");
    let mut issuers = Vec::new();
    for entry in registry.issuers {
        let query = GetRevocations {
            issuer: entry.slot,
            bookmark: String::new(),
        };
        let revoked = access
            .bench
            .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), query)
            .expect("revocations");
        assert!(VisaSchema::by_id(entry.schema_id).is_some());
        issuers.push(RegisteredIssuer {
            leaf: entry.leaf(),
            revoked: revoked.values,
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
            .submit(&msp(who), &msp(HOSPITAL), (), None)
            .expect("a tick");
    }
    let register = issuer(UNIVERSITY, 1, "affiliation", "universities");
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), register, None)
        .expect("registered");
    world.wallet.truncate(1);
    world.issuers = download(&mut access);
    (access, world)
}

/// The terms of the researcher's request, and the world set to prove them.
fn ask(access: &mut Access, world: &mut EligibilityWorld) -> AccessTerms {
    let (mut terms, _) = access.terms(1, BODY);
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
        .with_facts(|facts| judge::instance(facts, &terms))
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
        access.with_facts(|facts| judge::instance(facts, &terms))
    );
    let rng = &mut medveil_contract::testing::sharing::rng(5);
    let proof = access
        .eligibility
        .forge(&prepared.public, rng)
        .raw()
        .clone();
    access
        .request(RequestAccess { terms, proof })
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
    let call = UpdateRevocations {
        issuer: 0,
        insertions,
        urgent: false,
    };
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), call, None)
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
