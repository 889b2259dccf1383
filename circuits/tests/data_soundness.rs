//! docs/THREATS.md C1 and C2 for registration and handover: change each variable of a satisfied
//! circuit in turn; some constraint must fail.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use medveil_circuits::handover::Handover;
use medveil_circuits::registration::{BlockPlan, Registration};
use medveil_circuits::testing::{handover_fixture, registration_fixture, sweep};

/// Rows whose pseudonym does not rise: repeated subjects, and padding.
fn flat_rows(block: &BlockPlan) -> usize {
    block
        .private
        .rows
        .iter()
        .filter(|row| !row.flags.new_subject)
        .count()
}

#[test]
fn c1_c2_registration() {
    let plan = registration_fixture(37, 16);
    for chunk in &plan.chunks {
        let block = &chunk.blocks[0];
        let found = sweep::<Registration<16>>(&block.public, &block.private);
        // `is_first` promises; a first chunk that does not promise it is still a valid chunk. The
        // contract sets it from the chunk's place in the list.
        let promised: Vec<usize> = if block.public.is_first {
            vec![3]
        } else {
            Vec::new()
        };
        assert_eq!(found.instance, promised);
        // The hint 1/d of "is the difference 0" says nothing where d = 0: any hint gives the same
        // answer there.
        assert_eq!(
            found.witness.len(),
            flat_rows(block),
            "{:?} of {}",
            found.witness,
            found.n_witness
        );
    }
}

#[test]
fn c1_c2_handover() {
    let (public, private) = handover_fixture();
    let found = sweep::<Handover>(&public, &private);
    assert_eq!(found.instance, Vec::<usize>::new());
    assert_eq!(found.witness, Vec::<usize>::new(), "of {}", found.n_witness);
}
