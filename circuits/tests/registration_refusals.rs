//! One refusal a clause of statement "registration": from one valid fixture, one thing is changed
//! and the instance is recomputed to fit, so that only the clause can refuse. The native reading
//! names it; the circuit breaks at as few constraints as the clause has.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

use medveil_circuits::dataset::{self, LinkState};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::ids::{KeyCommitment, LineageId, SegmentId};
use medveil_circuits::page::{self, Cell};
use medveil_circuits::registration::{
    BlockPlace, BlockRow, Registration, RegistrationPrivate, RegistrationPublic,
};
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{registration_fixture, violations};

type Small = Registration<16>;

/// Chunk `index` of a segment of 37 rows: 16, 16 and 5.
fn fixture(index: usize) -> (RegistrationPublic, RegistrationPrivate) {
    let mut plan = registration_fixture(37, 16);
    let block = plan.chunks.remove(index).blocks.remove(0);
    (block.public, block.private)
}

fn refused(public: &RegistrationPublic, private: &RegistrationPrivate, clause: &str) -> usize {
    let found = Small::check(public, private).expect_err("the native reading accepts a forgery");
    assert_eq!(found.clause, clause, "{found}");
    let broken = violations::<Small>(public, private);
    assert!(broken > 0, "{clause}: the circuit accepts a forgery");
    broken
}

/// Changes the witness of a chunk and recomputes the instance; answers how many constraints break.
fn forged(chunk: usize, clause: &str, change: impl FnOnce(&mut RegistrationPrivate)) -> usize {
    let (public, mut private) = fixture(chunk);
    change(&mut private);
    let (mut forged, _, _) = private.instance(&BlockPlace::of(&public));
    forged.is_first = public.is_first;
    refused(&forged, &private, clause)
}

/// Changes the instance of a chunk and nothing else.
fn misstated(chunk: usize, clause: &str, change: impl FnOnce(&mut RegistrationPublic)) -> usize {
    let (mut public, private) = fixture(chunk);
    change(&mut public);
    refused(&public, &private, clause)
}

fn raw(bits: u32) -> Cell {
    Cell::unchecked_from_bits(bits)
}

const PRESENT: u32 = 1 << page::VALUE_BITS;

#[test]
fn the_fixtures_hold() {
    for chunk in 0..3 {
        let (public, private) = fixture(chunk);
        Small::check(&public, &private).unwrap();
        assert_eq!(violations::<Small>(&public, &private), 0);
        assert_eq!(private.instance(&BlockPlace::of(&public)).0, public);
    }
}

#[test]
fn g1_c11_a_value_outside_its_bit_mask() {
    // Column 0 has three bits.
    assert_eq!(
        forged(1, "G1", |p| p.rows[4].cells[0] = raw(PRESENT | 8)),
        1
    );
    assert_eq!(
        forged(1, "G1", |p| p.rows[4].cells[0] = raw(PRESENT | 1 << 23)),
        1
    );
    // More than a cell holds flows into the next row's cell.
    assert!(forged(1, "G1", |p| p.rows[4].cells[0] = raw(PRESENT | 1 << 25)) > 0);
}

#[test]
fn g1_presence_in_an_unused_column() {
    assert_eq!(forged(1, "G1", |p| p.rows[2].cells[9] = raw(PRESENT)), 1);
}

#[test]
fn g1_an_absent_cell_with_a_value() {
    assert_eq!(forged(1, "G1", |p| p.rows[2].cells[8] = raw(5)), 1);
}

#[test]
fn g2_c11_a_second_padding_gap() {
    // The gap's subject is not counted, and its pseudonym cell is 0: all consistent but for the
    // prefix.
    let gap = |p: &mut RegistrationPrivate| {
        p.rows[2] = BlockRow::padding();
        p.rows[3].flags.new_subject = p.rows[3].pseudonym != p.rows[1].pseudonym;
    };
    assert_eq!(forged(2, "G2", gap), 1);
}

#[test]
fn g2_c8_padding_that_holds_something() {
    assert_eq!(forged(2, "G2", |p| p.rows[9].cells[0] = raw(PRESENT)), 1);
    assert!(forged(2, "G2", |p| p.rows[9].pseudonym = p.rows[4].pseudonym) > 0);
    assert!(forged(2, "G2", |p| p.rows[9].flags.new_subject = true) > 0);
}

#[test]
fn g2_c8_no_rows_at_all() {
    // Row 0 must be real, whatever the totals say.
    assert_eq!(
        forged(2, "G2", |p| p.rows = vec![BlockRow::padding(); 16]),
        1
    );
}

#[test]
fn g2_a_chunk_before_the_last_that_is_not_full() {
    assert_eq!(forged(1, "G2", |p| p.rows[15] = BlockRow::padding()), 1);
}

#[test]
fn g2_a_chunk_of_another_size() {
    let (public, mut private) = fixture(2);
    private.rows.pop();
    assert_eq!(Small::check(&public, &private).unwrap_err().clause, "G2");
}

#[test]
fn g3_c11_wrong_order_inside_a_chunk() {
    let swap = |p: &mut RegistrationPrivate| {
        let (a, b) = (p.rows[6].pseudonym, p.rows[8].pseudonym);
        assert!(a < b);
        (p.rows[6].pseudonym, p.rows[8].pseudonym) = (b, a);
        for i in 6..10 {
            p.rows[i].flags.new_subject = p.rows[i].pseudonym != p.rows[i - 1].pseudonym;
        }
    };
    // The fall back is out of range, once or over two steps.
    assert!((1..=2).contains(&forged(1, "G3", swap)));
}

#[test]
fn g3_c11_wrong_order_across_chunks() {
    // The chunk before ended above this one's first row.
    assert_eq!(
        forged(1, "G3", |p| (p.link.last, p.rows[0].flags.new_subject) =
            (p.rows[0].pseudonym + 1, true)),
        1
    );
}

#[test]
fn g3_c11_a_forged_subject_count() {
    // A repeated pseudonym shown as a new subject, and a new one hidden: page, link and totals
    // agree with the forgery.
    let repeated = |p: &RegistrationPrivate| {
        (1..5)
            .find(|i| p.rows[*i].pseudonym == p.rows[i - 1].pseudonym)
            .unwrap()
    };
    assert!(
        forged(2, "G3", |p| {
            let i = repeated(p);
            p.rows[i].flags.new_subject = true;
        }) > 0
    );
    let risen = |p: &RegistrationPrivate| {
        (1..5)
            .find(|i| p.rows[*i].pseudonym != p.rows[i - 1].pseudonym)
            .unwrap()
    };
    assert!(
        forged(2, "G3", |p| {
            let i = risen(p);
            p.rows[i].flags.new_subject = false;
        }) > 0
    );
}

#[test]
fn g3_c11_a_pseudonym_out_of_range() {
    // Every difference is in range; only the last value is not.
    assert_eq!(forged(2, "G3", |p| p.rows[4].pseudonym = (1 << 120) + 5), 1);
}

#[test]
fn g4_a_first_chunk_that_starts_from_something() {
    assert_eq!(forged(0, "G4", |p| p.link.subjects = 3), 1);
    assert_eq!(forged(0, "G4", |p| p.link.rows = 16), 1);
    assert_eq!(forged(0, "G4", |p| p.link.last = 1), 1);
    assert_eq!(forged(0, "G4", |p| p.link.blind = Fr::from(9u64)), 1);
    // A later chunk that calls itself the first.
    assert!(misstated(1, "G4", |public| public.is_first = true) >= 5);
}

#[test]
fn g4_a_first_chunk_without_a_new_subject() {
    // The pseudonym 0 is nobody's.
    assert_eq!(
        forged(0, "G4", |p| (
            p.rows[0].pseudonym,
            p.rows[0].flags.new_subject,
            p.rows[1].flags.new_subject
        ) = (0, false, true)),
        1
    );
}

#[test]
fn g5_c11_links_that_open_to_something_else() {
    let changes: [fn(&mut RegistrationPrivate); 3] = [
        |p| p.link.rows += 1,
        |p| p.link.subjects += 1,
        |p| p.link.blind += Fr::from(1u64),
    ];
    for change in changes {
        let (public, mut private) = fixture(1);
        change(&mut private);
        refused(&public, &private, "G5");
    }
    // A lower last pseudonym would make a new subject of row 0, or leave the flags as they are.
    let (public, mut private) = fixture(1);
    private.link.last -= 1;
    refused(
        &public,
        &private,
        if private.rows[0].flags.new_subject {
            "G5"
        } else {
            "G3"
        },
    );
    misstated(1, "G5", |public| public.link_in = Felt::from_u64(1));
    misstated(1, "G5", |public| public.link_out = Felt::from_u64(1));
    let (public, mut private) = fixture(1);
    private.link_out_blind += Fr::from(1u64);
    assert_eq!(refused(&public, &private, "G5"), 1);
}

#[test]
fn g5_a_dropped_repeated_or_foreign_chunk_breaks_the_links() {
    let plan = registration_fixture(37, 16);
    for pair in plan.chunks.windows(2) {
        assert_eq!(pair[0].link_out, pair[1].blocks[0].public.link_in);
    }
    assert_eq!(
        plan.chunks[0].blocks[0].public.link_in.0,
        LinkState::start().hash(
            LineageId::new(Felt::from_u64(77)),
            plan.chunks[0].blocks[0].public.segment
        )
    );
    let links: std::collections::BTreeSet<Felt> = plan.chunks.iter().map(|c| c.link_out).collect();
    assert_eq!(links.len(), 3);
    // The same rows at another place, in another lineage or in another segment.
    misstated(1, "G5", |public| public.chunk_index = 2);
    misstated(1, "G5", |public| {
        public.lineage = LineageId::new(Felt::from_u64(78))
    });
    misstated(1, "G5", |public| {
        public.segment = SegmentId::new(Felt::from_u64(78))
    });
}

#[test]
fn g6_c11_forged_totals() {
    assert_eq!(misstated(2, "G6", |public| public.n_rows += 1), 1);
    assert_eq!(misstated(2, "G6", |public| public.n_rows = 0), 1);
    assert_eq!(misstated(2, "G6", |public| public.n_subjects -= 1), 1);
    assert_eq!(misstated(1, "G6", |public| public.n_subjects = 11), 1);
    // A chunk before the last that ends the list, and a last one that hides the totals.
    assert_eq!(misstated(1, "G6", |public| public.is_last = true), 2);
    assert!(misstated(2, "G2", |public| public.is_last = false) >= 3);
}

#[test]
fn g7_pages_that_are_not_in_the_block_root() {
    assert_eq!(
        misstated(1, "G7", |public| public.block_root = Felt::from_u64(1)),
        1
    );
    for i in 0..12 {
        let (public, mut private) = fixture(1);
        private.salts[i] += Fr::from(1u64);
        assert_eq!(refused(&public, &private, "G7"), 1);
    }
    let (public, mut private) = fixture(1);
    private.rows[0].cells[1] = raw(PRESENT | u32::from(private.rows[0].cells[1] == raw(PRESENT)));
    refused(&public, &private, "G7");
}

#[test]
fn g7_g8_a_page_encrypted_under_another_key() {
    // The ciphertext of column 3 is made under column 4's key, and the roots are recomputed over
    // it.
    let (mut public, private) = fixture(1);
    let (_, mut leaves) = private.seal(&private.pages(), &BlockPlace::of(&public));
    let sealed = &private.pages()[5];
    let key = page::page_key(
        private.keys.keys[6],
        public.segment.felt().0,
        public.chunk_index,
        dataset::page_position(0, 5),
    );
    leaves[5] = page::leaf(
        sealed.commitment(),
        page::ciphertext_digest(&sealed.encrypt(&key)),
    );
    public.block_root = Felt(dataset::block_root(&leaves));
    assert_eq!(refused(&public, &private, "G7"), 1);
}

#[test]
fn g8_keys_that_were_not_committed() {
    for slot in 0..dataset::KEY_SLOTS {
        let (public, mut private) = fixture(1);
        private.keys.keys[slot] += Fr::from(1u64);
        assert!(refused(&public, &private, "G8") >= 1);
    }
    assert_eq!(
        misstated(1, "G8", |public| public.key_commitment =
            KeyCommitment::new(Felt::from_u64(1))),
        1
    );
}

#[test]
fn g8_a_key_slot_that_does_not_exist() {
    assert_eq!(forged(1, "G8", |p| p.layout[3].slot = 15), 1);
}

#[test]
fn g9_a_layout_other_than_the_schemas() {
    // A wider mask, a withheld column under a granted slot, another limb, a column switched off or
    // on.
    let changes: [fn(&mut RegistrationPrivate); 5] = [
        |p| p.layout[0].mask |= 8,
        |p| p.layout[4].slot = 2,
        |p| p.layout[4].limb = 1,
        |p| {
            p.layout[8].used = false;
            p.rows
                .iter_mut()
                .for_each(|row| row.cells[8] = Cell::ABSENT);
        },
        |p| p.layout[9].used = true,
    ];
    for change in changes {
        let (public, mut private) = fixture(1);
        change(&mut private);
        let (mut forged, _, _) = private.instance(&BlockPlace::of(&public));
        assert_ne!(forged.layout, public.layout);
        forged.layout = public.layout;
        assert_eq!(refused(&forged, &private, "G9"), 1);
    }
}

#[test]
fn g10_positions_follow_the_block_index() {
    // Pages made for block 0 are not those of block 1: their keys are other ones.
    assert_eq!(misstated(1, "G7", |public| public.block_index = 1), 1);
    let (mut public, private) = fixture(1);
    public.block_index = 16;
    let (public, _, _) = private.instance(&BlockPlace::of(&public));
    assert_eq!(refused(&public, &private, "G10"), 1);
}

#[test]
fn g11_m7_a_row_that_does_not_satisfy_a_criterion() {
    // FALSE, nothing; in the first row, in the last real row of a chunk with padding.
    for (chunk, row) in [(0, 0), (1, 15), (2, 4)] {
        for cell in [raw(PRESENT), Cell::ABSENT] {
            let broken = forged(chunk, "G11", |p| p.rows[row].cells[7] = cell);
            assert_eq!(broken, 1);
        }
    }
    // A column that another layout calls a criterion.
    let (public, mut private) = fixture(1);
    private.layout[0].criterion = true;
    let (public, _, _) = private.instance(&BlockPlace::of(&public));
    refused(&public, &private, "G11");
    // One that hides that it is one: the contract states the layout.
    let (public, mut private) = fixture(1);
    private.layout[7].criterion = false;
    let (mut forged, _, _) = private.instance(&BlockPlace::of(&public));
    forged.layout = public.layout;
    assert_eq!(refused(&forged, &private, "G9"), 1);
}
