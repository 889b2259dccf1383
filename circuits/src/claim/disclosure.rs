//! Which claims may be published: floors, exemptions, the grid of thresholds (DESIGN section 8).
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
    /// Rows.
    pub n_rows: u64,
    /// Subjects.
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
        /// The threshold.
        got: u64,
    },
    /// More precise than the grid.
    #[error(
        "claim: expected a threshold of at most two significant digits above {GRID_FREE}, got {got}; {below} is the next below"
    )]
    Grid {
        /// The threshold.
        got: u64,
        /// The next one below that is allowed.
        below: u64,
    },
    /// Too few.
    #[error("claim: expected a threshold of at least {floor}, the consortium's floor, got {got}")]
    Floor {
        /// The consortium's floor.
        floor: u64,
        /// The threshold.
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
mod tests {
    use super::*;

    const COHORT: Cohort = Cohort {
        n_rows: 500,
        n_subjects: 120,
    };

    fn check(
        kind: ClaimKind,
        unit: CountUnit,
        k: u64,
        exempt: bool,
    ) -> Result<u64, DisclosureError> {
        check_disclosure(Terms { kind, unit, k }, COHORT, 11, exempt)
    }

    #[test]
    fn p5_thresholds_lie_on_the_grid() {
        let cases = [
            (0, 0),
            (7, 7),
            (100, 100),
            (101, 100),
            (119, 110),
            (999, 990),
            (1_000, 1_000),
            (1_099, 1_000),
            (12_345, 12_000),
        ];
        for (count, k) in cases {
            assert_eq!(largest_grid_k(count), k);
        }
        let off = check(ClaimKind::Count, CountUnit::Rows, 115, false);
        assert_eq!(
            off,
            Err(DisclosureError::Grid {
                got: 115,
                below: 110
            })
        );
        assert_eq!(largest_grid_k(u64::MAX), 18_000_000_000_000_000_000);
    }

    #[test]
    fn p5_floors_on_both_sides() {
        use CountUnit::{Rows, Subjects};
        assert_eq!(check(ClaimKind::Count, Subjects, 11, false), Ok(11));
        assert_eq!(
            check(ClaimKind::Count, Subjects, 10, false),
            Err(DisclosureError::Floor { floor: 11, got: 10 })
        );
        assert_eq!(check(ClaimKind::Count, Subjects, 100, false), Ok(11));
        let few_left = DisclosureError::Complement {
            floor: 11,
            size: 120,
            got: 10,
        };
        assert_eq!(check(ClaimKind::Count, Subjects, 110, false), Err(few_left));
        assert_eq!(check(ClaimKind::Count, Subjects, 110, true), Ok(0));
        assert_eq!(check(ClaimKind::Count, Rows, 480, false), Ok(11));
        assert_eq!(
            check(ClaimKind::Count, Rows, 490, false),
            Err(DisclosureError::Complement {
                floor: 11,
                size: 500,
                got: 10
            })
        );
        assert_eq!(
            check(ClaimKind::Count, Rows, 0, true),
            Err(DisclosureError::Range { most: 500, got: 0 })
        );
        assert_eq!(
            check(ClaimKind::Count, Subjects, 130, true),
            Err(DisclosureError::Range {
                most: 120,
                got: 130
            })
        );
    }

    #[test]
    fn p5_all_and_none_only_of_inclusion_criteria() {
        for kind in [ClaimKind::All, ClaimKind::None] {
            assert_eq!(check(kind, CountUnit::Rows, 0, true), Ok(0));
            assert_eq!(
                check(kind, CountUnit::Rows, 0, false),
                Err(DisclosureError::NotExempt)
            );
            assert_eq!(
                check(kind, CountUnit::Rows, 5, true),
                Err(DisclosureError::Threshold(5))
            );
        }
    }

    #[test]
    fn what_is_claimable_passes_and_no_larger_one_does() {
        for exempt in [false, true] {
            for count in 0..=120 {
                let k = largest_claimable_k(count, CountUnit::Subjects, COHORT, 11, exempt);
                let allowed =
                    |k: &u64| check(ClaimKind::Count, CountUnit::Subjects, *k, exempt).is_ok();
                assert_eq!(k, (1..=count).rev().find(allowed));
            }
        }
    }
}
