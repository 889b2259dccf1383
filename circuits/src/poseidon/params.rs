//! Constants of circomlib's Poseidon, widths 2 to 17, and the tables that make its partial rounds cheap.
//!
//! Source: the Poseidon paper's Grain LFSR (eprint 2019/458, appendix F) with circomlib's round numbers. The generator is arkworks'; that it
//! yields circomlib's constants is what the public vectors show. Nothing here hashes.

use ark_crypto_primitives::sponge::poseidon::find_poseidon_ark_and_mds;
use ark_ff::{AdditiveGroup, Field};
use std::sync::OnceLock;

use crate::field::Fr;

/// Full rounds of every width, half before and half after the partial rounds.
pub(crate) const FULL_ROUNDS: usize = 8;
/// Most inputs of one permutation; the widest state is one lane more.
pub const MAX_INPUTS: usize = 16;
/// Partial rounds by width, from width 2.
///
/// **Source**: `N_ROUNDS_P` of circomlib's `poseidon.circom`.
const PARTIAL_ROUNDS: [usize; MAX_INPUTS] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

/// The constants of one width.
///
/// Let N be the MDS matrix with column 0 set to zero and m its column 0. In the partial rounds the state obeys `s(r+1) = N s(r) + m y(r) + c`,
/// with y the S-box of lane 0, so lane 0 of round r is `(first row of N^r) . s(0) + sum over q < r of impulse(r-1-q) y(q) + offset_r`, and no other lane
/// is needed before the last partial round. s(0) is the MDS matrix times z, the S-box outputs of the last full round before; the tables refer to z.
pub(crate) struct Params {
    /// Partial rounds.
    pub partial: usize,
    /// Round constants of the full rounds: 8 times `width` (first half, then second half).
    pub full_constants: Vec<Vec<Fr>>,
    /// MDS matrix, by rows.
    pub mds: Vec<Vec<Fr>>,
    /// `rows[r]` = first row of N^r times the MDS matrix, for r = 0 .. partial - 1.
    pub rows: Vec<Vec<Fr>>,
    /// `impulse[k]` = lane 0 of N^k m.
    pub impulse: Vec<Fr>,
    /// Constant part of lane 0 before its S-box in partial round r.
    pub offsets: Vec<Fr>,
    /// N^partial times the MDS matrix, by rows: z, carried through the partial rounds.
    pub carry: Vec<Vec<Fr>>,
    /// `spread[k]` = N^k m, all lanes: what y of the round k before the last adds to the state after them.
    pub spread: Vec<Vec<Fr>>,
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
    a.iter().zip(b).fold(Fr::ZERO, |sum, (x, y)| sum + *x * y)
}

fn apply(matrix: &[Vec<Fr>], vector: &[Fr]) -> Vec<Fr> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// `row * matrix`.
fn apply_left(row: &[Fr], matrix: &[Vec<Fr>]) -> Vec<Fr> {
    (0..row.len()).map(|j| row.iter().zip(matrix).fold(Fr::ZERO, |sum, (x, line)| sum + *x * line[j])).collect()
}

fn unit(width: usize, lane: usize) -> Vec<Fr> {
    (0..width).map(|i| if i == lane { Fr::ONE } else { Fr::ZERO }).collect()
}

impl Params {
    fn derive(width: usize) -> Self {
        let partial = PARTIAL_ROUNDS[width - 2];
        let half = FULL_ROUNDS / 2;
        let (constants, mds) = find_poseidon_ark_and_mds::<Fr>(254, width - 1, FULL_ROUNDS as u64, partial as u64, 0);
        let masked: Vec<Vec<Fr>> = mds
            .iter()
            .map(|row| {
                let mut row = row.clone();
                row[0] = Fr::ZERO;
                row
            })
            .collect();
        let column: Vec<Fr> = mds.iter().map(|row| row[0]).collect();

        let mut rows = vec![unit(width, 0)];
        let mut spread = vec![column];
        for r in 1..partial {
            rows.push(apply_left(&rows[r - 1], &masked));
            spread.push(apply(&masked, &spread[r - 1]));
        }
        let impulse = spread.iter().map(|vector| vector[0]).collect();
        let mut carry: Vec<Vec<Fr>> = (0..width).map(|lane| unit(width, lane)).collect();
        for _ in 0..partial {
            carry = carry.iter().map(|row| apply_left(row, &masked)).collect();
        }
        // The constants enter before each S-box; run them alone through the partial rounds.
        let mut state = vec![Fr::ZERO; width];
        let mut offsets = Vec::with_capacity(partial);
        for round in &constants[half..half + partial] {
            state.iter_mut().zip(round).for_each(|(s, c)| *s += c);
            offsets.push(state[0]);
            state = apply(&masked, &state);
        }
        let rows = rows.iter().map(|row| apply_left(row, &mds)).collect();
        let carry = carry.iter().map(|row| apply_left(row, &mds)).collect();
        let full_constants = constants[..half].iter().chain(&constants[half + partial..]).cloned().collect();
        Params { partial, full_constants, mds, rows, impulse, offsets, carry, spread, tail: state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The permutation as the paper writes it, for comparison.
    fn plain(inputs: &[Fr]) -> Vec<Fr> {
        let width = inputs.len();
        let partial = PARTIAL_ROUNDS[width - 2];
        let (constants, mds) = find_poseidon_ark_and_mds::<Fr>(254, width - 1, 8, partial as u64, 0);
        let mut state = inputs.to_vec();
        for (round, line) in constants.iter().enumerate() {
            state.iter_mut().zip(line).for_each(|(s, c)| *s += c);
            let lanes = if round < 4 || round >= 4 + partial { width } else { 1 };
            state.iter_mut().take(lanes).for_each(|s| *s = s.square().square() * *s);
            state = apply(&mds, &state);
        }
        state
    }

    #[test]
    fn partial_round_tables_equal_the_plain_permutation() {
        for width in 2..=17usize {
            let inputs: Vec<Fr> = (0..width as u64).map(|i| Fr::from(1000 + 7 * i)).collect();
            assert_eq!(super::super::permute(&inputs), plain(&inputs), "width {width}");
        }
    }
}
