//! Registration and handover: sizes part by part, acceptance of whole segments, the same shape in
//! set-up and proving.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use ark_relations::gr1cs::{ConstraintSystem, R1CS_PREDICATE_LABEL, SynthesisMode};
use medveil_circuits::dataset::{self, ColumnLayout, SegmentKeys};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::handover::Handover;
use medveil_circuits::ids::{LineageId, SegmentId};
use medveil_circuits::page::Cell;
use medveil_circuits::registration::{Registration, Row, SegmentInput, plan};
use medveil_circuits::statement::{Statement, Synthesize};
use medveil_circuits::testing::{
    constraints, handover_fixture, is_satisfied, registration_fixture,
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

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

/// Commitment, ciphertext, digest, leaf and key of a page of `n` elements (salt included).
fn page(n: usize, constant_position: bool) -> usize {
    2 * fold(n)
        + n.div_ceil(16) * hash(16, 15)
        + hash(2, 0)
        + hash(4, usize::from(constant_position))
}

/// What each part of a registration costs.
fn parts(rows: usize) -> Vec<(&'static str, usize)> {
    let (flags, pseudonyms, cells) = (rows.div_ceil(125), rows.div_ceil(2), rows.div_ceil(10));
    vec![
        ("layout", 10 * 41 + hash(10, 0) + 1),
        ("order", 127 * rows + 121),
        ("cells", 271 * rows),
        ("links", 2 + 5 + 1 + 1 + 2 * (hash(7, 0) + 1) + 2),
        ("packing", flags + pseudonyms + 10 * cells),
        ("keys", hash(16, 0) + 1 + 5 + 10 * 15),
        ("flags page", page(flags + 1, true)),
        ("pseudonym page", page(pseudonyms + 1, true)),
        ("column pages", 10 * page(cells + 1, false)),
        ("block root", hash(16, 4) + 1),
    ]
}

#[test]
fn c10_registration_costs_what_its_parts_cost() {
    for (rows, counted) in [
        (16, constraints::<Registration<16>>()),
        (256, constraints::<Registration<256>>()),
    ] {
        let parts = parts(rows);
        println!(
            "registration-{rows}: {counted}, {} a row: {parts:?}",
            counted / rows
        );
        assert_eq!(parts.iter().map(|(_, cost)| cost).sum::<usize>(), counted);
    }
}

#[test]
fn c10_sizes_stay_inside_their_budgets() {
    assert!(constraints::<Registration<256>>() <= 800 * 256);
    let handover = constraints::<Handover>();
    println!("handover: {handover}");
    assert!(handover <= 6_000, "{handover}");
}

/// The three matrices, row by row, then the numbers of instance and witness variables.
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
fn set_up_and_proving_see_one_circuit() {
    let plan = registration_fixture(20, 16);
    let set_up = matrices::<Registration<16>>(None);
    for chunk in &plan.chunks {
        let block = &chunk.blocks[0];
        assert!(matrices::<Registration<16>>(Some((&block.public, &block.private))) == set_up);
    }
    let (public, private) = handover_fixture();
    assert!(matrices::<Handover>(Some((&public, &private))) == matrices::<Handover>(None));
}

#[test]
fn registration_accepts_every_chunk_of_a_segment() {
    for n_rows in [1, 15, 16, 17, 37] {
        let plan = registration_fixture(n_rows, 16);
        assert_eq!(plan.chunks.len(), n_rows.div_ceil(16));
        for block in plan.chunks.iter().flat_map(|c| &c.blocks) {
            Registration::<16>::check(&block.public, &block.private).unwrap();
            assert!(is_satisfied::<Registration<16>>(
                &block.public,
                &block.private
            ));
        }
        let last = &plan.chunks.last().unwrap().blocks[0].public;
        assert_eq!(
            (last.n_rows, last.n_subjects),
            (n_rows as u64, plan.n_subjects)
        );
    }
}

#[test]
fn registration_accepts_the_large_tier() {
    let plan = registration_fixture(300, 256);
    for block in plan.chunks.iter().flat_map(|c| &c.blocks) {
        Registration::<256>::check(&block.public, &block.private).unwrap();
        assert!(is_satisfied::<Registration<256>>(
            &block.public,
            &block.private
        ));
    }
}

#[test]
fn more_than_ten_columns_take_blocks_of_the_same_circuit() {
    let rng = &mut ChaCha20Rng::seed_from_u64(21);
    // 23 columns in three groups: three blocks, the last one with seven unused columns.
    let mut layout: Vec<ColumnLayout> = (0..23)
        .map(|i| ColumnLayout {
            mask: 0xff,
            used: true,
            slot: 2 + (i % 3) as u8,
            limb: 0,
            criterion: false,
        })
        .collect();
    layout.resize(30, ColumnLayout::default());
    let cell = |i: u32| Cell::present(i % 256).unwrap();
    let rows: Vec<Row> = (1..=20u32)
        .map(|r| Row {
            pseudonym: u128::from(r),
            cells: (0..23).map(|c| cell(r * 31 + c)).collect(),
        })
        .collect();
    let keys = SegmentKeys::generate(rng);
    let segment = SegmentId::new(Felt::from_u64(9));
    let input = SegmentInput {
        rows: &rows,
        layout: &layout,
        tier: 16,
        keys: &keys,
        lineage: LineageId::new(Felt::from_u64(8)),
        segment,
    };
    let plan = plan(&input, rng).unwrap();
    for chunk in &plan.chunks {
        assert_eq!(chunk.blocks.len(), 3);
        for (index, block) in chunk.blocks.iter().enumerate() {
            Registration::<16>::check(&block.public, &block.private).unwrap();
            assert!(is_satisfied::<Registration<16>>(
                &block.public,
                &block.private
            ));
            assert_eq!(block.public.block_index, index as u64);
            // What the contract compares: one flags and one pseudonym page, and one pair of links,
            // in all blocks of a chunk.
            assert_eq!(block.leaves[..2], chunk.blocks[0].leaves[..2]);
            assert_eq!(block.ciphertexts[..2], chunk.blocks[0].ciphertexts[..2]);
            assert_eq!(
                (block.public.link_in, block.public.link_out),
                (chunk.blocks[0].public.link_in, chunk.link_out)
            );
            let columns = layout[10 * index..10 * index + 10].to_vec();
            assert_eq!(block.public.layout, Felt(dataset::layout_hash(&columns)));
        }
        // The same witness in the place of another block proves nothing there.
        let mut moved = chunk.blocks[1].public.clone();
        moved.block_index = 0;
        assert_eq!(
            Registration::<16>::check(&moved, &chunk.blocks[1].private)
                .unwrap_err()
                .clause,
            "G7"
        );
        assert!(!is_satisfied::<Registration<16>>(
            &moved,
            &chunk.blocks[1].private
        ));
    }
}
