//! Typed values of cells: to the bounded integer that a page holds, and back.

use super::{CELL_BITS, Column, ColumnType};
use zeroize::Zeroize;

/// A typed value. No `Debug`: it is somebody's.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub enum Value {
    Int(i64),
    /// The index of a code in its column's list.
    Code(u32),
    /// A day since 1970-01-01.
    Day(i32),
    /// A decimal, times 10^scale.
    Decimal(i64),
    /// True or false.
    Flag(bool),
}

/// Why a column cannot hold a value. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It is of another type.
    #[error("column {column}: expected {expected}")]
    Type {
        column: String,
        expected: &'static str,
    },
    /// It is out of the column's range.
    #[error("column {0}: expected a value in the column's range")]
    Range(String),
}

impl Value {
    /// The value as an integer of its type.
    pub fn to_integer(self) -> i64 {
        match self {
            Value::Int(v) | Value::Decimal(v) => v,
            Value::Code(v) => i64::from(v),
            Value::Day(v) => i64::from(v),
            Value::Flag(v) => i64::from(v),
        }
    }
}

impl Column {
    /// The value of an integer of this column's type.
    ///
    /// **Errors**: it is out of range.
    pub fn value_of(&self, integer: i64) -> Result<Value, ValueError> {
        let (min, max) = self.bounds();
        let range = || ValueError::Range(self.name.clone());
        if !(min..=max).contains(&integer) {
            return Err(range());
        }
        Ok(match &self.kind {
            ColumnType::Int { .. } => Value::Int(integer),
            ColumnType::Decimal { .. } => Value::Decimal(integer),
            ColumnType::Code { .. } => Value::Code(u32::try_from(integer).map_err(|_| range())?),
            ColumnType::Day { .. } => Value::Day(i32::try_from(integer).map_err(|_| range())?),
            ColumnType::Flag => Value::Flag(integer == 1),
        })
    }

    /// The cells of a value, lowest limb first: the column's minimum maps to 0.
    ///
    /// **Errors**: the value is of another type or out of range.
    pub fn encode(&self, value: Value) -> Result<Vec<u32>, ValueError> {
        let fits = matches!(
            (&self.kind, value),
            (ColumnType::Int { .. }, Value::Int(_))
                | (ColumnType::Decimal { .. }, Value::Decimal(_))
                | (ColumnType::Code { .. }, Value::Code(_))
                | (ColumnType::Day { .. }, Value::Day(_))
                | (ColumnType::Flag, Value::Flag(_))
        );
        if !fits {
            return Err(ValueError::Type {
                column: self.name.clone(),
                expected: self.kind.word(),
            });
        }
        let (min, max) = self.bounds();
        let integer = value.to_integer();
        if !(min..=max).contains(&integer) {
            return Err(ValueError::Range(self.name.clone()));
        }
        let offset = integer.abs_diff(min);
        // Each limb is below 2^24, so the cast is exact.
        Ok((0..self.limbs())
            .map(|i| (offset >> (CELL_BITS * i) & ((1 << CELL_BITS) - 1)) as u32)
            .collect())
    }

    /// The value of cells.
    ///
    /// **Errors**: another number of limbs, a limb over its width, or a value out of range.
    pub fn decode(&self, limbs: &[u32]) -> Result<Value, ValueError> {
        let range = || ValueError::Range(self.name.clone());
        if limbs.len() != self.limbs() as usize || limbs.iter().any(|l| *l >= 1 << CELL_BITS) {
            return Err(range());
        }
        let mut offset: u64 = 0;
        for (i, limb) in limbs.iter().enumerate() {
            let shifted = u128::from(*limb) << (CELL_BITS as usize * i);
            offset |= u64::try_from(shifted).map_err(|_| range())?;
        }
        let (min, _) = self.bounds();
        self.value_of(min.checked_add_unsigned(offset).ok_or_else(range)?)
    }
}

impl ColumnType {
    /// The word of the schema file.
    pub fn word(&self) -> &'static str {
        match self {
            ColumnType::Int { .. } => "int",
            ColumnType::Code { .. } => "code",
            ColumnType::Day { .. } => "day",
            ColumnType::Decimal { .. } => "decimal",
            ColumnType::Flag => "flag",
        }
    }
}
