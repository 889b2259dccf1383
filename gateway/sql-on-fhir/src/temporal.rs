//! Dates, date times and times with the precision they were written in.
//!
//! `2020-03` is not the first of March: it is a month. Comparing it with a day of that month has no
//! answer, and the functions here say so with `None`. Nothing reads a clock or a time zone of the
//! machine.

mod shift;

pub(crate) use shift::Unit;

use shift::{days, days_in_month};
use std::cmp::Ordering;
use std::fmt;

/// What a text says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TemporalKind {
    Date,
    DateTime,
    Time,
}

/// How far a text is written out. A fraction of a second belongs to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A date, a date time or a time. Fields beyond its precision hold the lowest value.
#[derive(Clone, Copy)]
pub(crate) struct Temporal {
    pub(crate) kind: TemporalKind,
    pub(crate) precision: Precision,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    /// Digits written after the second, at most nine.
    digits: u32,
    /// Minutes east of Greenwich.
    offset: Option<i64>,
}

const START: Temporal = Temporal {
    kind: TemporalKind::Date,
    precision: Precision::Year,
    year: 1,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    digits: 0,
    offset: None,
};

/// Reads a text from left to right.
struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    fn skip(&mut self, mark: char) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn within(&mut self, low: i64, high: i64) -> Option<i64> {
        self.number(2).filter(|n| (low..=high).contains(n))
    }
}

impl Temporal {
    /// Reads `2020`, `2020-03`, `2020-03-01`, `2020-03-01T10:00:00.5+01:00` or a literal such as
    /// `2020T`. **Errors**: `None` where the text is none of these or no day of the calendar.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let mut read = Temporal {
            year: reader.number(4).filter(|y| *y > 0)?,
            ..START
        };
        if reader.skip('-') {
            read.month = reader.within(1, 12)?;
            read.precision = Precision::Month;
            if reader.skip('-') {
                read.day = reader.within(1, days_in_month(read.year, read.month))?;
                read.precision = Precision::Day;
            }
        }
        if reader.skip('T') {
            read.kind = TemporalKind::DateTime;
            if !reader.0.is_empty() {
                if read.precision != Precision::Day {
                    return None;
                }
                read.clock(&mut reader)?;
                read.zone(&mut reader)?;
            }
        }
        reader.0.is_empty().then_some(read)
    }

    /// Reads `10`, `10:30` or `10:30:00.25`.
    pub(crate) fn parse_time(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let mut read = Temporal {
            kind: TemporalKind::Time,
            ..START
        };
        read.clock(&mut reader)?;
        reader.0.is_empty().then_some(read)
    }

    fn clock(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.hour = reader.within(0, 23)?;
        self.precision = Precision::Hour;
        if reader.skip(':') {
            self.minute = reader.within(0, 59)?;
            self.precision = Precision::Minute;
            if reader.skip(':') {
                // FHIR allows a leap second.
                self.second = reader.within(0, 60)?;
                self.precision = Precision::Second;
                if reader.skip('.') {
                    self.fraction(reader)?;
                }
            }
        }
        Some(())
    }

    fn fraction(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let width = reader.0.bytes().take_while(u8::is_ascii_digit).count();
        let digits = u32::try_from(width).ok().filter(|w| (1..=9).contains(w))?;
        self.nanos = reader.number(width)? * 10i64.pow(9 - digits);
        self.digits = digits;
        Some(())
    }

    fn zone(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        if reader.skip('Z') {
            self.offset = Some(0);
            return Some(());
        }
        let sign = if reader.skip('+') {
            1
        } else if reader.skip('-') {
            -1
        } else {
            return Some(());
        };
        let hours = reader.within(0, 14)?;
        let minutes = reader.skip(':').then(|| reader.within(0, 59)).flatten()?;
        self.offset = Some(sign * (hours * 60 + minutes));
        Some(())
    }

    /// The same as a date time: a date is one without a time.
    pub(crate) fn as_date_time(self) -> Self {
        Temporal {
            kind: TemporalKind::DateTime,
            ..self
        }
    }

    /// The date alone.
    pub(crate) fn as_date(self) -> Self {
        Temporal {
            kind: TemporalKind::Date,
            precision: self.precision.min(Precision::Day),
            offset: None,
            ..self
        }
    }

    fn field(&self, precision: Precision) -> (i64, i64) {
        match precision {
            Precision::Year => (self.year, 0),
            Precision::Month => (self.month, 0),
            Precision::Day => (self.day, 0),
            Precision::Hour => (self.hour, 0),
            Precision::Minute => (self.minute, 0),
            Precision::Second => (self.second, self.nanos),
        }
    }

    /// Field by field to the coarser precision; equal so far but not equally precise is no answer.
    fn by_field(&self, other: &Self) -> Option<Ordering> {
        use Precision::{Day, Hour, Minute, Month, Second, Year};
        let common = self.precision.min(other.precision);
        for step in [Year, Month, Day, Hour, Minute, Second] {
            if step > common {
                break;
            }
            let order = self.field(step).cmp(&other.field(step));
            if order != Ordering::Equal {
                return Some(order);
            }
        }
        (self.precision == other.precision).then_some(Ordering::Equal)
    }

    /// Minutes since a fixed day, as if this were Greenwich.
    fn minutes(&self) -> i64 {
        (days(self.year, self.month, self.day) * 24 + self.hour) * 60 + self.minute
    }

    /// The order of two dates or date times, or of two times; `None` where there is no answer.
    ///
    /// Where only one has an offset, the other may stand anywhere between -12:00 and +14:00: there
    /// is an answer only if all of these agree.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        let clocks = self.precision >= Precision::Hour && other.precision >= Precision::Hour;
        if !clocks || self.kind == TemporalKind::Time {
            return self.by_field(other);
        }
        match (self.offset, other.offset) {
            (None, None) => self.by_field(other),
            (Some(_), Some(_)) => self.greenwich().by_field(&other.greenwich()),
            (Some(offset), None) => other.without_offset(self.minutes() - offset),
            (None, Some(offset)) => {
                let order = self.without_offset(other.minutes() - offset);
                order.map(Ordering::reverse)
            }
        }
    }

    /// The order of a known minute against this local one, whose offset is not known.
    fn without_offset(&self, known: i64) -> Option<Ordering> {
        let local = self.minutes();
        // An hour to either side for what is not written out.
        if known > local + 13 * 60 {
            Some(Ordering::Greater)
        } else if known < local - 15 * 60 {
            Some(Ordering::Less)
        } else {
            None
        }
    }

    /// The earliest (`low`) or latest moment that the text may mean.
    pub(crate) fn boundary(mut self, low: bool) -> Self {
        let written = self.precision;
        let pick = |first: i64, last: i64| if low { first } else { last };
        if self.kind != TemporalKind::Time {
            if written < Precision::Month {
                self.month = pick(1, 12);
            }
            if written < Precision::Day {
                self.day = pick(1, days_in_month(self.year, self.month));
            }
            self.precision = Precision::Day;
        }
        if self.kind == TemporalKind::Date {
            return self;
        }
        if written < Precision::Hour {
            self.hour = pick(0, 23);
        }
        if written < Precision::Minute {
            self.minute = pick(0, 59);
        }
        if written < Precision::Second {
            self.second = pick(0, 59);
        }
        if self.digits < 3 {
            let open = 10i64.pow(9 - self.digits);
            self.nanos += pick(0, open - 1_000_000);
            self.digits = 3;
        }
        self.precision = Precision::Second;
        if self.kind == TemporalKind::DateTime && self.offset.is_none() {
            self.offset = Some(pick(14 * 60, -12 * 60));
        }
        self
    }
}

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != TemporalKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if self.precision < Precision::Hour {
                return Ok(());
            }
            f.write_str("T")?;
        }
        write!(f, "{:02}", self.hour)?;
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.digits > 0 {
            let width = self.digits as usize;
            let fraction = self.nanos / 10i64.pow(9 - self.digits);
            write!(f, ".{fraction:0width$}")?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let size = offset.abs();
                write!(f, "{sign}{:02}:{:02}", size / 60, size % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests;
