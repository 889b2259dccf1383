//! Random conditions over the cohort's columns.

use crate::plain::{Number, Plain};
use medveil_circuits::schema::ColumnType;
use medveil_circuits::testing::claim_schema;
use proptest::prelude::*;

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

pub fn condition() -> impl Strategy<Value = Plain> {
    leaf().prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Plain::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Plain::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Plain::Or(Box::new(a), Box::new(b))),
        ]
    })
}
