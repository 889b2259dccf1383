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

/// The one or two known things next to which a new one would single somebody out, where it was not
/// so before.
///
/// **Shape**: all sets are of one length.
///
/// **Cost**: known things squared, a few hundred steps for each 64 subjects: 5 s on one core for 64
/// claims over 100,000.
pub fn find<'a>(new: &Published, known: &'a [Published], floor: usize) -> Option<Vec<&'a str>> {
    let is_related = |p: &Published| !p.dataset.is_disjoint(&new.dataset);
    // One alone is named before a pair that it is in.
    let alone = |one: &&Published| is_related(one) && collides(new, (one, one), floor);
    if let Some(one) = known.iter().find(alone) {
        return Some(vec![&one.what]);
    }
    for (i, first) in known.iter().enumerate() {
        for second in &known[i + 1..] {
            let may_tell = is_related(first) || is_related(second);
            if may_tell && collides(new, (first, second), floor) {
                let mut named = vec![first.what.as_str(), second.what.as_str()];
                named.dedup();
                return Some(named);
            }
        }
    }
    None
}

/// The dataset with criteria, and the other dataset, next to which a new plain one would single out
/// some of those who do not meet the criteria. What differs from a plain one alone does not.
///
/// **Shape**: datasets alone, each with whether it has criteria.
pub fn find_plain<'a>(
    new: &Published,
    known: &'a [(Published, bool)],
    floor: usize,
) -> Option<Vec<&'a str>> {
    for (i, (criterion, _)) in known.iter().enumerate().filter(|(_, (_, has))| *has) {
        if new.is_near(&[criterion], floor) {
            return Some(vec![&criterion.what]);
        }
        for (_, (other, _)) in known.iter().enumerate().filter(|(j, _)| *j != i) {
            if new.is_near(&[criterion, other], floor) && !new.is_near(&[other], floor) {
                return Some(vec![&criterion.what, &other.what]);
            }
        }
    }
    None
}

/// Datasets stand already: only claims are held against the new one.
fn collides(new: &Published, (first, second): (&Published, &Published), floor: usize) -> bool {
    let of_known = |target: &Published, other: &Published| {
        !target.lanes.is_empty()
            && target.is_near(&[new, other], floor)
            && !target.is_near(&[other], floor)
    };
    if std::ptr::eq(first, second) {
        let is_claim = !first.lanes.is_empty();
        return new.is_near(&[first], floor) || (is_claim && first.is_near(&[new], floor));
    }
    new.is_near(&[first, second], floor) || of_known(first, second) || of_known(second, first)
}

impl Published {
    /// Whether one of these sets differs by 1 to `floor - 1` subjects from some combination of the
    /// others' sets. A set that one of the others has, or whose complement in the same dataset it
    /// has, says nothing new.
    fn is_near(&self, others: &[&Published], floor: usize) -> bool {
        let is_told = |target: &Target<'_>| others.iter().any(|other| target.is_of(other));
        self.targets().iter().any(|target| {
            let within = target.within(others, floor).mixed & !1 != 0;
            let anywhere = target.anywhere(others, floor) & !1 != 0;
            (within || anywhere) && !is_told(target)
        })
    }

    fn targets(&self) -> Vec<Target<'_>> {
        let lane = |set| Target {
            set,
            dataset: Some(&self.dataset),
        };
        match self.lanes.as_slice() {
            [] => vec![Target {
                set: &self.dataset,
                dataset: None,
            }],
            lanes => lanes.iter().map(lane).collect(),
        }
    }
}

/// A set, and the dataset whose subjects it is about; none for a dataset itself.
struct Target<'a> {
    set: &'a FixedBitSet,
    dataset: Option<&'a FixedBitSet>,
}

/// Numbers of a target's subjects in a cell of a Venn diagram, and of others in it.
type Cell = (usize, usize);

impl Target<'_> {
    /// Combinations of everything that the others tell, within the target's dataset; what is all or
    /// nothing of it is no combination: floor and complement are about these.
    fn within(&self, others: &[&Published], floor: usize) -> Sums {
        let mut sums = Sums::new(floor);
        let Some(dataset) = self.dataset else {
            return sums;
        };
        let sets = others
            .iter()
            .flat_map(|o| std::iter::once(&o.dataset).chain(&o.lanes));
        let sets: Vec<&FixedBitSet> = sets.filter(|set| !set.is_disjoint(dataset)).collect();
        let cells = self.cells(&sets, Some(dataset));
        cells.into_iter().for_each(|cell| sums.choose(cell));
        sums
    }

    /// Whether the other has this very set, or its complement in the same dataset.
    fn is_of(&self, other: &Published) -> bool {
        let is_complement = |lane: &FixedBitSet| {
            self.dataset == Some(&other.dataset)
                && lane.is_disjoint(self.set)
                && lane.count_ones(..) + self.set.count_ones(..) == other.dataset.count_ones(..)
        };
        let mut lanes = other.lanes.iter();
        other.dataset == *self.set || lanes.any(|lane| lane == self.set || is_complement(lane))
    }

    /// Unions and differences of what the others speak of, whoever's dataset these are in, but for
    /// those that hold all of the target's dataset. Whoever is in none of the sets is in no union.
    fn anywhere(&self, others: &[&Published], floor: usize) -> u64 {
        let mut sets: Vec<&FixedBitSet> = Vec::new();
        for other in others {
            if self.dataset.is_none() || other.lanes.is_empty() {
                sets.push(&other.dataset);
            }
            sets.extend(&other.lanes);
        }
        sets.retain(|set| !set.is_disjoint(self.set));
        let cells = self.cells(&sets, None);
        // Which cells have somebody of the target's dataset.
        let at_home = match self.dataset {
            Some(_) => self.cells(&sets, self.dataset),
            None => vec![(0, 0); cells.len()],
        };
        let is_home = |cell: &Cell| *cell != (0, 0);
        let sums = Sums::new(floor);
        let (mut all, mut some) = (1u64, 0u64);
        if let (Some((own, _)), Some(home)) = (cells.first(), at_home.first()) {
            let missed = sums.shift(1, *own);
            // Who is in no set is missed by every union.
            (all, some) = if self.dataset.is_none() || is_home(home) {
                (0, missed)
            } else {
                (missed, 0)
            };
        }
        for ((own, others), home) in cells.iter().zip(&at_home).skip(1) {
            let left = sums.shift(some, *own);
            let taken = sums.shift(some, *others);
            let first_left = sums.shift(all, *own);
            all = match is_home(home) {
                true => sums.shift(all, *others),
                false => sums.shift(all, *others) | first_left,
            };
            some = left | taken | if is_home(home) { first_left } else { 0 };
        }
        some
    }

    /// The cells of some sets' Venn diagram, among everybody or a dataset's subjects; the first is
    /// of those in none of them.
    fn cells(&self, sets: &[&FixedBitSet], among: Option<&FixedBitSet>) -> Vec<Cell> {
        let mut cells = vec![(0, 0); 1 << sets.len()];
        for (word, of_target) in self.set.as_slice().iter().enumerate() {
            let home = among.map_or(usize::MAX, |set| set.as_slice()[word]);
            for (cell, counts) in cells.iter_mut().enumerate() {
                let mut mask = home;
                for (i, set) in sets.iter().enumerate() {
                    let bits = set.as_slice()[word];
                    mask &= if cell >> i & 1 == 1 { bits } else { !bits };
                }
                counts.0 += (mask & of_target).count_ones() as usize;
                counts.1 += (mask & !of_target).count_ones() as usize;
            }
        }
        cells
    }
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
        let mut mixed = self.shift(self.mixed, others) | self.shift(self.mixed, own);
        if self.is_begun {
            mixed |= self.shift(self.all, own) | self.shift(self.none, others);
        }
        (self.all, self.none) = (self.shift(self.all, others), self.shift(self.none, own));
        self.mixed = mixed;
        self.is_begun = true;
    }
}

mod rows;
#[cfg(test)]
mod tests;

pub use rows::{RowClaim, find_rows};
