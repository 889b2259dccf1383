//! The cells of all rows so far, each in as few bytes as its column's rule needs.
//!
//! **Memory**: of a row 16 bytes; of each of its cells 3 bytes, the bytes of the column's span, and
//! 5 for the time where the column has dates and takes the first or the last.

use super::held::Held;
use crate::kept::{PSEUDONYM_BYTES, pseudonym_of};
use crate::pseudonym::Pseudonym;
use crate::records::{Field, Records};
use medveil_circuits::schema::{Column, RowRule};
use std::collections::HashMap;

/// Seconds since 1970 of every date with a year of four digits, and more: 5 bytes.
const SECONDS: (i64, i64) = (-(1 << 39) + 1, (1 << 39) - 1);

/// Larger numbers than fit beside a cell.
const MOST: u64 = (1 << 24) - 2;

/// Where a record holds what is known of a cell.
struct Slot {
    /// Flags and a small number of values.
    bits: Field,
    /// None where values are only counted.
    value: Option<Field>,
    time: Option<Field>,
}

/// The rows so far.
pub(crate) struct Holding {
    slots: Vec<Slot>,
    records: Records,
    /// Those from [`MOST`] on.
    bits_of: HashMap<(u32, usize), u64>,
}

impl Holding {
    /// Of each column, whether its values have dates.
    pub fn new<'c>(columns: impl Iterator<Item = (&'c Column, bool)>) -> Self {
        let mut end = PSEUDONYM_BYTES;
        let mut field = |span| {
            let field = Field::new(end, span);
            end = field.end();
            field
        };
        let slots = columns.map(|(column, is_dated)| {
            let by_time = matches!(column.rule, RowRule::First | RowRule::Last);
            Slot {
                bits: field((0, MOST as i64)),
                value: (column.rule != RowRule::Count).then(|| field(column.bounds())),
                time: (is_dated && by_time).then(|| field(SECONDS)),
            }
        });
        Holding {
            slots: slots.collect(),
            records: Records::new(end),
            bits_of: HashMap::new(),
        }
    }

    /// Adds a row of which nothing is known; none where there are 2^32 already.
    pub fn push(&mut self, pseudonym: Pseudonym) -> Option<u32> {
        let number = u32::try_from(self.records.len()).ok();
        let number = number.filter(|number| *number < u32::MAX)?;
        let at = self.records.push();
        let record = self.records.get_mut(at);
        *record.first_chunk_mut::<PSEUDONYM_BYTES>()? = pseudonym.to_le_bytes();
        Some(number)
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn pseudonym(&self, row: u32) -> Pseudonym {
        pseudonym_of(self.records.get(row as usize))
    }

    /// What is known of a cell.
    pub(super) fn cell(&self, row: u32, column: usize) -> Held {
        self.cell_in(self.records.get(row as usize), row, column)
    }

    fn cell_in(&self, record: &[u8], row: u32, column: usize) -> Held {
        let Some(slot) = self.slots.get(column) else {
            return Held::NOTHING;
        };
        let of = |field: Option<Field>| field?.get(record);
        // A number that no field has stands for one that is too large for it.
        let bits = match of(Some(slot.bits)) {
            None => 0,
            Some(bits) if bits == MOST as i64 => {
                self.bits_of.get(&(row, column)).copied().unwrap_or(0)
            }
            Some(bits) => bits as u64,
        };
        Held::again(of(slot.value), of(slot.time), bits)
    }

    /// Sets what is known of a cell. False where value or time are not in the column's span.
    #[must_use]
    pub(super) fn set(&mut self, row: u32, column: usize, held: Held) -> bool {
        let Some(slot) = self.slots.get(column) else {
            return false;
        };
        let bits = held.bits().min(MOST);
        if bits == MOST {
            self.bits_of.insert((row, column), held.bits());
        }
        let record = self.records.get_mut(row as usize);
        let fields = [
            (Some(slot.bits), Some(bits as i64)),
            (slot.value, held.chosen()),
            (slot.time, held.second()),
        ];
        let mut fields = fields.into_iter();
        fields.all(|(field, value)| field.is_none_or(|field| field.put(record, value)))
    }

    /// Hands over every row with its cells, in order; what was handed over is forgotten.
    ///
    /// **Errors**: what `take` says.
    pub(super) fn drain<E>(
        mut self,
        mut take: impl FnMut(Pseudonym, &[Held]) -> Result<(), E>,
    ) -> Result<(), E> {
        let records = std::mem::replace(&mut self.records, Records::new(1));
        let mut cells = vec![Held::NOTHING; self.slots.len()];
        records.drain(|number, record| {
            for (column, cell) in cells.iter_mut().enumerate() {
                // Fewer than 2^32: `push` looked.
                *cell = self.cell_in(record, number as u32, column);
            }
            take(pseudonym_of(record), &cells)
        })
    }
}

#[cfg(test)]
mod tests;
