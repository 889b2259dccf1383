//! Claims: sizes part by part, acceptance of whole claims on both tiers, the same shape in set-up
//! and proving, and set-up apart from the query.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use ark_relations::gr1cs::{ConstraintSystem, R1CS_PREDICATE_LABEL, SynthesisMode};
use medveil_circuits::claim::{ClaimChunk, ClaimFinal, ClaimPlan, CountUnit};
use medveil_circuits::field::Fr;
use medveil_circuits::statement::{Statement, Synthesize};
use medveil_circuits::testing::{claim_fixture, constraints, is_satisfied, terms};

/// Constraints of one Poseidon with `n` inputs of which `constant` are constants.
fn hash(n: usize, constant: usize) -> usize {
    const PARTIAL: [usize; 16] = [
        56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68,
    ];
    3 * (8 * (n + 1) + PARTIAL[n - 1]) - 3 - 3 * constant
}

fn fold(n: usize) -> usize {
    let rest = n.saturating_sub(16);
    hash(n.min(16), 0)
        + rest / 15 * hash(16, 0)
        + if rest.is_multiple_of(15) {
            0
        } else {
            hash(1 + rest % 15, 0)
        }
}

/// Packing, commitment and leaf of a page of `n` elements before the salt.
fn page(n: usize) -> usize {
    n + fold(n + 1) + hash(2, 0) + 1
}

/// A commitment to three lanes of `bits` bits: ranges, blind, and multiplications.
fn lanes(bits: usize) -> usize {
    let windows = bits.div_ceil(3);
    // A last window of two bits is looked up by one product instead of three.
    let lookups = 3 * windows - if bits % 3 == 2 { 2 } else { 0 };
    3 * (bits + 1) + 251 + 504 + 2 + 3 * (lookups + 3 * (windows - 2) + 2 + 6 + 6)
}

/// What each part of a chunk claim costs.
fn chunk_parts(rows: usize) -> Vec<(&'static str, usize)> {
    vec![
        ("program", 4 * (3 + 12 + 25) + (11 + 13 + 9) - 6 + 6),
        ("query hash", hash(13, 1) + 1),
        ("flags and cells", (2 + 3 * 25) * rows),
        (
            "pages",
            page(rows.div_ceil(125)) + 3 * page(rows.div_ceil(10)),
        ),
        ("comparisons", 4 * (4 + 26 + 2 + 3) * rows),
        ("connectives", (2 * (3 + 4 + 5) + 3 * 5) * rows),
        ("hits", 6 * rows),
        ("links", 2 + 2 * (hash(4, 0) + 1)),
        ("lanes", lanes(9)),
        ("context", 1),
    ]
}

#[test]
fn c10_the_parts_of_a_chunk_claim_add_up() {
    for (rows, counted) in [
        (16, constraints::<ClaimChunk<16>>()),
        (256, constraints::<ClaimChunk<256>>()),
    ] {
        let parts = chunk_parts(rows);
        println!(
            "claim-chunk-{rows}: {counted}, {} a row: {parts:?}",
            counted.div_ceil(rows)
        );
        assert_eq!(parts.iter().map(|(_, cost)| cost).sum::<usize>(), counted);
    }
}

#[test]
fn c10_the_parts_of_a_final_claim_add_up() {
    let counted = constraints::<ClaimFinal>();
    let parts = [
        ("unit", 1),
        ("lanes", lanes(32)),
        ("claim", 1 + 33 + 33),
        ("floor", 66),
        ("outside", 1 + 33),
        ("binding", 1),
    ];
    println!("claim-final: {counted}: {parts:?}");
    assert_eq!(parts.iter().map(|(_, cost)| cost).sum::<usize>(), counted);
}

#[test]
fn c10_a_chunk_claim_stays_inside_its_budget() {
    assert!(constraints::<ClaimChunk<256>>() <= 350 * 256);
}

type Shape = (Vec<Vec<Vec<(Fr, usize)>>>, usize, usize);

fn matrices<S: Synthesize>(assignment: Option<(&S::Public, &S::Private)>) -> Shape {
    let cs = ConstraintSystem::<Fr>::new_ref();
    if assignment.is_none() {
        cs.set_mode(SynthesisMode::Setup);
    }
    S::synthesize(cs.clone(), assignment.map(|a| a.0), assignment.map(|a| a.1)).unwrap();
    cs.finalize();
    (
        cs.to_matrices().unwrap()[R1CS_PREDICATE_LABEL].clone(),
        cs.num_instance_variables(),
        cs.num_witness_variables(),
    )
}

#[test]
fn set_up_and_proving_see_one_circuit_whatever_the_query() {
    let (chunk, last) = (
        matrices::<ClaimChunk<16>>(None),
        matrices::<ClaimFinal>(None),
    );
    for text in [
        "age >= 40",
        "sex IN ('male', 'other') OR NOT (age < 20 AND smoker)",
        "consent = TRUE",
        "late IS NULL",
    ] {
        for unit in [CountUnit::Rows, CountUnit::Subjects] {
            let plan = claim_fixture(20, 16, text, terms(unit, 1), 1);
            for part in &plan.chunks {
                assert!(matrices::<ClaimChunk<16>>(Some((&part.public, &part.private))) == chunk);
            }
            assert!(matrices::<ClaimFinal>(Some((&plan.last, &plan.last_private))) == last);
        }
    }
}

/// Whether every part of a claim holds, natively and in the circuit, which must agree.
fn holds<const ROWS: usize>(plan: &ClaimPlan) -> bool {
    for part in &plan.chunks {
        ClaimChunk::<ROWS>::check(&part.public, &part.private).unwrap();
        assert!(is_satisfied::<ClaimChunk<ROWS>>(
            &part.public,
            &part.private
        ));
    }
    let native = ClaimFinal::check(&plan.last, &plan.last_private).is_ok();
    assert_eq!(
        native,
        is_satisfied::<ClaimFinal>(&plan.last, &plan.last_private)
    );
    native
}

#[test]
fn claims_hold_up_to_their_count_and_no_further() {
    for text in [
        "age >= 40",
        "hba1c > 6.5 AND taken >= '2010-01-01'",
        "delta BETWEEN -5 AND 5 OR late = 3",
    ] {
        for unit in [CountUnit::Rows, CountUnit::Subjects] {
            let counts = claim_fixture(37, 16, text, terms(unit, 1), 0).counts;
            let (counted, reached) = match unit {
                CountUnit::Rows => (counts.rows, counts.subjects.min(counts.misses)),
                CountUnit::Subjects => (counts.subjects, counts.subjects),
            };
            for (k, floor, expected) in [
                (counted - 1, 0, true),
                (counted, 0, true),
                (counted + 1, 0, false),
                (counted, reached, true),
                (counted, reached + 1, false),
            ] {
                assert_eq!(
                    holds::<16>(&claim_fixture(37, 16, text, terms(unit, k), floor)),
                    expected,
                    "{text}, {unit:?}, {k}, {floor}"
                );
            }
        }
    }
}

#[test]
fn claims_hold_on_the_large_tier() {
    let claim = |k| {
        claim_fixture(
            300,
            256,
            "age BETWEEN 40 AND 65 AND sex <> 'male'",
            terms(CountUnit::Subjects, k),
            11,
        )
    };
    let counted = claim(1).counts.subjects;
    assert!(holds::<256>(&claim(counted)));
    assert!(!holds::<256>(&claim(counted + 1)));
}
