//! C12 and P3: chunks put together wrongly, and what their links hide.

use crate::{claim, judge};
use medveil_circuits::claim::{
    ClaimChunk, ClaimChunkPrivate, ClaimFinal, ClaimInput, ClaimPlan, CountUnit, Counted,
    first_link, link, plan,
};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::query::compile;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{
    claim_fixture, claim_schema, cohort_fixture, cohort_rows, opened, terms,
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

const QUERY: &str = "age >= 40 AND hba1c > 6.5";

#[test]
fn c12_chunks_dropped_repeated_reordered_or_foreign() {
    let whole = || claim_fixture(60, 16, QUERY, terms(CountUnit::Rows, 1), 0);
    let hash = compile(QUERY, &claim_schema(), CountUnit::Rows)
        .unwrap()
        .hash();
    let tamper = |change: fn(&mut ClaimPlan)| {
        let mut plan = whole();
        change(&mut plan);
        judge(&plan, hash)
    };
    assert_eq!(tamper(|_| ()), Ok(()));
    assert_eq!(
        tamper(|p| drop(p.chunks.remove(1))),
        Err("not the next chunk")
    );
    assert_eq!(tamper(|p| drop(p.chunks.pop())), Err("another sum"));
    assert_eq!(tamper(|p| p.chunks.swap(1, 2)), Err("not the next chunk"));
    let repeated = |p: &mut ClaimPlan| {
        let again = whole_fixture().chunks.remove(3);
        p.chunks.push(again);
    };
    assert_eq!(tamper(repeated), Err("not the next chunk"));
    // A chunk of another plan of the same claim has other blinds in its links.
    let foreign = |p: &mut ClaimPlan| p.chunks[2] = other_blinds().chunks.remove(2);
    assert_eq!(tamper(foreign), Err("not the next chunk"));
    assert_eq!(
        tamper(|p| p.last.total = p.chunks[0].public.lane),
        Err("another sum")
    );
    // Mixed query hashes, and a text that compiles to another hash.
    let mixed = |p: &mut ClaimPlan| {
        p.chunks[1] = claim_fixture(60, 16, "age >= 40", terms(CountUnit::Rows, 1), 0)
            .chunks
            .remove(1)
    };
    assert_eq!(tamper(mixed), Err("another query or context"));
    let other = compile(
        "age >= 41 AND hba1c > 6.5",
        &claim_schema(),
        CountUnit::Rows,
    )
    .unwrap()
    .hash();
    assert_eq!(judge(&whole(), other), Err("another query or context"));
}

fn whole_fixture() -> ClaimPlan {
    claim_fixture(60, 16, QUERY, terms(CountUnit::Rows, 1), 0)
}

fn other_blinds() -> ClaimPlan {
    let program = *compile(QUERY, &claim_schema(), CountUnit::Rows)
        .unwrap()
        .program();
    let segment = cohort_fixture(&cohort_rows(60, 7), 16);
    let chunks = opened(&segment, 16, &program);
    let input = ClaimInput {
        program: &program,
        chunks: &chunks,
        terms: terms(CountUnit::Rows, 1),
        subject_floor: 0,
        context: Felt::from_u64(4242),
    };
    plan(&input, &mut ChaCha20Rng::seed_from_u64(99)).unwrap()
}

#[test]
fn c12_a_subject_over_two_chunks_counts_once() {
    // One subject with 40 rows, all hits, then one of its own.
    let mut rows = cohort_rows(41, 3);
    for (i, row) in rows.iter_mut().enumerate() {
        row.subject = if i < 40 { 5 } else { 6 };
        row.values[0] = Some(50);
    }
    let query = compile("age = 50", &claim_schema(), CountUnit::Subjects).unwrap();
    let planned = claim(&rows, query.program(), CountUnit::Subjects, 2, 2);
    let counts = planned.counts;
    assert!([counts.rows, counts.subjects, counts.misses] == [41, 2, 0]);
    assert!(ClaimFinal::check(&planned.last, &planned.last_private).is_ok());
    // Eleven rows of one patient are no eleven patients: the floor counts subjects.
    let rows_claim = claim(&rows, query.program(), CountUnit::Rows, 11, 11);
    assert_eq!(
        ClaimFinal::check(&rows_claim.last, &rows_claim.last_private)
            .unwrap_err()
            .clause,
        "N4"
    );
    // Chunk 1 without what chunk 0 says would count the subject again: its link then opens to
    // nothing.
    let part = &planned.chunks[1];
    let mut forgetful: ClaimChunkPrivate = part.private.clone();
    forgetful.already = Counted::default();
    forgetful.trace();
    assert_eq!(forgetful.lanes()[1], 1);
    let mut public = forgetful.instance(1, part.public.context);
    public.link_in = part.public.link_in;
    assert_eq!(
        ClaimChunk::<16>::check(&public, &forgetful)
            .unwrap_err()
            .clause,
        "L8"
    );
}

#[test]
fn p3_links_hide_whether_a_subject_goes_on() {
    // A link opened by dictionary: without the blind, neither 0 nor 1 fits, except for the constant
    // first one.
    let plan = whole_fixture();
    let hash = plan.chunks[0].public.query;
    assert_eq!(plan.chunks[0].public.link_in, first_link(hash));
    let all = [(false, false), (true, false), (false, true), (true, true)];
    let all = all.map(|(hit, miss)| Counted { hit, miss });
    for (i, part) in plan.chunks.iter().enumerate() {
        let guesses = all.map(|already| link(hash, i as u64 + 1, already, Fr::from(0u64)));
        assert!(!guesses.contains(&part.public.link_out));
    }
    let links: BTreeSet<Felt> = plan
        .chunks
        .iter()
        .map(|part| part.public.link_out)
        .collect();
    assert_eq!(links.len(), plan.chunks.len());
}
