//! Several values of one patient and column become one; what does not count is counted.

use super::column::{Bad, SourceColumn};
use super::date::When;
use medveil_circuits::schema::{ColumnType, RowRule};
use std::collections::BTreeMap;

/// One value that a source holds. No `Debug`: it is somebody's.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub value: i64,
    /// When it was true.
    pub when: Option<When>,
    /// Position in the source, over all files.
    pub order: u64,
}

/// What was dropped: how often, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropCount {
    /// The column, when one value was dropped; none for whole resources, rows, patients and files.
    pub column: Option<String>,
    pub reason: String,
    pub count: u64,
    /// Where the first of them stands: file and entry or row.
    pub first: Option<String>,
}

/// Which column, and why.
type Key = (Option<u16>, &'static str);
/// How often, and where first.
type Tally = (u64, Option<String>);

/// Counts what is dropped, by column and reason.
#[derive(Default)]
pub(crate) struct Drops(BTreeMap<Key, Tally>);

impl Drops {
    /// Counts `n` of them.
    pub(crate) fn add(
        &mut self,
        column: Option<u16>,
        reason: &'static str,
        n: u64,
        first: impl FnOnce() -> Option<String>,
    ) {
        if n > 0 {
            let entry = self
                .0
                .entry((column, reason))
                .or_insert_with(|| (0, first()));
            entry.0 += n;
        }
    }

    /// Takes over the counts of a file.
    pub(crate) fn merge(&mut self, other: Drops) {
        for ((column, reason), (n, first)) in other.0 {
            self.add(column, reason, n, || first);
        }
    }

    /// The counts, whole things first, then by column.
    pub(crate) fn finish(self, columns: &[SourceColumn]) -> Vec<DropCount> {
        let name = |i: u16| columns.get(usize::from(i)).map(|c| c.name.clone());
        let count = |((column, reason), (count, first)): (Key, Tally)| DropCount {
            column: column.and_then(name),
            reason: reason.to_owned(),
            count,
            first,
        };
        self.0.into_iter().map(count).collect()
    }
}

/// The one value of a patient.
///
/// **Errors**: a count that the column cannot hold.
pub(crate) fn reduce(
    index: u16,
    column: &SourceColumn,
    mut seen: Vec<Seen>,
    drops: &mut Drops,
) -> Result<Option<i64>, Bad> {
    if let Some((from, to)) = column.window {
        let before = seen.len();
        seen.retain(|s| s.when.is_some());
        drops.add(
            Some(index),
            "no date, but the column has a window",
            (before - seen.len()) as u64,
            || None,
        );
        let dated = seen.len();
        seen.retain(|s| s.when.is_some_and(|w| (from..=to).contains(&w.day)));
        drops.add(
            Some(index),
            "outside the column's window",
            (dated - seen.len()) as u64,
            || None,
        );
    }
    if column.rule == RowRule::Count {
        let n = i64::try_from(seen.len()).map_err(|_| Bad::Range)?;
        return column.in_range(n).map(Some);
    }
    if seen.is_empty() {
        return Ok(column.missing);
    }
    let superseded = seen.len() as u64 - 1;
    drops.add(Some(index), superseded_by(column.rule), superseded, || None);
    Ok(choose(column, &seen))
}

fn superseded_by(rule: RowRule) -> &'static str {
    match rule {
        RowRule::First => "a value of the same patient came first",
        RowRule::Last => "a value of the same patient came last",
        RowRule::Min => "a value of the same patient is smaller or equal",
        RowRule::Max => "a value of the same patient is larger or equal",
        RowRule::Any | RowRule::Count => "joined with another value of the same patient",
    }
}

fn choose(column: &SourceColumn, seen: &[Seen]) -> Option<i64> {
    let chosen = match column.rule {
        // A dated value goes before an undated one, whichever end is looked for.
        RowRule::First => seen
            .iter()
            .min_by_key(|s| (s.when.is_none(), s.when, s.order)),
        RowRule::Last => seen.iter().max_by_key(|s| (s.when, s.order)),
        RowRule::Min => seen.iter().min_by_key(|s| s.value),
        RowRule::Max => seen.iter().max_by_key(|s| s.value),
        RowRule::Any if column.kind == ColumnType::Flag => seen.iter().max_by_key(|s| s.value),
        RowRule::Any | RowRule::Count => seen.iter().min_by_key(|s| s.order),
    };
    chosen.map(|s| s.value)
}

#[cfg(test)]
mod tests {
    use super::super::column::test_column;
    use super::*;

    fn seen(value: i64, day: Option<i32>, order: u64) -> Seen {
        Seen {
            value,
            when: day.map(|day| When {
                second: i64::from(day) * 86_400,
                day,
            }),
            order,
        }
    }

    fn run(
        rule: RowRule,
        kind: ColumnType,
        window: Option<(i32, i32)>,
        values: &[Seen],
    ) -> (Option<i64>, Vec<(String, u64)>) {
        let column = SourceColumn {
            rule,
            window,
            missing: Some(0),
            ..test_column(kind)
        };
        let mut drops = Drops::default();
        let value = reduce(0, &column, values.to_vec(), &mut drops).unwrap();
        (
            value,
            drops
                .finish(&[column])
                .into_iter()
                .map(|d| (d.reason, d.count))
                .collect(),
        )
    }

    const INT: ColumnType = ColumnType::Int { min: 0, max: 100 };

    #[test]
    fn rules_choose_and_count_the_rest() {
        let values = [
            seen(5, Some(10), 0),
            seen(9, Some(30), 1),
            seen(2, Some(20), 2),
            seen(7, None, 3),
        ];
        for (rule, expected) in [
            (RowRule::First, 5),
            (RowRule::Last, 9),
            (RowRule::Min, 2),
            (RowRule::Max, 9),
            (RowRule::Any, 5),
        ] {
            let (value, drops) = run(rule, INT, None, &values);
            assert_eq!(
                (value, drops.len(), drops[0].1),
                (Some(expected), 1, 3),
                "{rule:?}"
            );
        }
        assert_eq!(run(RowRule::Count, INT, None, &values), (Some(4), vec![]));
        assert_eq!(run(RowRule::Last, INT, None, &[]), (Some(0), vec![]));
        assert_eq!(run(RowRule::Count, INT, None, &[]), (Some(0), vec![]));
    }

    #[test]
    fn equal_instants_follow_the_source() {
        let values = [seen(1, Some(10), 7), seen(2, Some(10), 8)];
        assert_eq!(run(RowRule::Last, INT, None, &values).0, Some(2));
        assert_eq!(run(RowRule::First, INT, None, &values).0, Some(1));
    }

    #[test]
    fn undated_values_stand_behind_dated_ones() {
        let values = [seen(1, None, 0), seen(2, Some(10), 1), seen(3, None, 2)];
        assert_eq!(run(RowRule::First, INT, None, &values).0, Some(2));
        assert_eq!(run(RowRule::Last, INT, None, &values).0, Some(2));
        assert_eq!(run(RowRule::Last, INT, None, &values[2..]).0, Some(3));
    }

    #[test]
    fn windows_drop_what_is_outside_or_undated() {
        let values = [
            seen(1, Some(9), 0),
            seen(2, Some(10), 1),
            seen(3, Some(20), 2),
            seen(4, Some(21), 3),
            seen(5, None, 4),
        ];
        let (value, drops) = run(RowRule::Last, INT, Some((10, 20)), &values);
        assert_eq!(value, Some(3));
        assert_eq!(drops.iter().map(|d| d.1).collect::<Vec<_>>(), [1, 1, 2]);
    }

    #[test]
    fn any_joins_flags_and_counts_must_fit() {
        assert_eq!(
            run(
                RowRule::Any,
                ColumnType::Flag,
                None,
                &[seen(0, None, 0), seen(1, None, 1)]
            )
            .0,
            Some(1)
        );
        let column = SourceColumn {
            rule: RowRule::Count,
            ..test_column(ColumnType::Int { min: 0, max: 1 })
        };
        assert_eq!(
            reduce(
                0,
                &column,
                vec![seen(1, None, 0), seen(1, None, 1)],
                &mut Drops::default()
            ),
            Err(Bad::Range)
        );
    }
}
