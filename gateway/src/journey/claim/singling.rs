//! Whether a claim, next to those that are published or waiting, would single people out.
//!
//! The holder knows the rows: it compares whole sets of subjects, over all its datasets. A claim
//! whose set differs from a Boolean combination of any two known ones by 1 to floor - 1 subjects is
//! refused; what the refusal tells stays with the holder.

use fixedbitset::FixedBitSet;

/// A set of subjects that something published speaks of.
pub struct KnownSet {
    /// What it is, for the holder.
    pub what: String,
    pub set: FixedBitSet,
}

/// Numbers of subjects of a set inside and outside of another, cell by cell of a Venn diagram:
/// in both, in the first, in the second, in neither.
type Cells = [(usize, usize); 4];

/// The first one or two known sets of which some Boolean combination differs from this set by 1 to
/// `floor - 1` subjects, within one of these universes.
///
/// **Shape**: every universe holds the whole set; all sets are of one length.
///
/// **Cost**: known sets squared, a few words of 64 subjects each.
pub fn find<'a>(
    set: &FixedBitSet,
    known: &'a [KnownSet],
    universes: &[&FixedBitSet],
    floor: usize,
) -> Option<Vec<&'a str>> {
    for (i, first) in known.iter().enumerate() {
        for second in &known[i..] {
            let collides = universes
                .iter()
                .any(|universe| is_near(&cells(set, [&first.set, &second.set], universe), floor));
            if collides {
                let mut named = vec![first.what.as_str(), second.what.as_str()];
                named.dedup();
                return Some(named);
            }
        }
    }
    None
}

fn cells(set: &FixedBitSet, [a, b]: [&FixedBitSet; 2], universe: &FixedBitSet) -> Cells {
    let mut cells = Cells::default();
    let words = universe.as_slice().iter().zip(set.as_slice());
    let pairs = a.as_slice().iter().zip(b.as_slice());
    for ((universe, set), (a, b)) in words.zip(pairs) {
        let venn = [a & b, a & !b, !a & b, !a & !b];
        for (cell, word) in cells.iter_mut().zip(venn) {
            let word = word & universe;
            cell.0 += (word & set).count_ones() as usize;
            cell.1 += (word & !set).count_ones() as usize;
        }
    }
    cells
}

/// Whether one of the combinations of four cells is near, and not equal. All and nothing are no
/// combinations of the two.
fn is_near(cells: &Cells, floor: usize) -> bool {
    (1u8..15).any(|taken| {
        let difference: usize = cells
            .iter()
            .enumerate()
            .map(|(i, (inside, outside))| match taken >> i & 1 {
                1 => outside,
                _ => inside,
            })
            .sum();
        (1..floor).contains(&difference)
    })
}

#[cfg(test)]
mod tests;
