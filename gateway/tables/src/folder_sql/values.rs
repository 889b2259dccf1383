//! Values on their way into SQLite, and the functions `number` and `day`.

use super::LongNumbers;
use crate::plain;
use crate::sqlite::{NAN, NO_DAY, NO_NUMBER};
use crate::table::{Kind, Scalar};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Error, ToSql};

/// A value to store; texts are copied once.
pub(super) enum Bound {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// The bytes that stand for it.
    Nan,
}

impl Bound {
    pub(super) fn is_nan(&self) -> bool {
        matches!(self, Self::Nan)
    }
}

impl ToSql for Bound {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Nan => ValueRef::Blob(NAN),
        }))
    }
}

/// **Errors**: a number that is too long; a value of another type than its column announces, which
/// SQLite could turn into another value.
pub(super) fn bind(cell: &Scalar, kind: Kind, long: LongNumbers) -> Result<Bound, &'static str> {
    let fits = match cell {
        Scalar::Error(error) => match unusual(error.word) {
            Some(bound) if matches!(kind, Kind::Number | Kind::Mixed) => return Ok(bound),
            _ => return Err(error.expected),
        },
        Scalar::Null => true,
        Scalar::Text(_) => matches!(kind, Kind::Text | Kind::Mixed),
        Scalar::Number(_) => matches!(kind, Kind::Number | Kind::Mixed),
        Scalar::Bool(_) => matches!(kind, Kind::Bool | Kind::Mixed),
        Scalar::Date(_) => matches!(kind, Kind::Date | Kind::Mixed),
        Scalar::Time(_) => matches!(kind, Kind::Time | Kind::Mixed),
    };
    if !fits {
        return Err("the value is of another type than the column announces");
    }
    Ok(match cell {
        Scalar::Null | Scalar::Error(_) => Bound::Null,
        Scalar::Bool(value) => Bound::Integer(i64::from(*value)),
        Scalar::Text(text) | Scalar::Date(text) | Scalar::Time(text) => Bound::Text(text.clone()),
        Scalar::Number(text) => match number(text) {
            Some(bound) => bound,
            None if long == LongNumbers::Text => Bound::Text(text.clone()),
            None => {
                return Err(
                    "has more digits than SQL on a folder holds exactly (64 bits): leave \
                            the column out, or have such numbers kept as text",
                );
            }
        },
    })
}

/// What a number that is not finite is in SQL.
fn unusual(word: &str) -> Option<Bound> {
    match word {
        "NaN" => Some(Bound::Nan),
        "infinity" => Some(Bound::Real(f64::INFINITY)),
        "-infinity" => Some(Bound::Real(f64::NEG_INFINITY)),
        _ => None,
    }
}

/// A number as SQLite holds it, where it reads back in the same digits. Zeros in front of a number
/// and behind its point say nothing and are dropped.
fn number(text: &str) -> Option<Bound> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = part.trim_end_matches('0');
    let short = match part {
        "" if whole == "0" => "0".to_owned(),
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    };
    if part.is_empty()
        && let Ok(integer) = short.parse()
    {
        return Some(Bound::Integer(integer));
    }
    let real: f64 = short.parse().ok()?;
    (plain::float64(real)? == short).then_some(Bound::Real(real))
}

/// Adds `number(x)`: a text as a number, exactly or not at all; and `day(x)`: the day of a date, or
/// of a date with a time.
pub(super) fn functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("day", 1, flags, |context| {
        let refuse = || Error::UserFunctionError(NO_DAY.into());
        match context.get_raw(0) {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => day(bytes).ok_or_else(refuse).map(Some),
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(refuse()),
        }
    })?;
    connection.create_scalar_function("number", 1, flags, |context| {
        let refuse = || Error::UserFunctionError(NO_NUMBER.into());
        match context.get_raw(0) {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Integer(number)),
            ValueRef::Real(number) => Ok(Value::Real(number)),
            ValueRef::Blob(bytes) if bytes == NAN => Ok(Value::Blob(NAN.to_vec())),
            ValueRef::Blob(_) => Err(refuse()),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).ok();
                match text.and_then(number).ok_or_else(refuse)? {
                    Bound::Integer(number) => Ok(Value::Integer(number)),
                    Bound::Real(number) => Ok(Value::Real(number)),
                    Bound::Null | Bound::Text(_) | Bound::Nan => Err(refuse()),
                }
            }
        }
    })
}

/// The first ten characters, where they are a day of the calendar and nothing but a time follows.
fn day(bytes: &[u8]) -> Option<String> {
    let (day, rest) = std::str::from_utf8(bytes).ok()?.split_at_checked(10)?;
    let is_alone = rest.is_empty() || rest.starts_with(['T', ' ']);
    let date: jiff::civil::Date = day.parse().ok().filter(|_| is_alone)?;
    (date.to_string() == day).then(|| day.to_owned())
}
