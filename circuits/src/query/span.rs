//! What a proof says about the values of a column: the span of its bits, which may be wider than
//! the bounds people wrote.

use crate::schema::{Column, ColumnType, print_day, print_decimal};
use std::fmt;

/// The proven span of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub column: String,
    /// Its width. **Units**: bits.
    pub bits: u32,
    /// Lowest value of the span, as people write it.
    pub low: String,
    /// Highest value of the span.
    pub high: String,
    /// Whether the span has values that the schema does not allow; only the holder's client
    /// refuses those.
    pub wider_than_schema: bool,
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.wider_than_schema {
            ", wider than the schema says"
        } else {
            ""
        };
        write!(
            f,
            "{}: {} .. {} proven ({} bits{note})",
            self.column, self.low, self.high, self.bits
        )
    }
}

impl Column {
    /// The integers that a proof allows: min .. min + 2^bits - 1.
    pub fn proven_bounds(&self) -> (i64, i64) {
        let (min, _) = self.bounds();
        let width = u64::MAX.checked_shr(64 - self.bits()).unwrap_or(u64::MAX);
        (min, min.checked_add_unsigned(width).unwrap_or(i64::MAX))
    }

    /// The proven span, in words.
    pub fn span(&self) -> Span {
        let (low, high) = self.proven_bounds();
        let wider_than_schema = high != self.bounds().1;
        Span {
            column: self.name.to_ascii_lowercase(),
            bits: self.bits(),
            low: self.print(low),
            high: self.print(high),
            wider_than_schema,
        }
    }

    /// An integer of this column as a query writes it, days without quotes; a code without a word is shown as its place.
    pub(super) fn print(&self, value: i64) -> String {
        let text = |json: serde_json::Value| {
            json.as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        match &self.kind {
            ColumnType::Int { .. } => value.to_string(),
            ColumnType::Decimal { scale, .. } => text(print_decimal(value, *scale)),
            ColumnType::Day { .. } => i32::try_from(value)
                .map_or_else(|_| value.to_string(), |days| text(print_day(days))),
            ColumnType::Code { codes } => {
                let code = usize::try_from(value).ok().and_then(|i| codes.get(i));
                code.map_or_else(
                    || format!("code {value}"),
                    |code| format!("'{}'", code.replace('\'', "''")),
                )
            }
            ColumnType::Flag => if value == 0 { "FALSE" } else { "TRUE" }.to_owned(),
        }
    }
}
