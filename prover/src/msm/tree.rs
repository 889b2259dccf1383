//! Sums of pairs of affine points, thousands at a time, with one inversion for all of them.
//!
//! Whoever sums a bucket adds its points in pairs, the sums in pairs again, and so on: within a round
//! no addition needs another's result, so nothing is looked for and nothing put off. Each addition
//! costs five products and a square; equal points, opposite ones and infinity take another way, by
//! lanes, and come out right whatever the points are.
//!
//! Coordinates are sixteenths (see `points`): with x = 16 x', y = 16 y' and the slope taken as a
//! quarter, m' = m / 4, the sum is x3' = m'^2 - x1' - x2' and y3' = 4 m' (x1' - x3') - y1'. The quarter
//! is one factor of the shared product.

use super::points::Eight;
use crate::field::Coordinate;
use crate::simd::Lanes;

/// Additions of one inversion, by eights.
pub(super) const BLOCKS: usize = 256;

/// A pair that is waiting: its points.
struct Block<C> {
    first: Eight<C>,
    second: Eight<C>,
    /// What is inverted, below 4p.
    denominator: C,
    /// The product of those before it.
    before: C,
    /// Lanes of equal points, of a first that is infinity, of a second that is, and of a sum that is.
    doubled: u8,
    no_first: u8,
    no_second: u8,
    none: u8,
}

/// Sums that wait for their inversion.
pub(super) struct Waiting<C> {
    blocks: Vec<Block<C>>,
}

impl<C> Waiting<C> {
    pub fn new() -> Self {
        Waiting {
            blocks: Vec::with_capacity(BLOCKS),
        }
    }

    pub fn is_full(&self) -> bool {
        self.blocks.len() == BLOCKS
    }

    /// Takes eight pairs.
    #[inline(always)]
    pub fn push<L: Lanes>(&mut self, first: Eight<C>, second: Eight<C>)
    where
        C: Coordinate<L>,
    {
        let (no_first, no_second) = (first.y.is_blank(), second.y.is_blank());
        let mut denominator = second.x.sub::<2>(first.x);
        let (mut doubled, mut none) = (0, 0);
        let is_same = denominator.is_zero();
        if is_same | no_first | no_second != 0 {
            let is_point = !no_first & !no_second;
            let is_equal = second.y.sub::<2>(first.y).is_zero();
            doubled = is_same & is_equal & is_point;
            none = (is_same & !is_equal & is_point) | (no_first & no_second);
            denominator = denominator
                .select(doubled, first.y.add(first.y))
                .select(none | no_first | no_second, C::one());
        }
        self.blocks.push(Block {
            first,
            second,
            denominator,
            before: C::zero(),
            doubled,
            no_first,
            no_second,
            none,
        });
    }

    /// Puts the sums, with coordinates below 2p, in the place of the first of each pair.
    #[inline(always)]
    pub fn finish<L: Lanes>(&mut self)
    where
        C: Coordinate<L>,
    {
        // A quarter is in every product before a block, and in no inverse.
        let mut product = C::quarter();
        for block in &mut self.blocks {
            block.before = product;
            product = product.mul(block.denominator);
        }
        let mut inverse = product.inverse().mul(C::quarter());
        for block in self.blocks.iter_mut().rev() {
            let own = inverse.mul(block.before);
            inverse = inverse.mul(block.denominator);
            block.first = block.sum(own);
        }
    }

    /// The sums of a block, once they are there.
    #[inline(always)]
    pub fn sums(&self, block: usize) -> Option<&Eight<C>> {
        self.blocks.get(block).map(|block| &block.first)
    }

    pub fn clear(&mut self) {
        self.blocks.clear();
    }
}

impl<C> Block<C> {
    /// The sums, with a quarter of one over the denominators.
    #[inline(always)]
    fn sum<L: Lanes>(&self, inverse: C) -> Eight<C>
    where
        C: Coordinate<L>,
    {
        let (first, second) = (self.first, self.second);
        let mut numerator = second.y.sub::<2>(first.y);
        if self.doubled != 0 {
            // 3 x^2 over 2y, of sixteenths: 48 x'^2 over 2y'.
            let square = first.x.square();
            let thrice = square.add(square).add(square).below::<4>().below::<2>();
            let by_four = |own: C| {
                let twice = own.add(own).below::<2>();
                twice.add(twice).below::<2>()
            };
            numerator = numerator.select(self.doubled, by_four(by_four(thrice)));
        }
        let slope = numerator.mul(inverse);
        let both = first.x.add(second.x);
        let x = slope.square().sub::<4>(both).below::<4>().below::<2>();
        let down = first.x.sub::<2>(x).below::<2>();
        let down = down.add(down);
        let twice = slope.add(slope);
        let y = twice.mul(down).sub::<2>(first.y).below::<2>();
        let mut sum = Eight { x, y };
        if self.none | self.no_first | self.no_second != 0 {
            let select = |own: C, mask, other| own.select(mask, other);
            sum.x = select(sum.x, self.no_first, second.x);
            sum.y = select(sum.y, self.no_first, second.y);
            sum.x = select(sum.x, self.no_second, first.x);
            sum.y = select(sum.y, self.no_second, first.y);
            sum.x = select(sum.x, self.none, C::zero());
            sum.y = select(sum.y, self.none, C::zero());
        }
        sum
    }
}
