//! Several values of one subject and column, reduced as they come.

use crate::date::When;
use medveil_circuits::schema::RowRule;

/// What is known of a cell so far. No `Debug`: it is somebody's.
#[derive(Clone, Copy)]
pub(super) struct Held {
    value: i64,
    /// Seconds since 1970 of the chosen one's time; `UNDATED` where it has none.
    second: i64,
    order: u32,
    /// Values so far, above four bits of flags.
    bits: u32,
}

const UNDATED: i64 = i64::MIN;
/// One is chosen.
const CHOSEN: u32 = 1;
/// The chosen one is there and could not be used.
const UNUSABLE: u32 = 2;
/// Another of the chosen one's time differs.
const TIED: u32 = 4;
/// A row was there that says nothing: its absence means nothing either.
const OPEN: u32 = 8;
/// A value was there that could not be used.
const LOST: u32 = 16;
const ONE: u32 = 32;

impl Held {
    pub const NOTHING: Held = Held {
        value: 0,
        second: UNDATED,
        order: 0,
        bits: 0,
    };

    /// Values so far.
    pub fn n(self) -> u32 {
        self.bits / ONE
    }

    /// The chosen value; none where it could not be used.
    pub fn value(self) -> Option<i64> {
        (self.bits & UNUSABLE == 0).then_some(self.value)
    }

    /// Whether the chosen value stands beside another of the same time.
    pub fn is_tied(self) -> bool {
        self.bits & TIED != 0
    }

    /// Whether no row says anything, and none is there that could have.
    pub fn is_absent(self) -> bool {
        self.bits == 0
    }

    /// Whether something that was there and has no value could have decided: of numbers, one that
    /// could not be used; of flags, unless one is TRUE, also one that is not known.
    pub fn hides_value(self, rule: RowRule, is_unknown_open: bool) -> bool {
        let is_lost = self.bits & LOST != 0;
        let is_open = is_lost || (is_unknown_open && self.bits & OPEN != 0);
        match rule {
            RowRule::First | RowRule::Last => false,
            RowRule::Min | RowRule::Max => is_lost && self.n() > 0,
            RowRule::Any => is_open && self.n() > 0 && self.value != 1,
            RowRule::Count => is_lost,
        }
    }

    /// A row that says nothing.
    pub fn leave_open(&mut self) {
        self.bits |= OPEN;
    }

    /// Takes a value; none is one that could not be used: an older one does not stand in for it.
    pub fn take(&mut self, rule: RowRule, value: Option<i64>, when: Option<When>, order: u32) {
        let second = when.map_or(UNDATED, |when| when.second);
        let by_time = matches!(rule, RowRule::First | RowRule::Last);
        if value.is_none() {
            self.bits |= LOST;
        }
        let Some(known) = value.or(by_time.then_some(0)) else {
            return self.leave_open();
        };
        match value {
            Some(_) if self.n() < u32::MAX / ONE => self.bits += ONE,
            Some(_) => {}
            None => self.leave_open(),
        }
        let unusable = if value.is_none() { UNUSABLE } else { 0 };
        let is_first = self.bits & CHOSEN == 0;
        // A dated value goes before an undated one, whichever end is looked for.
        let is_better = is_first
            || match rule {
                RowRule::First => {
                    let key = |second: i64, order: u32| (second == UNDATED, second, order);
                    key(second, order) < key(self.second, self.order)
                }
                RowRule::Last => (second, order) > (self.second, self.order),
                RowRule::Min => known < self.value,
                RowRule::Max | RowRule::Any => known > self.value,
                RowRule::Count => false,
            };
        let same = known == self.value && unusable == self.bits & UNUSABLE;
        let differs = by_time && !is_first && second == self.second && !same;
        let keeps_tie = self.is_tied() && (second == self.second || !is_better);
        if is_better {
            (self.value, self.second, self.order) = (known, second, order);
            self.bits = self.bits & !UNUSABLE | unusable | CHOSEN;
        }
        self.bits = self.bits & !TIED | if differs || keeps_tie { TIED } else { 0 };
    }
}

/// What became of the values that were not chosen.
pub(super) fn others(rule: RowRule) -> &'static str {
    match rule {
        RowRule::First => "a value of the same patient came first",
        RowRule::Last => "a value of the same patient came last",
        RowRule::Min => "a value of the same patient is smaller or equal",
        RowRule::Max => "a value of the same patient is larger or equal",
        RowRule::Any | RowRule::Count => "joined with another value of the same patient",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(second: i64) -> Option<When> {
        Some(When {
            second,
            day: 0,
            completed: false,
        })
    }

    fn run(rule: RowRule, values: &[(i64, Option<When>)]) -> Held {
        let mut held = Held::NOTHING;
        for (order, (value, when)) in (0..).zip(values) {
            held.take(rule, Some(*value), *when, order);
        }
        held
    }

    #[test]
    fn rules_choose_whatever_the_order() {
        let mut values = [(5, when(10)), (9, when(30)), (2, when(20)), (7, None)];
        for _ in 0..4 {
            for (rule, expected) in [
                (RowRule::First, 5),
                (RowRule::Last, 9),
                (RowRule::Min, 2),
                (RowRule::Max, 9),
                (RowRule::Any, 9),
            ] {
                let held = run(rule, &values);
                assert_eq!((held.value(), held.n()), (Some(expected), 4), "{rule:?}");
                assert!(!held.is_tied());
            }
            values.rotate_left(1);
        }
        assert_eq!(run(RowRule::Count, &values).n(), 4);
    }

    #[test]
    fn undated_values_stand_behind_dated_ones() {
        let values = [(1, None), (2, when(10)), (3, None)];
        assert_eq!(run(RowRule::First, &values).value(), Some(2));
        assert_eq!(run(RowRule::Last, &values).value(), Some(2));
        assert_eq!(run(RowRule::Last, &values[2..]).value(), Some(3));
    }

    #[test]
    fn values_of_one_time_that_differ_are_tied_until_another_time_is_chosen() {
        let tied = [(1, when(10)), (2, when(10))];
        for rule in [RowRule::First, RowRule::Last] {
            assert!(run(rule, &tied).is_tied());
            assert!(!run(rule, &[(1, when(10)), (1, when(10))]).is_tied());
        }
        assert!(!run(RowRule::Last, &[tied[0], tied[1], (3, when(20))]).is_tied());
        assert!(run(RowRule::First, &[tied[0], tied[1], (3, when(20))]).is_tied());
        assert!(!run(RowRule::Min, &tied).is_tied());
    }

    #[test]
    fn b7_an_older_value_does_not_stand_in_for_one_that_could_not_be_used() {
        for (rule, newest, is_left) in [
            (RowRule::Last, 30, false),
            (RowRule::Last, 10, true),
            (RowRule::First, 10, false),
            (RowRule::Max, 30, true),
        ] {
            let mut held = Held::NOTHING;
            held.take(rule, Some(5), when(20), 0);
            held.take(rule, None, when(newest), 1);
            assert_eq!(held.value().is_some(), is_left, "{rule:?} {newest}");
            assert_eq!(held.n(), 1);
        }
        let mut held = Held::NOTHING;
        assert!(held.is_absent());
        held.take(RowRule::Any, None, None, 0);
        assert!(!held.is_absent() && held.n() == 0);
    }
}
