//! Decimal texts and binary numbers as plain digits, and their order. No digit is rounded.

use std::cmp::Ordering;

/// Longest decimal text that is read; the standard allows 16 bytes.
const MAX_TEXT: usize = 64;
/// Largest power of ten, either way: more than a double has.
const MAX_EXPONENT: i32 = 400;

const DECIMAL: &str = "expected a decimal number, as `-12.5` or `1.25E3`";
const INTEGER: &str = "expected a whole number, as `-12`";

/// A DS text as plain digits: `1.50E2` is `150`, `+.5` is `0.5`. Zeros after the point stay.
pub(super) fn decimal(text: &str) -> Result<String, &'static str> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent).ok_or(DECIMAL)?),
        None => (text, 0),
    };
    let (negative, unsigned) = sign(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if text.len() > MAX_TEXT || !digits(whole) || !digits(fraction) {
        return Err(DECIMAL);
    }
    if whole.is_empty() && fraction.is_empty() {
        return Err(DECIMAL);
    }
    // Both are at most `MAX_TEXT` long, so nothing overflows.
    let point = whole.len() as i32 + exponent;
    Ok(plain(negative, &format!("{whole}{fraction}"), point))
}

/// An IS text as plain digits.
pub(super) fn integer(text: &str) -> Result<String, &'static str> {
    let (negative, digits) = sign(text);
    let good = (1..=MAX_TEXT).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| plain(negative, digits, digits.len() as i32))
        .ok_or(INTEGER)
}

/// A binary number as plain digits: the shortest decimal that reads back as the same number, which
/// is what every tool shows. **Errors**: infinite, or not a number.
pub(super) fn single(value: f32) -> Result<String, &'static str> {
    finite(value.is_finite(), value == 0.0, value.to_string())
}

/// As [`single`], for double precision.
pub(super) fn double(value: f64) -> Result<String, &'static str> {
    finite(value.is_finite(), value == 0.0, value.to_string())
}

fn finite(is_finite: bool, is_zero: bool, text: String) -> Result<String, &'static str> {
    match (is_finite, is_zero) {
        (false, _) => Err("expected a finite number"),
        (true, true) => Ok("0".to_owned()),
        (true, false) => Ok(text),
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = sign(text);
    let good = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let size: i32 = digits.parse().ok().filter(|_| good)?;
    (size <= MAX_EXPONENT).then_some(if negative { -size } else { size })
}

/// Digits with the point after the first `point` of them.
fn plain(negative: bool, digits: &str, point: i32) -> String {
    let at = usize::try_from(point.max(0)).unwrap_or(0);
    let zeros = usize::try_from(point.saturating_neg().max(0)).unwrap_or(0);
    let mut whole: String = digits.chars().take(at).collect();
    whole.extend(std::iter::repeat_n('0', at.saturating_sub(digits.len())));
    let fraction: String = std::iter::repeat_n('0', zeros)
        .chain(digits.chars().skip(at))
        .collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let is_zero = whole == "0" && fraction.bytes().all(|b| b == b'0');
    let minus = if negative && !is_zero { "-" } else { "" };
    match fraction.is_empty() {
        true => format!("{minus}{whole}"),
        false => format!("{minus}{whole}.{fraction}"),
    }
}

/// Orders two plain numbers by size: `1.50` and `1.5` are equal.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (a, x) = sign(one);
    let (b, y) = sign(other);
    match (a, b) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => magnitude(x, y),
        (true, true) => magnitude(y, x),
    }
}

fn magnitude(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0').to_owned();
        (whole.len(), whole.to_owned(), fraction)
    };
    // Without zeros in front, the longer whole part is larger; a fraction orders as text.
    parts(one).cmp(&parts(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_plain_digits() {
        let check = |text: &str, expected: &str| assert_eq!(decimal(text), Ok(expected.to_owned()));
        check("12.50", "12.50");
        check("+12.50", "12.50");
        check("-0.5", "-0.5");
        check(".5", "0.5");
        check("5.", "5");
        check("007", "7");
        check("-0", "0");
        check("-0.00", "0.00");
        check("1.5E2", "150");
        check("1.50e-3", "0.00150");
        check("1E+3", "1000");
        check("123.456E1", "1234.56");
        check("0E5", "0");
        check("1e-10", "0.0000000001");
        assert_eq!(decimal("1E400").map(|t| t.len()), Ok(401));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        let bad = [
            "", ".", "-", "+", "1e", "1e+", "1e401", "1,5", "1 2", "0x1", "NaN", "inf", "--1",
            "1.2.3", "1e1.5", "1e99999", "١", "e5",
        ];
        for text in bad {
            assert!(decimal(text).is_err(), "{text}");
        }
        assert!(decimal(&"1".repeat(65)).is_err());
    }

    #[test]
    fn integers_have_no_point() {
        assert_eq!(integer("+07"), Ok("7".to_owned()));
        assert_eq!(integer("-0"), Ok("0".to_owned()));
        for text in ["", "1.0", "1e3", "-", "1 "] {
            assert!(integer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn floats_have_no_exponent_and_are_finite() {
        assert_eq!(single(0.1), Ok("0.1".to_owned()));
        assert_eq!(double(1e21), Ok("1000000000000000000000".to_owned()));
        assert_eq!(double(-0.0), Ok("0".to_owned()));
        assert_eq!(double(-2.5e-7), Ok("-0.00000025".to_owned()));
        assert!(single(f32::NAN).is_err() && double(f64::INFINITY).is_err());
    }

    #[test]
    fn order_is_by_size() {
        let check = |a: &str, b: &str, expected| assert_eq!(compare(a, b), expected, "{a} {b}");
        check("9", "10", Ordering::Less);
        check("1.5", "1.50", Ordering::Equal);
        check("-9", "-10", Ordering::Greater);
        check("-1", "0", Ordering::Less);
        check("0.09", "0.1", Ordering::Less);
    }
}
