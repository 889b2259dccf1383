//! NaN in a folder's tables. SQLite has none: bytes stand for it, which are greater than any number
//! and equal to each other, as NaN is in PostgreSQL, and come out as the error that they went in as.
//!
//! SQLite calculates with bytes as with 0. A statement that names a column with NaN and calculates is
//! therefore refused: by the program that SQLite makes of it (`EXPLAIN`).

use super::FolderDatabase;
use crate::error::TableError;
use crate::sqlite::Opcode;

/// Functions that take bytes for what they are, or for their text.
const FUNCTIONS: [&str; 30] = [
    "number",
    "day",
    "coalesce",
    "ifnull",
    "nullif",
    "iif",
    "typeof",
    "substr",
    "substring",
    "trim",
    "ltrim",
    "rtrim",
    "lower",
    "upper",
    "length",
    "like",
    "glob",
    "instr",
    "replace",
    "count",
    "min",
    "max",
    "row_number",
    "rank",
    "dense_rank",
    "first_value",
    "last_value",
    "lag",
    "lead",
    "hex",
];
/// Affinities of `CAST`: bytes and text.
const KEEPS: [i64; 2] = [0x41, 0x42];

impl FolderDatabase {
    /// **Errors**: the statement calculates, and may do so with a column that has NaN.
    pub(super) fn check_nan(&self, name: &str, sql: &str) -> Result<(), TableError> {
        let Some(column) = self.nan.iter().find(|column| may_take(sql, column)) else {
            return Ok(());
        };
        let opcodes = self.database.opcodes(sql)?;
        if !opcodes.iter().any(calculates) {
            return Ok(());
        }
        Err(TableError::Malformed {
            place: format!("{}, table {name}", self.place),
            what: format!(
                "column {column:?} has NaN, with which no statement on a folder calculates: select \
                 it as it is, or write nothing in place of NaN"
            ),
        })
    }
}

/// Whether a statement may take a column.
fn may_take(sql: &str, column: &str) -> bool {
    let (sql, column) = (sql.to_lowercase(), column.to_lowercase());
    let mut stars = sql.match_indices('*').map(|(at, _)| at);
    stars.any(|at| is_all(sql.get(..at).unwrap_or_default()))
        || sql.contains(&column)
        || sql.contains(&column.replace('"', "\"\""))
}

/// Whether a star behind this may mean all columns, and not a product or `count(*)`.
fn is_all(before: &str) -> bool {
    let before = before.trim_end();
    let word = before
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next();
    match word.filter(|word| !word.is_empty()) {
        Some(word) => ["select", "distinct", "all"].contains(&word),
        None => !before.ends_with(['(', ')', '"', '\'', ']', '`']),
    }
}

/// Whether a step makes a number, or a text, of what it takes.
fn calculates(step: &Opcode) -> bool {
    let function = step.p4.split('(').next().unwrap_or_default();
    match step.name.as_str() {
        "Add" | "Subtract" | "Multiply" | "Divide" | "Remainder" => true,
        "BitOr" | "BitNot" | "ShiftLeft" | "ShiftRight" => true,
        // `IN` asks by it for nothing among its values, and takes or leaves one place twice.
        "BitAnd" => step.p1 != step.p2 && step.p1 != step.p3 && step.p2 != step.p3,
        "Cast" => !KEEPS.contains(&step.p2),
        name if name.contains("Func") || name.starts_with("Agg") => {
            !FUNCTIONS.contains(&function.to_lowercase().as_str())
        }
        _ => false,
    }
}
