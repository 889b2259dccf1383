//! C13 and C12: programs say what SQL says, and claims hold up to a plain count.

use crate::conditions::condition;
use crate::plain::{counted, evaluate, write};
use crate::{claim, judge};
use medveil_circuits::claim::{ClaimChunk, ClaimFinal, CountUnit, count};
use medveil_circuits::query::{QueryError, compile};
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{claim_schema, cohort_fixture, cohort_rows, opened};
use proptest::prelude::*;

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
