//! Several values of one subject and column, reduced as they come.

use super::time::Time;
use crate::date::{Clock, When};
use medveil_circuits::schema::RowRule;
use std::cmp::Ordering;

/// What is known of a cell so far. No `Debug`: it is somebody's.
#[derive(Clone, Copy)]
pub(super) struct Held {
    value: i64,
    /// Seconds since 1970 of the chosen one's time.
    second: i64,
    /// Values so far, above twelve bits of flags.
    bits: u64,
}

/// One is chosen.
const CHOSEN: u64 = 1;
/// The chosen one is there and could not be used.
const UNUSABLE: u64 = 2;
/// Another of the chosen one's time differs.
const TIED: u64 = 4;
/// A row was there that says nothing: its absence means nothing either.
const OPEN: u64 = 8;
/// A value was there that could not be used.
const LOST: u64 = 16;
/// The chosen one's time is a day, without a time of day; or one of no zone.
const DAY: u64 = 32;
const LOCAL: u64 = 512;
/// The chosen one's day, as written, is the one before or after the day of its second.
const BEFORE: u64 = 64;
const AFTER: u64 = 128;
/// Another of the chosen one's day differs, and nothing tells which of them came first.
const MIXED: u64 = 256;
/// A value without a time was there: it may be the first, or the last.
const UNDATED: u64 = 1024;
/// Not all are the same.
const DIFFER: u64 = 2048;
const ONE: u64 = 4096;

impl Held {
    pub const NOTHING: Held = Held {
        value: 0,
        second: Time::NONE.second,
        bits: 0,
    };

    /// What [`Held::chosen`], [`Held::second`] and [`Held::bits`] said.
    pub fn again(chosen: Option<i64>, second: Option<i64>, bits: u64) -> Self {
        Held {
            value: chosen.unwrap_or(0),
            second: second.unwrap_or(Time::NONE.second),
            bits,
        }
    }

    /// The chosen value, where one is chosen that can be used.
    pub fn chosen(self) -> Option<i64> {
        (self.bits & CHOSEN != 0).then(|| self.value()).flatten()
    }

    /// The chosen one's time, in seconds since 1970.
    pub fn second(self) -> Option<i64> {
        (!self.time().is_none()).then_some(self.second)
    }

    /// How many there were, and what is known of them.
    pub fn bits(self) -> u64 {
        self.bits
    }

    /// Values so far.
    pub fn n(self) -> u64 {
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

    /// Whether it is tied with one of its day, so that no order of rows tells which came first.
    pub fn is_mixed(self) -> bool {
        self.bits & MIXED != 0
    }

    /// Whether one of no time may stand before the chosen one, or behind it.
    pub fn is_unplaced(self) -> bool {
        !self.time().is_none() && self.bits & UNDATED != 0 && self.bits & DIFFER != 0
    }

    /// When the chosen one was true.
    fn time(self) -> Time {
        let shift = match self.bits & (BEFORE | AFTER) {
            BEFORE => -1,
            AFTER => 1,
            _ => 0,
        };
        Time {
            second: self.second,
            shift,
            clock: match self.bits & (DAY | LOCAL) {
                DAY => Clock::Day,
                LOCAL => Clock::Local,
                _ => Clock::Zoned,
            },
        }
    }

    /// Whether no row says anything, and none is there that could have.
    pub fn is_absent(self) -> bool {
        self.bits == 0
    }

    /// Whether something that was there and has no value could have decided: of numbers, one that
    /// could not be used; of flags, unless one is TRUE, also one that is not known; of counts, that
    /// nothing but such is there.
    pub fn hides_value(self, rule: RowRule, is_unknown_open: bool) -> bool {
        let is_lost = self.bits & LOST != 0;
        let is_open = is_lost || (is_unknown_open && self.bits & OPEN != 0);
        match rule {
            RowRule::First | RowRule::Last => false,
            RowRule::Min | RowRule::Max => is_lost && self.n() > 0,
            RowRule::Any => is_open && self.n() > 0 && self.value != 1,
            RowRule::Count => is_lost || (is_open && self.n() == 0),
        }
    }

    /// A row that says nothing.
    pub fn leave_open(&mut self) {
        self.bits |= OPEN;
    }

    /// Takes a value that the source has behind those so far; none is one that could not be used: an
    /// older one does not stand in for it.
    pub fn take(&mut self, rule: RowRule, value: Option<i64>, when: Option<When>) {
        let time = Time::of(when);
        let by_time = by_time(rule);
        if value.is_none() {
            self.bits |= LOST;
        }
        let Some(known) = value.or(by_time.then_some(0)) else {
            return self.leave_open();
        };
        match value {
            Some(_) => self.bits = self.bits.saturating_add(ONE),
            None => self.leave_open(),
        }
        let unusable = if value.is_none() { UNUSABLE } else { 0 };
        let is_first = self.bits & CHOSEN == 0;
        let to_chosen = time.order(self.time());
        let is_better = is_first
            || match rule {
                // What may be at either end of its day stands for both.
                RowRule::First | RowRule::Last if to_chosen.is_none() => {
                    time.clock > self.time().clock
                }
                // A dated value goes before an undated one, whichever end is looked for.
                RowRule::First => {
                    let (chosen, same) = (self.time().is_none(), Some(Ordering::Equal));
                    (time.is_none(), to_chosen) < (chosen, same)
                }
                RowRule::Last => to_chosen >= Some(Ordering::Equal),
                RowRule::Min => known < self.value,
                RowRule::Max | RowRule::Any => known > self.value,
                RowRule::Count => false,
            };
        let same = known == self.value && unusable == self.bits & UNUSABLE;
        if by_time && time.is_none() {
            self.bits |= UNDATED;
        }
        if by_time && !is_first && !same {
            self.bits |= DIFFER;
        }
        let is_beside = matches!(to_chosen, None | Some(Ordering::Equal));
        let differs = by_time && !is_first && is_beside && !same;
        let is_of_its_day = self.is_mixed() && time.day() == self.time().day();
        let keeps = is_beside || !is_better || is_of_its_day;
        let mut tie = if keeps { self.bits & (TIED | MIXED) } else { 0 };
        if differs {
            tie |= if to_chosen.is_none() {
                TIED | MIXED
            } else {
                TIED
            };
        }
        if is_better {
            self.choose(known, time);
            self.bits = self.bits & !UNUSABLE | unusable;
        }
        self.bits = self.bits & !(TIED | MIXED) | tie;
    }

    fn choose(&mut self, value: i64, time: Time) {
        (self.value, self.second) = (value, time.second);
        let clock = match time.clock {
            Clock::Zoned => 0,
            Clock::Local => LOCAL,
            Clock::Day => DAY,
        };
        let shift = match time.shift {
            ..0 => BEFORE,
            0 => 0,
            1.. => AFTER,
        };
        self.bits = self.bits & !(DAY | LOCAL | BEFORE | AFTER) | clock | shift | CHOSEN;
    }
}

/// Whether the time of a value decides.
pub(super) fn by_time(rule: RowRule) -> bool {
    matches!(rule, RowRule::First | RowRule::Last)
}

/// What became of the values that were not chosen.
pub(super) fn others(rule: RowRule) -> &'static str {
    match rule {
        RowRule::First => "another value of the same patient came first, as far as times are known",
        RowRule::Last => "another value of the same patient came last, as far as times are known",
        RowRule::Min => "a value of the same patient is smaller or equal",
        RowRule::Max => "a value of the same patient is larger or equal",
        RowRule::Any | RowRule::Count => "joined with another value of the same patient",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{Order, Partial, parse};

    fn when(second: i64) -> Option<When> {
        Some(When {
            second,
            day: 0,
            completed: false,
            clock: Clock::Zoned,
        })
    }

    fn at(text: &str) -> Option<When> {
        parse(text, Order::Iso, Partial::Drop).ok()
    }

    fn run(rule: RowRule, values: &[(i64, Option<When>)]) -> Held {
        let mut held = Held::NOTHING;
        for (value, when) in values {
            held.take(rule, Some(*value), *when);
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
    fn b7_a_value_of_no_time_may_stand_anywhere_among_dated_ones() {
        for rule in [RowRule::First, RowRule::Last] {
            for others in [&[(2, when(10))][..], &[(2, when(10)), (1, when(20))]] {
                for undated in [None, Some(1)] {
                    for at in 0..=others.len() {
                        let mut values: Vec<_> =
                            others.iter().map(|(v, t)| (Some(*v), *t)).collect();
                        values.insert(at, (undated, None));
                        let mut held = Held::NOTHING;
                        values
                            .iter()
                            .for_each(|(value, when)| held.take(rule, *value, *when));
                        assert!(held.is_unplaced(), "{rule:?} {values:?}");
                    }
                }
            }
            assert!(!run(rule, &[(2, when(10)), (2, None), (2, when(20))]).is_unplaced());
            assert!(!run(rule, &[(2, None), (3, None)]).is_unplaced());
            assert!(!run(rule, &[(2, when(1)), (3, when(2))]).is_unplaced());
        }
        assert!(!run(RowRule::Max, &[(2, when(1)), (3, None)]).is_unplaced());
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
            held.take(rule, Some(5), when(20));
            held.take(rule, None, when(newest));
            assert_eq!(held.value().is_some(), is_left, "{rule:?} {newest}");
            assert_eq!(held.n(), 1);
        }
        let mut held = Held::NOTHING;
        assert!(held.is_absent());
        held.take(RowRule::Any, None, None);
        assert!(!held.is_absent() && held.n() == 0);
    }

    #[test]
    fn b7_a_day_and_a_time_of_that_day_have_no_order() {
        let (day, noon) = ("2025-01-02", "2025-01-02T12:00:00Z");
        let local = "2025-01-02T10:00:00";
        let evening = "2025-01-01T23:30:00-05:00";
        for (values, is_tied, last) in [
            (&[(1, day), (2, noon)][..], true, 1),
            (&[(2, noon), (1, day)], true, 1),
            (&[(1, day), (1, noon)], false, 1),
            // The day before, as written, though its second is of the day.
            (&[(1, day), (2, evening)], false, 1),
            (&[(2, evening), (1, day)], false, 1),
            (&[(1, day), (2, noon), (3, "2025-01-03")], false, 3),
            (&[(1, day), (2, noon), (3, "2025-01-02T13:00:00Z")], true, 1),
            (&[(2, noon), (3, "2025-01-02T13:00:00Z"), (1, day)], true, 1),
            (&[(1, day), (2, "2025-01-03T00:30:00+01:00")], false, 2),
            (&[(1, local), (2, noon)], true, 1),
            (&[(2, noon), (1, local)], true, 1),
            (
                &[(1, local), (2, noon), (3, "2025-01-02T15:00:00")],
                true,
                3,
            ),
            (&[(1, local), (3, "2025-01-02T15:00:00")], false, 3),
            (&[(1, local), (2, day)], true, 2),
        ] {
            let values: Vec<_> = values.iter().map(|(v, text)| (*v, at(text))).collect();
            let held = run(RowRule::Last, &values);
            assert_eq!(
                (held.is_tied(), held.is_mixed()),
                (is_tied, is_tied),
                "{last}"
            );
            assert_eq!(held.value(), Some(last));
        }
        assert!(run(RowRule::First, &[(1, at(noon)), (2, at(day))]).is_mixed());
    }
}
