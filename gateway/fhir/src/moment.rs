//! Points in time as FHIR writes them.

use jiff::Timestamp;
use jiff::civil::Date;

/// An `instant`: with a zone, to the second or finer. **Units**: microseconds since 1970 UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    // Without a zone, or to the day only, it is none: nothing is guessed.
    let (date, time) = text.split_once('T')?;
    let shaped = date.len() == 10 && (9..=30).contains(&time.len());
    let parsed: Timestamp = shaped.then(|| text.parse().ok()).flatten()?;
    Some(parsed.as_microsecond())
}

/// A `date` or `dateTime` of any precision, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// First and last day that it may mean. **Units**: days since 1970-01-01, as written.
    pub first_day: i32,
    pub last_day: i32,
    /// Where a time with a zone is written. **Units**: microseconds since 1970 UTC.
    pub instant: Option<i64>,
}

impl Moment {
    /// Reads a `date` or a `dateTime`. None where it is neither.
    pub fn read(text: &str) -> Option<Moment> {
        if text.len() > 40 || !text.is_ascii() {
            return None;
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let digits = |part: Option<&str>, length: usize| -> Option<Option<i16>> {
            let Some(part) = part else {
                return Some(None);
            };
            let plain = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse().ok())
        };
        let mut parts = date.split('-');
        let year = digits(parts.next(), 4)??;
        let (month, day) = (digits(parts.next(), 2)?, digits(parts.next(), 2)?);
        if parts.next().is_some() || time.is_some() && day.is_none() {
            return None;
        }
        let civil = |month: i16, day: i16| {
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            Date::new(year, month, day).ok()
        };
        let first = civil(month.unwrap_or(1), day.unwrap_or(1))?;
        let last = match day {
            Some(_) => first,
            None => civil(month.unwrap_or(12), 1)?.last_of_month(),
        };
        let instant = match time {
            None => None,
            Some(_) => Some(instant(text)?),
        };
        Some(Moment {
            first_day: day_number(first)?,
            last_day: day_number(last)?,
            instant,
        })
    }

    /// Whether this is surely later than another.
    pub fn surely_after(&self, other: &Moment) -> bool {
        match (self.instant, other.instant) {
            (Some(a), Some(b)) => a > b,
            // A written day may lie a day off another zone's.
            (Some(_), None) | (None, Some(_)) => self.first_day > other.last_day + 1,
            (None, None) => self.first_day > other.last_day,
        }
    }
}

fn day_number(date: Date) -> Option<i32> {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_hours() / 24).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_every_precision() {
        let days = |text| Moment::read(text).map(|m| (m.first_day, m.last_day));
        assert_eq!(days("1970"), Some((0, 364)));
        assert_eq!(days("1970-02"), Some((31, 58)));
        assert_eq!(days("1970-01-02"), Some((1, 1)));
        assert_eq!(days("1970-01-02T23:30:00-05:00"), Some((1, 1)));
        for bad in [
            "",
            "70",
            "1970-13",
            "1970-02-30",
            "1970-01T10:00:00Z",
            "1970-01-01T10:00:00",
            "1970-01-01-01",
            "1970-1-1",
            "19700101",
            "1970-01-01T",
            "heute",
        ] {
            assert_eq!(days(bad), None, "{bad}");
        }
    }

    #[test]
    fn instants_have_a_zone() {
        assert_eq!(instant("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(instant("1970-01-01T01:00:00.5+01:00"), Some(500_000));
        for bad in [
            "1970-01-01",
            "1970-01-01T00:00:01",
            "1970",
            "x",
            "1970-01-01T00:00:01[UTC]",
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn order_is_only_what_is_sure() {
        let m = |text| Moment::read(text).unwrap();
        assert!(m("2025-01-02").surely_after(&m("2025-01-01")));
        assert!(!m("2025-01-01").surely_after(&m("2025-01-01")));
        assert!(
            !m("2025").surely_after(&m("2025-03-01")) && !m("2025-03-01").surely_after(&m("2025"))
        );
        assert!(!m("2025-01-02T00:30:00+02:00").surely_after(&m("2025-01-01")));
        assert!(m("2025-01-02T00:30:00Z").surely_after(&m("2025-01-02T01:00:00+01:00")));
    }
}
