//! How sums are computed: by lanes, where the processor has them, or one after the other.

use crate::msm::{Group, Points, Scalars, Sum, multiples, sum};
#[cfg(test)]
use crate::simd::ModelToken;
use crate::simd::{IfmaToken, PortableToken};
use crate::watch::Part;
use crate::zkey::Wire;
use ark_ec::CurveGroup;
use medveil_circuits::field::Fr;

/// Where it is set, proofs are made without special instructions.
const PORTABLE: &str = "MEDVEIL_PORTABLE";

/// How the engine computes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Lanes(IfmaToken),
    Portable,
    /// Lanes in plain Rust.
    #[cfg(test)]
    Model,
}

impl Way {
    /// The fastest of this processor, unless somebody said to leave it.
    pub fn fastest() -> Self {
        let token = IfmaToken::detect().filter(|_| std::env::var_os(PORTABLE).is_none());
        token.map_or(Way::Portable, Way::Lanes)
    }

    /// The sum of points times scalars; nothing where the work does not go on.
    pub fn sum<G: Group>(
        self,
        points: Points<'_, G>,
        scalars: &Scalars,
        part: Part<'_>,
    ) -> Option<Sum<G>> {
        match self {
            Way::Lanes(token) => sum(token, points, scalars, part),
            Way::Portable => sum(PortableToken, points, scalars, part),
            #[cfg(test)]
            Way::Model => sum(ModelToken, points, scalars, part),
        }
    }

    /// A point times each of these.
    pub fn multiples<G: Group>(self, point: Sum<G>, scalars: &[Fr]) -> Vec<G::Affine>
    where
        Sum<G>: CurveGroup<Affine = G::Affine>,
        G::Affine: Wire,
    {
        match self {
            Way::Lanes(token) => multiples::<_, G>(token, point, scalars),
            Way::Portable => multiples::<_, G>(PortableToken, point, scalars),
            #[cfg(test)]
            Way::Model => multiples::<_, G>(ModelToken, point, scalars),
        }
    }
}
