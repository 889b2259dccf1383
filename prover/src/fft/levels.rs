//! Levels within rows: all lanes alike.

use super::tables::Root;
use super::{Element, Position};
use crate::field::Coordinate;
use crate::simd::Limbs;

/// Positions that stay in a core's cache while all levels below go over them.
const BLOCK: usize = 1 << 10;

/// All levels on the way back, of the largest block first.
pub(super) fn back<L: Limbs>(positions: &mut [Position], levels: &[Vec<Root>]) {
    let (Some(first), Some(second)) = (levels.first(), levels.get(1)) else {
        return;
    };
    if positions.len() <= BLOCK {
        return L::call(
            #[inline(always)]
            || back_block::<L>(positions, levels),
        );
    }
    L::call(
        #[inline(always)]
        || back_twice::<L>(positions, first, second),
    );
    let (low, high) = positions.split_at_mut(positions.len() / 2);
    let below = levels.get(2..).unwrap_or_default();
    quarters(low, high, |quarter| back::<L>(quarter, below));
}

/// All levels on the way on, of the smallest block first.
pub(super) fn on<L: Limbs>(positions: &mut [Position], levels: &[Vec<Root>]) {
    let (Some(last), Some(before)) = (levels.first(), levels.get(1)) else {
        return;
    };
    if positions.len() <= BLOCK {
        return L::call(
            #[inline(always)]
            || on_block::<L>(positions, levels),
        );
    }
    let (low, high) = positions.split_at_mut(positions.len() / 2);
    let below = levels.get(2..).unwrap_or_default();
    quarters(low, high, |quarter| on::<L>(quarter, below));
    L::call(
        #[inline(always)]
        || on_twice::<L>(positions, before, last),
    );
}

/// Runs work over the halves of both, side by side.
fn quarters(low: &mut [Position], high: &mut [Position], work: impl Fn(&mut [Position]) + Sync) {
    let (a, b) = low.split_at_mut(low.len() / 2);
    let (c, d) = high.split_at_mut(high.len() / 2);
    rayon::join(
        || rayon::join(|| work(a), || work(b)),
        || rayon::join(|| work(c), || work(d)),
    );
}

#[inline(always)]
fn back_block<L: Limbs>(positions: &mut [Position], levels: &[Vec<Root>]) {
    let (mut size, mut at) = (positions.len(), 0);
    while size >= 4 {
        let (first, second) = (&levels[at], &levels[at + 1]);
        for block in positions.chunks_exact_mut(size) {
            back_twice::<L>(block, first, second);
        }
        (size, at) = (size / 4, at + 2);
    }
    if size == 2 {
        let root = Element::<L>::splat(levels[at][0]);
        for block in positions.chunks_exact_mut(2) {
            let (a, b) = (Element::<L>::load(&block[0]), Element::load(&block[1]));
            let (a, b) = apart(a, b, root);
            a.store(&mut block[0]);
            b.store(&mut block[1]);
        }
    }
}

#[inline(always)]
fn on_block<L: Limbs>(positions: &mut [Position], levels: &[Vec<Root>]) {
    let mut size = 1;
    if positions.len().trailing_zeros() % 2 == 1 {
        let root = Element::<L>::splat(levels[levels.len() - 1][0]);
        for block in positions.chunks_exact_mut(2) {
            let (a, b) = (Element::<L>::load(&block[0]), Element::load(&block[1]));
            let (a, b) = together(a, b, root);
            a.store(&mut block[0]);
            b.store(&mut block[1]);
        }
        size = 2;
    }
    while size < positions.len() {
        size *= 4;
        let at = (positions.len() / size).trailing_zeros() as usize;
        let (last, before) = (&levels[at], &levels[at + 1]);
        for block in positions.chunks_exact_mut(size) {
            on_twice::<L>(block, before, last);
        }
    }
}

/// Two levels of one block: its own, and that of its halves.
#[inline(always)]
fn back_twice<L: Limbs>(block: &mut [Position], first: &[Root], second: &[Root]) {
    let quarter = block.len() / 4;
    let (low, high) = block.split_at_mut(2 * quarter);
    let (a, b) = low.split_at_mut(quarter);
    let (c, d) = high.split_at_mut(quarter);
    let (roots, more) = first.split_at(quarter);
    for at in 0..quarter {
        let (x0, x1) = (Element::<L>::load(&a[at]), Element::load(&b[at]));
        let (x2, x3) = (Element::<L>::load(&c[at]), Element::load(&d[at]));
        let (x0, x2) = apart(x0, x2, Element::splat(roots[at]));
        let (x1, x3) = apart(x1, x3, Element::splat(more[at]));
        let root = Element::splat(second[at]);
        let (x0, x1) = apart(x0, x1, root);
        let (x2, x3) = apart(x2, x3, root);
        x0.store(&mut a[at]);
        x1.store(&mut b[at]);
        x2.store(&mut c[at]);
        x3.store(&mut d[at]);
    }
}

/// Two levels of one block: that of its halves, and its own.
#[inline(always)]
fn on_twice<L: Limbs>(block: &mut [Position], before: &[Root], last: &[Root]) {
    let quarter = block.len() / 4;
    let (low, high) = block.split_at_mut(2 * quarter);
    let (a, b) = low.split_at_mut(quarter);
    let (c, d) = high.split_at_mut(quarter);
    let (roots, more) = last.split_at(quarter);
    for at in 0..quarter {
        let (x0, x1) = (Element::<L>::load(&a[at]), Element::load(&b[at]));
        let (x2, x3) = (Element::<L>::load(&c[at]), Element::load(&d[at]));
        let root = Element::splat(before[at]);
        let (x0, x1) = together(x0, x1, root);
        let (x2, x3) = together(x2, x3, root);
        let (x0, x2) = together(x0, x2, Element::splat(roots[at]));
        let (x1, x3) = together(x1, x3, Element::splat(more[at]));
        x0.store(&mut a[at]);
        x1.store(&mut b[at]);
        x2.store(&mut c[at]);
        x3.store(&mut d[at]);
    }
}

/// The sum, and the difference times a root, of elements below 2r: below 2r.
#[inline(always)]
pub(super) fn apart<L: Limbs>(
    a: Element<L>,
    b: Element<L>,
    root: Element<L>,
) -> (Element<L>, Element<L>) {
    (a.add(b).below::<2>(), a.sub::<2>(b).mul(root))
}

/// Sum and difference of one element and another times a root, all below 2r.
#[inline(always)]
pub(super) fn together<L: Limbs>(
    a: Element<L>,
    b: Element<L>,
    root: Element<L>,
) -> (Element<L>, Element<L>) {
    let b = b.mul(root);
    (a.add(b).below::<2>(), a.sub::<2>(b).below::<2>())
}
