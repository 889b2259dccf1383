//! Records of one length, held compactly: fields as wide as their values need, in blocks that never
//! move, so that nothing is held twice while more come.
//!
//! **Security**: the records are somebody's: overwritten when dropped, no `Debug`.

use zeroize::Zeroizing;

/// Bytes of a block, where one record is not longer.
const BLOCK: usize = 1 << 18;

/// Where a record holds a whole number of a span, or none.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    at: usize,
    width: usize,
    min: i64,
    max: i64,
}

impl Field {
    /// A field that begins at a byte, for numbers from `min` to `max`, and none.
    pub fn new(at: usize, (min, max): (i64, i64)) -> Self {
        // 0 is none; the smallest number is 1.
        let largest = u128::from(max.abs_diff(min)) + 1;
        Field {
            at,
            width: (128 - largest.leading_zeros()).div_ceil(8) as usize,
            min,
            max,
        }
    }

    /// Where the next field may begin.
    pub fn end(self) -> usize {
        self.at + self.width
    }

    pub fn get(self, record: &[u8]) -> Option<i64> {
        let held = record.get(self.at..)?;
        let code = match held.first_chunk::<8>() {
            // The usual case, and the quick one: what follows the field is masked away.
            Some(bytes) if self.width <= 8 => u128::from(u64::from_le_bytes(*bytes) & self.mask()),
            _ => {
                let mut bytes = [0; 16];
                let held = held.get(..self.width)?;
                bytes.get_mut(..self.width)?.copy_from_slice(held);
                u128::from_le_bytes(bytes)
            }
        };
        // Below 2^72, so that the cast is exact.
        i64::try_from(i128::from(self.min) + code.checked_sub(1)? as i128).ok()
    }

    /// False for a number outside the span: then nothing is written.
    #[must_use]
    pub fn put(self, record: &mut [u8], value: Option<i64>) -> bool {
        let code = match value {
            None => 0,
            Some(value) if (self.min..=self.max).contains(&value) => {
                u128::from(value.abs_diff(self.min)) + 1
            }
            Some(_) => return false,
        };
        let Some(held) = record.get_mut(self.at..) else {
            return false;
        };
        match held.first_chunk_mut::<8>() {
            Some(bytes) if self.width <= 8 => {
                let others = u64::from_le_bytes(*bytes) & !self.mask();
                *bytes = (others | code as u64).to_le_bytes();
            }
            _ => match (
                held.get_mut(..self.width),
                code.to_le_bytes().get(..self.width),
            ) {
                (Some(held), Some(bytes)) => held.copy_from_slice(bytes),
                _ => return false,
            },
        }
        true
    }

    /// The bits of a field of up to 8 bytes.
    fn mask(self) -> u64 {
        u64::MAX >> (64 - 8 * self.width.clamp(1, 8))
    }
}

/// Records, by number from 0.
pub(crate) struct Records {
    width: usize,
    /// A block has two to this power.
    shift: u32,
    len: usize,
    blocks: Vec<Zeroizing<Vec<u8>>>,
}

impl Records {
    /// **Units**: `width` in bytes.
    pub fn new(width: usize) -> Self {
        let width = width.max(1);
        Records {
            width,
            shift: (BLOCK / width).max(1).ilog2(),
            len: 0,
            blocks: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a record of zeros.
    pub fn push(&mut self) -> usize {
        let number = self.len;
        if number >> self.shift == self.blocks.len() {
            let block = vec![0; self.width << self.shift];
            self.blocks.push(Zeroizing::new(block));
        }
        self.len += 1;
        number
    }

    fn place(&self, number: usize) -> (usize, usize) {
        let inside = number & ((1 << self.shift) - 1);
        (number >> self.shift, inside * self.width)
    }

    /// A record; empty where there is none of that number.
    pub fn get(&self, number: usize) -> &[u8] {
        let (block, at) = self.place(number);
        let block = self.blocks.get(block).filter(|_| number < self.len);
        let record = block.and_then(|block| block.get(at..at + self.width));
        record.unwrap_or_default()
    }

    /// As [`Records::get`].
    pub fn get_mut(&mut self, number: usize) -> &mut [u8] {
        let ((block, at), width) = (self.place(number), self.width);
        let is_there = number < self.len;
        let block = self.blocks.get_mut(block).filter(|_| is_there);
        let record = block.and_then(|block| block.get_mut(at..at + width));
        record.unwrap_or_default()
    }

    /// Hands over every record, in order. A block is gone once its last one was handed over.
    ///
    /// **Errors**: what `take` says.
    pub fn drain<E>(self, mut take: impl FnMut(usize, &[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut numbers = 0..self.len;
        for block in self.blocks {
            let records = block.chunks_exact(self.width);
            for (record, number) in records.zip(numbers.by_ref().take(1 << self.shift)) {
                take(number, record)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_as_wide_as_their_span() {
        for (span, width) in [
            ((0, 1), 1),
            ((0, 254), 1),
            ((0, 255), 2),
            ((-10, 244), 1),
            ((0, (1 << 24) - 2), 3),
            ((0, i64::MAX), 8),
            ((-1, i64::MAX), 8),
            ((i64::MIN, i64::MAX), 9),
        ] {
            assert_eq!(Field::new(3, span).end(), 3 + width, "{span:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let field = Field::new(1, (-5, 5));
        let mut long = [9; 12];
        assert!(field.put(&mut long, Some(5)) && long[..3] == [9, 11, 9] && long[3..] == [9; 9]);
        let mut record = [9; 3];
        assert!(field.put(&mut record, Some(5)) && record == [9, 11, 9]);
        assert!(!field.put(&mut record, Some(6)) && !field.put(&mut record, Some(-6)));
        assert_eq!((field.get(&record), record), (Some(5), [9, 11, 9]));
        assert!(field.put(&mut record, None) && field.get(&record).is_none());
        assert!(!field.put(&mut record[..1], Some(1)));
    }

    proptest! {
        #[test]
        fn numbers_come_back(a: i64, b: i64, c: i64, at in 0usize..4, more in 0usize..9) {
            let (min, max) = (a.min(b), a.max(b));
            let field = Field::new(at, (min, max));
            let mut record = vec![0; field.end() + more];
            for value in [None, Some(min), Some(max), Some(c.clamp(min, max))] {
                prop_assert!(field.put(&mut record, value));
                prop_assert_eq!(field.get(&record), value);
            }
            prop_assert_eq!(field.put(&mut record, Some(c)), (min..=max).contains(&c));
        }
    }

    #[test]
    fn records_keep_their_order_over_blocks() {
        for width in [1, 7, BLOCK / 2 + 1, BLOCK + 1] {
            let mut records = Records::new(width);
            let n = 2 * BLOCK / width + 3;
            for i in 0..n {
                assert_eq!(records.push(), i);
                assert!(records.get(i).iter().all(|byte| *byte == 0));
                records.get_mut(i).fill(i as u8 | 1);
            }
            assert_eq!(records.len(), n);
            assert!(records.get(n).is_empty() && records.get_mut(n).is_empty());
            let mut seen = 0;
            let drained = records.drain(|i, record| {
                assert!(i == seen && record.len() == width);
                assert!(record.iter().all(|byte| *byte == i as u8 | 1));
                seen += 1;
                if i + 1 == n { Err(i) } else { Ok(()) }
            });
            assert_eq!((drained, seen), (Err(n - 1), n));
        }
    }
}
