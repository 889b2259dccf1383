//! L1 to L10: one chunk.

use super::QUERY;
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::claim::{
    ClaimChunk, ClaimChunkPrivate, ClaimChunkPublic, CountUnit, Counted, LANES, link,
};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::ids::QueryHash;
use medveil_circuits::page::Cell;
use medveil_circuits::pedersen;
use medveil_circuits::query::{GateOp, Op};
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{claim_fixture, terms, violations};

type Small = ClaimChunk<16>;

/// Chunk `index` of a claim over 37 rows: 16, 16 and 5.
fn fixture(index: usize) -> (ClaimChunkPublic, ClaimChunkPrivate) {
    let mut plan = claim_fixture(37, 16, QUERY, terms(CountUnit::Subjects, 1), 1);
    let chunk = plan.chunks.remove(index);
    (chunk.public, chunk.private)
}

fn refused(public: &ClaimChunkPublic, private: &ClaimChunkPrivate, clause: &str) -> usize {
    let found = Small::check(public, private).expect_err("the native reading accepts a forgery");
    assert_eq!(found.clause, clause, "{found}");
    let broken = violations::<Small>(public, private);
    assert!(broken > 0, "{clause}: the circuit accepts a forgery");
    broken
}

/// Changes the witness of a chunk and recomputes the instance; answers how many constraints break.
fn forged(chunk: usize, clause: &str, change: impl FnOnce(&mut ClaimChunkPrivate)) -> usize {
    let (public, mut private) = fixture(chunk);
    change(&mut private);
    refused(
        &private.instance(public.chunk_index, public.context),
        &private,
        clause,
    )
}

/// Changes the instance of a chunk and nothing else.
fn misstated(chunk: usize, clause: &str, change: impl FnOnce(&mut ClaimChunkPublic)) -> usize {
    let (mut public, private) = fixture(chunk);
    change(&mut public);
    refused(&public, &private, clause)
}

/// The first row that satisfies a condition.
fn row(
    private: &ClaimChunkPrivate,
    wanted: impl Fn(&medveil_circuits::claim::ClaimRow) -> bool,
) -> usize {
    private
        .rows
        .iter()
        .position(wanted)
        .expect("the fixture has such a row")
}

/// Sets connectives, hit and first hit of a row as if its result were true, and keeps the rest of
/// the chunk consistent.
fn pretend_hit(private: &mut ClaimChunkPrivate, i: usize) {
    private.rows[i].hit = true;
    private.trace_subjects();
}

#[test]
fn the_fixtures_hold() {
    for chunk in 0..3 {
        let (public, private) = fixture(chunk);
        Small::check(&public, &private).unwrap();
        assert_eq!(violations::<Small>(&public, &private), 0);
        assert_eq!(private.instance(public.chunk_index, public.context), public);
        assert!(private.rows.iter().any(|row| row.hit) && private.rows.iter().any(|row| !row.hit));
    }
}

#[test]
fn l1_c12_another_query_hash() {
    let other = QueryHash::new(Felt::from_u64(9));
    assert!(misstated(1, "L1", |p| p.query = other) > 0);
    // A program with another constant, operator, connective or column, under the hash of the
    // published one.
    let (public, _) = fixture(1);
    let changes: [fn(&mut ClaimChunkPrivate); 5] = [
        |p| p.program.atoms[0].constant -= 10,
        |p| p.program.atoms[0].op = Op::Always,
        |p| p.program.gates[2].op = GateOp::Or,
        |p| p.program.atoms[1].column = 2,
        |p| p.program.positions[1] = 5,
    ];
    for change in changes {
        let (_, mut private) = fixture(1);
        change(&mut private);
        private.trace();
        let mut forged = private.instance(public.chunk_index, public.context);
        forged.query = public.query;
        (forged.link_in, forged.link_out) = (
            link(
                public.query,
                public.chunk_index,
                private.already,
                private.blind_in,
            ),
            link(
                public.query,
                public.chunk_index + 1,
                private.already_after(),
                private.blind_out,
            ),
        );
        assert_eq!(refused(&forged, &private, "L1"), 1);
    }
}

#[test]
fn l1_a_program_that_is_not_well_formed() {
    // A column out of reach has no boolean; the program that the circuit opens is another one.
    assert!(forged(1, "L1", |p| p.program.atoms[0].column = 3) > 0);
    assert!(forged(1, "L1", |p| p.program.gates[0].a = 4) > 0);
    assert!(forged(1, "L1", |p| p.program.atoms[0].constant = 1 << 24) > 0);
}

#[test]
fn l2_another_page() {
    assert_eq!(misstated(1, "L2", |p| p.leaves[0] = Felt::from_u64(3)), 1);
    assert_eq!(misstated(1, "L2", |p| p.leaves.swap(0, 1)), 2);
    assert_eq!(misstated(1, "L2", |p| p.flags_leaf = Felt::from_u64(3)), 1);
    // Other cells, flags, salts or ciphertexts than those committed.
    let changes: [fn(&mut ClaimChunkPrivate); 4] = [
        |p| p.rows[3].cells[0] = Cell::present(44).unwrap(),
        |p| p.rows[3].flags.new_subject ^= true,
        |p| p.salts[2] += Fr::from(1u64),
        |p| p.ciphertexts[1] += Fr::from(1u64),
    ];
    for change in changes {
        let (public, mut private) = fixture(1);
        change(&mut private);
        private.trace();
        let mut forged = private.instance(public.chunk_index, public.context);
        (forged.flags_leaf, forged.leaves) = (public.flags_leaf, public.leaves);
        assert_eq!(refused(&forged, &private, "L2"), 1);
    }
    let (public, mut private) = fixture(1);
    private.rows.pop();
    assert_eq!(Small::check(&public, &private).unwrap_err().clause, "L2");
}

#[test]
fn l3_a_cell_over_its_width() {
    // A cell of 26 bits flows into the next one.
    assert!(
        forged(1, "L3", |p| p.rows[4].cells[0] =
            Cell::unchecked_from_bits(1 << 25 | 5))
            > 0
    );
}

#[test]
fn l4_a_comparison_with_another_result() {
    // A row below the threshold shown as above it, with everything that follows from it.
    let lie = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.flags.real && r.atoms[0] == -1 && r.atoms[1] == 1);
        // The unused connective reads the first comparison.
        (p.rows[i].atoms[0], p.rows[i].gates[0], p.rows[i].gates[2]) = (1, 1, 1);
        pretend_hit(p, i);
    };
    assert_eq!(forged(0, "L4", lie), 1);
}

#[test]
fn l4_c13_a_missing_value_is_not_true() {
    let lie = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.flags.real && r.atoms[0] == 0 && r.gates[1] == 1);
        (p.rows[i].atoms[0], p.rows[i].gates[0], p.rows[i].gates[2]) = (1, 1, 1);
        pretend_hit(p, i);
    };
    let missing = |i: &usize| {
        fixture(*i)
            .1
            .rows
            .iter()
            .any(|r| r.flags.real && r.atoms[0] == 0 && r.gates[1] == 1)
    };
    assert_eq!(forged((0..3).find(missing).unwrap(), "L4", lie), 1);
}

#[test]
fn l5_a_connective_with_another_result() {
    // The AND of true and not true shown as true.
    let lie = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.flags.real && r.atoms[0] == 1 && r.gates[2] != 1);
        p.rows[i].gates[2] = 1;
        pretend_hit(p, i);
    };
    assert_eq!(forged(0, "L5", lie), 1);
    // A value outside -1, 0, 1.
    assert!(forged(0, "L5", |p| p.rows[2].gates[0] = 2) > 0);
}

#[test]
fn l6_a_hit_that_is_none() {
    let lie = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.flags.real && !r.hit);
        pretend_hit(p, i);
    };
    assert_eq!(forged(0, "L6", lie), 1);
}

#[test]
fn l6_c8_c13_padding_is_no_hit() {
    let lie = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| !r.flags.real);
        pretend_hit(p, i);
    };
    assert_eq!(forged(2, "L6", lie), 1);
    // Nor where every value satisfies the query: on padding TRUE and IS NULL are true, and still no
    // hits.
    for text in ["TRUE", "age IS NULL", "NOT (age IS NOT NULL)"] {
        let plan = claim_fixture(20, 16, text, terms(CountUnit::Rows, 1), 0);
        let rows = &plan.chunks[1].private.rows;
        assert!(
            rows.iter()
                .all(|row| row.flags.real || (row.gates[2] == 1 && !row.hit))
        );
    }
}

#[test]
fn l6_a_hit_that_is_hidden() {
    let hide = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.hit && !r.first);
        p.rows[i].hit = false;
        p.trace_subjects();
    };
    let broken = (0..3)
        .filter(|i| fixture(*i).1.rows.iter().any(|r| r.hit && !r.first))
        .map(|i| forged(i, "L6", hide));
    assert!(broken.max().unwrap() > 0);
}

#[test]
fn l7_a_subject_counted_twice() {
    let chunk = (0..3)
        .find(|i| fixture(*i).1.rows.iter().any(|r| r.hit && !r.first))
        .unwrap();
    let twice = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.hit && !r.first);
        p.rows[i].first = true;
    };
    assert!((1..=2).contains(&forged(chunk, "L7", twice)));
    // A subject that is not counted at all.
    let never = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.first);
        p.rows[i].first = false;
    };
    assert!(forged(0, "L7", never) > 0);
}

#[test]
fn l11_a_subject_outside_the_query_counted_twice_or_not() {
    let again = |r: &medveil_circuits::claim::ClaimRow| r.flags.real && !r.hit && !r.first_miss;
    let chunk = (0..3)
        .find(|i| fixture(*i).1.rows.iter().any(again))
        .unwrap();
    let twice = |p: &mut ClaimChunkPrivate| {
        let i = row(p, again);
        p.rows[i].first_miss = true;
    };
    assert!((1..=2).contains(&forged(chunk, "L11", twice)));
    let never = |p: &mut ClaimChunkPrivate| {
        let i = row(p, |r| r.first_miss);
        p.rows[i].first_miss = false;
    };
    assert!(forged(0, "L11", never) > 0);
    // A hit, or padding, is nobody's row outside the query.
    let kinds: [fn(&medveil_circuits::claim::ClaimRow) -> bool; 2] = [|r| r.hit, |r| !r.flags.real];
    for kind in kinds {
        let chunk = (0..3)
            .find(|i| fixture(*i).1.rows.iter().any(kind))
            .unwrap();
        let pretend = |p: &mut ClaimChunkPrivate| {
            let i = row(p, kind);
            p.rows[i].first_miss = true;
        };
        assert!(forged(chunk, "L11", pretend) > 0);
    }
}

#[test]
fn l8_c12_broken_links() {
    assert_eq!(misstated(1, "L8", |p| p.link_in = Felt::from_u64(5)), 1);
    assert_eq!(misstated(1, "L8", |p| p.link_out = Felt::from_u64(5)), 1);
    // In the place of another chunk, both links open to nothing.
    assert_eq!(misstated(1, "L8", |p| p.chunk_index = 2), 2);
    // The subject that goes on was counted, and the chunk says that it was not.
    let (public, mut private) = fixture(1);
    let changes: [fn(&mut Counted); 2] = [|c| c.hit ^= true, |c| c.miss ^= true];
    for change in changes {
        change(&mut private.already);
        private.trace();
        let mut forged = private.instance(public.chunk_index, public.context);
        forged.link_in = public.link_in;
        assert_eq!(refused(&forged, &private, "L8"), 1);
        change(&mut private.already);
    }
}

#[test]
fn l9_another_commitment() {
    let other = |lanes: [u64; LANES]| {
        let (mut public, private) = fixture(0);
        public.lane = pedersen::commit(&lanes, &private.rho);
        refused(&public, &private, "L9")
    };
    let [rows, subjects, misses] = fixture(0).1.lanes();
    for lanes in [
        [rows + 1, subjects, misses],
        [rows, subjects + 1, misses],
        [rows - 1, subjects, misses],
        [rows, subjects, misses + 1],
        [subjects, rows + 5, misses],
    ] {
        assert!(other(lanes) > 0);
    }
    let (mut public, private) = fixture(0);
    public.lane = pedersen::commit(&private.lanes(), &private.rho.add(&Scalar::from_u64(1)));
    refused(&public, &private, "L9");
}

#[test]
fn l10_n5_the_context_is_an_input_of_its_own() {
    // Any context has its proof; one proof has one context. That it stands in a constraint is what
    // `c1_c2_claim_chunk` and `c1_c2_claim_final` show.
    let (mut public, private) = fixture(0);
    public.context = Felt::from_u64(77);
    assert_eq!(violations::<Small>(&public, &private), 0);
}
