//! The product of the Miller loops of a proof, on the calling thread: where a pool of threads is
//! linked, ark's own hands even three pairs to it, which takes longer than it saves.
//!
//! Source: Vercauteren, "Optimal pairings", 2010, with the lines that ark makes of points of G2: one
//! for each doubling, one for each digit that is not zero, and two for images under Frobenius.
//!
//! What of a line lies in a subfield is gone after the final exponentiation. So lines of a key's
//! points are divided by their coefficient of y once, and by y of the other point in each proof: one
//! coefficient is one, which saves 3 of 13 products.

use ark_bn254::{Bn254, Config, Fq, Fq2, Fq12, Fq12Config, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ec::bn::{BnConfig, G2Prepared};
use ark_ec::pairing::MillerLoopOutput;
use ark_ff::{Field, Fp12Config, One, Zero, batch_inversion};

/// Lines of a point that a key has: coefficients of x and the constant ones, where that of y is one.
pub(super) struct Lines(Vec<(Fq2, Fq2)>);

impl Lines {
    /// None of infinity: it has no lines, and its pair counts for nothing.
    pub fn new(point: &G2Prepared<Config>) -> Self {
        let lines = &point.ell_coeffs;
        let mut inverses: Vec<Fq2> = lines.iter().map(|(of_y, ..)| *of_y).collect();
        // No line of a point of the group is a vertical one.
        batch_inversion(&mut inverses);
        let lines = lines.iter().zip(inverses);
        let divided = lines.map(|((_, of_x, constant), less)| (*of_x * less, *constant * less));
        Lines(divided.collect())
    }
}

/// A point of G1 as lines want it: x / y and 1 / y; nothing of infinity. No point of the group has a
/// y of zero.
type Ratio = Option<(Fq, Fq)>;

/// Of two points, with one inversion.
pub(super) fn ratios(points: [G1Projective; 2]) -> [Ratio; 2] {
    let mut inverses = points.map(|point| point.y);
    batch_inversion(&mut inverses);
    let [first, second] = points;
    let [of_first, of_second] = inverses;
    // The point is (x / z^2, y / z^3).
    let ratio = |point: G1Projective, less: Fq| {
        let z_by_y = point.z * less;
        (!point.z.is_zero()).then(|| (point.x * z_by_y, point.z.square() * z_by_y))
    };
    [ratio(first, of_first), ratio(second, of_second)]
}

/// The loops of a pair whose point of G2 is a proof's, and of two whose is a key's.
pub(super) fn miller_loops(
    (p, q): (G1Affine, &G2Prepared<Config>),
    of_key: [(Ratio, &Lines); 2],
) -> MillerLoopOutput<Bn254> {
    let mut of_proof = (!p.is_zero() && !q.infinity).then(|| q.ell_coeffs.iter());
    let mut of_key = of_key.map(|(ratio, lines)| ratio.map(|ratio| (ratio, lines.0.iter())));
    let mut step = |f: &mut Fq12| {
        if let Some((of_y, of_x, constant)) = of_proof.as_mut().and_then(Iterator::next) {
            let (mut of_y, mut of_x) = (*of_y, *of_x);
            of_y.mul_assign_by_fp(&p.y);
            of_x.mul_assign_by_fp(&p.x);
            f.mul_by_034(&of_y, &of_x, constant);
        }
        for ((x_by_y, one_by_y), lines) in of_key.iter_mut().flatten() {
            if let Some((of_x, constant)) = lines.next() {
                let (mut of_x, mut constant) = (*of_x, *constant);
                of_x.mul_assign_by_fp(x_by_y);
                constant.mul_assign_by_fp(one_by_y);
                multiply(f, &of_x, &constant);
            }
        }
    };
    let mut f = Fq12::one();
    // The highest digit is one: what is doubled first.
    let digits = Config::ATE_LOOP_COUNT.iter().rev().skip(1);
    for (at, digit) in digits.enumerate() {
        if at > 0 {
            f.square_in_place();
        }
        step(&mut f);
        if *digit != 0 {
            step(&mut f);
        }
    }
    step(&mut f);
    step(&mut f);
    MillerLoopOutput(f)
}

/// Times a line whose coefficient of y is one.
fn multiply(f: &mut Fq12, of_x: &Fq2, constant: &Fq2) {
    let (mut low, mut high) = (f.c0, f.c1);
    low.mul_by_01(of_x, constant);
    high.mul_by_01(of_x, constant);
    Fq12Config::mul_fp6_by_nonresidue_in_place(&mut high);
    f.c0 += high;
    f.c1 += low;
}
