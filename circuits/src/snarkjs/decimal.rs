//! One spelling a value: decimal digits without sign, space, prefix or leading zero, below the
//! field's order.

use ark_ff::{BigInteger, PrimeField};

/// Most digits of a 254-bit number.
const MAX_DIGITS: usize = 77;

/// Why text is not a field element. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Nothing, or more digits than any element has.
    #[error("expected 1 to {MAX_DIGITS} decimal digits, got {0} bytes")]
    Length(usize),
    /// A character that is not an ASCII digit.
    #[error("expected decimal digits only")]
    NotDigits,
    /// A zero before the first digit that counts.
    #[error("expected no leading zero")]
    LeadingZero,
    /// At or above the order of the field.
    #[error("expected a number below the order of the field")]
    NotCanonical,
}

/// Reads a field element of 254 bits.
///
/// **Errors**: every spelling but the canonical one.
pub fn parse_decimal<F: PrimeField>(text: &str) -> Result<F, DecimalError> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX_DIGITS {
        return Err(DecimalError::Length(bytes.len()));
    }
    if !bytes.iter().all(u8::is_ascii_digit) {
        return Err(DecimalError::NotDigits);
    }
    if bytes[0] == b'0' && bytes.len() > 1 {
        return Err(DecimalError::LeadingZero);
    }
    let ten_times = |value: F::BigInt| {
        let (mut eight, mut two) = (value, value);
        let over_two = two.mul2();
        let over_eight = eight.mul2() | eight.mul2() | eight.mul2();
        let carry = eight.add_with_carry(&two);
        (eight, over_two || over_eight || carry)
    };
    let mut value = F::BigInt::from(0u64);
    for digit in bytes {
        let (shifted, over) = ten_times(value);
        value = shifted;
        if over || value.add_with_carry(&F::BigInt::from(u64::from(digit - b'0'))) {
            return Err(DecimalError::NotCanonical);
        }
    }
    F::from_bigint(value).ok_or(DecimalError::NotCanonical)
}

#[cfg(test)]
mod tests;
