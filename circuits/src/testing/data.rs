//! Valid fixtures of registration and handover.

use crate::babyjubjub::{Point, PublicPoint, Scalar};
use crate::dataset::{self, BLOCK_COLUMNS, ColumnLayout, SegmentKeys};
use crate::field::{Felt, Fr};
use crate::handover::{Granted, HandoverPrivate, HandoverPublic, wrap};
use crate::ids::{LineageId, RequestId};
use crate::page::Cell;
use crate::registration::{Row, SegmentInput, SegmentPlan, plan};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const CRITERION: usize = 7;

/// `n` rows of ten columns over about two thirds as many subjects. Column 7 is an inclusion
/// criterion.
pub fn rows_fixture(n: usize) -> (Vec<Row>, Vec<ColumnLayout>) {
    let layout: Vec<ColumnLayout> = (0..BLOCK_COLUMNS)
        .map(|i| ColumnLayout {
            mask: if i == CRITERION {
                1
            } else {
                (1 << (3 + 2 * i)) - 1
            },
            used: i < 9,
            slot: 2 + (i % 9) as u8,
            limb: 0,
            criterion: i == CRITERION,
        })
        .map(|c| if c.used { c } else { ColumnLayout::default() })
        .collect();
    let row = |i: usize| Row {
        pseudonym: (((i * 2 / 3) as u128 + 1) << 100) + 17,
        cells: (0..9)
            .map(|c| {
                if c == CRITERION {
                    cell(1, 1)
                } else if (i + c).is_multiple_of(7) {
                    Cell::ABSENT
                } else {
                    cell(i * 31 + c, layout[c].mask)
                }
            })
            .collect(),
    };
    ((0..n).map(row).collect(), layout)
}

fn cell(seed: usize, mask: u32) -> Cell {
    Cell::present(seed as u32 & mask).expect("a masked value fits")
}

/// A whole segment of `n` rows.
pub fn registration_fixture(n: usize, tier: usize) -> SegmentPlan {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let (rows, layout) = rows_fixture(n);
    let keys = SegmentKeys::generate(&mut rng);
    let input = SegmentInput {
        rows: &rows,
        layout: &layout,
        tier,
        keys: &keys,
        lineage: LineageId::new(Felt::from_u64(77)),
        segment: dataset::fresh_segment(&mut rng),
    };
    plan(&input, &mut rng).expect("the fixture is valid")
}

/// A handover of three slots.
pub fn handover_fixture() -> (HandoverPublic, HandoverPrivate) {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let keys = SegmentKeys::generate(&mut rng);
    let secret = Scalar::random_nonzero(&mut rng);
    let recipient = PublicPoint::new(Point::BASE8.mul(&secret)).expect("a point of the subgroup");
    let (grant, segment) = (
        RequestId::new(Felt(Fr::from(5u64))),
        dataset::fresh_segment(&mut rng),
    );
    let ephemeral = Scalar::random_nonzero(&mut rng);
    let mask = 0b1011;
    let granted = Granted {
        keys: &keys,
        mask,
        recipient: &recipient,
        grant,
        segment,
    };
    let package = wrap(&granted, &ephemeral).expect("a package");
    let public = HandoverPublic {
        digest: package.digest(),
        key_commitment: keys.commitment(),
        recipient,
        mask,
        grant,
        segment,
    };
    (public, HandoverPrivate { keys, ephemeral })
}
