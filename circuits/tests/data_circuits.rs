//! Registration and handover: sizes, acceptance, and one refusal a clause from one valid fixture.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use circuits::handover::Handover;
use circuits::registration::Registration;
use circuits::statement::Statement;
use circuits::testing::{constraints, handover_fixture, is_satisfied, registration_fixture};

#[test]
fn c10_sizes_stay_inside_their_budgets() {
    let registration = constraints::<Registration<256>>();
    let handover = constraints::<Handover>();
    println!("registration-256: {registration} = {} a row; handover: {handover}", registration / 256);
    assert!(registration <= 800 * 256, "{registration}");
    assert!(handover <= 6_000, "{handover}");
}

#[test]
fn registration_accepts_every_chunk_of_a_segment() {
    let plan = registration_fixture(37, 16);
    assert_eq!(plan.chunks.len(), 3);
    for block in plan.chunks.iter().flat_map(|c| &c.blocks) {
        Registration::<16>::check(&block.public, &block.private).unwrap();
        assert!(is_satisfied::<Registration<16>>(&block.public, &block.private));
    }
}

#[test]
fn handover_accepts_its_fixture() {
    let (public, private) = handover_fixture();
    Handover::check(&public, &private).unwrap();
    assert!(is_satisfied::<Handover>(&public, &private));
}
