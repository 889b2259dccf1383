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
    let (date, whole) = match order {
        Order::Iso => iso(date, partial)?,
        Order::DayMonthYear => (
            numbers(date)
                .and_then(|[d, m, y]| civil(y, m, d))
                .ok_or(DateError::Form)?,
            true,
        ),
        Order::MonthDayYear => (
            numbers(date)
                .and_then(|[m, d, y]| civil(y, m, d))
                .ok_or(DateError::Form)?,
            true,
        ),
    };
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
    })
}

/// The first or the last moment that a date without a day may mean.
pub(crate) fn bound(text: &str, first: bool) -> Option<When> {
    if first {
        return parse(text, Order::Iso, Partial::First).ok();
    }
    let year = text.get(..4).and_then(number)?;
    let month = match text.get(4..) {
        Some("") => 12,
        Some(rest) => rest
            .strip_prefix('-')
            .filter(|m| m.len() == 2)
            .and_then(number)?,
        None => return None,
    };
    let day = day_number(civil(year, month, 1)?.last_of_month());
    Some(When {
        second: i64::from(day) * 86_400 + 86_399,
        day,
        completed: true,
    })
}

/// Whole years between two days: the age on `on` of someone born on `born`. `None` before birth.
pub(crate) fn whole_years(born: i32, on: i32) -> Option<i64> {
    let (born, on) = (from_day_number(born)?, from_day_number(on)?);
    let years = i64::from(on.year()) - i64::from(born.year());
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    Some(years - i64::from(before_birthday)).filter(|age| *age >= 0)
}

/// Prints a day as `2026-11-23`.
pub(crate) fn print(day: i32) -> Option<String> {
    from_day_number(day).map(|date| date.to_string())
}

fn iso(text: &str, partial: Partial) -> Result<(Date, bool), DateError> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|t| t.len() == 4).and_then(number);
    let month = parts
        .next()
        .map(|t| number(t).filter(|_| t.len() == 2).ok_or(DateError::Form))
        .transpose()?;
    let day = parts
        .next()
        .map(|t| number(t).filter(|_| t.len() == 2).ok_or(DateError::Form))
        .transpose()?;
    if parts.next().is_some() {
        return Err(DateError::Form);
    }
    let (month_or, day_or) = match (month, day, partial) {
        (Some(month), Some(day), _) => (month, day),
        (Some(month), None, Partial::First) => (month, 1),
        (Some(month), None, Partial::Middle) => (month, 15),
        (None, _, Partial::First) => (1, 1),
        (None, _, Partial::Middle) => (7, 1),
        (_, _, Partial::Drop) => return Err(year.map_or(DateError::Form, |_| DateError::Partial)),
    };
    let date = year
        .and_then(|year| civil(year, month_or, day_or))
        .ok_or(DateError::Form)?;
    Ok((date, day.is_some()))
}

fn numbers(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split(['.', '/', '-']);
    let found = [
        number(parts.next()?)?,
        number(parts.next()?)?,
        number(parts.next().filter(|t| t.len() == 4)?)?,
    ];
    parts.next().is_none().then_some(found)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str, order: Order, partial: Partial) -> Result<String, DateError> {
        parse(text, order, partial).map(|when| print(when.day).unwrap())
    }

    #[test]
    fn iso_dates_of_every_precision() {
        for (text, first, middle) in [
            ("2009", "2009-01-01", "2009-07-01"),
            ("2009-03", "2009-03-01", "2009-03-15"),
            ("2009-03-20", "2009-03-20", "2009-03-20"),
        ] {
            assert_eq!(day(text, Order::Iso, Partial::First).unwrap(), first);
            assert_eq!(day(text, Order::Iso, Partial::Middle).unwrap(), middle);
        }
        assert_eq!(
            day("2009-03", Order::Iso, Partial::Drop),
            Err(DateError::Partial)
        );
        assert_eq!(
            day("2009", Order::Iso, Partial::Drop),
            Err(DateError::Partial)
        );
        assert_eq!(
            day("2009-03-20", Order::Iso, Partial::Drop).unwrap(),
            "2009-03-20"
        );
        assert_eq!(
            parse("1970-01-01", Order::Iso, Partial::Drop).unwrap(),
            When {
                second: 0,
                day: 0,
                completed: false,
            }
        );
        assert_eq!(
            parse("1969-12-31", Order::Iso, Partial::Drop).unwrap().day,
            -1
        );
        assert_eq!(
            parse("1900-02-28", Order::Iso, Partial::Drop).unwrap().day,
            -25_509
        );
    }

    #[test]
    fn zones_order_but_never_move_the_day() {
        let late = parse("2009-07-16T23:30:00-04:00", Order::Iso, Partial::Drop).unwrap();
        let early = parse("2009-07-17T01:00:00Z", Order::Iso, Partial::Drop).unwrap();
        assert_eq!(
            (
                print(late.day).unwrap().as_str(),
                print(early.day).unwrap().as_str()
            ),
            ("2009-07-16", "2009-07-17")
        );
        assert!(early < late);
        assert_eq!(
            parse("2009-07-16T12:18:29.942-04:00", Order::Iso, Partial::Drop)
                .unwrap()
                .second
                % 86_400,
            16 * 3600 + 18 * 60 + 29
        );
        assert!(parse("2009-07-16 12:18", Order::Iso, Partial::Drop).is_ok());
    }

    #[test]
    fn other_orders() {
        for text in ["23.11.2026", "23/11/2026", "23-11-2026"] {
            assert_eq!(
                day(text, Order::DayMonthYear, Partial::Drop).unwrap(),
                "2026-11-23"
            );
            assert!(day(text, Order::MonthDayYear, Partial::Drop).is_err());
        }
        assert_eq!(
            day("2/9/2026", Order::MonthDayYear, Partial::Drop).unwrap(),
            "2026-02-09"
        );
    }

    #[test]
    fn b7_refuses_what_is_no_date() {
        for bad in [
            "",
            "2026-13",
            "2026-02-30",
            "2026-00-10",
            "26-01-01",
            "2026-1-1",
            "20260101",
            "2026-01-01-01",
            "2026-01-01T",
            "2026-01T10:00",
            "2026-01-01T25:00",
            "2026-01-01T10",
            "2026-01-01T10:00:00+1:00",
            "2026-01-01T10:00:00.",
            "2026-01-01Z",
            "0000-01-01",
            "２０２６-01-01",
            "yesterday",
        ] {
            assert_eq!(
                day(bad, Order::Iso, Partial::Middle),
                Err(DateError::Form),
                "{bad}"
            );
        }
        assert_eq!(day("x", Order::Iso, Partial::Drop), Err(DateError::Form));
    }

    #[test]
    fn ages_count_whole_years() {
        let d = |text: &str| parse(text, Order::Iso, Partial::Drop).unwrap().day;
        assert_eq!(whole_years(d("1980-06-15"), d("2026-06-14")), Some(45));
        assert_eq!(whole_years(d("1980-06-15"), d("2026-06-15")), Some(46));
        assert_eq!(whole_years(d("2000-02-29"), d("2001-02-28")), Some(0));
        assert_eq!(whole_years(d("2026-06-15"), d("2026-06-14")), None);
    }

    proptest! {
        #[test]
        fn b7_random_text_never_panics(text in "[0-9T:.+Z /-]{0,45}", other in ".{0,20}") {
            for order in [Order::Iso, Order::DayMonthYear, Order::MonthDayYear] {
                let _ = (parse(&text, order, Partial::Middle), parse(&other, order, Partial::First));
            }
        }

        #[test]
        fn days_round_trip(n in -700_000i32..2_900_000) {
            let text = print(n).unwrap();
            prop_assert_eq!(parse(&text, Order::Iso, Partial::Drop).unwrap().day, n);
        }
    }
}
