//! One refusal for each clause E1 to E18; what visas say against each other, in
//! `different`.

use super::forge::Forge;
use medveil_circuits::babyjubjub::Point;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::ids::{Day, IssuerRoot, Nullifier, PolicyRoot};
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_circuits::policy::{AlternativeCode, BlockCode};
use medveil_circuits::visa::{Slot, VisaSchema, role_hash, study_hash};

fn one() -> Fr {
    Fr::from(1u64)
}

#[test]
fn the_fixtures_hold_and_every_repair_is_neutral() {
    for mut forge in [Forge::one(), Forge::four()] {
        forge.assert_holds();
        forge.repolicy();
        forge.rerequest();
        forge.renullify();
        (0..forge.private.visas.len()).for_each(|i| forge.recommit(i));
        forge.reregister(1);
        forge.assert_holds();
    }
}

#[test]
fn e1_another_policy_or_alternative() {
    let mut forge = Forge::one();
    forge.public.policy_root = PolicyRoot::new(Felt::from_u64(7));
    forge.assert_refused_by("E1", 1);

    let mut forge = Forge::one();
    forge.private.position ^= 1;
    forge.assert_refused_by("E1", 1);

    // A weaker alternative that nobody put into the policy.
    let mut forge = Forge::one();
    forge.private.alternative.blocks[0].clauses[0] = Default::default();
    forge.assert_refused_by("E1", 1);

    // The same, with its hash slipped in.
    let hash = forge.private.alternative.hash();
    forge.private.alternatives[usize::from(forge.private.position)] = hash;
    forge.assert_refused_by("E1", 1);
}

#[test]
fn e2_headers_of_another_tier_version_or_count() {
    for header in [
        |h: u64| h ^ 5,
        |h: u64| h + (1 << 4),
        |h: u64| h & !(15 << 8),
        |h: u64| h + (4 << 8),
        |h: u64| h | 1 << 22,
        |h: u64| h | 1 << 40,
    ] {
        let mut forge = Forge::four();
        let bits = ark_ff::PrimeField::into_bigint(forge.private.alternative.header).0[0];
        forge.private.alternative.header = Fr::from(header(bits));
        forge.repolicy();
        forge.assert_refused("E2");
    }
    let mut forge = Forge::one();
    forge.private.alternative.header += Fr::from(256u64);
    forge.repolicy();
    forge.assert_refused("E2");
}

#[test]
fn e2_an_off_block_that_is_not_zero() {
    let mut forge = Forge::four();
    forge.set_header(|h| h.visas = 3);
    forge.assert_refused("E2");
    forge.private.alternative.blocks[3] = BlockCode::default();
    forge.repolicy();
    forge.assert_holds();
    forge.private.alternative.blocks[3].group = one();
    forge.repolicy();
    forge.assert_refused_by("E2", 1);
}

#[test]
fn e2_a_place_of_a_path_without_a_path() {
    let mut forge = Forge::one();
    let bits = ark_ff::PrimeField::into_bigint(forge.private.alternative.header).0[0];
    forge.private.alternative.header = Fr::from(bits & !(1 << 14));
    forge.repolicy();
    forge.assert_refused_by("E2", 1);
}

#[test]
fn e3_a_signature_of_another_visa_or_key() {
    let mut forge = Forge::one();
    forge.visa(0).slots.set(Slot::Salt, one());
    forge.assert_refused("E3");

    let mut forge = Forge::one();
    let message = forge.private.visas[0].slots.hash();
    forge.visa(0).signature = PrivateKey::from_bytes([77; 32]).sign(message);
    forge.assert_refused("E3");
}

#[test]
fn c5_keys_off_the_curve_of_small_order_or_outside_the_subgroup() {
    // The points of order 1, 2 and 4, and one off the curve, each registered.
    let order_4 = Point {
        x: ark_ff::Field::inverse(&ark_ff::Field::sqrt(&Fr::from(168_700u64)).unwrap()).unwrap(),
        y: Fr::from(0u64),
    };
    assert!(
        order_4.is_on_curve()
            && order_4.double()
                == Point {
                    x: Fr::from(0u64),
                    y: -one()
                }
    );
    for key in [
        Point::IDENTITY,
        Point {
            x: Fr::from(0u64),
            y: -one(),
        },
        order_4,
        Point { x: one(), y: one() },
    ] {
        let mut forge = Forge::one();
        forge.visa(0).key = key;
        forge.reregister(1);
        forge.assert_refused("E3");
    }
}

#[test]
fn e4_issuers_that_are_not_registered_for_it() {
    let mut forge = Forge::one();
    forge.public.issuer_root = IssuerRoot::new(Felt::from_u64(7));
    forge.assert_refused_by("E4", 1);
    // Not active.
    let mut forge = Forge::one();
    forge.reregister(0);
    forge.assert_refused_by("E4", 1);
    // Of another group than the policy asks for.
    let mut forge = Forge::one();
    forge.private.alternative.blocks[0].group += one();
    forge.repolicy();
    forge.assert_refused_by("E4", 1);
    // Another revocation root than the registered one.
    let mut forge = Forge::one();
    let empty = RevocationTree::new(REVOCATION_DEPTH).unwrap();
    let index = forge.world.wallet[0].0.visa().revocation_index;
    forge.visa(0).revocation_root = empty.root();
    forge.visa(0).absence = empty.absence_proof(index).unwrap();
    forge.assert_refused_by("E4", 1);
}

#[test]
fn e4_c6_a_visa_of_another_schema_than_issuer_and_policy() {
    // A terms visa in the place of the ethics visa, signed by the ethics issuer.
    let mut forge = Forge::four();
    forge.set_slot(1, Slot::Schema, VisaSchema::Terms.id().felt().0);
    forge.assert_refused_by("E4", 1);
    // The policy asks for that schema, but the issuer is registered for ethics.
    forge.private.alternative.blocks[1].schema = VisaSchema::Terms.id().felt().0;
    forge.repolicy();
    forge.assert_refused_by("E4", 1);
}

#[test]
fn e5_revoked_visas() {
    // The issuer revokes the visa; the old proof is of another tree.
    let mut forge = Forge::one();
    let index = forge.world.wallet[0].0.visa().revocation_index;
    let mut tree =
        RevocationTree::from_values(REVOCATION_DEPTH, &forge.world.issuers[0].revoked).unwrap();
    tree.insert(index).unwrap();
    forge.visa(0).revocation_root = tree.root();
    forge.reregister(1);
    forge.assert_refused_by("E5", 1);
    // A proof about a neighbour.
    forge.visa(0).absence = tree.absence_proof(index - 1).unwrap();
    forge.assert_refused("E5");
    forge.visa(0).absence = tree.absence_proof(index + 1).unwrap();
    forge.assert_refused("E5");
    // An index of 0 could never be revoked.
    let mut forge = Forge::one();
    forge.set_slot(0, Slot::RevocationIndex, Fr::from(0u64));
    forge.assert_refused("E5");
}

#[test]
fn e6_days() {
    for (slot, days) in [
        (Slot::Asserted, 20_781u64),
        (Slot::Expiry, 20_780),
        (Slot::Expiry, 1),
        (Slot::Asserted, 0),
    ] {
        let mut forge = Forge::four();
        forge.set_slot(2, slot, Fr::from(days));
        forge.assert_refused("E6");
    }
    // The first and the last valid day hold.
    let mut forge = Forge::four();
    forge.set_slot(2, Slot::Asserted, Fr::from(20_780u64));
    forge.set_slot(2, Slot::Expiry, Fr::from(20_781u64));
    forge.assert_holds();
    for day in [20_699, 21_000, 1 << 20, u32::MAX, 0] {
        let mut forge = Forge::four();
        forge.public.day = Day(day);
        forge.assert_refused("E6");
    }
}

#[test]
fn e7_two_secrets() {
    for i in 0..4 {
        let mut forge = Forge::four();
        let other =
            medveil_circuits::visa::commitment(Fr::from(12_345u64), forge.private.visas[i].blind);
        forge.set_slot(i, Slot::Holder, other);
        forge.assert_refused_by("E7", 1);
    }
}

#[test]
fn e7_a_secret_of_zero() {
    let mut forge = Forge::one();
    forge.private.secret = Fr::from(0u64);
    forge.recommit(0);
    forge.renullify();
    forge.assert_refused_by("E7", 1);
}

#[test]
fn e8_an_anchor_of_another_schema() {
    for schema in [VisaSchema::Ethics, VisaSchema::Terms, VisaSchema::Cohort] {
        let mut forge = Forge::one();
        forge.set_header(|h| h.require_study = false);
        forge.private.alternative.blocks[0].schema = schema.id().felt().0;
        forge.repolicy();
        forge.set_slot(0, Slot::Schema, schema.id().felt().0);
        forge.reregister(1);
        forge.assert_refused_by("E8", 1);
    }
}

#[test]
fn e8_an_issuer_that_vouches_for_people_of_another_institution() {
    let mut forge = Forge::one();
    forge.visa(0).institution = medveil_circuits::visa::msp_hash("WeakestUniversity").0;
    forge.reregister(1);
    forge.assert_refused_by("E8", 1);
    // Where the consortium lets it be absent, anybody's people.
    forge.visa(0).institution = Fr::from(0u64);
    forge.reregister(1);
    forge.assert_holds();
}

#[test]
fn e8_an_anchor_of_no_institution() {
    let mut forge = Forge::one();
    forge.visa(0).institution = Fr::from(0u64);
    forge.reregister(1);
    forge.private.alternative.blocks[0].clauses = Default::default();
    forge.set_header(|h| h.require_institution = false);
    forge.assert_holds();
    forge.set_slot(0, Slot::Institution, Fr::from(0u64));
    forge.assert_refused_by("E8", 1);
}

#[test]
fn e12_approvals_of_another_study_and_requests_without_one() {
    let mut forge = Forge::four();
    forge.private.alternative.blocks[1].clauses = Default::default();
    forge.repolicy();
    forge.assert_holds();
    forge.set_slot(1, Slot::Study, study_hash("STUDY-8").0);
    forge.assert_refused_by("E12", 1);
    forge.set_header(|h| h.require_study = false);
    forge.assert_holds();

    let mut forge = Forge::one();
    forge.private.request.0[0] = Fr::from(0u64);
    forge.rerequest();
    forge.assert_refused_by("E12", 1);
}

#[test]
fn e13_people_of_another_institution_than_the_submitter() {
    let mut forge = Forge::four();
    forge.private.request.0[4] = medveil_circuits::visa::msp_hash("HospitalB").0;
    forge.rerequest();
    forge.assert_refused_by("E13", 1);
    forge.set_header(|h| h.require_institution = false);
    forge.assert_holds();
}

#[test]
fn e14_values_that_are_not_in_the_list() {
    for tier in [Forge::one, Forge::four] {
        let mut forge = tier();
        forge.set_slot(0, Slot::Role, role_hash("director").0);
        forge.assert_refused_by("E14", 1);
    }
    // An absent value is in no list, not even in one that holds the leaf of 0.
    let mut forge = Forge::one();
    forge.set_slot(0, Slot::Role, Fr::from(0u64));
    forge.private.alternative.path_root = medveil_circuits::policy::set_root(&[Felt::ZERO]);
    forge.private.set_path = medveil_circuits::policy::set_path(&[Felt::ZERO], Fr::from(0u64))
        .unwrap()
        .unwrap();
    forge.repolicy();
    forge.assert_refused_by("E14", 1);
}

#[test]
fn e14_a_path_clause_on_a_visa_that_is_off() {
    // Otherwise the prover could put any value into the slots of the visa that is off.
    let mut forge = Forge::four();
    forge.private.alternative.blocks[3] = BlockCode::default();
    forge.set_header(|h| {
        h.visas = 3;
        h.path = Some((3, Slot::Role));
    });
    forge.assert_refused_by("E14", 1);
}

#[test]
fn e15_requests_of_other_values() {
    for i in 0..5 {
        let mut forge = Forge::four();
        forge.private.request.0[i] += one();
        assert_eq!(forge.named(), Some("E15"));
        assert!(forge.broken() > 0);
    }
    let mut forge = Forge::one();
    forge.private.study_salt += one();
    forge.assert_refused_by("E15", 1);
    let mut forge = Forge::one();
    forge.public.request = Felt::ZERO;
    forge.assert_refused_by("E15", 1);
}

#[test]
fn e16_c4_nullifiers_of_another_secret_or_scope() {
    let mut forge = Forge::one();
    forge.public.nullifier = Nullifier::new(Felt::from_u64(3));
    forge.assert_refused_by("E16", 1);
    let mut forge = Forge::one();
    forge.public.nullifier = Nullifier::new(Felt::ZERO);
    forge.assert_refused_by("E16", 1);
    let mut forge = Forge::one();
    forge.public.scope = Felt::from_u64(3);
    forge.assert_refused_by("E16", 1);
}

#[test]
fn e18_disclosure() {
    let mut forge = Forge::one();
    forge.public.disclosure = Felt::from_u64(1);
    forge.assert_refused_by("E18", 1);
}

#[test]
fn a_witness_of_another_tier() {
    let mut forge = Forge::one();
    forge.private.visas.push(forge.private.visas[0].clone());
    assert_eq!(forge.named(), Some("E2"));
    let AlternativeCode { blocks, .. } = &mut forge.private.alternative;
    blocks.push(BlockCode::default());
    assert_eq!(forge.named(), Some("E1"));
}
