//! The Miller loops of many pairs at once: points of all walks are affine, with one inversion a step,
//! and so lines have a one, as those of keys do.

use super::curve::{Step, inverses, steps};
use super::fp2::Fp2;
use super::fp12::Fp12;
use super::miller::ratios;
use ark_bn254::{G1Projective, G2Affine};
use ark_ec::AffineRepr;

/// Where a walk began and where it stands.
struct Walk {
    start: [Fp2; 2],
    at: [Fp2; 2],
}

impl Walk {
    /// What the slope of the next line divides, and by what.
    fn slope(&self, step: Step) -> (Fp2, Fp2) {
        let [x, y] = self.at;
        match step.addend(self.start) {
            None => {
                let square = x.square();
                (square.double() + square, y.double())
            }
            Some([other_x, other_y]) => (other_y - y, other_x - x),
        }
    }

    /// Goes along a line, and says it: its coefficients of x and 1, where that of y is one.
    fn go(&mut self, step: Step, slope: Fp2) -> (Fp2, Fp2) {
        let [x, y] = self.at;
        let other_x = step.addend(self.start).map_or(x, |[x, _]| x);
        let new_x = slope.square() - x - other_x;
        self.at = [new_x, slope * (x - new_x) - y];
        (-slope, slope * x - y)
    }
}

/// As [`super::miller_loops`], of many proofs' pairs.
///
/// **Cost**: from about ten pairs on three quarters of that, a pair.
pub fn many_miller_loops(pairs: &[(G1Projective, G2Affine)]) -> Fp12 {
    let points: Vec<G1Projective> = pairs.iter().map(|(point, _)| *point).collect();
    let counts = ratios(&points).into_iter().zip(pairs);
    let counts = counts.filter(|(_, (_, q))| !q.is_zero());
    let walk = |(ratio, (_, q)): (_, &(G1Projective, G2Affine))| {
        let start = [q.x.into(), q.y.into()];
        Option::map(ratio, |ratio| (ratio, Walk { start, at: start }))
    };
    let mut walks: Vec<_> = counts.filter_map(walk).collect();
    let mut f = Fp12::ONE;
    for step in steps() {
        if step == Step::Double && f != Fp12::ONE {
            f = f.square();
        }
        let slopes = walks.iter().map(|(_, walk)| walk.slope(step));
        let (over, under): (Vec<Fp2>, Vec<Fp2>) = slopes.unzip();
        let inverses = inverses(&under);
        for (((x_by_y, one_by_y), walk), (over, less)) in
            walks.iter_mut().zip(over.iter().zip(inverses))
        {
            let (of_x, constant) = walk.go(step, *over * less);
            f = f.times_monic_line(of_x.scale(*x_by_y), constant.scale(*one_by_y));
        }
    }
    f
}
