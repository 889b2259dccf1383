//! Constants of circomlib's Poseidon, widths 2 to 17, and the tables that make its partial rounds
//! cheap.
//!
//! Source: the Poseidon paper's Grain LFSR (eprint 2019/458, appendix F) with circomlib's round
//! numbers. The generator is arkworks'; that it yields circomlib's constants is what the public
//! vectors show. Nothing here hashes.

use ark_crypto_primitives::sponge::poseidon::find_poseidon_ark_and_mds;
use ark_ff::{AdditiveGroup, Field};
use medveil_pairing::Products;
use std::sync::OnceLock;

use crate::field::Fr;

/// Full rounds of every width, half before and half after the partial rounds.
pub(crate) const FULL_ROUNDS: usize = 8;
/// Most inputs of one permutation; the widest state is one lane more.
pub const MAX_INPUTS: usize = 16;
/// Partial rounds by width, from width 2.
///
/// **Source**: `N_ROUNDS_P` of circomlib's `poseidon.circom`.
const PARTIAL_ROUNDS: [usize; MAX_INPUTS] = [
    56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68,
];

/// The constants of one width t.
///
/// Let N be the MDS matrix with column 0 set to zero and m its column 0. In the partial rounds the
/// state obeys `s(r+1) = N s(r) + m y(r) + c`, with y the S-box of lane 0, and only lane 0 matters
/// to the next round. Let x(r) be lane 0 without the constants, u_k the first row of N^k, k = 0 ..
/// t - 1, and h_k = u_k . m. Then `x(r) = u_r . s(0) + h_(r-1) y(0) + ... + h_0 y(r-1)` as long as
/// r < t. After that u_t is a combination of u_0 .. u_(t-1), so that x(r) is the same combination
/// of x(r-t) .. x(r-1) and one of y(r-t) .. y(r-1): 2 t products a round in place of t^2, and one
/// sum, which is reduced once. Two sums go on for t more rounds, with outputs of zero: what they
/// give is what u_0 .. u_(t-1) see in the last state. Constants are run through beforehand. s(0) is
/// the MDS matrix times the S-box outputs of the last full round before.
pub(crate) struct Params {
    /// Round constants of the full rounds: 8 times t (first half, then second half).
    pub full_constants: Vec<Vec<Fr>>,
    /// MDS matrix, by rows.
    pub mds: Vec<Vec<Fr>>,
    /// Constant part of lane 0 before its S-box in each partial round.
    pub offsets: Vec<Fr>,
    /// From S-box outputs to x(0) .. x(t-1): rows u_k times the MDS matrix.
    pub enter: Vec<Vec<Fr>>,
    /// h_(t-1) .. h_0.
    pub impulse: Vec<Fr>,
    /// What x(r) takes of x(r-t) .. x(r-1).
    pub recur: Vec<Fr>,
    /// What x(r) takes of y(r-t) .. y(r-1).
    pub answer: Vec<Fr>,
    /// From what the u_k see to the state: the inverse of the matrix of these rows.
    pub leave: Vec<Vec<Fr>>,
    /// Constant part of the state after the partial rounds.
    pub tail: Vec<Fr>,
}

/// The constants of a width between 2 and 17; others are clamped into that range.
pub(crate) fn params(width: usize) -> &'static Params {
    static TABLES: [OnceLock<Params>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
    let slot = width.clamp(2, MAX_INPUTS + 1) - 2;
    TABLES[slot].get_or_init(|| Params::derive(slot + 2))
}

pub(crate) fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    let mut sum = Products::default();
    sum.add(a, b);
    sum.sum()
}

pub(super) fn apply(matrix: &[Vec<Fr>], vector: &[Fr]) -> Vec<Fr> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// `row * matrix`.
pub(super) fn apply_left(row: &[Fr], matrix: &[Vec<Fr>]) -> Vec<Fr> {
    (0..row.len())
        .map(|j| {
            row.iter()
                .zip(matrix)
                .fold(Fr::ZERO, |sum, (x, line)| sum + *x * line[j])
        })
        .collect()
}

pub(super) fn unit(width: usize, lane: usize) -> Vec<Fr> {
    (0..width)
        .map(|i| if i == lane { Fr::ONE } else { Fr::ZERO })
        .collect()
}

/// The inverse of a square matrix, by elimination. `None` for a singular one.
fn invert(matrix: &[Vec<Fr>]) -> Option<Vec<Vec<Fr>>> {
    let n = matrix.len();
    let mut rows: Vec<Vec<Fr>> = (0..n)
        .map(|i| [&matrix[i][..], &unit(n, i)].concat())
        .collect();
    for column in 0..n {
        let pivot = (column..n).find(|i| rows[*i][column] != Fr::ZERO)?;
        rows.swap(column, pivot);
        let scale = rows[column][column].inverse()?;
        rows[column].iter_mut().for_each(|x| *x *= scale);
        let line = rows[column].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if i != column && factor != Fr::ZERO {
                row.iter_mut()
                    .zip(&line)
                    .for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    Some(rows.into_iter().map(|row| row[n..].to_vec()).collect())
}

/// The MDS matrix with column 0 set to zero.
pub(super) fn mask(mds: &[Vec<Fr>]) -> Vec<Vec<Fr>> {
    mds.iter()
        .map(|row| {
            std::iter::once(Fr::ZERO)
                .chain(row[1..].iter().copied())
                .collect()
        })
        .collect()
}

/// What is left of each impulse beside what comes back through the recurrence: the coefficient of
/// y(r-j) is h_(j-1) less the sum of those of x(r-i), each times h_(j-1-i), over i < j.
fn answer(recur: &[Fr], impulse: &[Fr]) -> Vec<Fr> {
    let rest = |(at, h): (usize, &Fr)| {
        let back: Vec<Fr> = recur[at + 1..].iter().rev().copied().collect();
        *h - dot(&back, &impulse[at + 1..])
    };
    impulse.iter().enumerate().map(rest).collect()
}

impl Params {
    fn derive(width: usize) -> Self {
        let partial = PARTIAL_ROUNDS[width - 2];
        let half = FULL_ROUNDS / 2;
        let (constants, mds) =
            find_poseidon_ark_and_mds::<Fr>(254, width - 1, FULL_ROUNDS as u64, partial as u64, 0);
        let masked = mask(&mds);
        let column: Vec<Fr> = mds.iter().map(|row| row[0]).collect();
        // u_0 .. u_t.
        let mut seen = vec![unit(width, 0)];
        for k in 0..width {
            seen.push(apply_left(&seen[k], &masked));
        }
        let last = seen.split_off(width);
        // The u_k are independent: otherwise a change of the state could pass all partial rounds
        // unseen by any S-box. A test inverts all sixteen.
        let leave = invert(&seen).unwrap_or_default();
        let recur = apply_left(&last[0], &leave);
        // The constants enter before each S-box; run them alone through the partial rounds.
        let mut state = vec![Fr::ZERO; width];
        let mut offsets = Vec::with_capacity(partial);
        for round in &constants[half..half + partial] {
            state.iter_mut().zip(round).for_each(|(s, c)| *s += c);
            offsets.push(state[0]);
            state = apply(&masked, &state);
        }
        let full_constants = constants[..half]
            .iter()
            .chain(&constants[half + partial..])
            .cloned()
            .collect();
        let impulse: Vec<Fr> = seen.iter().rev().map(|row| dot(row, &column)).collect();
        let enter = seen.iter().map(|row| apply_left(row, &mds)).collect();
        Params {
            full_constants,
            mds,
            offsets,
            enter,
            answer: answer(&recur, &impulse),
            impulse,
            recur,
            leave,
            tail: state,
        }
    }
}

#[cfg(test)]
mod tests;
