//! The entries of A and B that a key carries.

use super::{Size, Zkey, section};
use crate::binfile::{FormatError, number, take, to_bytes, words};
use crate::r1cs::R1cs;
use ark_bn254::Fr;
use ark_ff::{BigInt, One, PrimeField};

/// Matrix, row, column (u32 each), and c R^2.
pub(super) const BYTES: usize = 12 + 32;
/// Entries that are in memory together.
const PIECE: usize = 1 << 16;

/// An entry: whether it is of B, its row, its column, and its words.
pub(super) type Entry = (bool, u32, u32, [u8; 32]);

/// Entries, as they lie in the key.
pub(super) struct Coefficients<'k> {
    bytes: &'k [u8],
    key: &'k Zkey,
}

/// How many there are.
///
/// **Errors**: another number of bytes.
pub(super) fn count(key: &Zkey) -> Result<usize, FormatError> {
    let (bytes, mut at) = (key.points(section::COEFFICIENTS)?, 0);
    let count = number(bytes, &mut at).map(|count| count as usize);
    count
        .filter(|count| count.checked_mul(BYTES) == Some(bytes.len() - at))
        .ok_or_else(|| key.expected("as many coefficients as section 4 says"))
}

impl<'k> Coefficients<'k> {
    pub fn of(key: &'k Zkey) -> Result<Self, FormatError> {
        count(key)?;
        let bytes = key.points(section::COEFFICIENTS)?;
        Ok(Coefficients {
            bytes: bytes.get(4..).unwrap_or_default(),
            key,
        })
    }

    /// Calls for each: whether it is of B, its row, its column, what stands there.
    ///
    /// **Errors**: one that [`Coefficients::check`] would refuse.
    pub fn each(
        &self,
        size: Size,
        mut call: impl FnMut(bool, usize, u32, Stored),
    ) -> Result<(), FormatError> {
        let is_right = |row: u32, column: u32, value: &Stored| {
            (row as usize) < size.domain
                && (column as usize) < size.variables
                && value.0 < Fr::MODULUS
        };
        for piece in self.bytes.chunks(PIECE * BYTES) {
            for entry in entries(piece) {
                let (is_b, row, column, bytes) = entry.ok_or_else(|| self.wrong())?;
                let value = Stored(BigInt(words(&bytes)));
                if !is_right(row, column, &value) {
                    return Err(self.wrong());
                }
                call(is_b, row as usize, column, value);
            }
            self.key.release(piece);
        }
        Ok(())
    }

    /// Checks that all entries lie in the matrices and are numbers of the field.
    ///
    /// **Errors**: one that does not.
    pub fn check(&self, size: Size) -> Result<(), FormatError> {
        self.each(size, |_, _, _, _| ())
    }

    fn wrong(&self) -> FormatError {
        self.key.expected("coefficients of A and B in section 4")
    }

    /// Whether they are those of a circuit, in any order.
    pub fn are_of(&self, r1cs: &R1cs) -> bool {
        let mut expected = Vec::with_capacity(self.bytes.len() / BYTES);
        each(r1cs, |entry| expected.push(entry));
        let found: Option<Vec<Entry>> = entries(self.bytes).collect();
        let Some(mut found) = found else {
            return false;
        };
        expected.sort_unstable();
        found.sort_unstable();
        expected == found
    }
}

/// Entries; `None` of one whose matrix is neither A nor B.
fn entries(bytes: &[u8]) -> impl Iterator<Item = Option<Entry>> + '_ {
    bytes.chunks_exact(BYTES).map(|bytes| {
        let mut at = 0;
        let matrix = number(bytes, &mut at)?;
        let (row, column) = (number(bytes, &mut at)?, number(bytes, &mut at)?);
        let words = take(bytes, &mut at, 32)?.try_into().ok()?;
        (matrix < 2).then_some((matrix == 1, row, column, words))
    })
}

/// Calls for each entry of a circuit in the order of rows, A's before B's, and for the public rows
/// behind them.
pub(super) fn each(r1cs: &R1cs, mut put: impl FnMut(Entry)) {
    let [a, b, _] = r1cs.matrices();
    let sizes = r1cs.sizes();
    for row in 0..sizes.constraints {
        for (is_b, matrix) in [(false, a), (true, b)] {
            for (column, value) in matrix.row(row) {
                put((is_b, row as u32, column, stored(value)));
            }
        }
    }
    for input in 0..=sizes.public() as u32 {
        let row = sizes.constraints as u32 + input;
        put((false, row, input, stored(&Fr::one())));
    }
}

/// The lowest byte first.
fn stored(value: &Fr) -> [u8; 32] {
    to_bytes(Stored::of(value).0.0)
}

/// A coefficient c as it stands in a key: c R^2, below the modulus.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Stored(BigInt<4>);

impl Stored {
    pub fn of(value: &Fr) -> Self {
        // ark has c R in memory.
        Stored((*value * Fr::new_unchecked(Fr::R2)).0)
    }

    pub fn value(self) -> Fr {
        // One over R.
        let less = Fr::new_unchecked(BigInt::one());
        Fr::new_unchecked(self.0) * less
    }
}
