//! Sums of pairs of affine points, one after the other, for every processor.
//!
//! As `adder` and `tree`, with one inversion for many additions, but nothing is copied: a pair that
//! waits is the places of its points, which are read again when the inverse is there.

use super::Sum;
use super::adder::{Adding, Source};
use super::points::Group;
use crate::field::Single;
use zeroize::Zeroize;

/// Additions of one inversion.
const TOGETHER: usize = 1024;

/// Takes pairs, and puts their sums where they belong.
pub(crate) struct Singles<G: Group> {
    waiting: Vec<Waiting<G::Single>>,
}

impl<G: Group> Drop for Singles<G> {
    fn drop(&mut self) {
        // With what the places held before.
        self.waiting.zeroize();
    }
}

/// A pair that waits.
#[derive(Zeroize)]
#[zeroize(bound = "")]
struct Waiting<C> {
    /// Twice the place of a point, and one more where it is subtracted.
    entries: [u32; 2],
    target: u32,
    #[zeroize(skip)]
    kind: Kind,
    /// What is inverted.
    #[zeroize(skip)]
    denominator: C,
    /// The product of those before it.
    #[zeroize(skip)]
    before: C,
}

/// What an addition is: all but the first are for inputs that somebody made up, and infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sum,
    Double,
    /// One of the points, or infinity: whichever the other is.
    First,
    Second,
    None,
}

impl<G: Group> Adding<G> for Singles<G> {
    fn new() -> Self {
        Singles {
            waiting: Vec::with_capacity(TOGETHER),
        }
    }

    #[inline(always)]
    fn pair<S: Source<G>>(
        &mut self,
        source: S,
        entries: [u32; 2],
        target: u32,
        out: &mut [G::Point],
    ) {
        self.waiting.push(Waiting {
            entries,
            target,
            kind: Kind::Sum,
            denominator: G::Single::ONE,
            before: G::Single::ONE,
        });
        if self.waiting.len() == TOGETHER {
            self.finish(source, out);
        }
    }

    /// Pairs at even and at odd places have products of their own, so that a product need not wait for
    /// the one before it.
    #[inline(never)]
    fn finish<S: Source<G>>(&mut self, source: S, out: &mut [G::Point]) {
        let mut products = [G::Single::ONE; 2];
        for (at, own) in self.waiting.iter_mut().enumerate() {
            (own.kind, own.denominator) = own.prepared::<G, S>(source, out);
            let product = &mut products[at % 2];
            own.before = *product;
            *product = product.mul(own.denominator);
        }
        let [even, odd] = products;
        let inverse = even.mul(odd).inverse();
        let mut inverses = [inverse.mul(odd), inverse.mul(even)];
        for (at, own) in self.waiting.iter().enumerate().rev() {
            let inverse = &mut inverses[at % 2];
            let over = inverse.mul(own.before);
            *inverse = inverse.mul(own.denominator);
            let sum = own.sum::<G, S>(source, out, over);
            store::<G>(&sum, &mut out[own.target as usize]);
        }
        self.waiting.clear();
    }
}

/// A point's coordinates; infinity has none but zeros.
type Affine<C> = [C; 2];

impl<C: Single> Waiting<C> {
    /// What the addition is, and what it divides by.
    #[inline(always)]
    fn prepared<G: Group<Single = C>, S: Source<G>>(
        &self,
        source: S,
        out: &[G::Point],
    ) -> (Kind, C) {
        let [first, second] = self.entries;
        let [x1, y1] = point::<G, S>(source, first, out);
        let [x2, y2] = point::<G, S>(source, second, out);
        let difference = x2.sub(x1);
        if y1.is_blank() || y2.is_blank() || difference.is_zero() {
            let are_infinity = (y1.is_blank(), y2.is_blank());
            let (y1, y2) = (signed::<G, S>(y1, first), signed::<G, S>(y2, second));
            return special(are_infinity, y1, y2);
        }
        (Kind::Sum, difference)
    }

    /// The sum, with one over what it divides by.
    #[inline(always)]
    fn sum<G: Group<Single = C>, S: Source<G>>(
        &self,
        source: S,
        out: &[G::Point],
        over: C,
    ) -> Affine<C> {
        let [first, second] = self.entries;
        let [x1, y1] = point::<G, S>(source, first, out);
        let [x2, y2] = point::<G, S>(source, second, out);
        let (y1, y2) = (signed::<G, S>(y1, first), signed::<G, S>(y2, second));
        let numerator = match self.kind {
            Kind::Sum => y2.sub(y1),
            Kind::Double => {
                let square = x1.square();
                square.add(square).add(square)
            }
            Kind::First => return [x1, y1],
            Kind::Second => return [x2, y2],
            Kind::None => return [C::default(); 2],
        };
        let slope = numerator.mul(over);
        let x = slope.square().sub(x1).sub(x2);
        [x, slope.mul(x1.sub(x)).sub(y1)]
    }
}

/// Of points of which one is infinity, or with the same x.
#[cold]
fn special<C: Single>(are_infinity: (bool, bool), y1: C, y2: C) -> (Kind, C) {
    match are_infinity {
        (true, true) => (Kind::None, C::ONE),
        (true, false) => (Kind::Second, C::ONE),
        (false, true) => (Kind::First, C::ONE),
        (false, false) if y2.sub(y1).is_zero() => (Kind::Double, y1.add(y1)),
        (false, false) => (Kind::None, C::ONE),
    }
}

/// The point of an entry, as it lies in memory.
#[inline(always)]
fn point<G: Group, S: Source<G>>(source: S, entry: u32, out: &[G::Point]) -> Affine<G::Single> {
    let point = source.at(entry >> 1, out);
    let words = point.as_ref().as_flattened();
    let (x, y) = words.split_at(words.len() / 2);
    [G::Single::load(x), G::Single::load(y)]
}

/// An entry's y, or its opposite.
#[inline(always)]
fn signed<G: Group, S: Source<G>>(y: G::Single, entry: u32) -> G::Single {
    match S::HAS_SIGNS {
        true => y.negated_if(entry & 1 == 1),
        false => y,
    }
}

#[inline(always)]
fn store<G: Group>([x, y]: &Affine<G::Single>, point: &mut G::Point) {
    let words = point.as_mut().as_flattened_mut();
    let (first, second) = words.split_at_mut(words.len() / 2);
    x.store(first);
    y.store(second);
}

/// The sum of points times their numbers, counted from one, and the plain one.
pub(super) fn weighted<G: Group>(points: &[G::Point]) -> (Sum<G>, Sum<G>) {
    let (mut running, mut total) = (Sum::<G>::default(), Sum::<G>::default());
    for point in points.iter().rev() {
        running += G::affine(point);
        total += running;
    }
    (total, running)
}
