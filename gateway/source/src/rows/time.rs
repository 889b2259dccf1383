//! When a value was true, as far as that orders values of one subject.

use crate::date::{Clock, When};
use std::cmp::Ordering;

/// Seconds of a value without a date.
const UNDATED: i64 = i64::MIN;
const DAY_SECONDS: i64 = 86_400;

/// A day, or a second of one. Of no date: before all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    /// Seconds since 1970-01-01 UTC; of a clock without a zone, as if of UTC.
    pub second: i64,
    /// By how many days the day, as written, comes after the day of `second`.
    pub shift: i64,
    pub clock: Clock,
}

impl Time {
    pub const NONE: Time = Time {
        second: UNDATED,
        shift: 0,
        clock: Clock::Zoned,
    };

    pub fn of(when: Option<When>) -> Self {
        when.map_or(Time::NONE, |when| Time {
            second: when.second,
            shift: i64::from(when.day) - when.second.div_euclid(DAY_SECONDS),
            clock: when.clock,
        })
    }

    pub fn is_none(self) -> bool {
        self.second == UNDATED
    }

    /// The day as it was written.
    pub fn day(self) -> i64 {
        self.second.div_euclid(DAY_SECONDS) + self.shift
    }

    /// How it stands to another: by seconds where both have them in the same way, else by days as
    /// they were written. None within one day.
    pub fn order(self, other: Time) -> Option<Ordering> {
        if self.clock == other.clock || self.is_none() || other.is_none() {
            return Some(self.second.cmp(&other.second));
        }
        Some(self.day().cmp(&other.day())).filter(|order| order.is_ne())
    }
}
