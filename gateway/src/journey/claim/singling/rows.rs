//! Claims over rows: two sets of rows of one dataset that differ in the rows of few subjects tell of
//! these subjects.

use fixedbitset::FixedBitSet;
use medveil_circuits::claim::RowHit;
use std::collections::BTreeSet;

/// A claim over rows.
pub struct RowClaim {
    /// What it is, for the holder.
    pub what: String,
    /// The rows that it hits.
    pub hits: FixedBitSet,
}

impl RowClaim {
    pub fn new(what: String, rows: &[RowHit]) -> Self {
        let mut hits = FixedBitSet::with_capacity(rows.len());
        let hit = rows.iter().enumerate().filter(|(_, row)| row.is_hit);
        hit.for_each(|(at, _)| hits.insert(at));
        RowClaim { what, hits }
    }
}

/// The one or two known claims over rows of the same dataset next to which a new one would single
/// somebody out, where it was not so before.
///
/// **Shape**: all sets are of as many rows as there are.
///
/// **Cost**: known claims squared, some twenty steps a row.
pub fn find_rows<'a>(
    rows: &[RowHit],
    new: &RowClaim,
    known: &'a [RowClaim],
    floor: usize,
) -> Option<Vec<&'a str>> {
    let near = |target: &RowClaim, others: &[&RowClaim]| is_near(rows, target, others, floor);
    for (i, first) in known.iter().enumerate() {
        if near(new, &[first]) || near(first, &[new]) {
            return Some(vec![&first.what]);
        }
        for second in &known[i + 1..] {
            let of_known = |target, other| near(target, &[new, other]) && !near(target, &[other]);
            if near(new, &[first, second]) || of_known(first, second) || of_known(second, first) {
                return Some(vec![&first.what, &second.what]);
            }
        }
    }
    None
}

/// Whether a set of rows differs from some combination of the others in the rows of 1 to
/// `floor - 1` subjects. One that another has, or has the complement of, says nothing new.
fn is_near(rows: &[RowHit], target: &RowClaim, others: &[&RowClaim], floor: usize) -> bool {
    let cell = |at: usize| {
        let bits = others.iter().enumerate();
        bits.map(|(i, other)| usize::from(other.hits.contains(at)) << i)
            .sum::<usize>()
    };
    let differs =
        |at: usize, union: usize| target.hits.contains(at) != (union >> cell(at) & 1 == 1);
    let is_told = others.iter().any(|other| {
        let same = target.hits == other.hits;
        same || (0..rows.len()).all(|at| target.hits.contains(at) != other.hits.contains(at))
    });
    // All and nothing are no combinations.
    let unions = 1..(1usize << (1 << others.len())) - 1;
    !is_told
        && unions.into_iter().any(|union| {
            let mut subjects = BTreeSet::new();
            for (_, row) in rows
                .iter()
                .enumerate()
                .filter(|(at, _)| differs(*at, union))
            {
                subjects.insert(row.subject);
                if subjects.len() >= floor {
                    return false;
                }
            }
            !subjects.is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty subjects of three rows each.
    fn claim(what: &str, hit: impl Fn(u32, usize) -> bool) -> (Vec<RowHit>, RowClaim) {
        let rows = (0..40u32).flat_map(|subject| (0..3).map(move |at| (subject, at)));
        let rows = rows.map(|(subject, at)| RowHit {
            subject,
            is_hit: hit(subject, at),
        });
        let rows: Vec<RowHit> = rows.collect();
        let claim = RowClaim::new(what.to_owned(), &rows);
        (rows, claim)
    }

    #[test]
    fn m8_rows_of_one_subject_are_singled_out_where_subjects_are_the_same() {
        let (rows, first) = claim("first", |_, at| at == 0);
        let known = [first];
        let check = |hit: &dyn Fn(u32, usize) -> bool| {
            let (_, new) = claim("new", hit);
            find_rows(&rows, &new, &known, 11).is_some()
        };
        // One row of one more, and of ten more, have the same subjects.
        assert!(check(&|subject, at| at == 0 || (subject, at) == (7, 1)));
        assert!(check(&|subject, at| at == 0 || (subject < 10 && at == 1)));
        assert!(!check(&|subject, at| at == 0 || (subject < 11 && at == 1)));
        // The complement's neighbour tells as much; the complement and the same rows nothing new.
        assert!(check(&|subject, at| at != 0 && (subject, at) != (7, 1)));
        assert!(!check(&|_, at| at != 0));
        assert!(!check(&|_, at| at == 0));
    }

    #[test]
    fn m8_unions_of_two_claims_over_rows_are_compared() {
        let (rows, first) = claim("first", |subject, at| at == 0 && subject < 20);
        let (_, second) = claim("second", |subject, at| at == 0 && subject >= 20);
        let (_, new) = claim("new", |subject, at| at == 0 && subject != 3);
        let known = [first, second];
        let found = find_rows(&rows, &new, &known, 11);
        assert_eq!(found, Some(vec!["first", "second"]));
    }
}
