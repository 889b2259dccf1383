//! Plain text of numbers, days and times: what readers of typed sources hand over.

#[cfg(any(feature = "parquet", feature = "postgres"))]
pub(crate) use self::time::{Zone, date, instant, seconds_of_days};
use crate::table::{CellError, Scalar};

const NO_NUMBER: &str = "expected a finite number: `null` says that `NaN`, `infinity` or \
                         `-infinity` means no value, `on_bad: drop` counts it";
#[cfg(any(feature = "parquet", feature = "postgres"))]
const NO_YEAR: &str = "expected a date of the years 1 to 9999: `on_bad: drop` counts others";

/// A number as a cell; where it is none, what stands there in its place.
pub(crate) fn number64(value: f64) -> Scalar {
    float64(value).map_or_else(|| no_number(value), Scalar::Number)
}

/// The same for 32 bits.
#[cfg(any(feature = "parquet", feature = "postgres"))]
pub(crate) fn number32(value: f32) -> Scalar {
    float32(value).map_or_else(|| no_number(value.into()), Scalar::Number)
}

/// NaN, with which data frames write "no value", or one of the infinities.
pub(crate) fn no_number(value: f64) -> Scalar {
    Scalar::Error(CellError {
        word: match value {
            value if value.is_nan() => "NaN",
            value if value < 0.0 => "-infinity",
            _ => "infinity",
        },
        expected: NO_NUMBER,
    })
}

/// A date, or a date with a time, that no calendar of four digits has.
#[cfg(any(feature = "parquet", feature = "postgres"))]
pub(crate) fn no_year() -> Scalar {
    Scalar::Error(CellError {
        word: "",
        expected: NO_YEAR,
    })
}

/// The shortest decimal number that reads back as the same 64-bit number, in plain digits; `None`
/// where it is no number. Minus zero is zero.
pub(crate) fn float64(value: f64) -> Option<String> {
    // Adding zero turns minus zero into zero and changes nothing else.
    value.is_finite().then(|| (value + 0.0).to_string())
}

/// The same for 32 bits: `0.1` stays `0.1`, though 64 bits would say `0.10000000149011612`.
#[cfg(any(feature = "parquet", feature = "postgres"))]
pub(crate) fn float32(value: f32) -> Option<String> {
    value.is_finite().then(|| (value + 0.0).to_string())
}

/// A whole number times 10^-scale: `-1250` at 2 is `-12.50`.
#[cfg(feature = "parquet")]
pub(crate) fn scaled(whole: &str, scale: i8) -> String {
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { places };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (before, after) = padded.split_at(padded.len() - places);
    format!("{sign}{before}.{after}")
}

#[cfg(any(feature = "parquet", feature = "postgres"))]
mod time {
    use jiff::SignedDuration;
    use jiff::civil::DateTime;
    use std::fmt::Write;

    const DAY: i64 = 86_400;
    const NANOS: i64 = 1_000_000_000;

    /// How an instant is written.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Zone {
        /// A time of no zone.
        #[cfg(any(feature = "parquet", feature = "postgres"))]
        None,
        /// With `Z`.
        Utc,
        /// With this offset, **Units**: seconds east of UTC.
        Fixed(i32),
    }

    /// Days since 1970-01-01 as seconds; `None` beyond 64 bits.
    pub(crate) fn seconds_of_days(days: i64) -> Option<i64> {
        days.checked_mul(DAY)
    }

    /// The day that `seconds` since 1970-01-01 falls on, as `2026-01-31`; `None` outside the years
    /// 1 to 9999, which have no such text.
    pub(crate) fn date(seconds: i64) -> Option<String> {
        let day = civil(seconds)?.date();
        Some(format!(
            "{:04}-{:02}-{:02}",
            day.year(),
            day.month(),
            day.day()
        ))
    }

    /// An instant, as `2026-01-31T10:00:00.25Z`: as many digits of a second as it has. `None`
    /// outside the years 1 to 9999.
    pub(crate) fn instant(seconds: i64, nanos: i64, zone: Zone) -> Option<String> {
        let seconds = seconds.checked_add(nanos.div_euclid(NANOS))?;
        let nanos = nanos.rem_euclid(NANOS);
        let shift = match zone {
            Zone::Fixed(shift) => shift,
            _ => 0,
        };
        let at = civil(seconds.checked_add(i64::from(shift))?)?;
        let mut text = String::with_capacity(35);
        write!(text, "{:04}-{:02}-{:02}", at.year(), at.month(), at.day()).ok()?;
        write!(
            text,
            "T{:02}:{:02}:{:02}",
            at.hour(),
            at.minute(),
            at.second()
        )
        .ok()?;
        if nanos != 0 {
            write!(text, ".{nanos:09}").ok()?;
            text.truncate(text.trim_end_matches('0').len());
        }
        match zone {
            Zone::None => {}
            Zone::Utc => text.push('Z'),
            Zone::Fixed(shift) => {
                let (sign, minutes) = (if shift < 0 { '-' } else { '+' }, shift.abs() / 60);
                write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60).ok()?;
            }
        }
        Some(text)
    }

    fn civil(seconds: i64) -> Option<DateTime> {
        const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let at = EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        (1..=9999).contains(&at.year()).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_the_shortest_text_in_plain_digits() {
        let check = |value: f64, expected: &str| {
            let text = float64(value).unwrap();
            assert_eq!(text, expected);
            assert_eq!(text.parse::<f64>().unwrap(), value);
        };
        check(0.1, "0.1");
        check(-0.0, "0");
        check(1e21, "1000000000000000000000");
        check(-1.5e-7, "-0.00000015");
        check(9_007_199_254_740_993.0, "9007199254740992");
        assert_eq!(float64(f64::MAX).unwrap().len(), 309);
        assert_eq!(
            float64(f64::MIN_POSITIVE).unwrap().parse(),
            Ok(f64::MIN_POSITIVE)
        );
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(float64(bad), None);
        }
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn a_point_is_placed_exactly() {
        let check = |whole, scale, expected| assert_eq!(scaled(whole, scale), expected);
        check("-1250", 2, "-12.50");
        check("0", 2, "0.00");
        check("5", 3, "0.005");
        check("-5", 1, "-0.5");
        check("12", 0, "12");
        check("12", -2, "1200");
        check("0", -2, "0");
        let most = "9".repeat(38);
        check(&most, 38, &format!("0.{most}"));
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn times_carry_their_zone() {
        assert_eq!(float32(0.1).unwrap(), "0.1");
        let check = |at, zone, expected: &str| {
            assert_eq!(instant(at, 0, zone).unwrap(), expected);
        };
        check(0, Zone::None, "1970-01-01T00:00:00");
        check(-1, Zone::Utc, "1969-12-31T23:59:59Z");
        check(0, Zone::Fixed(-12_600), "1969-12-31T20:30:00-03:30");
        check(0, Zone::Fixed(7_200), "1970-01-01T02:00:00+02:00");
        let half = instant(-1, 500_000_000, Zone::Utc).unwrap();
        assert_eq!(half, "1969-12-31T23:59:59.5Z");
        assert_eq!(
            instant(0, -1, Zone::None).unwrap(),
            "1969-12-31T23:59:59.999999999"
        );
        assert_eq!(date(-62_135_596_800).unwrap(), "0001-01-01");
        assert_eq!(date(-62_135_596_801), None);
        assert_eq!(date(253_402_300_799).unwrap(), "9999-12-31");
        assert_eq!(date(253_402_300_800), None);
        assert_eq!(instant(i64::MAX, i64::MAX, Zone::Utc), None);
        assert_eq!(seconds_of_days(i64::MAX), None);
    }
}
