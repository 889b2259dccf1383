//! Choosing an alternative, and saying in words what is missing.

use medveil_circuits::eligibility::{
    Eligibility, Ineligible, PrepareError, RequestValues, hidden_study,
};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::Day;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{EligibilityWorld, POLICY_1, POLICY_4, compile_yaml, is_satisfied};
use medveil_circuits::visa::{VisaSchema, conditions_hash, role_hash, study_hash};

fn lacking(world: &EligibilityWorld, yaml: &str) -> Ineligible {
    match world.prepare(&compile_yaml(yaml)) {
        Err(PrepareError::Ineligible(reasons)) => reasons,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("eligible"),
    }
}

fn check(change: impl FnOnce(&mut EligibilityWorld), expected: &str) {
    let mut world = EligibilityWorld::new();
    change(&mut world);
    let text = lacking(&world, POLICY_4).to_string();
    assert!(text.contains(expected), "{text}");
}

#[test]
fn says_what_each_alternative_lacks() {
    check(
        |w| w.change_visa(VisaSchema::Ethics, |v| v.disease = 5),
        "\"approved study\": ethics visa (number 1 of the wallet): it does not satisfy \"disease is E11 or below it\"",
    );
    check(
        |w| w.change_visa(VisaSchema::Ethics, |v| v.disease = 5),
        "\"steward\": affiliation visa (number 0 of the wallet): it does not satisfy \"role is steward\"",
    );
    check(
        |w| w.change_visa(VisaSchema::Affiliation, |v| v.role = role_hash("director")),
        "role is one of student, researcher",
    );
    check(
        |w| w.change_visa(VisaSchema::Terms, |v| v.expiry = w_day()),
        "terms visa (number 2 of the wallet): it has expired",
    );
    check(
        |w| w.change_visa(VisaSchema::Terms, |v| v.asserted = Day(20_781)),
        "not valid yet",
    );
    check(
        |w| w.change_visa(VisaSchema::Cohort, |v| v.holder = Felt::from_u64(3)),
        "another secret",
    );
    check(
        |w| w.change_visa(VisaSchema::Ethics, |v| v.study = study_hash("STUDY-8")),
        "another study than the request",
    );
    check(
        |w| w.change_visa(VisaSchema::Terms, |v| v.conditions = conditions_hash("x")),
        "conditions that the policy does not name",
    );
    check(
        |w| w.issuers[2].leaf.status = 0,
        "its issuer is not registered and active in group committees",
    );
    check(
        |w| {
            w.wallet.pop();
        },
        "there is no cohort visa in the wallet",
    );
    check(
        |w| {
            w.request = RequestValues::new(
                w.request.hidden_study,
                "diabetes research",
                0,
                "",
                "HospitalB",
            )
        },
        "not the organisation that asks",
    );
    check(
        |w| {
            w.request = RequestValues::new(
                w.request.hidden_study,
                "something else",
                0,
                "",
                "University",
            )
        },
        "value is the request's purpose",
    );
    check(revoke_terms, "it was revoked");
    check(no_study, "the request names no study");
}

fn w_day() -> Day {
    Day(20_780)
}

fn revoke_terms(world: &mut EligibilityWorld) {
    let index = world.wallet[2].0.visa().revocation_index;
    world.issuers[2].revoked.push(index);
}

fn no_study(world: &mut EligibilityWorld) {
    world.study = Felt::ZERO;
    world.request.hidden_study = hidden_study(Felt::ZERO, world.study_salt);
}

#[test]
fn takes_the_second_alternative_where_the_first_fails() {
    let mut world = EligibilityWorld::new();
    world.change_visa(VisaSchema::Affiliation, |v| v.role = role_hash("steward"));
    let prepared = world.prepare(&compile_yaml(POLICY_4)).unwrap();
    assert_eq!(
        (prepared.tier, prepared.alternative, &prepared.visas[..]),
        (4, 1, &[0][..])
    );
    assert!(is_satisfied::<Eligibility<4>>(
        &prepared.public,
        &prepared.private
    ));
    // The instance does not depend on the alternative.
    let first = EligibilityWorld::new()
        .prepare(&compile_yaml(POLICY_4))
        .unwrap();
    assert_eq!(first.public, prepared.public);
}

#[test]
fn takes_another_visa_where_the_first_of_its_schema_fails() {
    let mut world = EligibilityWorld::new();
    let good = world.wallet[1].clone();
    world.change_visa(VisaSchema::Ethics, |v| v.study = study_hash("STUDY-8"));
    world.wallet.push(good);
    let prepared = world.prepare(&compile_yaml(POLICY_4)).unwrap();
    assert_eq!(prepared.visas, [0, 4, 2, 3]);
}

#[test]
fn scenes_that_contradict_themselves_are_refused() {
    let mut world = EligibilityWorld::new();
    world.study_salt = Felt::from_u64(1);
    assert_eq!(
        world.prepare(&compile_yaml(POLICY_1)).err(),
        Some(PrepareError::Study)
    );
    let mut world = EligibilityWorld::new();
    world.issuers[0].revoked.pop();
    assert_eq!(
        world.prepare(&compile_yaml(POLICY_1)).err(),
        Some(PrepareError::Revocations(0))
    );
}

#[test]
fn p4_two_uses_of_one_visa_share_no_public_value_but_constants() {
    let world = EligibilityWorld::new();
    let program = compile_yaml(POLICY_1);
    let here = world.prepare(&program).unwrap().public;
    let mut there = EligibilityWorld::new();
    there.scope = Felt::from_u64(5);
    there.study_salt = Felt::from_u64(6);
    there.request.hidden_study = hidden_study(there.study, there.study_salt);
    there.context = Felt::from_u64(7);
    let there = there.prepare(&program).unwrap().public;
    assert!(
        here.nullifier != there.nullifier
            && here.request != there.request
            && here.context != there.context
    );
    assert_eq!(
        (here.policy_root, here.issuer_root, here.day),
        (there.policy_root, there.issuer_root, there.day)
    );
    Eligibility::<1>::check(&there, &world.prepare(&program).unwrap().private).unwrap_err();
}
