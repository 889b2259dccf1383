//! Levels across rows, and the change between rows in memory and rows in lanes.
//!
//! Loops by index, as in `field::base`.
#![allow(clippy::needless_range_loop)]

use super::levels::{apart, together};
use super::tables::Roots;
use super::{Element, GROUP, PIECE, Position, load, store};
use crate::field::{Coordinate, LIMBS};
use crate::simd::{LANES, Limbs};
use ark_bn254::Fr;
use rayon::prelude::*;

/// The first three levels on the way back, of a column in natural order; lane k has row k.
pub(super) fn scatter<L: Limbs>(column: &[Fr], roots: &Roots, positions: &mut [Position]) {
    let rows = positions.len();
    let pieces = positions.par_chunks_mut(PIECE).enumerate();
    pieces.for_each(|(number, piece)| {
        for (group, positions) in piece.chunks_exact_mut(GROUP).enumerate() {
            let from = number * PIECE + group * GROUP;
            L::call(
                #[inline(always)]
                || scatter_group::<L>((column, rows, from), roots, positions),
            );
        }
    });
}

/// The last three levels on the way on, into natural order.
pub(super) fn gather<L: Limbs>(positions: &[Position], roots: &Roots, column: &mut [Fr]) {
    let rows = positions.len();
    let mut rest: Vec<_> = column
        .chunks_mut(rows)
        .map(|row| row.chunks_mut(PIECE))
        .collect();
    // The pieces of all rows at the same columns.
    let next = |_| {
        rest.iter_mut()
            .filter_map(Iterator::next)
            .collect::<Vec<_>>()
    };
    let mut pieces: Vec<_> = (0..rows.div_ceil(PIECE)).map(next).collect();
    pieces
        .par_iter_mut()
        .enumerate()
        .for_each(|(number, rows)| {
            for group in 0..PIECE / GROUP {
                let from = number * PIECE + group * GROUP;
                L::call(
                    #[inline(always)]
                    || {
                        gather_group::<L>(
                            &positions[from..from + GROUP],
                            (roots, from),
                            rows,
                            group,
                        )
                    },
                );
            }
        });
}

/// The roots of sixteen columns: those of the largest block times 1, z, z^2 and z^3, of its halves
/// times 1 and z^2, and of its quarters.
#[inline(always)]
fn column_roots<L: Limbs>(base: Element<L>, roots: &Roots) -> [Element<L>; 7] {
    let [z, zz, zzz] = roots.eighths;
    let (square, z, zz) = (base.mul(base), Element::splat(z), Element::splat(zz));
    [
        base,
        base.mul(z),
        base.mul(zz),
        base.mul(Element::splat(zzz)),
        square,
        square.mul(zz),
        square.mul(square),
    ]
}

#[inline(always)]
fn scatter_group<L: Limbs>(
    (column, rows, from): (&[Fr], usize, usize),
    roots: &Roots,
    positions: &mut [Position],
) {
    let mut halves = [[Element::<L>::zero(); LANES]; 2];
    for row in 0..LANES {
        let begin = row * rows + from;
        let [even, odd] = load::<L>(&column[begin..begin + GROUP]);
        (halves[0][row], halves[1][row]) = (even, odd);
    }
    let base = load::<L>(&roots.columns[from..from + GROUP]);
    for half in 0..2 {
        let x = &mut halves[half];
        let w = column_roots(base[half], roots);
        for at in 0..4 {
            (x[at], x[at + 4]) = apart(x[at], x[at + 4], w[at]);
        }
        for at in [0, 1, 4, 5] {
            (x[at], x[at + 2]) = apart(x[at], x[at + 2], w[4 + at % 2]);
        }
        for at in [0, 2, 4, 6] {
            (x[at], x[at + 1]) = apart(x[at], x[at + 1], w[6]);
        }
        for limb in 0..LIMBS {
            let mut columns = [L::splat(0); LANES];
            for row in 0..LANES {
                columns[row] = x[row].limbs()[limb];
            }
            let mut lanes = [[0; LANES]; LANES];
            L::rows(columns, &mut lanes);
            for place in 0..LANES {
                positions[2 * place + half][limb] = lanes[place];
            }
        }
    }
}

#[inline(always)]
fn gather_group<L: Limbs>(
    positions: &[Position],
    (roots, from): (&Roots, usize),
    rows: &mut [&mut [Fr]],
    group: usize,
) {
    let mut halves = [[Element::<L>::zero(); LANES]; 2];
    let base = load::<L>(&roots.columns[from..from + GROUP]);
    for half in 0..2 {
        let mut limbs = [[L::splat(0); LIMBS]; LANES];
        for limb in 0..LIMBS {
            let place = |at: usize| &positions[2 * at + half][limb];
            let columns = L::columns([
                place(0),
                place(1),
                place(2),
                place(3),
                place(4),
                place(5),
                place(6),
                place(7),
            ]);
            for row in 0..LANES {
                limbs[row][limb] = columns[row];
            }
        }
        let x = &mut halves[half];
        for row in 0..LANES {
            x[row] = Element::of_limbs(limbs[row]);
        }
        let w = column_roots(base[half], roots);
        for at in [0, 2, 4, 6] {
            (x[at], x[at + 1]) = together(x[at], x[at + 1], w[6]);
        }
        for at in [0, 1, 4, 5] {
            (x[at], x[at + 2]) = together(x[at], x[at + 2], w[4 + at % 2]);
        }
        for at in 0..4 {
            (x[at], x[at + 4]) = together(x[at], x[at + 4], w[at]);
        }
    }
    for row in 0..LANES {
        let out = &mut rows[row][group * GROUP..(group + 1) * GROUP];
        store::<L>([halves[0][row], halves[1][row]], out);
    }
}
