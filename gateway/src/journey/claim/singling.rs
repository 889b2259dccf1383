//! Whether a claim, next to those that are published or waiting, would single people out.
//!
//! The holder knows the rows: it compares whole sets of subjects, over all its datasets. Of any three
//! published things, each is held against every Boolean combination of the other two, in whichever
//! order they came: one that differs by 1 to floor - 1 subjects tells of these alone. What the
//! refusal tells stays with the holder.

use fixedbitset::FixedBitSet;

/// One published thing: a dataset, or a claim with the dataset that it is about.
pub struct Published {
    /// What it is, for the holder.
    pub what: String,
    /// The dataset's subjects.
    pub dataset: FixedBitSet,
    /// What a claim speaks of: the subjects with a hit, and, where rows are counted, those with a
    /// row that is none. None for a dataset alone.
    pub lanes: Vec<FixedBitSet>,
}

/// The one or two known things next to which a new one would single somebody out.
///
/// **Shape**: all sets are of one length.
///
/// **Cost**: known things squared, a few hundred steps for each 64 subjects.
pub fn find<'a>(new: &Published, known: &'a [Published], floor: usize) -> Option<Vec<&'a str>> {
    for (i, first) in known.iter().enumerate() {
        for second in &known[i..] {
            if collides(new, (first, second), floor) {
                let mut named = vec![first.what.as_str(), second.what.as_str()];
                named.dedup();
                return Some(named);
            }
        }
    }
    None
}

/// Datasets stand already: only claims are held against the new one.
fn collides(new: &Published, (first, second): (&Published, &Published), floor: usize) -> bool {
    let of_known = |target: &Published, others: &[&Published]| {
        !target.lanes.is_empty() && target.is_near(others, floor)
    };
    if std::ptr::eq(first, second) {
        return new.is_near(&[first], floor) || of_known(first, &[new]);
    }
    new.is_near(&[first, second], floor)
        || of_known(first, &[new, second])
        || of_known(second, &[new, first])
}

impl Published {
    /// Whether one of these sets differs by 1 to `floor - 1` subjects from some combination of the
    /// others' sets.
    fn is_near(&self, others: &[&Published], floor: usize) -> bool {
        let sets = || {
            others
                .iter()
                .flat_map(|o| std::iter::once(&o.dataset).chain(&o.lanes))
        };
        let sets: Vec<&FixedBitSet> = sets().collect();
        match self.lanes.as_slice() {
            [] => is_near(&Target::whole(&self.dataset), &sets, floor),
            lanes => lanes.iter().any(|set| {
                let target = Target {
                    set,
                    within: Some(&self.dataset),
                };
                is_near(&target, &sets, floor)
            }),
        }
    }
}

/// A set, and the subjects among which its complement is taken.
struct Target<'a> {
    set: &'a FixedBitSet,
    /// None is everybody.
    within: Option<&'a FixedBitSet>,
}

impl<'a> Target<'a> {
    fn whole(set: &'a FixedBitSet) -> Self {
        Target { set, within: None }
    }
}

/// Numbers of a target's subjects in a cell of a Venn diagram, and of others in it.
type Cell = (usize, usize);

fn is_near(target: &Target<'_>, sets: &[&FixedBitSet], floor: usize) -> bool {
    let n_cells = 1 << sets.len();
    let (mut within, mut outside) = (vec![(0, 0); n_cells], vec![(0, 0); n_cells]);
    for (word, of_target) in target.set.as_slice().iter().enumerate() {
        let home = target.within.map_or(usize::MAX, |set| set.as_slice()[word]);
        for cell in 0..n_cells {
            let mut mask = usize::MAX;
            for (i, set) in sets.iter().enumerate() {
                let bits = set.as_slice()[word];
                mask &= if cell >> i & 1 == 1 { bits } else { !bits };
            }
            add(&mut within[cell], mask & home, *of_target);
            // Nobody is in no set at all: bits past the last subject are.
            let elsewhere = if cell == 0 { 0 } else { mask & !home };
            add(&mut outside[cell], elsewhere, *of_target);
        }
    }
    if target.within.is_some() {
        return reaches(&within, &outside, floor).mixed & !1 != 0;
    }
    // Bits past the last subject are in no set, and a dataset may equal a union of all cells.
    within[0].1 = 0;
    let sums = reaches(&within, &outside, floor);
    (sums.mixed | sums.all) & !1 != 0
}

fn add(cell: &mut Cell, mask: usize, of_target: usize) {
    cell.0 += (mask & of_target).count_ones() as usize;
    cell.1 += (mask & !of_target).count_ones() as usize;
}

/// By how much unions of cells differ from the target. All and nothing of a claim's dataset are no
/// combination: floor and complement are about these.
fn reaches(within: &[Cell], outside: &[Cell], floor: usize) -> Sums {
    let mut sums = Sums::new(floor);
    within.iter().for_each(|cell| sums.choose(*cell));
    for (_, others) in outside.iter().filter(|(_, n)| *n > 0) {
        sums.mixed |= sums.shift(sums.mixed, *others);
    }
    sums
}

/// Differences below the floor that can be reached: bit n is set where n can. A difference of 0
/// says the same as what is known already.
struct Sums {
    floor: usize,
    is_begun: bool,
    /// With all cells taken so far, with none, with some.
    all: u64,
    none: u64,
    mixed: u64,
}

impl Sums {
    fn new(floor: usize) -> Self {
        Sums {
            floor: floor.min(63),
            is_begun: false,
            all: 1,
            none: 1,
            mixed: 0,
        }
    }

    fn shift(&self, sums: u64, by: usize) -> u64 {
        let limit = (1 << self.floor) - 1;
        if by < self.floor {
            (sums << by) & limit
        } else {
            0
        }
    }

    /// Takes a cell into the union, which adds its others, or leaves it, which misses its own.
    fn choose(&mut self, (own, others): Cell) {
        if (own, others) == (0, 0) {
            return;
        }
        let (taken, left) = (
            |s: &Self, sums| s.shift(sums, others),
            |s: &Self, sums| s.shift(sums, own),
        );
        let mut mixed = taken(self, self.mixed) | left(self, self.mixed);
        if self.is_begun {
            mixed |= left(self, self.all) | taken(self, self.none);
        }
        (self.all, self.none) = (taken(self, self.all), left(self, self.none));
        self.mixed = mixed;
        self.is_begun = true;
    }
}

#[cfg(test)]
mod tests;
