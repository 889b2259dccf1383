//! Which claims may be published: floors and the grid of thresholds (`QUERY.md`). Nothing is
//! exempt: what is true of every row is an inclusion criterion, and registration proves it.
//!
//! Guards against carelessness and pressure, not against a holder who wants to publish its data.
//! Contract, holder and offline verifier run these very rules.

use super::{CountUnit, Terms};

/// At most so many steps of the grid lie below a threshold: what is told has that precision.
pub const GRID_STEPS: u64 = 50;
/// Most rows of a claim: lanes have 32 bits.
pub const MAX_COUNT: u64 = (1 << 32) - 1;

/// The public size of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort {
    pub n_rows: u64,
    pub n_subjects: u64,
}

impl Cohort {
    /// How many of a unit there are.
    pub fn size(&self, unit: CountUnit) -> u64 {
        match unit {
            CountUnit::Rows => self.n_rows,
            CountUnit::Subjects => self.n_subjects,
        }
    }
}

/// Why a claim may not be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// A threshold that no count reaches, or that says nothing.
    #[error("claim: expected a threshold of 1 to {most}, got {got}")]
    Range {
        /// How many there are.
        most: u64,
        got: u64,
    },
    /// More precise than the grid.
    #[error("claim: expected a multiple of {step}, got {got}; {below} is the next below")]
    Grid {
        /// The grid's step there.
        step: u64,
        got: u64,
        /// The next one below that is allowed.
        below: u64,
    },
    /// Too few.
    #[error("claim: expected a threshold of at least {floor}, the consortium's floor, got {got}")]
    Floor {
        /// The consortium's floor.
        floor: u64,
        got: u64,
    },
    /// Too few left.
    #[error(
        "claim: expected at least {floor} of {size} outside the claim, the consortium's floor, got {got}"
    )]
    Complement {
        /// The consortium's floor.
        floor: u64,
        /// How many there are.
        size: u64,
        /// How many the threshold leaves.
        got: u64,
    },
}

/// The step of the grid at a threshold: the smallest of 5, 10, 20, 50, 100, .. that is at least the
/// floor and at least a fiftieth of the threshold.
pub fn grid_step(k: u64, floor: u64) -> u64 {
    let least = floor.max(k.div_ceil(GRID_STEPS));
    let mut step = 5u64;
    // From 5 to 10, 20 and 50, and so on.
    for (factor, divisor) in [(2, 1), (2, 1), (5, 2)].into_iter().cycle() {
        if step >= least {
            break;
        }
        step = step.saturating_mul(factor) / divisor;
    }
    step
}

/// The largest threshold of the grid that a count reaches; 0 where there is none.
pub fn largest_grid_k(count: u64, floor: u64) -> u64 {
    // The step at the answer may be smaller than at the count, never larger.
    let mut k = count;
    loop {
        let step = grid_step(k, floor);
        let down = k / step * step;
        if down == k {
            return k;
        }
        k = down;
    }
}

/// The largest threshold that may be claimed of a count, if any.
pub fn largest_claimable_k(count: u64, unit: CountUnit, cohort: Cohort, floor: u64) -> Option<u64> {
    let room = count.min(cohort.size(unit).checked_sub(floor)?);
    let k = largest_grid_k(room, floor);
    (k >= floor.max(1)).then_some(k)
}

/// Checks a claim and answers the subject floor that its final proof must state.
///
/// **Shape**: `floor` is the consortium's.
///
/// **Errors**: the rule that the claim breaks.
pub fn check_disclosure(terms: Terms, cohort: Cohort, floor: u64) -> Result<u64, DisclosureError> {
    let Terms { unit, k } = terms;
    let size = cohort.size(unit).min(MAX_COUNT);
    if k == 0 || k > size {
        return Err(DisclosureError::Range { most: size, got: k });
    }
    if k < floor {
        return Err(DisclosureError::Floor { floor, got: k });
    }
    let below = largest_grid_k(k, floor);
    if k != below {
        let step = grid_step(k, floor);
        return Err(DisclosureError::Grid {
            step,
            got: k,
            below,
        });
    }
    match size - k {
        got if got < floor => Err(DisclosureError::Complement { floor, size, got }),
        _ => Ok(floor),
    }
}

#[cfg(test)]
mod tests;
