//! Products of Miller loops.
//!
//! Source: Vercauteren, "Optimal pairings", 2010: a line for each doubling, one for each digit that
//! is not zero, and two for images under Frobenius.
//!
//! What of a line lies in a subfield is gone after the final exponentiation. So lines of a key's
//! points are divided by their coefficient of y once, and by y of the other point in each proof: one
//! coefficient is one, which saves a third of the products.

use super::curve::{Line, Step, Walk, inverses, steps};
use super::fp::Fp;
use super::fp2::Fp2;
use super::fp12::Fp12;
use ark_bn254::{Fq, G1Affine, G1Projective, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{Field, Zero, batch_inversion};

/// Lines of a point that a key has: coefficients of x and the constant ones, where that of y is one.
///
/// None of infinity: its pair counts for nothing.
pub struct Lines(Vec<(Fp2, Fp2)>);

impl Lines {
    pub fn new(point: &G2Affine) -> Self {
        if point.is_zero() {
            return Lines(Vec::new());
        }
        let mut walk = Walk::new(point);
        let lines: Vec<Line> = steps().map(|step| walk.step(step)).collect();
        // No line of a point of the group is a vertical one.
        let of_y: Vec<Fp2> = lines.iter().map(|line| line.of_y).collect();
        let inverses = inverses(&of_y);
        let lines = lines.iter().zip(inverses);
        Lines(
            lines
                .map(|(line, less)| (line.of_x * less, line.constant * less))
                .collect(),
        )
    }
}

/// A point of G1 as lines want it: x / y and 1 / y; nothing of infinity. No point of the group has a
/// y of zero.
pub type Ratio = Option<(Fp, Fp)>;

/// With one inversion.
pub fn ratios(points: &[G1Projective]) -> Vec<Ratio> {
    let mut inverses: Vec<Fq> = points.iter().map(|point| point.y).collect();
    batch_inversion(&mut inverses);
    let ratio = |(point, less): (&G1Projective, Fq)| {
        // The point is (x / z^2, y / z^3).
        let z_by_y = point.z * less;
        let ratio = (point.x * z_by_y, point.z.square() * z_by_y);
        (!point.z.is_zero()).then(|| (ratio.0.into(), ratio.1.into()))
    };
    points.iter().zip(inverses).map(ratio).collect()
}

/// The product of the loops of pairs whose points of G2 are proofs', and of those whose are keys'.
pub fn miller_loops(of_proofs: &[(G1Affine, G2Affine)], of_keys: &[(Ratio, &Lines)]) -> Fp12 {
    let counts = of_proofs
        .iter()
        .filter(|(p, q)| !p.is_zero() && !q.is_zero());
    let walk = |(p, q): &(G1Affine, G2Affine)| (Fp::from(p.x), Fp::from(p.y), Walk::new(q));
    let mut walks: Vec<_> = counts.map(walk).collect();
    let keys = of_keys
        .iter()
        .filter_map(|(ratio, lines)| Some(((*ratio)?, lines.0.iter())));
    let mut keys: Vec<_> = keys.collect();
    let mut f = Fp12::ONE;
    for step in steps() {
        if step == Step::Double && f != Fp12::ONE {
            f = f.square();
        }
        for (x, y, walk) in &mut walks {
            let line = walk.step(step);
            f = f.times_line(line.of_y.scale(*y), line.of_x.scale(*x), line.constant);
        }
        for ((x_by_y, one_by_y), lines) in &mut keys {
            if let Some((of_x, constant)) = lines.next() {
                f = f.times_monic_line(of_x.scale(*x_by_y), constant.scale(*one_by_y));
            }
        }
    }
    f
}
