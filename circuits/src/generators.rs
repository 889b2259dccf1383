//! Generators of BabyJubjub that nobody knows a relation between (SPEC section 13): hashed to the
//! curve from fixed names.

use std::sync::LazyLock;

use crate::babyjubjub::Point;
use crate::domain::Label;
use crate::field::bytes_to_field;

/// Lanes of a vector commitment.
pub const LANES: usize = 8;

static TABLE: LazyLock<(Vec<Point>, Point)> = LazyLock::new(|| {
    let lanes = (0..LANES)
        .map(|i| hash_to_point(&format!("medveil/v1/lane/{i}")))
        .collect();
    (lanes, hash_to_point("medveil/v1/lane/blind"))
});

/// Generator of lane `i`.
///
/// **Shape**: i < 8; lanes beyond are a programming error and wrap round.
pub fn lane(i: usize) -> Point {
    debug_assert!(i < LANES, "a commitment has 8 lanes");
    TABLE.0[i % LANES]
}

/// Generator of the blinding term.
pub fn blind() -> Point {
    TABLE.1
}

/// The first counter whose hash is a second coordinate, the even first coordinate, times eight, not
/// the identity.
fn hash_to_point(name: &str) -> Point {
    for counter in 0..=u8::MAX {
        let mut bytes = name.as_bytes().to_vec();
        bytes.push(counter);
        let y = bytes_to_field(Label::Generator, &bytes).0;
        let point = Point::from_y_even_x(y).map(|p| p.mul_by_cofactor());
        if let Some(point) = point.filter(|p| !p.is_identity()) {
            return point;
        }
    }
    // Each counter succeeds with probability one half; for the fixed names above a test shows that
    // it does.
    Point::IDENTITY
}

#[cfg(test)]
mod tests;
