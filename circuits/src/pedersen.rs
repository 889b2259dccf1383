//! Pedersen vector commitments on BabyJubjub: `s_0*G_0 + s_1*G_1 + .. + rho*Gr` (SPEC sections 12
//! and 13).
//!
//! Additive: the sum of commitments commits to the lane-wise sum under the sum of the blinding
//! factors, which is how a verifier adds up chunks.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use crate::babyjubjub::{Point, Scalar};
use crate::generators;

/// Commits to the first lanes.
///
/// **Shape**: at most 8 lanes.
pub fn commit(lanes: &[u64], rho: &Scalar) -> Point {
    let start = generators::blind().mul(rho);
    lanes.iter().enumerate().fold(start, |sum, (i, value)| {
        sum.add(&generators::lane(i).mul(&Scalar::from_u64(*value)))
    })
}

#[cfg(test)]
mod tests;
