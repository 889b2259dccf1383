//! Moving a date or a time by a length of time, and to Greenwich.

use super::{Precision, Temporal, TemporalKind};
use crate::decimal::Decimal;

const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// A calendar's unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

impl Unit {
    /// The unit of a word, singular or plural.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word.strip_suffix('s').unwrap_or(word) {
            "year" => Unit::Year,
            "month" => Unit::Month,
            "week" => Unit::Week,
            "day" => Unit::Day,
            "hour" => Unit::Hour,
            "minute" => Unit::Minute,
            "second" => Unit::Second,
            "millisecond" => Unit::Millisecond,
            _ => return None,
        })
    }

    /// Milliseconds of one, for units of a fixed length.
    fn millis(self) -> Option<i64> {
        Some(match self {
            Unit::Year | Unit::Month => return None,
            Unit::Week => 7 * MILLIS_OF_DAY,
            Unit::Day => MILLIS_OF_DAY,
            Unit::Hour => 60 * 60 * 1000,
            Unit::Minute => 60 * 1000,
            Unit::Second => 1000,
            Unit::Millisecond => 1,
        })
    }
}

/// Days of a month of the Gregorian calendar.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the first of March of the year 0: months are counted from March, so that the leap day
/// is the last of its year.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (from_march * 153 + 2) / 5
        + day
        - 1
}

/// The day of a count of [`days`]: a guess by the mean year, then a step or two.
fn calendar(count: i64) -> (i64, i64, i64) {
    let mut year = count * 400 / 146_097;
    while days(year + 1, 1, 1) <= count {
        year += 1;
    }
    while days(year, 1, 1) > count {
        year -= 1;
    }
    let (mut month, mut day) = (1, count - days(year, 1, 1) + 1);
    while day > days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    (year, month, day)
}

impl Temporal {
    /// The same moment at Greenwich.
    pub(super) fn greenwich(&self) -> Temporal {
        let Some(offset) = self.offset else {
            return *self;
        };
        let minutes = self.minutes() - offset;
        let (year, month, day) = calendar(minutes.div_euclid(24 * 60));
        let rest = minutes.rem_euclid(24 * 60);
        Temporal {
            year,
            month,
            day,
            hour: rest / 60,
            minute: rest % 60,
            offset: Some(0),
            ..*self
        }
    }

    /// Moved by a length of time, which is first cut to whole units. A day that the month does not
    /// have becomes the month's last. **Errors**: `None` beyond the years 1 to 9999.
    pub(crate) fn moved(self, amount: Decimal, unit: Unit) -> Option<Temporal> {
        let amount = i64::try_from(amount.over_whole(Decimal::integer(1))?.whole()?).ok()?;
        let moved = match (unit, self.precision) {
            (Unit::Year, _) => self.by_months(amount.checked_mul(12)?)?,
            (Unit::Month, Precision::Year) => self.by_months(amount / 12 * 12)?,
            (Unit::Month, _) => self.by_months(amount)?,
            (unit, Precision::Year) => {
                let whole = amount.checked_mul(unit.millis()?)? / (365 * MILLIS_OF_DAY);
                self.by_months(whole.checked_mul(12)?)?
            }
            (unit, Precision::Month) => {
                self.by_months(amount.checked_mul(unit.millis()?)? / (30 * MILLIS_OF_DAY))?
            }
            (unit, _) => self.by_millis(amount.checked_mul(unit.millis()?)?)?,
        };
        (1..=9999).contains(&moved.year).then_some(moved)
    }

    fn by_months(self, months: i64) -> Option<Temporal> {
        if self.kind == TemporalKind::Time {
            return None;
        }
        let total = (self.year * 12 + self.month - 1).checked_add(months)?;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        let day = self.day.min(days_in_month(year, month));
        Some(Temporal {
            year,
            month,
            day,
            ..self
        })
    }

    fn by_millis(self, millis: i64) -> Option<Temporal> {
        // Cut to what is written out: a day moves by whole days.
        let unit = match self.precision {
            Precision::Year | Precision::Month | Precision::Day => MILLIS_OF_DAY,
            Precision::Hour => 60 * 60 * 1000,
            Precision::Minute => 60 * 1000,
            Precision::Second => 1,
        };
        let millis = millis / unit * unit;
        let within = ((self.hour * 60 + self.minute) * 60 + self.second) * 1000;
        let total = within
            .checked_add(self.nanos / 1_000_000)?
            .checked_add(millis)?;
        let rest = total.rem_euclid(MILLIS_OF_DAY);
        let fraction = millis % 1000 != 0;
        let mut moved = Temporal {
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1000 % 60,
            nanos: rest % 1000 * 1_000_000 + self.nanos % 1_000_000,
            digits: if fraction {
                self.digits.max(3)
            } else {
                self.digits
            },
            ..self
        };
        if self.kind != TemporalKind::Time {
            let count = days(self.year, self.month, self.day);
            let count = count.checked_add(total.div_euclid(MILLIS_OF_DAY))?;
            if !(0..=3_700_000).contains(&count) {
                return None;
            }
            (moved.year, moved.month, moved.day) = calendar(count);
        }
        Some(moved)
    }
}
