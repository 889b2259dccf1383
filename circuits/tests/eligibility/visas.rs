//! E9 and hand-signed visas: typed slots over their widths; visas that are switched off.

use super::forge::Forge;
use ark_ff::Field;
use medveil_circuits::eligibility::VisaWitness;
use medveil_circuits::field::Fr;
use medveil_circuits::policy::{BlockCode, ClauseCode, Op, Req};
use medveil_circuits::visa::Slot;

fn power(n: u64) -> Fr {
    Fr::from(2u64).pow([n])
}

#[test]
fn e9_c3_typed_slots_over_their_width() {
    let slots = [
        (Slot::RevocationIndex, 64),
        (Slot::Expiry, 20),
        (Slot::Asserted, 20),
        (Slot::By, 32),
        (Slot::Permissions, 32),
        (Slot::Disease, 32),
    ];
    for (slot, bits) in slots {
        for value in [
            power(200),
            power(bits),
            -Fr::from(1u64),
            power(bits) + Fr::from(20_700u64),
        ] {
            let mut forge = Forge::one();
            forge.private.alternative.blocks[0].clauses = Default::default();
            forge.repolicy();
            forge.set_slot(0, slot, value);
            forge.assert_refused("E9");
        }
    }
}

#[test]
fn e9_a_hand_signed_day_of_2_to_the_200_passes_no_comparison() {
    let code = ClauseCode::new(
        Slot::Expiry,
        Op::Range,
        Req::None,
        [
            Fr::from(1u64),
            Fr::from(u32::MAX),
            Fr::from(0u64),
            Fr::from(0u64),
        ],
    );
    let mut forge = Forge::one();
    forge.private.alternative.blocks[0].clauses = Default::default();
    forge.private.alternative.blocks[0].clauses[0] = code;
    forge.repolicy();
    forge.assert_holds();
    forge.set_slot(0, Slot::Expiry, power(200));
    forge.assert_refused("E9");
}

/// A policy of one to four visas in tier 4, with the rest off.
fn with_visas(n: u8) -> Forge {
    let mut forge = Forge::four();
    for i in usize::from(n)..4 {
        forge.private.alternative.blocks[i] = BlockCode::default();
        forge.private.visas[i] = VisaWitness::placeholder();
    }
    forge.set_header(|h| h.visas = n);
    forge
}

#[test]
fn visas_that_are_off_are_not_asked_for() {
    for n in 1..=4 {
        with_visas(n).assert_holds();
    }
}

#[test]
fn a_visa_that_is_on_cannot_be_a_placeholder() {
    for i in 0..4 {
        let mut forge = Forge::four();
        forge.private.visas[i] = VisaWitness::placeholder();
        assert!(forge.named().is_some() && forge.broken() > 0);
    }
}

#[test]
fn a_visa_that_is_off_still_fits_its_widths() {
    let mut forge = with_visas(2);
    forge.private.visas[3].slots.set(Slot::Expiry, power(200));
    // Natively nobody looks; the circuit is stricter and no honest witness is hurt.
    assert_eq!(forge.named(), None);
    assert!(forge.broken() > 0);
}

#[test]
fn whatever_stands_in_a_visa_that_is_off_changes_nothing() {
    let mut forge = with_visas(2);
    let other = Forge::four().private.visas[1].clone();
    forge.private.visas[2] = other;
    forge.assert_holds();
    // Expired, foreign, unsigned, for another study.
    forge.private.visas[2]
        .slots
        .set(Slot::Expiry, Fr::from(1u64));
    forge.private.visas[2]
        .slots
        .set(Slot::Holder, Fr::from(1u64));
    forge.private.visas[2]
        .slots
        .set(Slot::Study, Fr::from(1u64));
    forge.assert_holds();
}

#[test]
fn the_same_visa_does_not_count_for_another_schema() {
    let mut forge = Forge::four();
    forge.private.visas[3] = forge.private.visas[2].clone();
    assert_eq!(forge.named(), Some("E4"));
    assert!(forge.broken() > 0);
}
