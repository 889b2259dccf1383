//! Which claims may be published: floors, exemptions, the grid of thresholds (`QUERY.md`).
//!
//! Guards against carelessness and pressure, not against a holder who wants to publish its data.
//! Contract, holder and offline verifier run these very rules.

use super::{ClaimKind, CountUnit, Terms};

/// Thresholds up to here may be any number; above it they have two significant digits.
pub const GRID_FREE: u64 = 100;
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
    /// The threshold of `all` and `none`.
    #[error("claim: expected no threshold with all or none, got {0}")]
    Threshold(u64),
    /// `all` or `none` about more than inclusion criteria.
    #[error("claim: expected only inclusion criteria in a claim of all or none")]
    NotExempt,
    /// A threshold that no count reaches, or that says nothing.
    #[error("claim: expected a threshold of 1 to {most}, got {got}")]
    Range {
        /// How many there are.
        most: u64,
        got: u64,
    },
    /// More precise than the grid.
    #[error(
        "claim: expected a threshold of at most two significant digits above {GRID_FREE}, got {got}; {below} is the next below"
    )]
    Grid {
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

/// The largest threshold of the grid that a count reaches.
pub fn largest_grid_k(count: u64) -> u64 {
    if count <= GRID_FREE {
        return count;
    }
    let mut step = 1;
    while count / step >= 100 {
        step *= 10;
    }
    count / step * step
}

/// The largest threshold that may be claimed of a count, if any.
///
/// **Shape**: `exempt` as `Query::exempt` says.
pub fn largest_claimable_k(
    count: u64,
    unit: CountUnit,
    cohort: Cohort,
    floor: u64,
    exempt: bool,
) -> Option<u64> {
    let room = if exempt {
        count
    } else {
        count.min(cohort.size(unit).checked_sub(floor)?)
    };
    let k = largest_grid_k(room);
    (k >= if exempt { 1 } else { floor.max(1) }).then_some(k)
}

/// Checks a claim and answers the subject floor that its final proof must state.
///
/// **Shape**: `exempt` as `Query::exempt` says; `floor` is the consortium's.
///
/// **Errors**: the rule that the claim breaks.
pub fn check_disclosure(
    terms: Terms,
    cohort: Cohort,
    floor: u64,
    exempt: bool,
) -> Result<u64, DisclosureError> {
    let Terms { kind, unit, k } = terms;
    if kind != ClaimKind::Count {
        return match (k, exempt) {
            (0, true) => Ok(0),
            (0, false) => Err(DisclosureError::NotExempt),
            (got, _) => Err(DisclosureError::Threshold(got)),
        };
    }
    let size = cohort.size(unit).min(MAX_COUNT);
    if k == 0 || k > size {
        return Err(DisclosureError::Range { most: size, got: k });
    }
    let below = largest_grid_k(k);
    if k != below {
        return Err(DisclosureError::Grid { got: k, below });
    }
    if exempt {
        return Ok(0);
    }
    if k < floor {
        return Err(DisclosureError::Floor { floor, got: k });
    }
    match size - k {
        got if got < floor => Err(DisclosureError::Complement { floor, size, got }),
        _ => Ok(floor),
    }
}

#[cfg(test)]
mod tests;
