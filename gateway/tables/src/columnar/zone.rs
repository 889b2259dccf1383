//! Zones of times: what a column of Arrow's names, and the offset of its clocks at an instant.

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
    pub(super) fn of(name: Option<&str>) -> Option<Clock> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Some(Clock::Same(Zone::None));
        };
        let is = |utc: &str| name.eq_ignore_ascii_case(utc);
        if is("UTC") || is("Etc/UTC") || is("Z") {
            return Some(Clock::Same(Zone::Utc));
        }
        if let Some(zone) = fixed(name) {
            return Some(Clock::Same(zone));
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        (!zone.is_unknown()).then_some(Clock::Named(zone))
    }

    /// How an instant is told, **Units**: seconds since 1970-01-01 UTC. The local time is exact;
    /// an offset is written in whole minutes, which some before the year 1972 are not.
    pub(super) fn at(&self, seconds: i64) -> Option<Zone> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columnar::{Columns, samples};
    use crate::plain::instant;
    use arrow_array::TimestampSecondArray;
    use std::sync::Arc;

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

    #[test]
    fn a_column_of_an_unknown_zone_is_refused_by_name() {
        let array = TimestampSecondArray::from(vec![0i64]).with_timezone("Europe/Nowhere");
        let batch = samples::single(Arc::new(array));
        let place = std::path::Path::new("x.parquet");
        let columns = Columns::new(&batch.schema(), place).unwrap();
        let text = crate::testing::words(&columns.readable(place).unwrap_err());
        for part in ["\"value\"", "Europe/Nowhere", "UTC", "leave it out"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
