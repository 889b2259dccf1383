//! Whether secrets stand in both groups.

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;
use ark_ff::Zero;

/// Whether two pairs, of which none is infinity, have one ratio.
pub(crate) fn is_same_ratio(first: (G1Affine, G1Affine), second: (G2Affine, G2Affine)) -> bool {
    let no_zero = !first.0.is_zero() && !first.1.is_zero();
    let no_zero = no_zero && !second.0.is_zero() && !second.1.is_zero();
    let sides = || Bn254::multi_pairing([first.0, -first.1], [second.1, second.0]);
    no_zero && sides().is_zero()
}
