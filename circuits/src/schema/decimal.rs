//! Decimals as integers of 10^-scale.

use serde_json::Value as Json;

/// A number (or its text) as an integer of 10^-scale, exactly.
pub(super) fn decimal(value: &Json, scale: u32) -> Option<i64> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => return None,
    };
    let (negative, digits) = text
        .strip_prefix('-')
        .map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |t: &str| (1..=19).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = scale.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let value = format!("{whole}{fraction}")
        .parse::<i128>()
        .ok()?
        .checked_mul(10i128.checked_pow(missing)?)?;
    i64::try_from(if negative { -value } else { value }).ok()
}

pub(crate) fn print_decimal(value: i64, scale: u32) -> Json {
    let power = 10u64.pow(scale);
    let (whole, fraction) = (value.unsigned_abs() / power, value.unsigned_abs() % power);
    let sign = if value < 0 { "-" } else { "" };
    Json::String(format!(
        "{sign}{whole}.{fraction:0width$}",
        width = scale as usize
    ))
}
