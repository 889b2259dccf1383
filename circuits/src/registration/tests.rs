//! Tests of planning: what is refused before proving, and that no keystream is used twice.

use super::*;
use crate::dataset::SegmentKeys;
use crate::page::Page;
use ark_ff::AdditiveGroup;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

const COLUMNS: usize = 13;

/// 13 columns in two groups over two blocks.
fn layout() -> Vec<ColumnLayout> {
    let column = |i: usize| ColumnLayout {
        mask: 0xff,
        used: true,
        slot: 2 + u8::from(i.is_multiple_of(2)),
        limb: 0,
        criterion: false,
    };
    let mut layout: Vec<ColumnLayout> = (0..COLUMNS).map(column).collect();
    layout.resize(2 * BLOCK_COLUMNS, ColumnLayout::default());
    layout
}

fn rows(n: u32) -> Vec<Row> {
    let cell = |i: u32| Cell::present(i % 256).expect("a byte fits");
    (0..n)
        .map(|r| Row {
            pseudonym: u128::from(1 + r / 2),
            cells: (0..COLUMNS as u32).map(|c| cell(r * 7 + c)).collect(),
        })
        .collect()
}

fn planned(rows: &[Row], keys: &SegmentKeys, segment: u64, seed: u64) -> SegmentPlan {
    let (lineage, segment) = (
        LineageId::new(Felt::from_u64(5)),
        SegmentId::new(Felt::from_u64(segment)),
    );
    let input = SegmentInput {
        rows,
        layout: &layout(),
        tier: 16,
        keys,
        lineage,
        segment,
    };
    plan(&input, &mut ChaCha20Rng::seed_from_u64(seed)).expect("rows that can be planned")
}

/// The keystream elements of a plan: ciphertext minus page. Blocks after the first repeat the flags
/// and pseudonym pages, which are the same pages.
fn streams(plan: &SegmentPlan) -> Vec<Felt> {
    let mut out = Vec::new();
    for block in plan.chunks.iter().flat_map(|c| &c.blocks) {
        let pages: Vec<Page> = block.private.pages();
        let own = if block.public.block_index == 0 { 0 } else { 2 };
        for (page, ciphertext) in pages.iter().zip(&block.ciphertexts).skip(own) {
            out.extend(
                page.elements()
                    .iter()
                    .zip(ciphertext)
                    .map(|(element, c)| Felt(*c - element)),
            );
        }
    }
    out
}

#[test]
fn no_keystream_is_used_twice_in_a_group_a_block_or_a_retried_segment() {
    let keys = SegmentKeys::generate(&mut ChaCha20Rng::seed_from_u64(1));
    // Two attempts with the same rows and even the same keys: the segment id alone keeps their
    // streams apart.
    let plans = [
        planned(&rows(40), &keys, 71, 2),
        planned(&rows(40), &keys, 72, 3),
    ];
    let all: Vec<Felt> = plans.iter().flat_map(streams).collect();
    let distinct: BTreeSet<Felt> = all.iter().copied().collect();
    // Three chunks; flags 2, pseudonyms 9, 20 columns of 3 elements; two plans.
    assert_eq!(all.len(), 2 * 3 * (2 + 9 + 20 * 3));
    assert_eq!(distinct.len(), all.len());
    assert!(!distinct.contains(&Felt(Fr::ZERO)));
}

#[test]
fn equal_rows_leave_no_trace_in_leaves_or_links() {
    // The same row 16 times in each chunk and column: fresh salts and blinds make every leaf and
    // link another one.
    let rows: Vec<Row> = (0..32)
        .map(|_| Row {
            pseudonym: 7,
            cells: vec![Cell::present(1).expect("a bit fits"); COLUMNS],
        })
        .collect();
    let plan = planned(
        &rows,
        &SegmentKeys::generate(&mut ChaCha20Rng::seed_from_u64(1)),
        71,
        2,
    );
    let leaves = plan
        .chunks
        .iter()
        .flat_map(|c| c.blocks.iter().flat_map(|b| b.leaves[2..].to_vec()));
    assert_eq!(
        leaves.collect::<BTreeSet<Felt>>().len(),
        2 * 2 * BLOCK_COLUMNS
    );
    assert_eq!((plan.n_rows, plan.n_subjects), (32, 1));
    assert_ne!(plan.chunks[0].link_out, plan.chunks[1].link_out);
}

#[test]
fn c8_c11_plans_refuse_what_no_proof_could_show() {
    let keys = SegmentKeys::generate(&mut ChaCha20Rng::seed_from_u64(1));
    let try_plan = |rows: &[Row], layout: &[ColumnLayout], tier: usize| {
        let input = SegmentInput {
            rows,
            layout,
            tier,
            keys: &keys,
            lineage: LineageId::new(Felt::from_u64(5)),
            segment: SegmentId::new(Felt::from_u64(6)),
        };
        plan(&input, &mut ChaCha20Rng::seed_from_u64(1)).err()
    };
    let changed = |change: fn(&mut Vec<Row>)| {
        let mut rows = rows(20);
        change(&mut rows);
        try_plan(&rows, &layout(), 16)
    };
    assert_eq!(try_plan(&rows(20), &layout(), 16), None);
    assert!(matches!(
        try_plan(&[], &layout(), 16),
        Some(PlanError::Rows { got: 0, .. })
    ));
    assert_eq!(
        try_plan(&rows(20), &layout(), 32),
        Some(PlanError::Tier(32))
    );
    assert!(matches!(
        try_plan(&rows(20), &layout()[..13], 16),
        Some(PlanError::Columns { .. })
    ));
    assert!(matches!(
        changed(|rows| rows.swap(3, 9)),
        Some(PlanError::Row {
            row: 4,
            expected: "rows sorted by pseudonym"
        })
    ));
    assert!(matches!(
        changed(|rows| rows[0].pseudonym = 0),
        Some(PlanError::Row { row: 0, .. })
    ));
    assert!(matches!(
        changed(|rows| rows[19].pseudonym = 1 << 120),
        Some(PlanError::Row { row: 19, .. })
    ));
    assert!(matches!(
        changed(|rows| rows[8].cells[1] = Cell::present(256).expect("24 bits")),
        Some(PlanError::Row { row: 8, .. })
    ));
    assert!(matches!(
        changed(|rows| rows[8].cells.resize(21, Cell::ABSENT)),
        Some(PlanError::Row { row: 8, .. })
    ));
}

#[test]
fn a_chunk_has_the_rows_that_are_its_own_and_no_others() {
    let keys = SegmentKeys::generate(&mut ChaCha20Rng::seed_from_u64(1));
    let place = (
        LineageId::new(Felt::from_u64(5)),
        SegmentId::new(Felt::from_u64(6)),
    );
    let (rows, mut rng) = (rows(20), ChaCha20Rng::seed_from_u64(3));
    let mut planner = Planner::new((layout(), keys.clone()), place, 16, 20).expect("a plan");
    assert_eq!(planner.n_chunks(), 2);
    for wrong in [&rows[..0], &rows[..15], &rows[..17]] {
        let refused = planner.chunk(wrong, &mut rng).err();
        assert!(matches!(refused, Some(PlanError::Rows { most: 16, .. })));
    }
    let first = planner.chunk(&rows[..16], &mut rng).expect("a chunk");
    assert!(!first.blocks[0].public.is_last);
    // The order goes on over the chunks.
    let refused = planner.chunk(&rows[..4], &mut rng).err();
    assert!(matches!(refused, Some(PlanError::Row { row: 16, .. })));
    assert!(planner.chunk(&rows[16..19], &mut rng).is_err());
    let last = planner.chunk(&rows[16..], &mut rng).expect("a chunk");
    assert!(last.blocks[0].public.is_last);
    assert_eq!((planner.n_rows(), planner.n_subjects()), (20, 10));
    assert_eq!(last.blocks[0].public.link_in, first.link_out);
    let more = planner.chunk(&rows[19..], &mut rng).err();
    assert_eq!(more, Some(PlanError::Rows { most: 0, got: 1 }));
}

/// Does not compile when one of the types can be printed: then two implementations fit and the call
/// is ambiguous.
macro_rules! assert_no_debug {
    ($($secret:ty),*) => {$(
        const _: fn() = || {
            trait Printable<Which> { fn check() {} }
            impl<T: ?Sized> Printable<()> for T {}
            struct IsDebug;
            impl<T: ?Sized + std::fmt::Debug> Printable<IsDebug> for T {}
            let _ = <$secret as Printable<_>>::check;
        };
    )*};
}

assert_no_debug!(
    RegistrationPrivate,
    BlockRow,
    Row,
    BlockPlan,
    ChunkPlan,
    SegmentPlan,
    Cell,
    RowFlags,
    Page,
    page::PageKey,
    SegmentKeys,
    LinkState,
    Planner,
    crate::handover::HandoverPrivate,
    crate::schema::Value
);

/// Does not compile when one of the types is not overwritten where it is dropped.
const fn assert_zeroised<T: zeroize::ZeroizeOnDrop>() {}
const _: () = {
    assert_zeroised::<RegistrationPrivate>();
    assert_zeroised::<BlockRow>();
    assert_zeroised::<Row>();
    assert_zeroised::<Page>();
    assert_zeroised::<page::PageKey>();
    assert_zeroised::<SegmentKeys>();
    assert_zeroised::<LinkState>();
    assert_zeroised::<crate::handover::HandoverPrivate>();
};
