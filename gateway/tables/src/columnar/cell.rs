//! One value out of a column of Arrow's types.

use super::Shape;
use crate::plain;
use crate::table::{CellError, Scalar};
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, TimeUnit};

const NO_DAY: &str = "expected a date, got one with a time of day: `on_bad: drop` counts it";
const NO_ENTRY: &str = "points outside its dictionary: the file is damaged";
const NO_TYPE: &str = "is not of the type that the file announces: the file is damaged";

type Read = Result<Scalar, &'static str>;

/// The value at `row`, which is below the array's length.
///
/// **Errors**: damage, by what was expected; never the value.
pub(super) fn read(array: &dyn Array, shape: &Shape, row: usize) -> Read {
    if row >= array.len() {
        return Err(NO_TYPE);
    }
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(Scalar::Null);
    }
    match shape {
        Shape::Plain => plain(array, row),
        Shape::Decimal(scale) => {
            let whole = decimal(array, row).ok_or(NO_TYPE)?;
            Ok(Scalar::Number(plain::scaled(&whole, *scale)))
        }
        Shape::Time(unit, clock) => {
            let (seconds, nanos) = time(array, *unit, row).ok_or(NO_TYPE)?;
            let zone = clock.at(seconds);
            let text = zone.and_then(|zone| plain::instant(seconds, nanos, zone));
            Ok(text.map_or_else(plain::no_year, Scalar::Time))
        }
        Shape::Dictionary(inner) => {
            let dictionary = array.as_any_dictionary_opt().ok_or(NO_TYPE)?;
            let key = key(dictionary.keys(), row).ok_or(NO_ENTRY)?;
            let values = dictionary.values();
            if key >= values.len() {
                return Err(NO_ENTRY);
            }
            read(values, inner, key)
        }
        Shape::Unsupported(_) => Err(NO_TYPE),
    }
}

fn number<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Option<T::Native> {
    Some(array.as_primitive_opt::<T>()?.value(row))
}

fn plain(array: &dyn Array, row: usize) -> Read {
    use DataType as D;
    let text = |text: Option<&str>| Ok(Scalar::Text(text.ok_or(NO_TYPE)?.to_owned()));
    match array.data_type() {
        D::Utf8 => text(array.as_string_opt::<i32>().map(|a| a.value(row))),
        D::LargeUtf8 => text(array.as_string_opt::<i64>().map(|a| a.value(row))),
        D::Utf8View => text(array.as_string_view_opt().map(|a| a.value(row))),
        D::Boolean => {
            let array = array.as_boolean_opt().ok_or(NO_TYPE)?;
            Ok(Scalar::Bool(array.value(row)))
        }
        D::Float32 => {
            let value = number::<Float32Type>(array, row).ok_or(NO_TYPE)?;
            Ok(plain::number32(value))
        }
        D::Float64 => {
            let value = number::<Float64Type>(array, row).ok_or(NO_TYPE)?;
            Ok(plain::number64(value))
        }
        D::Date32 => {
            let days = number::<Date32Type>(array, row).ok_or(NO_TYPE)?;
            Ok(day(plain::seconds_of_days(i64::from(days))))
        }
        D::Date64 => {
            let millis = number::<Date64Type>(array, row).ok_or(NO_TYPE)?;
            if millis % 86_400_000 != 0 {
                return Ok(Scalar::Error(CellError {
                    word: "",
                    expected: NO_DAY,
                }));
            }
            Ok(day(Some(millis / 1000)))
        }
        _ => Ok(Scalar::Number(integer(array, row).ok_or(NO_TYPE)?)),
    }
}

fn day(seconds: Option<i64>) -> Scalar {
    let day = seconds.and_then(plain::date);
    day.map_or_else(plain::no_year, Scalar::Date)
}

fn integer(array: &dyn Array, row: usize) -> Option<String> {
    use DataType as D;
    Some(match array.data_type() {
        D::Int8 => number::<Int8Type>(array, row)?.to_string(),
        D::Int16 => number::<Int16Type>(array, row)?.to_string(),
        D::Int32 => number::<Int32Type>(array, row)?.to_string(),
        D::Int64 => number::<Int64Type>(array, row)?.to_string(),
        D::UInt8 => number::<UInt8Type>(array, row)?.to_string(),
        D::UInt16 => number::<UInt16Type>(array, row)?.to_string(),
        D::UInt32 => number::<UInt32Type>(array, row)?.to_string(),
        D::UInt64 => number::<UInt64Type>(array, row)?.to_string(),
        _ => return None,
    })
}

/// The unscaled whole number.
fn decimal(array: &dyn Array, row: usize) -> Option<String> {
    Some(match array.data_type() {
        DataType::Decimal32(..) => number::<Decimal32Type>(array, row)?.to_string(),
        DataType::Decimal64(..) => number::<Decimal64Type>(array, row)?.to_string(),
        DataType::Decimal128(..) => number::<Decimal128Type>(array, row)?.to_string(),
        DataType::Decimal256(..) => number::<Decimal256Type>(array, row)?.to_string(),
        _ => return None,
    })
}

/// Seconds since 1970-01-01, and nanoseconds after them.
fn time(array: &dyn Array, unit: TimeUnit, row: usize) -> Option<(i64, i64)> {
    let (value, per_second) = match unit {
        TimeUnit::Second => (number::<TimestampSecondType>(array, row)?, 1),
        TimeUnit::Millisecond => (number::<TimestampMillisecondType>(array, row)?, 1_000),
        TimeUnit::Microsecond => (number::<TimestampMicrosecondType>(array, row)?, 1_000_000),
        TimeUnit::Nanosecond => (
            number::<TimestampNanosecondType>(array, row)?,
            1_000_000_000,
        ),
    };
    let part = value.rem_euclid(per_second) * (1_000_000_000 / per_second);
    Some((value.div_euclid(per_second), part))
}

fn key(keys: &dyn Array, row: usize) -> Option<usize> {
    use DataType as D;
    match keys.data_type() {
        D::Int8 => usize::try_from(number::<Int8Type>(keys, row)?).ok(),
        D::Int16 => usize::try_from(number::<Int16Type>(keys, row)?).ok(),
        D::Int32 => usize::try_from(number::<Int32Type>(keys, row)?).ok(),
        D::Int64 => usize::try_from(number::<Int64Type>(keys, row)?).ok(),
        D::UInt8 => Some(number::<UInt8Type>(keys, row)?.into()),
        D::UInt16 => Some(number::<UInt16Type>(keys, row)?.into()),
        D::UInt32 => usize::try_from(number::<UInt32Type>(keys, row)?).ok(),
        D::UInt64 => usize::try_from(number::<UInt64Type>(keys, row)?).ok(),
        _ => None,
    }
}
