//! Zones of times: whose clocks tell the day of an instant, and their offset at it. A column of Arrow
//! names its own; for PostgreSQL somebody names one.

use crate::plain::Zone;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// How instants of a column are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// All in one way.
    Same(Zone),
    /// By the clocks of this zone, which move twice a year or did once.
    Named(TimeZone),
}

impl Clock {
    /// `None` for a name that no zone has. The zones are those that came with this program: what a
    /// machine has installed changes no value.
    #[cfg(feature = "parquet")]
    pub(crate) fn of(name: Option<&str>) -> Option<Clock> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Some(Clock::Same(Zone::None));
        };
        match fixed(name) {
            Some(zone) => Some(Clock::Same(zone)),
            None if name.eq_ignore_ascii_case("Z") => Some(Clock::Same(Zone::Utc)),
            None => Clock::of_place(name),
        }
    }

    /// The same of a name alone, such as `Europe/Berlin` or `UTC`: what an offset means, PostgreSQL and
    /// ISO 8601 do not say alike.
    pub(crate) fn of_place(name: &str) -> Option<Clock> {
        let is = |utc: &str| name.eq_ignore_ascii_case(utc);
        if is("UTC") || is("Etc/UTC") {
            return Some(Clock::Same(Zone::Utc));
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        (!zone.is_unknown()).then_some(Clock::Named(zone))
    }

    /// How an instant is told, **Units**: seconds since 1970-01-01 UTC. The local time is exact;
    /// an offset is written in whole minutes, which some before the year 1972 are not.
    pub(crate) fn at(&self, seconds: i64) -> Option<Zone> {
        match self {
            Clock::Same(zone) => Some(*zone),
            Clock::Named(zone) => {
                // The library ends a day before the year 9999 does; no clock moves on that day.
                let (from, to) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let at = Timestamp::from_second(seconds.clamp(from, to)).ok()?;
                Some(Zone::Fixed(zone.to_offset(at).seconds()))
            }
        }
    }
}

/// An offset: `+02`, `+0200` or `+02:00`.
#[cfg(feature = "parquet")]
fn fixed(name: &str) -> Option<Zone> {
    let (sign, hours, minutes) = match *name.as_bytes() {
        [sign, a, b] => (sign, [a, b], [b'0'; 2]),
        [sign, a, b, c, d] | [sign, a, b, b':', c, d] => (sign, [a, b], [c, d]),
        _ => return None,
    };
    let number = |digits: [u8; 2]| match digits {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(i32::from(a - b'0') * 10 + i32::from(b - b'0')),
        _ => None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    match (number(hours)?, number(minutes)?) {
        (0, 0) => Some(Zone::Utc),
        (hours @ 0..24, minutes @ 0..60) => Some(Zone::Fixed(sign * (hours * 3600 + minutes * 60))),
        _ => None,
    }
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use super::*;
    use crate::plain::instant;

    #[test]
    fn offsets_are_kept_and_names_are_known() {
        let check = |name, expected| assert_eq!(Clock::of(name), Some(Clock::Same(expected)));
        check(None, Zone::None);
        check(Some(""), Zone::None);
        for utc in ["UTC", "utc", "Etc/UTC", "Z", "+00:00"] {
            check(Some(utc), Zone::Utc);
        }
        check(Some("-0330"), Zone::Fixed(-12_600));
        check(Some("+14"), Zone::Fixed(50_400));
        for name in ["America/New_York", "Europe/Berlin", "CET"] {
            assert!(matches!(Clock::of(Some(name)), Some(Clock::Named(_))));
        }
        let odd = ["+", "+1", "+99:99", "-24:00", "+1:2:3:4", "+٣٣", "+-2"];
        for name in odd.into_iter().chain(["Europe/Nowhere", "Etc/Unknown"]) {
            assert_eq!(Clock::of(Some(name)), None, "{name}");
        }
    }

    #[test]
    fn a_local_midnight_keeps_its_day() {
        let check = |name, seconds, expected: &str| {
            let zone = Clock::of(Some(name)).unwrap().at(seconds).unwrap();
            assert_eq!(instant(seconds, 0, zone).unwrap(), expected);
        };
        check("Europe/Berlin", 1_677_798_000, "2023-03-03T00:00:00+01:00");
        check("+01:00", 1_677_798_000, "2023-03-03T00:00:00+01:00");
        // Both sides of a night in which the clocks moved.
        check("Europe/Berlin", 1_679_792_399, "2023-03-26T01:59:59+01:00");
        check("Europe/Berlin", 1_679_792_400, "2023-03-26T03:00:00+02:00");
        let new_york = "America/New_York";
        check(new_york, 1_677_819_600, "2023-03-03T00:00:00-05:00");
        // An offset of 44 minutes and 30 seconds; the last day that there is.
        check("Africa/Monrovia", 0, "1969-12-31T23:15:30-00:44");
        let last = 253_402_210_800;
        check("Europe/Berlin", last, "9999-12-31T00:00:00+01:00");
        let zone = Clock::of(Some("Europe/Berlin")).unwrap();
        assert!(zone.at(i64::MIN).is_some() && zone.at(i64::MAX).is_some());
    }
}
