//! E19 to E21: what visas say against each other and against their issuers.

use super::forge::Forge;
use medveil_circuits::eligibility::PrepareError;
use medveil_circuits::field::Fr;
use medveil_circuits::testing::{EligibilityWorld, POLICY_TWO_APPROVALS, compile_yaml};
use medveil_circuits::visa::{Slot, VisaSchema, msp_hash, role_hash};

/// Two approvals, of issuers that EthicsBoard and this organisation registered.
fn two_approvals(registrant: &str) -> Forge {
    let mut world = EligibilityWorld::new();
    world.add_approval(registrant);
    Forge::of(world, &compile_yaml(POLICY_TWO_APPROVALS))
}

fn lacks(world: &EligibilityWorld, yaml: &str) -> String {
    match world.prepare(&compile_yaml(yaml)) {
        Err(PrepareError::Ineligible(reasons)) => reasons.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("eligible"),
    }
}

fn distinct() -> String {
    POLICY_TWO_APPROVALS.to_owned() + "distinct_issuers: true\n"
}

#[test]
fn e19_a_further_visa_that_names_another_institution_than_its_issuer() {
    let mut forge = Forge::four();
    forge.visa(1).institution = msp_hash("EthicsBoard").0;
    forge.reregister(1);
    forge.assert_refused_by("E19", 1);
    // None, or the issuer's own.
    forge.set_slot(1, Slot::Institution, Fr::from(0u64));
    forge.assert_holds();
    forge.set_slot(1, Slot::Institution, msp_hash("EthicsBoard").0);
    forge.assert_holds();
}

#[test]
fn e19_says_nothing_of_a_visa_that_is_off() {
    let mut forge = Forge::four();
    forge.private.alternative.blocks[3] = Default::default();
    forge.set_header(|h| h.visas = 3);
    forge.visa(3).institution = msp_hash("EthicsBoard").0;
    forge.assert_holds();
}

#[test]
fn e20_one_visa_in_two_places() {
    let mut forge = two_approvals("HospitalB");
    forge.assert_holds();
    forge.private.visas[2] = forge.private.visas[1].clone();
    forge.assert_refused_by("E20", 1);
}

#[test]
fn e20_one_visa_is_not_two_approvals() {
    let world = EligibilityWorld::new();
    let said = lacks(&world, POLICY_TWO_APPROVALS);
    assert!(said.contains("no visa counts twice"), "{said}");
}

#[test]
fn e21_two_issuers_of_one_registrant_where_they_must_differ() {
    let mut forge = two_approvals("EthicsBoard");
    forge.assert_holds();
    forge.set_header(|h| h.distinct_issuers = true);
    forge.assert_refused_by("E21", 1);

    let mut forge = two_approvals("HospitalB");
    forge.set_header(|h| h.distinct_issuers = true);
    forge.assert_holds();
}

#[test]
fn e21_issuers_of_different_schemas_may_be_of_one_registrant() {
    let mut forge = Forge::four();
    let registrant = forge.private.visas[2].registrant;
    forge.visa(3).registrant = registrant;
    forge.reregister(1);
    forge.set_header(|h| h.distinct_issuers = true);
    forge.assert_holds();
    // A made-up registrant is in no leaf.
    forge.visa(3).registrant += Fr::from(1u64);
    forge.assert_refused_by("E4", 1);
}

#[test]
fn e21_is_said_in_words() {
    let mut world = EligibilityWorld::new();
    world.add_approval("EthicsBoard");
    let said = lacks(&world, &distinct());
    assert!(
        said.contains("issuers of different organisations"),
        "{said}"
    );
    world.add_approval("HospitalB");
    let prepared = world.prepare(&compile_yaml(&distinct())).unwrap();
    assert_eq!(prepared.visas, [0, 1, 5]);
}

#[test]
fn a_visa_that_only_one_place_takes_is_left_for_it() {
    // Either approval may stand in the first place; only the first of the wallet in the second.
    let mut world = EligibilityWorld::new();
    world.add_approval("HospitalB");
    world.change_visa(VisaSchema::Ethics, |v| v.role = role_hash("chair"));
    let (plain, chair) = (
        "{schema: ethics, group: boards}",
        "{schema: ethics, group: boards, role: {eq: chair}}",
    );
    let at = POLICY_TWO_APPROVALS.rfind(plain).unwrap();
    let yaml = POLICY_TWO_APPROVALS[..at].to_owned() + chair;
    let prepared = world.prepare(&compile_yaml(&yaml)).unwrap();
    assert_eq!(prepared.visas, [0, 4, 1]);
}
