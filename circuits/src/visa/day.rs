//! Days as people write them: `2026-01-31`, in the Gregorian calendar, and back.
//!
//! **Source**: days from civil and back by eras of 400 years (Fliegel and Van Flandern's idea); no
//! clock, no time zones.

use super::DAY_BITS;
use crate::ids::Day;

/// The day of a date, if it is a real one from 1970-01-02 on that fits a visa.
pub fn parse(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    let plain = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| {
            if matches!(i, 4 | 7) {
                *b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if !plain {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let days = u32::try_from(from_civil(
        i64::from(year),
        i64::from(month),
        i64::from(day),
    ))
    .ok()?;
    let day = Day(days);
    (days > 0 && days < 1 << DAY_BITS && to_text(day) == text).then_some(day)
}

/// Days since 1970-01-01 of a date whose month is 1 to 12.
fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day.
pub fn to_text(day: Day) -> String {
    let days = i64::from(day.0) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests;
