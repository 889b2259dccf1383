//! Days of the proleptic Gregorian calendar as texts.

use serde_json::Value as Json;

/// First year that a bound of a day column may have.
pub const FIRST_YEAR: i64 = 1800;

/// Days since 1970-01-01 of a text like `2026-01-31`, years [`FIRST_YEAR`] to 2999.
pub(crate) fn day_of_text(text: &str) -> Option<i64> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let days = civil_to_days(year, month, day);
    let real = shape
        && (FIRST_YEAR..3000).contains(&year)
        && (1..=12).contains(&month)
        && days_to_civil(days) == (year, month, day);
    real.then_some(days)
}

fn civil_to_days(year: i64, month: i64, day: i64) -> i64 {
    // Years run from March, so that the leap day is the last of a year; eras are 400 years.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_to_civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        era * 400 + yoe + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

pub(crate) fn print_day(days: i32) -> Json {
    let (year, month, day) = days_to_civil(i64::from(days));
    Json::String(format!("{year:04}-{month:02}-{day:02}"))
}
