//! Against a plain computation over random tables.

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

type Plain = BTreeSet<usize>;

fn bits(set: &Plain, n: usize) -> FixedBitSet {
    let mut out = FixedBitSet::with_capacity(n);
    set.iter().for_each(|i| out.insert(*i));
    out
}

/// Every Boolean combination of two sets inside a universe, but for all and nothing of it.
fn combinations(a: &Plain, b: &Plain, universe: &Plain) -> Vec<Plain> {
    let truth = |i: &usize, table: u8| {
        let place = match (a.contains(i), b.contains(i)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        table >> place & 1 == 1
    };
    let of = |table: u8| {
        universe
            .iter()
            .filter(|i| truth(i, table))
            .copied()
            .collect()
    };
    (1u8..15).map(of).collect()
}

fn singles_out(set: &Plain, known: &[Plain], universe: &Plain, floor: usize) -> bool {
    let near = |other: &Plain| {
        let n = set.symmetric_difference(other).count();
        (1..floor).contains(&n)
    };
    known.iter().any(|a| {
        known
            .iter()
            .any(|b| combinations(a, b, universe).iter().any(near))
    })
}

fn known(sets: &[Plain], n: usize) -> Vec<KnownSet> {
    let named = |(i, set): (usize, &Plain)| KnownSet {
        what: i.to_string(),
        set: bits(set, n),
    };
    sets.iter().enumerate().map(named).collect()
}

#[test]
fn m8_p5_pairs_complements_and_unions_are_found_as_plainly_computed() {
    let rng = &mut ChaCha20Rng::seed_from_u64(8);
    let (mut found, mut passed) = (0, 0);
    for _ in 0..400 {
        let n = rng.gen_range(20..140);
        let floor = rng.gen_range(2..12);
        let universe: Plain = (0..n).filter(|_| rng.gen_ratio(9, 10)).collect();
        let mut some = |of: &Plain| -> Plain {
            let share = rng.gen_range(1..20);
            of.iter()
                .filter(|_| rng.gen_ratio(share, 20))
                .copied()
                .collect()
        };
        let mut sets: Vec<Plain> = (0..3).map(|_| some(&(0..n).collect())).collect();
        // Half of the time a set is nearly a combination of two others.
        let mut set = some(&universe);
        if rng.gen_bool(0.5) {
            set = sets[0].union(&sets[1]).copied().collect();
            set.retain(|i| universe.contains(i));
            let odd = rng.gen_range(0..n);
            if universe.contains(&odd) && !set.insert(odd) {
                set.remove(&odd);
            }
        }
        sets.truncate(rng.gen_range(0..=3));
        let expected = singles_out(&set, &sets, &universe, floor);
        let sets = known(&sets, n);
        let got = find(&bits(&set, n), &sets, &[&bits(&universe, n)], floor);
        assert_eq!(got.is_some(), expected, "n {n}, floor {floor}");
        match expected {
            true => found += 1,
            false => passed += 1,
        }
    }
    assert!(found > 50 && passed > 50, "{found} found, {passed} passed");
}

#[test]
fn m8_two_claims_that_differ_by_one_woman_collide() {
    let all: Plain = (0..60).collect();
    let women: Plain = (0..37).collect();
    let older: Plain = (0..36).collect();
    let others: Plain = (37..60).collect();
    let earlier = known(std::slice::from_ref(&women), 60);
    let universe = bits(&all, 60);
    let check = |set: &Plain| find(&bits(set, 60), &earlier, &[&universe], 11);
    assert_eq!(check(&older), Some(vec!["0"]));
    // Her complement's neighbour tells as much; the same claim again, and the exact complement,
    // tell nothing new.
    let nearly: Plain = (36..60).collect();
    assert_eq!(check(&nearly), Some(vec!["0"]));
    assert_eq!(check(&women), None);
    assert_eq!(check(&others), None);
}
