//! What the gadget needs of the partial rounds: every S-box input as a combination of the S-box
//! outputs before it.
//!
//! With N, m and y as in `params`: lane 0 of round r is `(first row of N^r) . s(0) + sum over q < r
//! of impulse(r-1-q) y(q) + offset_r`, and the state after the last one is `N^R s(0) + sum of
//! N^(R-1-q) m y(q)` plus constants. Computed once per width.

use std::sync::OnceLock;

use super::params::{MAX_INPUTS, Params, apply, apply_left, mask, unit};
use crate::field::Fr;

/// The combinations of one width.
pub(super) struct Tables {
    /// `rows[r]` = first row of N^r times the MDS matrix, for each partial round.
    pub rows: Vec<Vec<Fr>>,
    /// `impulse[k]` = lane 0 of N^k m.
    pub impulse: Vec<Fr>,
    /// N^R times the MDS matrix, by rows.
    pub carry: Vec<Vec<Fr>>,
    /// `spread[k]` = N^k m, all lanes.
    pub spread: Vec<Vec<Fr>>,
}

/// The combinations for a width between 2 and 17; others are clamped into that range.
pub(super) fn tables(width: usize) -> &'static Tables {
    static TABLES: [OnceLock<Tables>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
    let slot = width.clamp(2, MAX_INPUTS + 1) - 2;
    TABLES[slot].get_or_init(|| Tables::derive(super::params::params(slot + 2)))
}

impl Tables {
    fn derive(params: &Params) -> Self {
        let (width, mds) = (params.mds.len(), &params.mds);
        let masked = mask(mds);
        let mut rows = vec![unit(width, 0)];
        let mut spread: Vec<Vec<Fr>> = vec![mds.iter().map(|row| row[0]).collect()];
        for r in 1..params.offsets.len() {
            rows.push(apply_left(&rows[r - 1], &masked));
            spread.push(apply(&masked, &spread[r - 1]));
        }
        let impulse = spread.iter().map(|vector| vector[0]).collect();
        let mut carry = mds.clone();
        for _ in 0..params.offsets.len() {
            let columns: Vec<Vec<Fr>> = (0..width)
                .map(|j| apply(&masked, &carry.iter().map(|row| row[j]).collect::<Vec<_>>()))
                .collect();
            carry = (0..width)
                .map(|i| columns.iter().map(|column| column[i]).collect())
                .collect();
        }
        Tables {
            rows: rows.iter().map(|row| apply_left(row, mds)).collect(),
            impulse,
            carry,
            spread,
        }
    }
}
