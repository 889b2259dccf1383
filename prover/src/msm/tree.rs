//! Sums of pairs of affine points, thousands at a time, with one inversion for all of them.
//!
//! Whoever sums a bucket adds its points in pairs, the sums in pairs again, and so on: within a round
//! no addition needs another's result, so nothing is looked for and nothing put off. Each addition
//! costs five products and a square; equal points, opposite ones and infinity take another way, by
//! lanes, and come out right whatever the points are.
//!
//! Coordinates of limbs are sixteenths (see `points`): with x = 16 x', y = 16 y' and the slope taken as a
//! quarter, m' = m / 4, the sum is x3' = m'^2 - x1' - x2' and y3' = 4 m' (x1' - x3') - y1'. The quarter
//! is one factor of the shared product.

use super::points::Eight;
use crate::field::{Coordinate, CurveLanes};

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
    pub fn push<L: CurveLanes>(&mut self, first: Eight<C>, second: Eight<C>)
    where
        C: Coordinate<L>,
    {
        let (no_first, no_second) = (first.y.is_blank(), second.y.is_blank());
        let mut denominator = second.x.sub::<3>(first.x);
        let (mut doubled, mut none) = (0, 0);
        if denominator.may_be_zero() | no_first | no_second != 0 {
            let is_same = denominator.is_zero();
            let is_point = !no_first & !no_second;
            let is_equal = second.y.sub::<3>(first.y).is_zero();
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

    /// Puts the sums, with coordinates that are kept, in the place of the first of each pair.
    ///
    /// Blocks at even and at odd places have products of their own, so that no product waits for
    /// the one before it; one inversion serves both.
    #[inline(always)]
    pub fn finish<L: CurveLanes>(&mut self)
    where
        C: Coordinate<L>,
    {
        if self.blocks.len() % 2 == 1 {
            let nothing = Eight {
                x: C::zero(),
                y: C::zero(),
            };
            self.push(nothing, nothing);
        }
        // A quarter, by limbs, is in every product before a block, and in no inverse.
        let mut products = [C::less(); 2];
        for pair in self.blocks.chunks_exact_mut(2) {
            (pair[0].before, pair[1].before) = (products[0], products[1]);
            products = C::mul_each(products, [pair[0].denominator, pair[1].denominator]);
        }
        let inverse = products[0].mul(products[1]).inverse().mul(C::less());
        let mut inverses = C::mul_each([inverse; 2], [products[1], products[0]]);
        for pair in self.blocks.chunks_exact_mut(2).rev() {
            let own = C::mul_each(inverses, [pair[0].before, pair[1].before]);
            inverses = C::mul_each(inverses, [pair[0].denominator, pair[1].denominator]);
            let sums = Block::sums([&pair[0], &pair[1]], own);
            (pair[0].first, pair[1].first) = (sums[0], sums[1]);
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
    /// The sums of two, with a quarter of one over the denominators.
    #[inline(always)]
    fn sums<L: CurveLanes>(pair: [&Self; 2], inverses: [C; 2]) -> [Eight<C>; 2]
    where
        C: Coordinate<L>,
    {
        let [a, b] = pair;
        let slopes = C::mul_each([a.numerator(), b.numerator()], inverses);
        let squares = C::square_each(slopes);
        let (ax, bx) = (a.sum_x(squares[0]), b.sum_x(squares[1]));
        let products = C::mul_each([a.first.x.down_to(ax), b.first.x.down_to(bx)], slopes);
        let (ay, by) = (a.sum_y(products[0]), b.sum_y(products[1]));
        [
            a.chosen(Eight { x: ax, y: ay }),
            b.chosen(Eight { x: bx, y: by }),
        ]
    }

    #[inline(always)]
    fn numerator<L: CurveLanes>(&self) -> C
    where
        C: Coordinate<L>,
    {
        let (first, second) = (self.first, self.second);
        let numerator = second.y.sub::<3>(first.y);
        if self.doubled == 0 {
            return numerator;
        }
        // 3 x^2 over 2y, of sixteenths: 48 x'^2 over 2y'.
        let square = first.x.square();
        let thrice = square.add(square).add(square).below::<4>().below::<2>();
        let twice = thrice.add(thrice).below::<2>();
        let four = twice.add(twice).below::<2>();
        let eight = four.add(four).below::<2>();
        numerator.select(self.doubled, eight.add(eight).below::<2>())
    }

    #[inline(always)]
    fn sum_x<L: CurveLanes>(&self, square: C) -> C
    where
        C: Coordinate<L>,
    {
        square.sub_both(self.first.x, self.second.x)
    }

    #[inline(always)]
    fn sum_y<L: CurveLanes>(&self, product: C) -> C
    where
        C: Coordinate<L>,
    {
        product.sub_kept(self.first.y)
    }

    /// The sum, but where one of the points is infinity, or the sum.
    #[inline(always)]
    fn chosen<L: CurveLanes>(&self, mut sum: Eight<C>) -> Eight<C>
    where
        C: Coordinate<L>,
    {
        if self.none | self.no_first | self.no_second != 0 {
            let (first, second) = (self.first, self.second);
            sum.x = sum.x.select(self.no_first, second.x);
            // An opposite is not kept yet.
            let (first_y, second_y) = (first.y.sub_kept(C::zero()), second.y.sub_kept(C::zero()));
            sum.y = sum.y.select(self.no_first, second_y);
            sum.x = sum.x.select(self.no_second, first.x);
            sum.y = sum.y.select(self.no_second, first_y);
            sum.x = sum.x.select(self.none, C::zero());
            sum.y = sum.y.select(self.none, C::zero());
        }
        sum
    }
}
