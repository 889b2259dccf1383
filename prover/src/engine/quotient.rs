//! Values of A B - C on the odd coset.

use super::Way;
use crate::fft::{Column, SingleTransform, Transform};
use crate::simd::IfmaToken;
#[cfg(test)]
use crate::simd::ModelToken;

/// What a domain needs: lanes from [`Transform::SMALLEST`] on, and single elements below and
/// elsewhere.
pub(crate) enum Quotient {
    Lanes(Transform, IfmaToken),
    #[cfg(test)]
    Model(Transform),
    Single(SingleTransform),
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
        own.or_else(|| SingleTransform::new(size).map(Quotient::Single))
    }

    /// From columns of values on the domain, in natural order.
    pub fn of(&self, columns: [Column; 3]) -> Column {
        match self {
            Quotient::Lanes(transform, token) => transform.quotient(*token, columns),
            #[cfg(test)]
            Quotient::Model(transform) => transform.quotient(ModelToken, columns),
            Quotient::Single(transform) => transform.quotient(columns),
        }
    }
}
