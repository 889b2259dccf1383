//! Dates from sources: FHIR dates of any precision, and the forms CSV files use.
//!
//! A day is the calendar day as it was written down: a time of day or a zone never moves it. Time
//! and zone only decide which of two values is later.

use jiff::civil::Date;

/// Which day a date without a day (or month) stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Partial {
    /// The first day of the month or year.
    First,
    /// The 15th of the month, or the 1st of July.
    Middle,
    /// None: the value counts as missing.
    Drop,
}

/// Order of day, month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `2026-11-23`: ISO 8601 and FHIR.
    Iso,
    /// `23.11.2026`, `23/11/2026`, `23-11-2026`.
    DayMonthYear,
    /// `11/23/2026` and the like.
    MonthDayYear,
}

/// A day, and an instant to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct When {
    /// Seconds since 1970-01-01 UTC, of the zone given, or of UTC when none is.
    pub second: i64,
    /// Days since 1970-01-01, as written.
    pub day: i32,
    /// Whether month or day were not written.
    pub completed: bool,
    pub clock: Clock,
}

/// What was written of the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clock {
    /// One with a zone.
    Zoned,
    /// One of a zone that is not said.
    Local,
    /// None.
    Day,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateError {
    /// Not a date of the expected form.
    Form,
    /// The month or the day is missing, and such dates are to be dropped.
    Partial,
}

/// Reads a date or a date with a time.
pub(crate) fn parse(text: &str, order: Order, partial: Partial) -> Result<When, DateError> {
    if text.len() > 40 || !text.is_ascii() {
        return Err(DateError::Form);
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let parts = match order {
        Order::Iso => iso(date),
        Order::DayMonthYear => year_last(date, |[day, month, year]| (year, month, day)),
        Order::MonthDayYear => year_last(date, |[month, day, year]| (year, month, day)),
    };
    let (date, whole) = complete(parts.ok_or(DateError::Form)?, partial)?;
    let day = day_number(date);
    let of_day = match time {
        Some(time) if whole => seconds(time).ok_or(DateError::Form)?,
        Some(_) => return Err(DateError::Form),
        None => 0,
    };
    Ok(When {
        second: i64::from(day) * 86_400 + of_day,
        day,
        completed: !whole,
        clock: match time {
            Some(time) if time.contains(['Z', '+', '-']) => Clock::Zoned,
            Some(_) => Clock::Local,
            None => Clock::Day,
        },
    })
}

/// The first or the last moment that a date without a day may mean.
pub(crate) fn bound(text: &str, order: Order, first: bool) -> Option<When> {
    let start = parse(text, order, Partial::First).ok()?;
    if first || !start.completed {
        return Some(start);
    }
    let from = from_day_number(start.day)?;
    let month = if text.contains(['.', '/', '-']) {
        from.month()
    } else {
        12
    };
    let last = Date::new(from.year(), month, 1).ok()?.last_of_month();
    let day = day_number(last);
    let second = i64::from(day) * 86_400 + 86_399;
    Some(When {
        second,
        day,
        ..start
    })
}

/// Whole years between two days: the age on `on` of someone born on `born`. `None` before birth.
pub(crate) fn whole_years(born: i32, on: i32) -> Option<i64> {
    let (born, on) = (from_day_number(born)?, from_day_number(on)?);
    let years = i64::from(on.year()) - i64::from(born.year());
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    Some(years - i64::from(before_birthday)).filter(|age| *age >= 0)
}

/// The age on `on` of someone born on a date without a day, where every day that it may be gives the
/// same: on the last day of a year, it is that of the year of birth.
pub(crate) fn sure_age(born: &str, order: Order, on: i32) -> Option<i64> {
    let age = |first| whole_years(bound(born, order, first)?.day, on);
    age(true).filter(|oldest| age(false) == Some(*oldest))
}

/// Prints a day as `2026-11-23`.
pub(crate) fn print(day: i32) -> Option<String> {
    from_day_number(day).map(|date| date.to_string())
}

/// Year, and month and day where they are written.
type Parts = (u32, Option<u32>, Option<u32>);

fn iso(text: &str) -> Option<Parts> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|t| t.len() == 4).and_then(number)?;
    let mut two = || match parts.next() {
        None => Some(None),
        Some(part) => number(part).filter(|_| part.len() == 2).map(Some),
    };
    let (month, day) = (two()?, two()?);
    parts.next().is_none().then_some((year, month, day))
}

/// Three numbers, or `05.2026` or `2026`.
fn year_last(text: &str, whole: impl Fn([u32; 3]) -> (u32, u32, u32)) -> Option<Parts> {
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    let year = |part: &str| number(part).filter(|_| part.len() == 4);
    match parts.as_slice() {
        [a, b, c] => {
            let (year, month, day) = whole([number(a)?, number(b)?, year(c)?]);
            Some((year, Some(month), Some(day)))
        }
        [month, own] => Some((year(own)?, Some(number(month)?), None)),
        [own] => Some((year(own)?, None, None)),
        _ => None,
    }
}

/// A day, and whether it was written.
fn complete((year, month, day): Parts, partial: Partial) -> Result<(Date, bool), DateError> {
    let (month_or, day_or) = match (month, day, partial) {
        (Some(month), Some(day), _) => (month, day),
        (Some(month), None, Partial::First) => (month, 1),
        (Some(month), None, Partial::Middle) => (month, 15),
        (None, _, Partial::First) => (1, 1),
        (None, _, Partial::Middle) => (7, 1),
        (_, _, Partial::Drop) => return Err(DateError::Partial),
    };
    let date = civil(year, month_or, day_or).ok_or(DateError::Form)?;
    Ok((date, day.is_some()))
}

fn number(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn civil(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok().filter(|y| *y >= 1)?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn day_number(date: Date) -> i32 {
    // Years 1 to 9999 lie within four million days of 1970.
    date.duration_since(EPOCH).as_hours() as i32 / 24
}

fn from_day_number(day: i32) -> Option<Date> {
    EPOCH
        .checked_add(jiff::SignedDuration::from_hours(i64::from(day) * 24))
        .ok()
}

/// `hh:mm[:ss[.fraction]][Z|+hh:mm|-hh:mm]` as seconds after midnight UTC of the written day.
fn seconds(text: &str) -> Option<i64> {
    let at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(at)?;
    let mut parts = clock.split(':');
    let two = |limit: u32, part: Option<&str>| {
        part.filter(|t| t.len() == 2)
            .and_then(number)
            .filter(|n| *n <= limit)
            .map(i64::from)
    };
    let hour = two(24, parts.next())?;
    let minute = two(59, parts.next())?;
    let second = match parts.next() {
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            let plain = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            two(60, Some(whole)).filter(|_| plain)?
        }
        None => 0,
    };
    if parts.next().is_some() || (hour == 24 && minute + second > 0) {
        return None;
    }
    let offset = match zone {
        "" | "Z" => 0,
        _ => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let total = two(14, Some(hours))? * 3600 + two(59, Some(minutes))? * 60;
            if zone.starts_with('+') { total } else { -total }
        }
    };
    Some(hour * 3600 + minute * 60 + second - offset)
}

#[cfg(test)]
mod tests;
