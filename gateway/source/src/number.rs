//! Exact decimal numbers from text: no floating point touches a medical value.

use std::borrow::Cow;

/// Longest number text that is read.
///
/// **Units**: bytes.
const MAX_TEXT: usize = 64;
const MAX_EXPONENT: i32 = 40;

/// How numbers are written. What is not said is refused: `250.000` is no number under a decimal
/// comma, and none under a decimal point where points stand between thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    pub decimal: char,
    /// What stands between groups of three digits.
    pub thousands: Option<char>,
    /// Whether `+5` is a number.
    pub plus: bool,
    /// Whether `1e5` is a number.
    pub exponent: bool,
    /// Whether `5 %` is the number 5.
    pub percent: bool,
}

impl Signs {
    /// A decimal point, and nothing else.
    pub(crate) const PLAIN: Signs = Signs {
        decimal: '.',
        thousands: None,
        plus: false,
        exponent: false,
        percent: false,
    };

    /// How a number that its source has as a number is written: also `7.1e+0`.
    pub(crate) fn of_typed(text: &str) -> Signs {
        Signs {
            exponent: text.contains(['e', 'E']),
            ..Signs::PLAIN
        }
    }

    /// The number with a decimal point and digits, as [`scaled`] reads it.
    pub(crate) fn plain<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let is_plain = |b: u8| b.is_ascii_digit() || b == b'-' || b == b'.';
        if *self == Signs::PLAIN {
            return text.bytes().all(is_plain).then_some(Cow::Borrowed(text));
        }
        let text = match text.strip_suffix('%') {
            Some(text) if self.percent => text.trim_end(),
            Some(_) => return None,
            None => text,
        };
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => ("-", text),
            None => (
                "",
                text.strip_prefix('+').filter(|_| self.plus).unwrap_or(text),
            ),
        };
        let (text, exponent) = match text.find(['e', 'E']).filter(|_| self.exponent) {
            Some(at) => text.split_at_checked(at)?,
            None => (text, ""),
        };
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let mut plain = format!("{sign}{}", self.ungrouped(whole)?);
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(digits(fraction)?);
        }
        plain.push_str(exponent);
        Some(Cow::Owned(plain))
    }

    /// A whole part without what stands between its groups.
    pub(crate) fn ungrouped(&self, whole: &str) -> Option<String> {
        let set = |c: &char| self.thousands.is_some_and(|sign| is_form_of(sign, *c));
        // The first one is the sign of the whole number.
        let Some(sign) = whole.chars().find(set) else {
            return digits(whole).map(str::to_owned);
        };
        let mut groups = whole.split(sign);
        let first = groups
            .next()
            .filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
        let mut all = digits(first)?.to_owned();
        for group in groups {
            all.push_str(digits(group).filter(|group| group.len() == 3)?);
        }
        Some(all)
    }
}

/// Whether `found` is a form of the sign between thousands: blanks that hold a line together are
/// blanks, and a typeset apostrophe is one.
pub(crate) fn is_form_of(sign: char, found: char) -> bool {
    match sign {
        ' ' => matches!(found, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        '\'' => matches!(found, '\'' | '\u{2019}'),
        _ => found == sign,
    }
}

fn digits(text: &str) -> Option<&str> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then_some(text)
}

/// A number times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    /// The number times 10^scale, rounded half away from zero.
    pub value: i64,
    /// Whether nothing was rounded.
    pub exact: bool,
}

/// Reads `-12.34e1` and the like as an integer count of 10^-scale.
///
/// Returns `None` for anything that is no plain decimal number or does not fit 64 bits.
pub(crate) fn scaled(text: &str, scale: u32) -> Option<Scaled> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        // At most 64 digits were read; more than 38 significant ones overflow and are refused.
        value = value
            .checked_mul(10)?
            .checked_add(i128::from(digit - b'0'))?;
    }
    // `MAX_TEXT` bounds the fraction, so the cast is exact.
    let shift = exponent + i32::try_from(scale).ok()? - fraction.len() as i32;
    let (value, exact) = shift_digits(value, shift)?;
    let value = i64::try_from(if negative { -value } else { value }).ok()?;
    Some(Scaled { value, exact })
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|e: &i32| e.abs() <= MAX_EXPONENT)
}

/// `value * 10^shift` for a value of zero or more, rounded half up.
fn shift_digits(value: i128, shift: i32) -> Option<(i128, bool)> {
    if value == 0 {
        return Some((0, true));
    }
    let power = 10i128.checked_pow(shift.unsigned_abs());
    if shift >= 0 {
        return value.checked_mul(power?).map(|v| (v, true));
    }
    // A power beyond 128 bits is larger than twice any value.
    let Some(power) = power else {
        return Some((0, false));
    };
    let (quotient, rest) = (value / power, value % power);
    let up = i128::from(rest >= power - rest);
    Some((quotient + up, rest == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, scale: u32, expected: Option<(i64, bool)>) {
        assert_eq!(
            scaled(text, scale).map(|s| (s.value, s.exact)),
            expected,
            "{text} at {scale}"
        );
    }

    #[test]
    fn reads_exactly_and_rounds_half_away_from_zero() {
        check("7.15", 2, Some((715, true)));
        check("7.15", 1, Some((72, false)));
        check("-7.15", 1, Some((-72, false)));
        check("7.1499999999999999999", 1, Some((71, false)));
        check("0.05", 1, Some((1, false)));
        check("0.04999", 1, Some((0, false)));
        check("12", 3, Some((12_000, true)));
        check("12.000", 0, Some((12, true)));
        check("1.2e2", 0, Some((120, true)));
        check("1.2E-3", 4, Some((12, true)));
        check("-0", 0, Some((0, true)));
        check("+5", 0, Some((5, true)));
        check("007", 0, Some((7, true)));
        check("1e-40", 0, Some((0, false)));
        check("9223372036854775807", 0, Some((i64::MAX, true)));
        check("-9223372036854775808", 0, Some((i64::MIN, true)));
    }

    #[test]
    fn b7_signs_are_read_as_they_are_set_and_no_other_way() {
        let comma = Signs {
            decimal: ',',
            ..Signs::PLAIN
        };
        let german = Signs {
            thousands: Some('.'),
            ..comma
        };
        let swiss = Signs {
            thousands: Some('\''),
            ..Signs::PLAIN
        };
        let all = Signs {
            plus: true,
            exponent: true,
            percent: true,
            ..Signs::PLAIN
        };
        for (signs, text, expected) in [
            (Signs::PLAIN, "7.2", Some("7.2")),
            (Signs::PLAIN, "7,2", None),
            (Signs::PLAIN, "+5", None),
            (Signs::PLAIN, "1e5", None),
            (Signs::PLAIN, "5%", None),
            (comma, "7,2", Some("7.2")),
            (comma, "250.000", None),
            (comma, "7.2", None),
            (german, "250.000", Some("250000")),
            (german, "1.250.000,5", Some("1250000.5")),
            (german, "25.00", None),
            (german, "2500.000", None),
            (german, "1.,5", None),
            (swiss, "1'000.5", Some("1000.5")),
            (swiss, "1'00", None),
            (all, "+1e5", Some("1e5")),
            (all, "5 %", Some("5")),
            (all, "-2.5%", Some("-2.5")),
        ] {
            assert_eq!(signs.plain(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn b7_thousands_have_one_form_of_their_sign() {
        let with = |sign| Signs {
            thousands: Some(sign),
            ..Signs::PLAIN
        };
        for (sign, text, expected) in [
            (' ', "1 250 000.5", Some("1250000.5")),
            (' ', "1\u{a0}250\u{a0}000", Some("1250000")),
            (' ', "1\u{202f}250", Some("1250")),
            (' ', "1\u{2009}250", Some("1250")),
            (' ', "1\u{a0}250 000", None),
            (' ', "1\u{2003}250", None),
            (' ', "1\u{a0}25", None),
            ('\'', "1\u{2019}250\u{2019}000", Some("1250000")),
            ('\'', "1\u{2019}250'000", None),
            ('.', "1\u{a0}250", None),
        ] {
            assert_eq!(with(sign).plain(text).as_deref(), expected, "{text}");
        }
        assert_eq!(Signs::PLAIN.plain("1\u{a0}250"), None);
    }

    #[test]
    fn b7_refuses_what_is_no_plain_number() {
        for bad in [
            "", "-", "+", ".", "1.", ".5", "1,5", " 1", "1 ", "0x10", "1e", "1e+", "1e41",
            "1e99999", "nan", "inf", "1_000", "٣", "--1", "1.2.3",
        ] {
            check(bad, 2, None);
        }
        check("9223372036854775808", 0, None);
        check(&"9".repeat(65), 0, None);
        check(&"9".repeat(60), 0, None);
    }

    proptest! {
        #[test]
        fn b7_agrees_with_integers_and_never_panics(n in any::<i32>(), text in "[-+0-9.eE]{0,70}") {
            prop_assert_eq!(scaled(&n.to_string(), 3).map(|s| s.value), Some(i64::from(n) * 1000));
            let _ = scaled(&text, 6);
        }
    }
}
