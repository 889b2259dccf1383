//! Pairings of BN254 for verification, and sums of products of its scalars for hashing: safe,
//! portable and on the calling thread.
//!
//! A coordinate of a product is one sum of products with one reduction, and sums do not branch:
//! arkworks' tower of fields reduces every product, and takes longer. Values are those of arkworks,
//! word by word, so that whoever verifies by either comes to the same answer; the tests compare
//! every operation. Inversions and Frobenius maps are arkworks': they are few.
//!
//! Whoever calls this knows that points are of their groups. Time depends on the values.

mod curve;
mod exponentiation;
mod fp;
mod fp12;
mod fp2;
mod fp6;
mod many;
mod miller;
mod products;
#[cfg(test)]
mod tests;
mod words;

pub use exponentiation::final_exponentiation;
pub use fp12::Fp12;
pub use many::many_miller_loops;
pub use miller::{Lines, Ratio, miller_loops, ratios};
pub use products::Products;
