use crate::{Fp12, Lines, final_exponentiation, many_miller_loops, miller_loops, ratios};
use ark_bn254::{Bn254, Fq2, Fq12, G1Projective, G2Affine, G2Projective, g2};
use ark_ec::pairing::{MillerLoopOutput, Pairing, PairingOutput};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn value(f: Fp12) -> PairingOutput<Bn254> {
    PairingOutput(final_exponentiation(f).expect("not zero").into())
}

#[test]
fn final_exponentiations_are_arks() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for _ in 0..20 {
        let f = Fq12::rand(rng);
        let expected = Bn254::final_exponentiation(MillerLoopOutput(f)).map(|e| e.0);
        let found = final_exponentiation(f.into()).map(Fq12::from);
        assert_eq!(found, expected);
    }
    assert_eq!(final_exponentiation(Fq12::zero().into()), None);
}

/// Whatever of the points are infinity, and whichever pairs are a key's.
#[test]
fn pairings_are_arks() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let in_g1 = [(); 3].map(|()| G1Projective::rand(rng));
    let in_g2 = [(); 3].map(|()| G2Projective::rand(rng).into_affine());
    for infinite in 0..1 << 6 {
        let is_infinite = |at: usize| infinite >> at & 1 == 1;
        let (mut p, mut q) = (in_g1, in_g2);
        for at in 0..3 {
            if is_infinite(at) {
                p[at] = G1Projective::zero();
            }
            if is_infinite(at + 3) {
                q[at] = G2Affine::zero();
            }
        }
        let expected = Bn254::multi_pairing(p, q);
        let lines = q.each_ref().map(Lines::new);
        let ratios = ratios(&p);
        for keys in 0..=3 {
            let of_proofs: Vec<_> = (keys..3).map(|at| (p[at].into_affine(), q[at])).collect();
            let of_keys: Vec<_> = (0..keys).map(|at| (ratios[at], &lines[at])).collect();
            let found = value(miller_loops(&of_proofs, &of_keys));
            assert_eq!(found, expected, "{infinite} with {keys} keys");
        }
        let pairs: Vec<_> = p.into_iter().zip(q).collect();
        assert_eq!(value(many_miller_loops(&pairs)), expected, "{infinite}");
    }
}

#[test]
fn many_pairs_share_one_loop() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    for count in [0, 1, 2, 33] {
        let pair = |_| (G1Projective::rand(rng), G2Projective::rand(rng));
        let pairs: Vec<_> = (0..count).map(pair).collect();
        let (p, q): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let expected = Bn254::multi_pairing(&p, &q);
        let in_g1 = G1Projective::normalize_batch(&p);
        let q = G2Projective::normalize_batch(&q);
        let pairs: Vec<_> = in_g1.into_iter().zip(q.iter().copied()).collect();
        assert_eq!(value(miller_loops(&pairs, &[])), expected, "{count}");
        let pairs: Vec<_> = p.into_iter().zip(q).collect();
        assert_eq!(value(many_miller_loops(&pairs)), expected, "{count}");
    }
}

/// Points outside the group have no pairing, and end nothing.
#[test]
fn points_of_the_curve_that_are_not_of_the_group_do_no_harm() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    let p = G1Projective::rand(rng);
    let mut tried = 0;
    while tried < 10 {
        let x = Fq2::rand(rng);
        let Some(y) = (x.square() * x + g2::Config::COEFF_B).sqrt() else {
            continue;
        };
        #[allow(clippy::disallowed_methods)] // It is to be wrong.
        let q = G2Affine::new_unchecked(x, y);
        assert!(q.is_on_curve() && !q.is_in_correct_subgroup_assuming_on_curve());
        let ratio = ratios(&[p])[0];
        let lines = Lines::new(&q);
        let one = value(miller_loops(&[(p.into_affine(), q)], &[]));
        let other = value(miller_loops(&[], &[(ratio, &lines)]));
        assert_eq!(one, other);
        assert_eq!(value(many_miller_loops(&[(p, q)])), one);
        tried += 1;
    }
}
