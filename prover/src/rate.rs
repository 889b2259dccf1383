//! How fast this machine proves, where no proof of it was timed: a short piece of the work that
//! takes most of a proof's time, and how much of it a proof is.

use crate::engine::Way;
use crate::msm::{G1, Points, Scalars, numbers};
use crate::watch::Part;
use crate::zkey::Wire;
use ark_bn254::{Fr, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::UniformRand;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Points of the piece: large enough that all threads have work.
const POINTS: usize = 1 << 14;
/// Times that it is done; the one in the middle counts.
const RUNS: usize = 3;
/// What a constraint of a proof costs, in points of the piece.
///
/// **Source**: 6.7 to 7.6 for `registration-16`, by lanes on 2 cores on 2026-11-30;
/// `cargo test -p medveil-prover --test rate -- --nocapture` prints how far it is off.
const POINTS_A_CONSTRAINT: f64 = 7.0;

/// The time of a constraint, on the current rayon pool.
///
/// **Units**: nanoseconds. **Cost**: some tenths of a second.
pub fn nanos_a_constraint() -> f64 {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let step = G1Projective::generator();
    let points = std::iter::successors(Some(step), |last| Some(last + step));
    let points: Vec<G1Projective> = points.take(POINTS).collect();
    let points = G1Projective::normalize_batch(&points);
    let scalars: Vec<Fr> = (0..POINTS).map(|_| Fr::rand(&mut rng)).collect();
    let mut bytes = Vec::new();
    points.iter().for_each(|point| point.write(&mut bytes));
    let (way, points) = (Way::fastest(), Points::<G1>::new(&bytes));
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            let scalars = Scalars::new((0..).zip(numbers(&scalars).iter()));
            let _ = black_box(way.sum(points, &scalars, Part::new(&(), 1.0)));
            begun.elapsed()
        })
        .collect();
    times.sort();
    let middle = times.get(RUNS / 2).copied().unwrap_or_default();
    middle.as_nanos() as f64 / POINTS as f64 * POINTS_A_CONSTRAINT
}
