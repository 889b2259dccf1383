//! CHECKLIST C12 and C13: claims against a plain computation that shares no code with them, and
//! claims put together wrongly.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]

use medveil_circuits::claim::{
    ClaimChunk, ClaimChunkPrivate, ClaimFinal, ClaimPlan, Cohort, CountUnit, count, first_link,
    link, plan, total,
};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::ids::QueryHash;
use medveil_circuits::query::{Program, QueryError, compile};
use medveil_circuits::schema::{ColumnType, Schema};
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{
    CohortRow, claim_fixture, claim_schema, cohort_fixture, cohort_rows, opened, terms,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

/// A condition as a person would think of it.
#[derive(Clone, Debug)]
enum Plain {
    Compare(usize, &'static str, Number),
    Between(usize, bool, Number, Number),
    In(usize, bool, Vec<Number>),
    Null(usize, bool),
    Flag(usize),
    Constant(bool),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
}

/// Tenths of a column's unit, so that constants also fall between two values.
type Number = i64;

/// A constant as SQL, and the value in tenths that it stands for.
fn write_constant(schema: &Schema, column: usize, tenths: Number) -> String {
    match &schema.columns()[column].kind {
        ColumnType::Int { .. } => tenth(tenths),
        ColumnType::Decimal { scale: 1, .. } => {
            let sign = if tenths < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", tenths.abs() / 100, tenths.abs() % 100)
        }
        ColumnType::Code { codes } => format!("'{}'", codes[(tenths / 10) as usize]),
        ColumnType::Flag => if tenths == 0 { "FALSE" } else { "TRUE" }.to_owned(),
        ColumnType::Day { .. } => format!("'{}'", date(tenths / 10)),
        ColumnType::Decimal { .. } => unreachable!("the cohort's decimals have one digit"),
    }
}

fn tenth(tenths: Number) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    match tenths.abs() % 10 {
        0 => format!("{sign}{}", tenths.abs() / 10),
        rest => format!("{sign}{}.{rest}", tenths.abs() / 10),
    }
}

/// A date by counting days from 1800: slow and plain.
fn date(days: i64) -> String {
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let (mut year, mut left) = (1800, days + 62_091);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

fn write(schema: &Schema, plain: &Plain) -> String {
    let name = |c: &usize| schema.columns()[*c].name.clone();
    let not = |negated: &bool| if *negated { "NOT " } else { "" };
    match plain {
        Plain::Compare(c, op, k) => format!("{} {op} {}", name(c), write_constant(schema, *c, *k)),
        Plain::Between(c, n, a, b) => {
            format!(
                "{} {}BETWEEN {} AND {}",
                name(c),
                not(n),
                write_constant(schema, *c, *a),
                write_constant(schema, *c, *b)
            )
        }
        Plain::In(c, n, items) => {
            let items: Vec<String> = items
                .iter()
                .map(|k| write_constant(schema, *c, *k))
                .collect();
            format!("{} {}IN ({})", name(c), not(n), items.join(", "))
        }
        Plain::Null(c, n) => format!("{} IS {}NULL", name(c), not(n)),
        Plain::Flag(c) => name(c),
        Plain::Constant(value) => value.to_string().to_uppercase(),
        Plain::Not(a) => format!("NOT ({})", write(schema, a)),
        Plain::And(a, b) => format!("({}) AND ({})", write(schema, a), write(schema, b)),
        Plain::Or(a, b) => format!("({}) OR ({})", write(schema, a), write(schema, b)),
    }
}

/// SQL's three values, by their truth tables.
fn evaluate(plain: &Plain, row: &CohortRow) -> Option<bool> {
    let value = |c: &usize| row.values[*c].map(|v| v * 10);
    match plain {
        Plain::Compare(c, op, k) => value(c).map(|v| match *op {
            "=" => v == *k,
            "<>" => v != *k,
            "<" => v < *k,
            "<=" => v <= *k,
            ">" => v > *k,
            ">=" => v >= *k,
            other => panic!("no operator {other}"),
        }),
        Plain::Between(c, negated, a, b) => value(c).map(|v| (v >= *a && v <= *b) != *negated),
        Plain::In(c, negated, items) => value(c).map(|v| items.contains(&v) != *negated),
        Plain::Null(c, negated) => Some(value(c).is_none() != *negated),
        Plain::Flag(c) => value(c).map(|v| v != 0),
        Plain::Constant(value) => Some(*value),
        Plain::Not(a) => evaluate(a, row).map(|v| !v),
        Plain::And(a, b) => match (evaluate(a, row), evaluate(b, row)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Plain::Or(a, b) => match (evaluate(a, row), evaluate(b, row)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
    }
}

/// Rows and subjects hit, by going through the list.
fn counted(plain: &Plain, rows: &[CohortRow]) -> [u64; 2] {
    let hits: Vec<u128> = rows
        .iter()
        .filter(|row| evaluate(plain, row) == Some(true))
        .map(|row| row.subject)
        .collect();
    [
        hits.len() as u64,
        hits.iter().collect::<BTreeSet<_>>().len() as u64,
    ]
}

/// A constant of a column, at, inside or outside its bounds, also between two values where the type
/// has such.
fn constant(column: usize) -> BoxedStrategy<Number> {
    let schema = claim_schema();
    let (min, max) = schema.columns()[column].bounds();
    match &schema.columns()[column].kind {
        ColumnType::Code { .. } | ColumnType::Flag => (min..=max).prop_map(|v| v * 10).boxed(),
        ColumnType::Day { .. } => prop_oneof![Just(min), Just(max), min - 900..=max + 900]
            .prop_map(|v| v * 10)
            .boxed(),
        _ => prop_oneof![
            Just(min * 10),
            Just(max * 10),
            min * 10 - 300..=max * 10 + 300,
            (min - 9..=max + 9).prop_map(|v| v * 10)
        ]
        .boxed(),
    }
}

fn leaf() -> impl Strategy<Value = Plain> {
    // Every column of one cell.
    let column = prop_oneof![0usize..8, 9usize..11];
    column.prop_flat_map(|column| {
        let ordered = !matches!(
            claim_schema().columns()[column].kind,
            ColumnType::Code { .. } | ColumnType::Flag
        );
        let flag = matches!(claim_schema().columns()[column].kind, ColumnType::Flag);
        let operators = if ordered {
            vec!["=", "<>", "<", "<=", ">", ">="]
        } else {
            vec!["=", "<>"]
        };
        let compare = (prop::sample::select(operators), constant(column))
            .prop_map(move |(op, k)| Plain::Compare(column, op, k));
        let between = (any::<bool>(), constant(column), constant(column));
        let between = between.prop_map(move |(n, a, b)| {
            if ordered {
                Plain::Between(column, n, a, b)
            } else {
                Plain::In(column, n, vec![a, b])
            }
        });
        let list = (any::<bool>(), prop::collection::vec(constant(column), 1..4))
            .prop_map(move |(n, items)| Plain::In(column, n, items));
        let null = any::<bool>().prop_map(move |n| Plain::Null(column, n));
        let bare = any::<bool>().prop_map(move |b| {
            if flag {
                Plain::Flag(column)
            } else {
                Plain::Constant(b)
            }
        });
        prop_oneof![8 => compare, 3 => between, 2 => list, 2 => null, 1 => bare]
    })
}

fn condition() -> impl Strategy<Value = Plain> {
    leaf().prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Plain::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Plain::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Plain::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn claim(rows: &[CohortRow], program: &Program, unit: CountUnit, k: u64, floor: u64) -> ClaimPlan {
    let segment = cohort_fixture(rows, 16);
    let cohort = Cohort {
        n_rows: segment.n_rows,
        n_subjects: segment.n_subjects,
    };
    let chunks = opened(&segment, 16, program);
    plan(
        program,
        &chunks,
        terms(unit, k),
        cohort,
        floor,
        Felt::from_u64(1),
        &mut ChaCha20Rng::seed_from_u64(k),
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn c13_programs_say_what_sql_says(condition in condition(), seed in 0u64..50) {
        let schema = claim_schema();
        let text = write(&schema, &condition);
        let query = match compile(&text, &schema, CountUnit::Rows) {
            Ok(query) => query,
            Err(QueryError::TooLarge { .. }) => return Ok(()),
            Err(e) => return Err(TestCaseError::fail(format!("{text}: {e}"))),
        };
        prop_assert!(query.program().is_well_formed());
        let rows = cohort_rows(12, seed);
        let segment = cohort_fixture(&rows[..1], 16);
        for row in &rows {
            let mut values: Vec<_> = Vec::new();
            for (column, value) in schema.columns().iter().zip(&row.values) {
                let limbs = value.map(|v| column.encode(column.value_of(v).unwrap()).unwrap());
                let cell = |limb: usize| limbs.as_ref().map_or(medveil_circuits::page::Cell::ABSENT, |l| medveil_circuits::page::Cell::present(l[limb]).unwrap());
                values.extend((0..column.limbs() as usize).map(cell));
            }
            prop_assert_eq!(query.evaluate(&values), evaluate(&condition, row), "{}", text);
        }
        // Padding is unknown, true or false as its absent cells say; that it is no hit is L6.
        prop_assert_eq!(segment.n_rows, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn c12_claims_hold_up_to_a_plain_count(condition in condition(), seed in 0u64..1_000, n in 1usize..50, subjects in any::<bool>()) {
        let schema = claim_schema();
        let unit = if subjects { CountUnit::Subjects } else { CountUnit::Rows };
        let Ok(query) = compile(&write(&schema, &condition), &schema, unit) else { return Ok(()) };
        let rows = cohort_rows(n, seed);
        let [hit_rows, hit_subjects] = counted(&condition, &rows);
        let expected = if subjects { hit_subjects } else { hit_rows };
        for k in [expected.saturating_sub(1), expected, expected + 1] {
            let planned = claim(&rows, query.program(), unit, k, 0);
            prop_assert!([planned.counts.rows, planned.counts.subjects] == [hit_rows, hit_subjects]);
            prop_assert_eq!(ClaimFinal::check(&planned.last, &planned.last_private).is_ok(), k <= expected);
            for part in &planned.chunks {
                prop_assert_eq!(ClaimChunk::<16>::check(&part.public, &part.private), Ok(()));
            }
            judge(&planned, query.hash()).unwrap();
        }
    }
}

/// What whoever verifies a claim checks beside the proofs: every chunk of the version in its place,
/// links joined, the sum.
fn judge(plan: &ClaimPlan, query: QueryHash) -> Result<(), &'static str> {
    let mut before = first_link(query);
    for (i, part) in plan.chunks.iter().enumerate() {
        let public = &part.public;
        if public.query != query || public.context != plan.last.context {
            return Err("another query or context");
        }
        if public.chunk_index != i as u64 || public.link_in != before {
            return Err("not the next chunk");
        }
        before = public.link_out;
    }
    let lanes: Vec<_> = plan.chunks.iter().map(|part| part.public.lane).collect();
    if total(&lanes) == plan.last.total {
        Ok(())
    } else {
        Err("another sum")
    }
}

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
    let cohort = Cohort {
        n_rows: segment.n_rows,
        n_subjects: segment.n_subjects,
    };
    let chunks = opened(&segment, 16, &program);
    plan(
        &program,
        &chunks,
        terms(CountUnit::Rows, 1),
        cohort,
        0,
        Felt::from_u64(4242),
        &mut ChaCha20Rng::seed_from_u64(99),
    )
    .unwrap()
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
    assert!([planned.counts.rows, planned.counts.subjects] == [41, 2]);
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
    forgetful.already = false;
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
fn c13_missing_values_satisfy_neither_a_query_nor_its_negation() {
    let mut rows = cohort_rows(20, 5);
    rows.iter_mut().for_each(|row| row.values[0] = None);
    let segment = cohort_fixture(&rows, 16);
    let hits = |text: &str| {
        let query = compile(text, &claim_schema(), CountUnit::Rows).unwrap();
        count(query.program(), &opened(&segment, 16, query.program())).rows
    };
    for text in [
        "age = 0",
        "age < 50",
        "age <= 200",
        "age > -5",
        "age IN (1, 2)",
        "age BETWEEN 0 AND 100",
    ] {
        assert_eq!(
            (hits(text), hits(&format!("NOT ({text})"))),
            (0, 0),
            "{text}"
        );
    }
    // 12 of 32 rows are padding: they are missing everywhere and hits nowhere.
    assert_eq!(
        (hits("age IS NULL"), hits("age IS NOT NULL"), hits("TRUE")),
        (20, 0, 20)
    );
}

#[test]
fn p3_links_hide_whether_a_subject_goes_on() {
    // A link opened by dictionary: without the blind, neither 0 nor 1 fits, except for the constant
    // first one.
    let plan = whole_fixture();
    let hash = plan.chunks[0].public.query;
    assert_eq!(plan.chunks[0].public.link_in, first_link(hash));
    for (i, part) in plan.chunks.iter().enumerate() {
        let guesses =
            [false, true].map(|already| link(hash, i as u64 + 1, already, Fr::from(0u64)));
        assert!(!guesses.contains(&part.public.link_out));
    }
    let links: BTreeSet<Felt> = plan
        .chunks
        .iter()
        .map(|part| part.public.link_out)
        .collect();
    assert_eq!(links.len(), plan.chunks.len());
}
