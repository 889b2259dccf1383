//! Against a plain computation over random tables.

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

type Plain = BTreeSet<usize>;

#[derive(Clone)]
struct PlainPublished {
    dataset: Plain,
    lanes: Vec<Plain>,
}

fn bits(set: &Plain, n: usize) -> FixedBitSet {
    let mut out = FixedBitSet::with_capacity(n);
    set.iter().for_each(|i| out.insert(*i));
    out
}

fn published(all: &[PlainPublished], n: usize) -> Vec<Published> {
    let one = |(i, p): (usize, &PlainPublished)| Published {
        what: i.to_string(),
        dataset: bits(&p.dataset, n),
        lanes: p.lanes.iter().map(|lane| bits(lane, n)).collect(),
    };
    all.iter().enumerate().map(one).collect()
}

/// Everything that two published things split the subjects into.
fn atoms(others: &[&PlainPublished], n: usize) -> Vec<Plain> {
    let sets: Vec<&Plain> = others
        .iter()
        .flat_map(|o| std::iter::once(&o.dataset).chain(&o.lanes))
        .collect();
    let mut atoms = std::collections::BTreeMap::<Vec<bool>, Plain>::new();
    for i in 0..n {
        let place: Vec<bool> = sets.iter().map(|s| s.contains(&i)).collect();
        atoms.entry(place).or_default().insert(i);
    }
    atoms.into_values().collect()
}

/// Every union of these parts, as the sizes of its difference from a set and of itself.
fn unions(parts: &[Plain], set: &Plain) -> Vec<(usize, usize)> {
    (0u64..1 << parts.len())
        .map(|chosen| {
            let taken = parts
                .iter()
                .enumerate()
                .filter(|(i, _)| chosen >> i & 1 == 1);
            let union: Plain = taken.flat_map(|(_, part)| part).copied().collect();
            (union.symmetric_difference(set).count(), union.len())
        })
        .collect()
}

/// Differences from combinations within the target's own dataset, but for all and nothing of it.
fn within(set: &Plain, home: &Plain, others: &[&PlainPublished], n: usize) -> Vec<usize> {
    let atoms = atoms(others, n);
    let parts = atoms
        .iter()
        .map(|atom| atom.intersection(home).copied().collect());
    let parts: Vec<Plain> = parts.filter(|part: &Plain| !part.is_empty()).collect();
    let all = unions(&parts, set).into_iter();
    let some = all.filter(|(_, size)| *size > 0 && *size < home.len());
    some.map(|(difference, _)| difference).collect()
}

/// Differences from unions and differences of what the others speak of.
fn anywhere(set: &Plain, home: &Plain, others: &[&PlainPublished], n: usize) -> Vec<usize> {
    let lanes: Vec<&Plain> = others.iter().flat_map(|o| &o.lanes).collect();
    let mut cells = std::collections::BTreeMap::<Vec<bool>, Plain>::new();
    for i in (0..n).filter(|i| lanes.iter().any(|lane| lane.contains(i))) {
        let place = lanes.iter().map(|lane| lane.contains(&i)).collect();
        cells.entry(place).or_default().insert(i);
    }
    let parts: Vec<Plain> = cells.into_values().collect();
    let chosen = |n: u64| {
        parts
            .iter()
            .enumerate()
            .filter(move |(i, _)| n >> i & 1 == 1)
    };
    let union = |n| {
        chosen(n)
            .flat_map(|(_, part)| part)
            .copied()
            .collect::<Plain>()
    };
    let all = (0u64..1 << parts.len()).map(union);
    let combinations = all.filter(|union| !home.is_subset(union));
    combinations
        .map(|union| union.symmetric_difference(set).count())
        .collect()
}

fn is_near(target: &PlainPublished, others: &[&PlainPublished], n: usize, floor: usize) -> bool {
    let home = &target.dataset;
    target.lanes.iter().any(|lane| {
        let is_told = others.iter().any(|o| {
            let complement: Plain = home.difference(lane).copied().collect();
            let has = |set: &Plain| o.lanes.contains(set);
            o.dataset == *lane || has(lane) || (o.dataset == *home && has(&complement))
        });
        let all = [
            within(lane, home, others, n),
            anywhere(lane, home, others, n),
        ]
        .concat();
        !is_told && all.iter().any(|difference| (1..floor).contains(difference))
    })
}

/// Whether any of them is near a combination of one or two others, in whatever order they came.
fn singles_out(all: &[PlainPublished], n: usize, floor: usize) -> bool {
    let at = |i: usize| &all[i];
    (0..all.len()).any(|t| {
        (0..all.len()).filter(|a| *a != t).any(|a| {
            is_near(at(t), &[at(a)], n, floor)
                || (0..all.len())
                    .filter(|b| *b != t && *b != a)
                    .any(|b| is_near(at(t), &[at(a), at(b)], n, floor))
        })
    })
}

fn some(rng: &mut ChaCha20Rng, of: &Plain) -> Plain {
    let share = rng.gen_range(1..20);
    let drawn = of.iter().filter(|_| rng.gen_ratio(share, 20));
    drawn.copied().collect()
}

/// Up to three claims over one or two datasets; often one is nearly a combination of the others.
fn table(rng: &mut ChaCha20Rng, n: usize) -> Vec<PlainPublished> {
    let everybody: Plain = (0..n).collect();
    let one = some(rng, &everybody);
    let datasets = [
        everybody.clone(),
        if rng.gen_bool(0.5) { everybody } else { one },
    ];
    let mut all: Vec<PlainPublished> = Vec::new();
    for i in 0..rng.gen_range(2..=3usize) {
        let dataset = datasets[rng.gen_range(0..2)].clone();
        let mut hit = some(rng, &dataset);
        if i > 0 && rng.gen_bool(0.6) {
            let others: Plain = all.iter().flat_map(|p| p.lanes[0].clone()).collect();
            hit = others.intersection(&dataset).copied().collect();
            let odd = rng.gen_range(0..n);
            if dataset.contains(&odd) && !hit.insert(odd) {
                hit.remove(&odd);
            }
        }
        let mut lanes = vec![hit];
        if rng.gen_ratio(1, 6) {
            lanes.push(some(rng, &dataset));
        }
        all.push(PlainPublished { dataset, lanes });
    }
    all
}

#[test]
fn m8_p5_pairs_complements_and_unions_are_found_as_plainly_computed() {
    let rng = &mut ChaCha20Rng::seed_from_u64(8);
    let (mut refused, mut passed) = (0, 0);
    for _ in 0..300 {
        let n = rng.gen_range(12..90);
        let floor = rng.gen_range(2..9);
        let all = table(rng, n);
        // In whatever order they come, the last of them is refused where they single anybody out,
        // unless one before was.
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.rotate_left(rng.gen_range(0..all.len()));
        let (mut before, mut is_refused) = (Vec::new(), false);
        for i in order {
            let new = &published(&all[i..=i], n)[0];
            if find(new, &published(&before, n), floor).is_some() {
                is_refused = true;
                break;
            }
            before.push(all[i].clone());
        }
        assert_eq!(
            is_refused,
            singles_out(&all, n, floor),
            "n {n}, floor {floor}"
        );
        match is_refused {
            true => refused += 1,
            false => passed += 1,
        }
    }
    assert!(
        refused > 30 && passed > 30,
        "{refused} refused, {passed} passed"
    );
}

fn claim(dataset: &Plain, hit: Plain) -> PlainPublished {
    PlainPublished {
        dataset: dataset.clone(),
        lanes: vec![hit],
    }
}

#[test]
fn m8_two_claims_that_differ_by_one_woman_collide() {
    let all: Plain = (0..60).collect();
    let of = |range: std::ops::Range<usize>| claim(&all, range.collect());
    let earlier = published(&[of(0..37)], 60);
    let check = |set: PlainPublished| find(&published(&[set], 60)[0], &earlier, 11);
    assert_eq!(check(of(0..36)), Some(vec!["0"]));
    // Her complement's neighbour tells as much; the same claim again, and the exact complement,
    // tell nothing new.
    assert_eq!(check(of(36..60)), Some(vec!["0"]));
    assert_eq!(check(of(0..37)), None);
    assert_eq!(check(of(37..60)), None);
}

#[test]
fn m8_the_order_in_which_three_claims_come_does_not_matter() {
    let all: Plain = (0..100).collect();
    let three = [0..30, 20..50, 0..51].map(|range| claim(&all, range.collect()));
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let before: Vec<_> = order[..2].iter().map(|i| three[*i].clone()).collect();
        let last = &published(&[three[order[2]].clone()], 100)[0];
        assert!(
            find(last, &published(&before, 100), 11).is_some(),
            "{order:?}"
        );
    }
}

#[test]
fn m8_a_dataset_that_differs_from_a_claim_by_few_is_found() {
    let all: Plain = (0..200).collect();
    let whole = |range: std::ops::Range<usize>| PlainPublished {
        dataset: range.collect(),
        lanes: Vec::new(),
    };
    let known = published(&[whole(0..200), claim(&all, (0..137).collect())], 200);
    let check = |set| find(&published(&[set], 200)[0], &known, 11);
    assert!(check(whole(0..136)).is_some());
    assert_eq!(check(whole(0..199)), Some(vec!["0"]));
    assert_eq!(check(whole(0..137)), None);
    assert_eq!(check(whole(0..100)), None);
}
