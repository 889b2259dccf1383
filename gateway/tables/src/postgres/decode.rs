//! Values of PostgreSQL's binary form.
//!
//! Source: PostgreSQL, `src/backend/utils/adt` (`numeric_send`, `date_send`, `timestamp_send`).

use crate::plain::{self, Zone};
use crate::table::{CellError, Kind, Scalar};
use crate::zone::Clock;
use std::error::Error;
use std::fmt::Write;
use tokio_postgres::types::{FromSql, Type};

/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800;
const NO_FORM: &str = "is not of its type's form: the server's answer is damaged";
const NO_ZONE: &str = "is an instant, and no zone is named";
const NO_END: &str = "expected a date: `null` says that `infinity` or `-infinity` means no value, \
                      `map` which day it means, `on_bad: drop` counts it";

/// The bytes of a value, of any type.
pub(super) struct Raw<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What values of a type become; `None` where they cannot be read.
pub(super) fn kind(of: &Type) -> Option<Kind> {
    Some(match *of {
        Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC => Kind::Number,
        Type::FLOAT4 | Type::FLOAT8 => Kind::Number,
        Type::BOOL => Kind::Bool,
        Type::DATE => Kind::Date,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => Kind::Time,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UUID => Kind::Text,
        _ => return None,
    })
}

/// The value; or what stands in its place, where its type has what is no value: `NaN`, `infinity`, and
/// days that no calendar of four digits has. The day of an instant is told by `clock`.
///
/// **Errors**: damage, by what was expected; never the value.
pub(super) fn scalar(of: &Type, raw: &[u8], clock: Option<&Clock>) -> Result<Scalar, &'static str> {
    let number = |text| Ok(Scalar::Number(text));
    match *of {
        Type::INT2 => number(i16::from_be_bytes(fixed(raw)?).to_string()),
        Type::INT4 => number(i32::from_be_bytes(fixed(raw)?).to_string()),
        Type::INT8 => number(i64::from_be_bytes(fixed(raw)?).to_string()),
        Type::FLOAT4 => Ok(plain::number32(f32::from_be_bytes(fixed(raw)?))),
        Type::FLOAT8 => Ok(plain::number64(f64::from_be_bytes(fixed(raw)?))),
        Type::NUMERIC => numeric(raw),
        Type::BOOL => match raw {
            [0] => Ok(Scalar::Bool(false)),
            [1] => Ok(Scalar::Bool(true)),
            _ => Err(NO_FORM),
        },
        Type::DATE => Ok(date(i32::from_be_bytes(fixed(raw)?))),
        Type::TIMESTAMP => time(raw, &Clock::Same(Zone::None)),
        Type::TIMESTAMPTZ => time(raw, clock.ok_or(NO_ZONE)?),
        Type::UUID => uuid(&fixed::<16>(raw)?).map(Scalar::Text),
        _ => {
            let text = std::str::from_utf8(raw).map_err(|_| NO_FORM)?;
            Ok(Scalar::Text(text.to_owned()))
        }
    }
}

fn fixed<const N: usize>(raw: &[u8]) -> Result<[u8; N], &'static str> {
    raw.try_into().map_err(|_| NO_FORM)
}

fn date(days: i32) -> Scalar {
    if let Some(endless) = endless(days == i32::MAX, days == i32::MIN) {
        return endless;
    }
    let seconds = plain::seconds_of_days(i64::from(days)).and_then(|s| s.checked_add(EPOCH));
    let day = seconds.and_then(plain::date);
    day.map_or_else(plain::no_year, Scalar::Date)
}

fn time(raw: &[u8], clock: &Clock) -> Result<Scalar, &'static str> {
    let micros = i64::from_be_bytes(fixed(raw)?);
    if let Some(endless) = endless(micros == i64::MAX, micros == i64::MIN) {
        return Ok(endless);
    }
    let (seconds, part) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let zone = clock.at(seconds + EPOCH);
    let text = zone.and_then(|zone| plain::instant(seconds + EPOCH, part * 1000, zone));
    Ok(text.map_or_else(plain::no_year, Scalar::Time))
}

/// What stands in the place of a day after all others, or before them.
fn endless(is_after: bool, is_before: bool) -> Option<Scalar> {
    let word = match (is_after, is_before) {
        (true, _) => "infinity",
        (_, true) => "-infinity",
        _ => return None,
    };
    let expected = NO_END;
    Some(Scalar::Error(CellError { word, expected }))
}

fn uuid(bytes: &[u8; 16]) -> Result<String, &'static str> {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        write!(text, "{byte:02x}").map_err(|_| NO_FORM)?;
    }
    Ok(text)
}

/// A number of groups of four digits: how many groups, the power of 10000 of the first, the sign,
/// and how many digits after the point are shown.
fn numeric(raw: &[u8]) -> Result<Scalar, &'static str> {
    let mut words = raw.chunks_exact(2).map(|pair| match *pair {
        [high, low] => u16::from_be_bytes([high, low]),
        _ => 0,
    });
    let mut next = || words.next().ok_or(NO_FORM);
    let (count, weight, sign, shown) = (next()?, next()? as i16, next()?, next()?);
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || !raw.len().is_multiple_of(2) {
        return Err(NO_FORM);
    }
    if groups.iter().any(|group| *group > 9999) || shown > 0x3fff {
        return Err(NO_FORM);
    }
    let negative = match sign {
        0 => false,
        0x4000 => true,
        0xc000 => return Ok(plain::no_number(f64::NAN)),
        0xd000 => return Ok(plain::no_number(f64::INFINITY)),
        0xf000 => return Ok(plain::no_number(f64::NEG_INFINITY)),
        _ => return Err(NO_FORM),
    };
    let text = digits(&groups, weight.into(), shown.into()).ok_or(NO_FORM)?;
    let signed = if negative { format!("-{text}") } else { text };
    Ok(Scalar::Number(signed))
}

/// Groups of four digits as text, with `shown` digits after the point; `None` where more are there.
fn digits(groups: &[u16], weight: i32, shown: usize) -> Option<String> {
    // The group at this power of 10000; those that were not sent are zero.
    let group = |power: i32| {
        let at = usize::try_from(weight - power).ok();
        at.and_then(|at| groups.get(at)).copied().unwrap_or(0)
    };
    let top = weight.max(0);
    let mut text = group(top).to_string();
    for power in (0..top).rev() {
        write!(text, "{:04}", group(power)).ok()?;
    }
    let last = weight + 1 - i32::try_from(groups.len()).ok()?;
    let needed = -i32::try_from(shown.div_ceil(4)).ok()?;
    let mut part = String::new();
    for power in (last.min(needed)..0).rev() {
        write!(part, "{:04}", group(power)).ok()?;
    }
    let (part, rest) = part.split_at_checked(shown)?;
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    if !part.is_empty() {
        text.push('.');
        text.push_str(part);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTC: Clock = Clock::Same(Zone::Utc);

    fn scalar(of: &Type, raw: &[u8]) -> Result<Scalar, &'static str> {
        super::scalar(of, raw, Some(&UTC))
    }

    fn check(words: &[u16], expected: Result<&str, &str>) {
        let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        let read = numeric(&raw).map(|cell| crate::testing::cell(&cell));
        let expected = expected.map(|text| format!("n {text}"));
        assert_eq!(read, expected);
    }

    /// The word of what stands in the place of a value.
    fn word(cell: Result<Scalar, &'static str>) -> &'static str {
        match cell {
            Ok(Scalar::Error(error)) => error.word,
            _ => "a value or damage",
        }
    }

    #[test]
    fn numbers_are_told_in_every_digit() {
        check(&[0, 0, 0, 0], Ok("0"));
        check(&[0, 0, 0, 3], Ok("0.000"));
        check(&[2, 0, 0x4000, 2, 12, 5000], Ok("-12.50"));
        check(&[1, 1, 0, 0, 1], Ok("10000"));
        check(&[1, 0xffff, 0, 4, 1], Ok("0.0001"));
        check(&[1, 0xfffe, 0, 8, 1], Ok("0.00000001"));
        check(&[1, 0xfffe, 0, 6, 100], Ok("0.000001"));
        check(&[2, 1, 0, 1, 1, 2], Ok("10002.0"));
    }

    #[test]
    fn damaged_numbers_are_refused() {
        check(&[], Err(NO_FORM));
        check(&[1, 0, 0, 0], Err(NO_FORM));
        check(&[1, 0, 0, 0, 10_000], Err(NO_FORM));
        check(&[1, 0, 1, 0, 1], Err(NO_FORM));
        check(&[2, 0, 0, 1, 1, 1234], Err(NO_FORM));
        check(&[0, 0, 0, 0x4000], Err(NO_FORM));
        assert!(numeric(&[0; 9]) == Err(NO_FORM));
    }

    #[test]
    fn numbers_that_are_none_spoil_their_cell_alone() {
        for (sign, expected) in [(0xc0, "NaN"), (0xd0, "infinity"), (0xf0, "-infinity")] {
            assert_eq!(word(numeric(&[0, 0, 0, 0, sign, 0, 0, 0])), expected);
        }
        for (number, expected) in [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "infinity"),
            (f64::NEG_INFINITY, "-infinity"),
        ] {
            let (short, long) = ((number as f32).to_be_bytes(), number.to_be_bytes());
            assert_eq!(word(scalar(&Type::FLOAT4, &short)), expected);
            assert_eq!(word(scalar(&Type::FLOAT8, &long)), expected);
        }
    }

    #[test]
    fn random_bytes_never_panic() {
        let types = [
            Type::INT2,
            Type::INT8,
            Type::FLOAT4,
            Type::NUMERIC,
            Type::BOOL,
            Type::DATE,
        ];
        let more = [Type::TIMESTAMP, Type::TIMESTAMPTZ, Type::UUID, Type::TEXT];
        let mut state = 7u64;
        for _ in 0..20_000 {
            let mut raw = [0u8; 16];
            for byte in &mut raw {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *byte = (state >> 56) as u8 & if state & 1 == 0 { 0xff } else { 3 };
            }
            let length = (state >> 40) as usize % 17;
            for of in types.iter().chain(&more) {
                let _ = scalar(of, &raw[..length]);
            }
        }
    }

    #[test]
    fn days_of_no_calendar_spoil_their_cell_alone() {
        let days = |days: i32| scalar(&Type::DATE, &days.to_be_bytes());
        // The last two: the day after 9999-12-31, the day before 0001-01-01.
        for (day, expected) in [
            (i32::MIN, "-infinity"),
            (i32::MAX, "infinity"),
            (2_921_940, ""),
            (-730_120, ""),
        ] {
            assert_eq!(word(days(day)), expected);
        }
        let told = |day| crate::testing::cell(&days(day).unwrap_or(Scalar::Null));
        assert_eq!(told(0), "d 2000-01-01");
        assert_eq!(told(-36_524), "d 1900-01-01");
        assert_eq!(
            (told(2_921_939), told(-730_119)),
            ("d 9999-12-31".into(), "d 0001-01-01".into())
        );
        for (micros, expected) in [
            (i64::MIN, "-infinity"),
            (i64::MAX, "infinity"),
            (i64::MAX - 1, ""),
            (i64::MIN + 1, ""),
        ] {
            for of in [Type::TIMESTAMP, Type::TIMESTAMPTZ] {
                assert_eq!(word(scalar(&of, &micros.to_be_bytes())), expected);
            }
        }
        assert!(scalar(&Type::DATE, &[0; 3]) == Err(NO_FORM));
    }
}
