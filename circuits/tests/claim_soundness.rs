//! docs/THREATS.md C1 and C2 for claims: change each variable of a satisfied circuit in turn; some
//! constraint must fail.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use medveil_circuits::claim::{ChunkClaim, ClaimChunk, ClaimFinal, CountUnit, Terms};
use medveil_circuits::testing::{claim_fixture, sweep, terms};

/// Comparisons whose cell equals the constant: the hint 1/d of "is the difference 0" says nothing
/// where d = 0, any hint gives the same answer there.
fn equal_cells(part: &ChunkClaim) -> usize {
    let value = |bits: u32| bits & ((1 << 24) - 1);
    let atoms = &part.private.program.atoms;
    part.private
        .rows
        .iter()
        .flat_map(|row| {
            atoms
                .iter()
                .filter(|a| value(row.cells[usize::from(a.column)].bits()) == a.constant)
        })
        .count()
}

#[test]
fn c1_c2_claim_chunk() {
    for text in [
        "age >= 40 AND sex = 'male'",
        "hba1c > 6.5 OR NOT (taken >= '2010-01-01' AND age IS NULL)",
        "smoker",
    ] {
        let plan = claim_fixture(20, 16, text, terms(CountUnit::Subjects, 1), 1);
        for part in &plan.chunks {
            let found = sweep::<ClaimChunk<16>>(&part.public, &part.private);
            assert_eq!(found.instance, Vec::<usize>::new());
            assert_eq!(
                found.witness.len(),
                equal_cells(part),
                "{text}: {:?} of {}",
                found.witness,
                found.n_witness
            );
        }
    }
}

#[test]
fn c1_c2_claim_final() {
    let count = terms(CountUnit::Rows, 3);
    for (text, terms, floor) in [
        ("age >= 40", count, 2),
        (
            "age >= 40",
            Terms {
                unit: CountUnit::Subjects,
                ..count
            },
            3,
        ),
    ] {
        let plan = claim_fixture(20, 16, text, terms, floor);
        let found = sweep::<ClaimFinal>(&plan.last, &plan.last_private);
        assert_eq!(found.instance, Vec::<usize>::new(), "{text}");
        assert_eq!(
            found.witness,
            Vec::<usize>::new(),
            "{text}: of {}",
            found.n_witness
        );
    }
}
