//! The product of a few Miller loops, on the calling thread: where a pool of threads is linked, ark's
//! own hands even three pairs to it, which takes longer than it saves.
//!
//! Source: Vercauteren, "Optimal pairings", 2010, with the lines that ark makes of points of G2: one
//! for each doubling, one for each digit that is not zero, and two for images under Frobenius.

use ark_bn254::{Bn254, Config, Fq12, G1Affine};
use ark_ec::AffineRepr;
use ark_ec::bn::{BnConfig, G2Prepared};
use ark_ec::pairing::MillerLoopOutput;
use ark_ff::{Field, One};

/// Pairs of which one is infinity count for nothing.
pub(super) fn miller_loops(pairs: &[(G1Affine, &G2Prepared<Config>)]) -> MillerLoopOutput<Bn254> {
    let finite = pairs.iter().filter(|(p, q)| !p.is_zero() && !q.infinity);
    let mut pairs: Vec<_> = finite.map(|(p, q)| (p, q.ell_coeffs.iter())).collect();
    let mut step = |f: &mut Fq12| {
        for (p, lines) in &mut pairs {
            if let Some((of_y, of_x, constant)) = lines.next() {
                let (mut of_y, mut of_x) = (*of_y, *of_x);
                of_y.mul_assign_by_fp(&p.y);
                of_x.mul_assign_by_fp(&p.x);
                f.mul_by_034(&of_y, &of_x, constant);
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
