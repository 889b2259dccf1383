//! Which row is whose: 4 bytes a place, of which at most three quarters are taken.
//!
//! Pseudonyms come out of a keyed hash, so that nobody chooses their low bits, and these spread.

const FREE: u32 = u32::MAX;

/// Numbers of rows, found by pseudonym.
#[derive(Default)]
pub(crate) struct RowIndex {
    places: Vec<u32>,
    taken: usize,
}

impl RowIndex {
    /// The row of a pseudonym; `whose` says whose a row is.
    pub fn find(&self, pseudonym: u128, whose: impl Fn(u32) -> u128) -> Option<u32> {
        let found = self.places.get(self.place(pseudonym, &whose)?);
        found.copied().filter(|row| *row != FREE)
    }

    /// Adds the row of a pseudonym that has none yet.
    pub fn insert(&mut self, pseudonym: u128, row: u32, whose: impl Fn(u32) -> u128) {
        if self.taken * 4 >= self.places.len() * 3 {
            let more = (self.places.len() * 2).max(64);
            let old = std::mem::replace(&mut self.places, vec![FREE; more]);
            for row in old.into_iter().filter(|row| *row != FREE) {
                self.set(whose(row), row, &whose);
            }
        }
        self.taken += 1;
        self.set(pseudonym, row, &whose);
    }

    fn set(&mut self, pseudonym: u128, row: u32, whose: &impl Fn(u32) -> u128) {
        let place = self.place(pseudonym, whose);
        if let Some(place) = place.and_then(|place| self.places.get_mut(place)) {
            *place = row;
        }
    }

    /// Where a pseudonym stands, or would.
    fn place(&self, pseudonym: u128, whose: &impl Fn(u32) -> u128) -> Option<usize> {
        // A power of two.
        let mask = self.places.len().checked_sub(1)?;
        let mut place = pseudonym as usize & mask;
        loop {
            match *self.places.get(place)? {
                FREE => return Some(place),
                row if whose(row) == pseudonym => return Some(place),
                _ => place = (place + 1) & mask,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_whatever_their_low_bits() {
        for step in [1u128, 64, 1 << 20, 0x9e37_79b9_7f4a_7c15] {
            let pseudonyms: Vec<u128> = (1..=1000u128).map(|i| i.wrapping_mul(step)).collect();
            let whose = |row: u32| pseudonyms[row as usize];
            let mut index = RowIndex::default();
            assert_eq!(index.find(1, whose), None);
            for (row, pseudonym) in (0..).zip(&pseudonyms) {
                assert_eq!(index.find(*pseudonym, whose), None);
                index.insert(*pseudonym, row, whose);
            }
            for (row, pseudonym) in (0..).zip(&pseudonyms) {
                assert_eq!(index.find(*pseudonym, whose), Some(row));
            }
            assert_eq!(index.find(u128::MAX, whose), None);
        }
    }
}
