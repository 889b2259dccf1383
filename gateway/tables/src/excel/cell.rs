//! What a cell holds as a value of a table.

use crate::table::{CellError, Scalar};
use calamine::{CellErrorType, Data, DataRef, ExcelDateTime};

/// A cell's content, whatever the format.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Empty,
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Moment(ExcelDateTime),
    /// A date in words of ISO 8601.
    Iso(&'a str),
    /// A duration in words of ISO 8601.
    Span(&'a str),
    /// As the workbook shows it.
    Error(&'static str),
    /// A formula without a result that is meant.
    NoResult,
}

const DAY: i64 = 86_400_000;
/// The days of 9999-12-31 in the two calendars.
const LAST_DAY: (i64, i64) = (2_958_465, 2_957_003);

impl<'a> Value<'a> {
    pub(super) fn of(data: &'a DataRef<'_>) -> Value<'a> {
        match data {
            DataRef::Empty => Value::Empty,
            DataRef::String(text) => Value::Text(text),
            DataRef::SharedString(text) => Value::Text(text),
            DataRef::Int(number) => Value::Integer(*number),
            DataRef::Float(number) => Value::Float(*number),
            DataRef::Bool(truth) => Value::Bool(*truth),
            DataRef::DateTime(moment) => Value::Moment(*moment),
            DataRef::DateTimeIso(text) => Value::Iso(text),
            DataRef::DurationIso(text) => Value::Span(text),
            DataRef::Error(error) => Value::Error(word(error)),
        }
    }

    pub(super) fn of_data(data: &'a Data) -> Value<'a> {
        match data {
            Data::Empty => Value::Empty,
            Data::String(text) => Value::Text(text),
            Data::Int(number) => Value::Integer(*number),
            Data::Float(number) => Value::Float(*number),
            Data::Bool(truth) => Value::Bool(*truth),
            Data::DateTime(moment) => Value::Moment(*moment),
            Data::DateTimeIso(text) => Value::Iso(text),
            Data::DurationIso(text) => Value::Span(text),
            Data::Error(error) => Value::Error(word(error)),
        }
    }

    /// The value of a table; `mac` if dates count from 1904.
    ///
    /// A time of day is a text such as `10:30:00`, a duration one such as `PT26H30M00S`: a table
    /// has no type for them. A date with the time 0:00 is a date. A number of more digits than a
    /// workbook keeps is a text such as `1.2E19`.
    ///
    /// **Errors**: what was expected and what to do.
    pub(super) fn scalar(self, mac: bool) -> Result<Scalar, &'static str> {
        Ok(match self {
            Value::Empty => Scalar::Null,
            Value::Text(text) => Scalar::Text(text.to_owned()),
            Value::Integer(number) if number.unsigned_abs() >= TOO_LONG as u64 => {
                return Err(LONG_NUMBER);
            }
            Value::Integer(number) => Scalar::Number(number.to_string()),
            Value::Float(number) => Scalar::Number(decimal(number)?),
            Value::Bool(truth) => Scalar::Bool(truth),
            Value::Moment(moment) if moment.is_duration() => span(moment.as_f64())?,
            Value::Moment(moment) => date(moment.as_f64(), mac)?,
            Value::Iso(text) => iso(text)?,
            Value::Span(text) => Scalar::Text(text.to_owned()),
            Value::Error(_) => {
                return Err(
                    "expected a value, got an error such as #N/A: mend it or empty the cell",
                );
            }
            Value::NoResult => {
                return Err(
                    "expected a formula with a stored result that is no error: open the workbook \
                     in its program and save it",
                );
            }
        })
    }

    /// The value of a table, or what stands there in its place.
    pub(super) fn scalar_or_error(self, mac: bool) -> Scalar {
        let word = match self {
            Value::Error(word) => word,
            _ => "",
        };
        let error = |expected| Scalar::Error(CellError { word, expected });
        self.scalar(mac).unwrap_or_else(error)
    }
}

/// How a workbook shows an error.
fn word(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#DATA!",
    }
}

/// A number of sixteen digits. Programs keep fifteen and write zeros for the others, so that a long
/// identity or code is another one.
const TOO_LONG: f64 = 1e15;
const LONG_NUMBER: &str = "expected a number of at most 15 digits, of which a workbook keeps no more: \
                           make the column a text and enter it again";

/// The shortest digits that are this number and no other, without an exponent.
fn decimal(number: f64) -> Result<String, &'static str> {
    if !number.is_finite() {
        return Err("expected a finite number");
    }
    if number.abs() >= TOO_LONG {
        return Err(LONG_NUMBER);
    }
    // There is no negative zero in decimal digits.
    Ok(format!("{}", if number == 0.0 { 0.0 } else { number }))
}

/// Milliseconds: a workbook counts days as a binary fraction, and its own programs round to these.
fn milliseconds(days: f64) -> Result<i64, &'static str> {
    let all = (days * DAY as f64).round();
    match (0.0..1e15).contains(&all) {
        true => Ok(all as i64),
        false => Err("expected a date or time of year 9999 at most, and none below zero"),
    }
}

fn date(days: f64, mac: bool) -> Result<Scalar, &'static str> {
    let all = milliseconds(days)?;
    let (day, time) = (all / DAY, all % DAY);
    match (day, mac) {
        (0, false) if time > 0 => return Ok(Scalar::Text(clock(time))),
        (0, false) => {
            return Err(
                "expected a date or a time, got zero, which is neither: empty the cell, or \
                        make it a text",
            );
        }
        (0, true) if days < 1.0 => {
            return Err(
                "expected a date after 1904-01-01 or a text: before it, a date and a time \
                        look alike",
            );
        }
        (60, false) => return Err("expected a date, got 1900-02-29, a day that never was"),
        _ => {}
    }
    let (last_1900, last_1904) = LAST_DAY;
    if day > if mac { last_1904 } else { last_1900 } {
        return Err("expected a date of year 9999 at most");
    }
    // Days since 1970-01-01. The calendar of 1900 has one day too many before its 61st.
    let epoch = match (mac, day) {
        (true, _) => -24_107,
        (false, ..60) => -25_568,
        (false, _) => -25_569,
    };
    let words = civil(day + epoch);
    Ok(match time {
        0 => Scalar::Date(words),
        _ => Scalar::Time(format!("{words}T{}", clock(time))),
    })
}

fn clock(milliseconds: i64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let words = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    match rest {
        0 => words,
        _ => format!("{words}.{rest:03}"),
    }
}

fn span(days: f64) -> Result<Scalar, &'static str> {
    let all = milliseconds(days)?;
    let (seconds, rest) = (all / 1000, all % 1000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = match rest {
        0 => String::new(),
        _ => format!(".{rest:03}"),
    };
    Ok(Scalar::Text(format!(
        "PT{hours:02}H{minutes:02}M{:02}{rest}S",
        seconds % 60
    )))
}

/// A day as `2026-01-31`, from days since 1970-01-01, in the years 0 to 9999.
fn civil(day: i64) -> String {
    // Years begin in March here, so that a leap day is the last day of one; 400 years repeat.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

/// A date or a date with time of ISO 8601, as a document writes it.
fn iso(text: &str) -> Result<Scalar, &'static str> {
    let wrong = "expected a date such as 2026-01-31 or 2026-01-31T10:00:00";
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    if !shaped(day, "dddd-dd-dd") || !real(day) {
        return Err(wrong);
    }
    let Some(time) = time else {
        return Ok(Scalar::Date(text.to_owned()));
    };
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at_checked(at).ok_or(wrong)?,
        None => (time, ""),
    };
    let (whole, rest) = clock.split_once('.').unwrap_or((clock, "0"));
    let fits = |word: &str, most: u32| word.parse::<u32>().is_ok_and(|n| n <= most);
    let mut parts = whole.split(':');
    let clock_fits = shaped(whole, "dd:dd:dd")
        && [23, 59, 59]
            .iter()
            .all(|most| parts.next().is_some_and(|p| fits(p, *most)))
        && !rest.is_empty()
        && rest.bytes().all(|b| b.is_ascii_digit());
    let zone_fits = zone.is_empty() || zone == "Z" || shaped(zone.get(1..).unwrap_or(""), "dd:dd");
    match clock_fits && zone_fits {
        true => Ok(Scalar::Time(text.to_owned())),
        false => Err(wrong),
    }
}

/// Whether a text has digits where the shape has `d`, and its other characters elsewhere.
fn shaped(text: &str, shape: &str) -> bool {
    let fits = |(b, s): (u8, u8)| {
        if s == b'd' {
            b.is_ascii_digit()
        } else {
            b == s
        }
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// Whether a day of the right shape is one of the calendar.
fn real(day: &str) -> bool {
    let mut parts = day.split('-').map(|part| part.parse::<u32>().unwrap_or(0));
    let (year, month, date) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(date)) = (year, month, date) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&date)
}

#[cfg(test)]
mod tests;
