//! Twins of registration and handover: over random witnesses, sound and unsound, the native reading
//! and the circuit give the same answer.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::dataset::{
    BLOCK_COLUMNS, ColumnLayout, LinkState, SegmentKeys, fresh_segment,
};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::handover::{
    Granted, Handover, HandoverPrivate, HandoverPublic, unwrap, wrap,
};
use medveil_circuits::ids::{LineageId, RequestId};
use medveil_circuits::page::{Cell, RowFlags};
use medveil_circuits::registration::{
    BlockPlace, BlockRow, Registration, RegistrationPrivate, RegistrationPublic,
};
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::violations;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

const ROWS: usize = 16;

/// A sound witness of a random chunk: any number of rows, repeated subjects, absent cells, any
/// masks and slots.
fn sound(rng: &mut ChaCha20Rng) -> (RegistrationPublic, RegistrationPrivate) {
    let layout: [ColumnLayout; BLOCK_COLUMNS] = std::array::from_fn(|_| {
        let used = rng.gen_bool(0.8);
        ColumnLayout {
            mask: ((1u64 << rng.gen_range(1..=24)) - 1) as u32,
            used,
            slot: rng.gen_range(2..15),
            limb: rng.gen_range(0..3),
            criterion: used && rng.gen_bool(0.2),
        }
    });
    let (is_last, chunk_index) = (rng.gen_bool(0.5), rng.gen_range(0..4));
    let last: u128 = rng.gen_range(1..1 << 119);
    let link = match chunk_index {
        0 => LinkState::start(),
        n => LinkState {
            next_chunk: n,
            last,
            subjects: rng.gen_range(1..=n * 16),
            rows: n * 16,
            blind: Fr::from(rng.r#gen::<u64>()),
        },
    };
    let n_rows = if is_last {
        rng.gen_range(1..=ROWS)
    } else {
        ROWS
    };
    let mut running = link.last;
    let mut rows = Vec::new();
    for i in 0..n_rows {
        let new_subject = rng.gen_bool(0.6) || (chunk_index == 0 && i == 0);
        running += if new_subject {
            rng.gen_range(1..1 << 100)
        } else {
            0
        };
        let cell = |column: &ColumnLayout| match column.criterion {
            true => Some(1),
            false => {
                (column.used && rng.gen_bool(0.8)).then(|| rng.gen_range(0..1 << 24) & column.mask)
            }
        };
        let cells = layout
            .each_ref()
            .map(cell)
            .map(|value| value.map_or(Cell::ABSENT, |v| Cell::present(v).unwrap()));
        rows.push(BlockRow {
            flags: RowFlags {
                real: true,
                new_subject,
            },
            pseudonym: running,
            cells,
        });
    }
    rows.resize(ROWS, BlockRow::padding());
    let private = RegistrationPrivate {
        layout,
        rows,
        salts: std::array::from_fn(|_| Fr::from(rng.r#gen::<u128>())),
        keys: SegmentKeys::generate(rng),
        link,
        link_out_blind: Fr::from(rng.r#gen::<u128>()),
    };
    let (lineage, segment) = (
        LineageId::new(Felt::from_u64(rng.r#gen())),
        fresh_segment(rng),
    );
    let place = BlockPlace {
        lineage,
        segment,
        chunk_index,
        block_index: rng.gen_range(0..16),
        is_last,
    };
    (private.instance(&place).0, private)
}

/// One random change to a row, which may or may not be one that a sound witness could have.
fn disturb(private: &mut RegistrationPrivate, rng: &mut ChaCha20Rng) {
    let row = rng.gen_range(0..ROWS);
    let other = rng.gen_range(0..ROWS);
    let column = rng.gen_range(0..BLOCK_COLUMNS);
    match rng.gen_range(0..9) {
        0 => private.rows[row].flags.real ^= true,
        1 => private.rows[row].flags.new_subject ^= true,
        2 => private.rows[row].pseudonym = private.rows[other].pseudonym,
        3 => private.rows[row].pseudonym ^= 1 << rng.gen_range(0..122),
        4 => private.rows[row].cells[column] = Cell::unchecked_from_bits(1 << rng.gen_range(0..26)),
        5 => {
            private.rows[row].cells[column] = Cell::unchecked_from_bits(
                private.rows[row].cells[column].bits() ^ 1 << rng.gen_range(0..26),
            )
        }
        6 => private.rows.swap(row, other),
        7 => private.rows[row] = BlockRow::padding(),
        _ => private.link.last ^= 1 << rng.gen_range(0..122),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sound_registration_satisfies_both_readings(seed in any::<u64>()) {
        let (public, private) = sound(&mut ChaCha20Rng::seed_from_u64(seed));
        prop_assert_eq!(Registration::<ROWS>::check(&public, &private), Ok(()));
        prop_assert_eq!(violations::<Registration<ROWS>>(&public, &private), 0);
    }

    #[test]
    fn disturbed_registrations_get_one_answer_from_both_readings(seed in any::<u64>()) {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        let (public, mut private) = sound(rng);
        for _ in 0..4 {
            // The instance follows the witness, so nothing but the clauses about rows can refuse.
            disturb(&mut private, rng);
            let (public, _, _) = private.instance(&BlockPlace::of(&public));
            let native = Registration::<ROWS>::check(&public, &private);
            prop_assert_eq!(native.is_ok(), violations::<Registration<ROWS>>(&public, &private) == 0, "{:?}", native);
        }
    }

    #[test]
    fn handovers_satisfy_both_readings_and_unwrap(seed in any::<u64>()) {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        let (keys, secret, ephemeral) = (SegmentKeys::generate(rng), Scalar::random_nonzero(rng), Scalar::random_nonzero(rng));
        let recipient = PublicPoint::new(Point::BASE8.mul(&secret)).unwrap();
        let (mask, grant, segment) = (rng.gen_range(0..1 << 15), RequestId::new(Felt::from_u64(rng.r#gen())), fresh_segment(rng));
        let granted = Granted { keys: &keys, mask, recipient: &recipient, grant, segment };
        let package = wrap(&granted, &ephemeral).unwrap();
        let opened = unwrap(&package, mask, &secret, grant, segment);
        prop_assert!((0..15).all(|slot| opened[slot] == (mask >> slot & 1 == 1).then_some(keys.keys[slot])));
        let public = HandoverPublic { digest: package.digest(), key_commitment: keys.commitment(), recipient, mask, grant, segment };
        let private = HandoverPrivate { keys, ephemeral };
        prop_assert_eq!(Handover::check(&public, &private), Ok(()));
        prop_assert_eq!(violations::<Handover>(&public, &private), 0);
    }
}
