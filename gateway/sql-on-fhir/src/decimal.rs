//! Decimal numbers with exact arithmetic: an integer of 128 bits and a count of decimal places.
//!
//! No binary floating point anywhere: what a resource says is what is compared and added. A result
//! that does not fit is an answer of its own (`None`), never a rounded number. Only a quotient is
//! rounded, because most quotients have no last digit.

use std::cmp::Ordering;
use std::fmt;

/// Most decimal places: ten to this power still fits an integer of 128 bits.
const MAX_SCALE: u32 = 38;
/// Decimal places of a quotient that has no last digit.
const QUOTIENT_SCALE: u32 = 16;

/// A number: `digits / 10^scale`. Trailing zeros are kept, since they say how precise it is.
#[derive(Clone, Copy)]
pub(crate) struct Decimal {
    digits: i128,
    scale: u32,
}

fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// Leaves out the lowest integer, which has no counterpart above zero.
fn signed(digits: i128) -> Option<i128> {
    (digits != i128::MIN).then_some(digits)
}

/// Quotient rounded down, for a divisor above zero.
fn floor_div(digits: i128, unit: i128) -> i128 {
    digits.div_euclid(unit)
}

impl Decimal {
    pub(crate) fn integer(value: i128) -> Self {
        Decimal {
            digits: value,
            scale: 0,
        }
    }

    /// Reads JSON's and FHIRPath's form, with an exponent or without.
    ///
    /// **Errors**: `None` where it is no number or has more digits than fit.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || (mantissa.contains('.') && fraction.is_empty()) {
            return None;
        }
        let mut digits = 0i128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
            digits = digits.checked_mul(10)?.checked_add(digit)?;
        }
        let digits = if negative { -digits } else { digits };
        let scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        Self::scaled(digits, scale)
    }

    /// A number from digits and a count of places that may be negative.
    fn scaled(digits: i128, scale: i64) -> Option<Self> {
        if digits == 0 {
            let scale = u32::try_from(scale.clamp(0, i64::from(MAX_SCALE))).ok()?;
            return Some(Decimal { digits, scale });
        }
        if scale < 0 {
            let up = power(u32::try_from(-scale).ok()?)?;
            let digits = digits.checked_mul(up)?;
            return Some(Decimal { digits, scale: 0 });
        }
        let scale = u32::try_from(scale).ok()?;
        let number = Decimal { digits, scale };
        if scale > MAX_SCALE {
            let short = number.stripped();
            return (short.scale <= MAX_SCALE).then_some(short);
        }
        Some(number)
    }

    /// The same value without trailing zeros after the point.
    pub(crate) fn stripped(mut self) -> Self {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }

    pub(crate) fn scale(self) -> u32 {
        self.scale
    }

    /// The value, where it is a whole number.
    pub(crate) fn whole(self) -> Option<i128> {
        let short = self.stripped();
        (short.scale == 0).then_some(short.digits)
    }

    /// Both numbers over one count of places.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.digits.checked_mul(power(scale - self.scale)?)?;
        let right = other.digits.checked_mul(power(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    pub(crate) fn negated(self) -> Self {
        // `signed` keeps the lowest integer out.
        Decimal {
            digits: self.digits.saturating_neg(),
            scale: self.scale,
        }
    }

    pub(crate) fn absolute(self) -> Self {
        if self.digits < 0 {
            self.negated()
        } else {
            self
        }
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        let digits = left.checked_add(right).and_then(signed)?;
        Some(Decimal { digits, scale })
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits).and_then(signed)?;
        Self::scaled(digits, i64::from(self.scale) + i64::from(other.scale))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The quotient: exact up to 16 places, else rounded there, half away from zero.
    pub(crate) fn over(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.stripped().aligned(other.stripped())?;
        let whole = left.checked_div(right)?;
        let (mut digits, mut rest) = (whole, left.checked_rem(right)?);
        let mut scale = 0;
        while rest != 0 && scale < QUOTIENT_SCALE {
            rest = rest.checked_mul(10)?;
            digits = digits.checked_mul(10)?.checked_add(rest / right)?;
            rest %= right;
            scale += 1;
        }
        if rest.checked_mul(2)?.unsigned_abs() >= right.unsigned_abs() {
            let away = if (left < 0) == (right < 0) { 1 } else { -1 };
            digits = digits.checked_add(away)?;
        }
        Some(Decimal { digits, scale }.stripped())
    }

    /// The quotient cut to a whole number.
    pub(crate) fn over_whole(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        left.checked_div(right).map(Self::integer)
    }

    /// What `over_whole` leaves; its sign is the dividend's.
    pub(crate) fn remainder(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        let digits = left.checked_rem(right)?;
        Some(Decimal { digits, scale })
    }

    /// The next number below or at this one that has no more places.
    pub(crate) fn floor(self, places: u32) -> Option<Self> {
        if places >= self.scale {
            return self.padded(places);
        }
        let unit = power(self.scale - places)?;
        let digits = floor_div(self.digits, unit);
        Some(Decimal {
            digits,
            scale: places,
        })
    }

    /// The next number above or at this one that has no more places.
    pub(crate) fn ceiling(self, places: u32) -> Option<Self> {
        Some(self.negated().floor(places)?.negated())
    }

    /// Rounded to some places, half away from zero.
    pub(crate) fn rounded(self, places: u32) -> Option<Self> {
        if places >= self.scale {
            return Some(self);
        }
        let half = Decimal {
            digits: 5,
            scale: places.checked_add(1)?,
        };
        let size = self.absolute().plus(half)?.floor(places)?;
        Some(if self.digits < 0 {
            size.negated()
        } else {
            size
        })
    }

    fn padded(self, places: u32) -> Option<Self> {
        let digits = self.digits.checked_mul(power(places - self.scale)?)?;
        Some(Decimal {
            digits,
            scale: places,
        })
    }

    /// Half a unit of the last place below (`-1`) or above (`1`).
    pub(crate) fn edge(self, side: i128) -> Option<Self> {
        let digits = self.digits.checked_mul(10)?.checked_add(5 * side)?;
        let scale = self.scale.checked_add(1).filter(|s| *s <= MAX_SCALE)?;
        Some(Decimal { digits, scale })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// Whole parts first, then what is below the point: this never overflows.
    fn cmp(&self, other: &Self) -> Ordering {
        let split = |n: &Decimal, scale: u32| {
            let unit = power(n.scale).unwrap_or(i128::MAX);
            let rest = n.digits.rem_euclid(unit);
            let up = power(scale - n.scale).unwrap_or(1);
            (n.digits.div_euclid(unit), rest.saturating_mul(up))
        };
        let scale = self.scale.max(other.scale);
        split(self, scale).cmp(&split(other, scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let size = self.digits.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{size}");
        }
        let unit = 10u128.pow(self.scale.min(MAX_SCALE));
        let width = self.scale as usize;
        write!(f, "{sign}{}.{:0width$}", size / unit, size % unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(n("0.1").plus(n("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(n("1.10").times(n("3")).unwrap().to_string(), "3.30");
        assert_eq!(n("-0.05").minus(n("1")).unwrap().to_string(), "-1.05");
        assert_eq!(n("1e3").to_string(), "1000");
        assert_eq!(n("12.5E-2").to_string(), "0.125");
        assert!(n("1.0") == n("1") && n("-1.5") < n("-1.49") && n("0.3") > n("0.29"));
    }

    #[test]
    fn quotients_are_rounded_only_where_they_must() {
        assert_eq!(n("3").over(n("2")).unwrap().to_string(), "1.5");
        assert_eq!(
            n("2").over(n("3")).unwrap().to_string(),
            "0.6666666666666667"
        );
        assert_eq!(
            n("-2").over(n("3")).unwrap().to_string(),
            "-0.6666666666666667"
        );
        assert_eq!(n("6").over(n("2.0")).unwrap().to_string(), "3");
        assert_eq!(n("-7").remainder(n("3")).unwrap().to_string(), "-1");
        assert!(n("1").over(n("0.0")).is_none());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let most = i128::MAX.to_string();
        assert!(n(&most).plus(n("1")).is_none() && n(&most).times(n("10")).is_none());
        for text in [
            "",
            "-",
            "1.",
            ".5",
            "1e999999",
            "1e",
            "0x1",
            "1 ",
            &"9".repeat(60),
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
        assert!(n(&most) > n("0.00000000000000000000000000000000000001"));
    }

    #[test]
    fn edges_and_rounding() {
        assert_eq!(n("1.0").edge(-1).unwrap().to_string(), "0.95");
        assert_eq!(n("1.0").edge(1).unwrap().to_string(), "1.05");
        assert_eq!(
            n("-1.587").edge(-1).unwrap().floor(2).unwrap().to_string(),
            "-1.59"
        );
        assert_eq!(n("2.5").rounded(0).unwrap().to_string(), "3");
        assert_eq!(n("-2.5").rounded(0).unwrap().to_string(), "-3");
        assert_eq!(n("1.1").ceiling(0).unwrap().to_string(), "2");
    }
}
