//! Square roots in the base field and its extension, in fewer products than arkworks takes.
//!
//! p is 3 modulo 4. So with t = a^((p - 3) / 4), the square of `a t` is a or -a, and the same sign
//! times t is one over `a t`: a root in the extension takes two powers and no inversion. Source of
//! the latter: Scott, eprint 2020/1497, section 6.

use ark_bn254::{Fq, Fq2};
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};

/// Bits of a digit of the exponent.
const WINDOW: usize = 4;

/// A field in which roots are taken.
pub trait SquareRoot: Field {
    /// One of both square roots; none of what is no square.
    ///
    /// **Security**: time depends on the value.
    fn square_root(&self) -> Option<Self>;
}

impl SquareRoot for Fq {
    fn square_root(&self) -> Option<Fq> {
        let root = *self * power(*self);
        (root.square() == *self).then_some(root)
    }
}

impl SquareRoot for Fq2 {
    fn square_root(&self) -> Option<Fq2> {
        let (real, imaginary) = (self.c0, self.c1);
        if imaginary == Fq::ZERO {
            let root = real * power(real);
            return Some(match root.square() == real {
                true => Fq2::new(root, Fq::ZERO),
                false => Fq2::new(Fq::ZERO, root),
            });
        }
        // Of a square the norm is a square.
        let norm = (real.square() + imaginary.square()).square_root()?;
        let square = halved(real + norm);
        let inverse = power(square);
        let (root, other) = (square * inverse, halved(imaginary * inverse));
        let root = match root.square() == square {
            true => Fq2::new(root, other),
            // The half of the real part less the norm is a square.
            false => Fq2::new(-other, root),
        };
        (root.square() == *self).then_some(root)
    }
}

fn halved(number: Fq) -> Fq {
    /// (p + 1) / 2.
    const HALF: Fq = Fq::new(BigInt!(
        "10944121435919637611123202872628637544348155578648911831344518947322613104292"
    ));
    number * HALF
}

/// The number to the power (p - 3) / 4.
fn power(number: Fq) -> Fq {
    let mut exponent = Fq::MODULUS;
    exponent >>= 2;
    let mut powers = [Fq::ONE; 1 << WINDOW];
    for at in 1..powers.len() {
        powers[at] = powers[at - 1] * number;
    }
    let mut result = Fq::ONE;
    for word in exponent.0.iter().rev() {
        for at in (0..64 / WINDOW).rev() {
            for _ in 0..WINDOW {
                result.square_in_place();
            }
            let digit = word >> (WINDOW * at) & ((1 << WINDOW) - 1);
            result *= powers[digit as usize];
        }
    }
    result
}
