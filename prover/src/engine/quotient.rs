//! Values of A B - C on the odd coset.

use super::Way;
use crate::fft::{Column, Transform};
use crate::reduction::odd_coset;
use crate::simd::IfmaToken;
#[cfg(test)]
use crate::simd::ModelToken;
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use medveil_circuits::field::Fr;
use rayon::prelude::*;

type Domain = GeneralEvaluationDomain<Fr>;

/// What a domain needs: lanes from [`Transform::SMALLEST`] on, and ark's transforms below and
/// elsewhere.
pub(crate) enum Quotient {
    Lanes(Transform, IfmaToken),
    #[cfg(test)]
    Model(Transform),
    Ark {
        domain: Domain,
        coset: Domain,
    },
}

impl Quotient {
    /// Of a size of which the field has roots of twice its order.
    pub fn new(size: usize, way: Way) -> Option<Self> {
        let transform = || Transform::new(size);
        let own = match way {
            Way::Lanes(token) => transform().map(|own| Quotient::Lanes(own, token)),
            Way::Portable => None,
            #[cfg(test)]
            Way::Model => transform().map(Quotient::Model),
        };
        if own.is_some() {
            return own;
        }
        let domain = Domain::new(size)?;
        let coset = odd_coset(&domain).ok()?;
        Some(Quotient::Ark { domain, coset })
    }

    /// From columns of values on the domain, in natural order.
    pub fn of(&self, columns: [Column; 3]) -> Column {
        match self {
            Quotient::Lanes(transform, token) => transform.quotient(*token, columns),
            #[cfg(test)]
            Quotient::Model(transform) => transform.quotient(ModelToken, columns),
            Quotient::Ark { domain, coset } => by_ark(domain, coset, columns),
        }
    }
}

fn by_ark(domain: &Domain, coset: &Domain, columns: [Column; 3]) -> Column {
    let shifted = |mut column: Column| {
        domain.ifft_in_place(&mut *column);
        coset.fft_in_place(&mut *column);
        column
    };
    let [mut a, b, c] = columns.map(shifted);
    let all = a.par_iter_mut().zip(b.par_iter().zip(c.par_iter()));
    all.for_each(|(a, (b, c))| *a = *a * b - c);
    a
}
