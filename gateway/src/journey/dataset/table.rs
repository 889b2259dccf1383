//! Rows as CSV, as their source would have written them.

use medveil_circuits::dataset::FIRST_COLUMN_SLOT;
use medveil_circuits::handover::SlotKeys;
use medveil_circuits::schema::{Column, Schema};
use medveil_source::{Row, SpoiledCell, print_value};

/// The column that says whose a row is; no column of a schema has this name.
pub const PSEUDONYM: &str = "_pseudonym";
/// Key slot of the pseudonyms.
pub const PSEUDONYM_SLOT: usize = 1;
/// What stands in place of a value that its column cannot hold.
const SPOILED: &str = "#SPOILED";

/// A row as it was read, and what of it cannot be.
pub type ReadRow = (Row, Vec<SpoiledCell>);

/// The columns whose keys are known, by place.
pub fn granted(schema: &Schema, slots: &SlotKeys) -> Vec<usize> {
    let names = schema.slots();
    let is_granted = |column: &Column| {
        let group = column.group.as_deref().unwrap_or(&column.name);
        let slot = names.iter().position(|n| *n == group);
        slot.is_some_and(|i| slots[i + FIRST_COLUMN_SLOT].is_some())
    };
    let columns = schema.columns();
    (0..columns.len())
        .filter(|i| is_granted(&columns[*i]))
        .collect()
}

/// Header and rows; columns without a key are left out. Pseudonyms come first, where their key is
/// known.
pub fn table(schema: &Schema, slots: &SlotKeys, rows: &[ReadRow]) -> Vec<String> {
    let (columns, shown) = (schema.columns(), granted(schema, slots));
    let has_pseudonym = slots[PSEUDONYM_SLOT].is_some();
    let line = |(row, spoiled): &ReadRow| {
        let cell = |i: &usize| match row.cells[*i] {
            _ if spoiled.iter().any(|s| s.column == *i) => SPOILED.to_owned(),
            Some(value) => quote(&print_value(&columns[*i], value)),
            None => String::new(),
        };
        let pseudonym = has_pseudonym.then(|| format!("{:030x}", row.pseudonym));
        let cells = pseudonym.into_iter().chain(shown.iter().map(cell));
        cells.collect::<Vec<_>>().join(",")
    };
    let first = has_pseudonym.then_some(PSEUDONYM);
    let names = shown.iter().map(|i| columns[*i].name.as_str());
    let header: Vec<&str> = first.into_iter().chain(names).collect();
    let header = std::iter::once(header.join(","));
    header.chain(rows.iter().map(line)).collect()
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
