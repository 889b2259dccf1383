//! What verification takes of BN254, safe, portable and on the calling thread: pairings, square roots
//! and the check of G2 for decoding, sums of products of scalars for hashing.
//!
//! A coordinate of a product is one sum of products with one reduction, and sums do not branch:
//! arkworks' tower of fields reduces every product, and takes longer. Values are those of arkworks,
//! word by word, so that whoever verifies by either comes to the same answer; the tests compare
//! every operation. Inversions and Frobenius maps are arkworks': they are few.
//!
//! Whoever pairs points knows that they are of their groups. Time depends on the values.

mod curve;
mod exponentiation;
mod fp;
mod fp12;
mod fp2;
mod fp6;
mod many;
mod miller;
mod products;
mod roots;
mod subgroup;
#[cfg(test)]
mod tests;
mod words;

pub use exponentiation::final_exponentiation;
pub use fp12::Fp12;
pub use many::many_miller_loops;
pub use miller::{Lines, Ratio, miller_loops, ratios};
pub use products::Products;
pub use roots::SquareRoot;
pub use subgroup::is_in_g2;
