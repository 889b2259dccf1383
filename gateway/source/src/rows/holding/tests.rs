//! Cells against what their rules say of all values at once.

use super::*;
use crate::date::{Clock, When};
use medveil_circuits::schema::Schema;
use proptest::prelude::*;

const RULES: [(&str, RowRule); 6] = [
    ("first", RowRule::First),
    ("last", RowRule::Last),
    ("min", RowRule::Min),
    ("max", RowRule::Max),
    ("any", RowRule::Any),
    ("count", RowRule::Count),
];

/// A value that a row has, or one that cannot be used; and its second.
type Taken = (Option<i64>, Option<i64>);

/// One column of each rule, with dates, and one without.
fn columns(min: i64, max: i64) -> Schema {
    let column = |(i, (rule, of)): (usize, &(&str, RowRule))| match of {
        RowRule::Any => format!(r#"{{"name":"c{i}","type":"flag","rule":"any"}}"#),
        _ => format!(r#"{{"name":"c{i}","type":"int","min":{min},"max":{max},"rule":"{rule}"}}"#),
    };
    let all = RULES.iter().chain(&RULES).enumerate().map(column);
    let all: Vec<String> = all.collect();
    let text = format!(
        r#"{{"format":"medveil-schema-1","columns":[{}]}}"#,
        all.join(",")
    );
    Schema::from_json(&text).unwrap()
}

fn when(second: Option<i64>) -> Option<When> {
    let second = second?;
    Some(When {
        second,
        day: second.div_euclid(86_400) as i32,
        completed: false,
        clock: Clock::Zoned,
    })
}

/// Number of values, the chosen one, and whether another of its time differs.
fn expected(rule: RowRule, taken: &[Taken]) -> (u64, Option<i64>, bool) {
    let known = || taken.iter().filter_map(|(value, _)| *value);
    let n = known().count() as u64;
    let numbered = || taken.iter().enumerate();
    let chosen = match rule {
        RowRule::First => numbered().min_by_key(|(i, (_, at))| (at.is_none(), *at, *i)),
        RowRule::Last => numbered().max_by_key(|(i, (_, at))| (*at, *i)),
        RowRule::Min => return (n, known().min(), false),
        RowRule::Max | RowRule::Any => return (n, known().max(), false),
        RowRule::Count => return (n, None, false),
    };
    let Some((_, (value, second))) = chosen else {
        return (n, None, false);
    };
    let mut others = taken.iter();
    let is_tied = others.any(|(other, at)| at == second && other != value);
    (n, *value, is_tied)
}

fn check(schema: &Schema, rows: &[Vec<Taken>]) {
    let n = RULES.len();
    let dated = (0..2 * n).map(|i| i < n);
    let mut holding = Holding::new(schema.columns().iter().zip(dated));
    for row in 0..rows.len() {
        assert_eq!(holding.push(row as u128 + 1), Some(row as u32));
    }
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    // As tables come: a value of each row in turn.
    for (at, row) in (0..most).flat_map(|at| (0..rows.len()).map(move |row| (at, row))) {
        let Some((value, second)) = rows[row].get(at) else {
            continue;
        };
        for (column, (_, rule)) in RULES.iter().chain(&RULES).enumerate() {
            let mut held = holding.cell(row as u32, column);
            let value = match rule {
                RowRule::Any => value.map(|value| value.rem_euclid(2)),
                _ => *value,
            };
            held.take(*rule, value, when(*second).filter(|_| column < n));
            assert!(holding.set(row as u32, column, held));
        }
    }
    let mut drained = 0;
    let done: Result<(), ()> = holding.drain(|pseudonym, cells| {
        let taken = &rows[pseudonym as usize - 1];
        for (column, (_, rule)) in RULES.iter().chain(&RULES).enumerate() {
            let taken: Vec<Taken> = taken
                .iter()
                .map(|(value, second)| match rule {
                    RowRule::Any => (value.map(|v| v.rem_euclid(2)), *second),
                    _ => (*value, *second),
                })
                .map(|(value, second)| (value, second.filter(|_| column < n)))
                .collect();
            let (n, value, is_tied) = expected(*rule, &taken);
            let held = cells[column];
            assert_eq!(held.n(), n, "{rule:?}");
            assert_eq!(held.is_tied(), is_tied, "{rule:?}");
            let is_kept = *rule != RowRule::Count;
            assert_eq!(held.chosen().filter(|_| is_kept), value, "{rule:?}");
            assert_eq!(held.is_absent(), taken.is_empty(), "{rule:?}");
        }
        drained += 1;
        Ok(())
    });
    assert_eq!((done, drained), (Ok(()), rows.len()));
}

fn some_taken() -> impl Strategy<Value = Taken> {
    let second = prop_oneof![
        Just(SECONDS.0),
        Just(SECONDS.1),
        Just(0),
        -62_135_596_800i64..253_402_300_800,
        -2i64..2
    ];
    let value = prop_oneof![4 => (-3i64..40).prop_map(Some), 1 => Just(None)];
    (value, prop::option::of(second))
}

proptest! {
    #[test]
    fn b7_cells_hold_what_their_rules_say(
        rows in prop::collection::vec(prop::collection::vec(some_taken(), 0..9), 1..6)
    ) {
        check(&columns(-3, 100), &rows);
    }

    #[test]
    fn b7_a_row_a_record_holds_its_value(taken in prop::option::of(some_taken())) {
        check(&columns(-3, 100), &[taken.into_iter().collect()]);
    }
}

#[test]
fn numbers_that_no_field_holds_are_exact() {
    for n in [254, 255, 16_382, 16_383, 16_384] {
        let taken = vec![(Some(1), Some(5)); n];
        check(
            &columns(0, 10_000),
            &[taken.clone(), vec![(None, None)], taken],
        );
    }
}

#[test]
fn what_is_not_in_the_span_is_not_held() {
    let schema = columns(0, 10);
    let mut holding = Holding::new(schema.columns().iter().zip([true; 12]));
    holding.push(1).unwrap();
    for (value, second) in [(11, 0), (-1, 0), (5, SECONDS.1 + 1)] {
        let mut held = Held::NOTHING;
        held.take(RowRule::Last, Some(value), when(Some(second)));
        assert!(!holding.set(0, 1, held), "{value} {second}");
    }
    assert!(!holding.set(0, 12, Held::NOTHING));
}
