//! Rows as CSV, as their source would have written them.

use medveil_circuits::dataset::FIRST_COLUMN_SLOT;
use medveil_circuits::handover::SlotKeys;
use medveil_circuits::schema::{Column, Schema};
use medveil_source::{Row, print_value};

/// Header and rows; columns without a key are left out.
pub fn table(schema: &Schema, slots: &SlotKeys, rows: &[Row]) -> Vec<String> {
    let names = schema.slots();
    let is_granted = |column: &Column| {
        let group = column.group.as_deref().unwrap_or(&column.name);
        let slot = names.iter().position(|n| *n == group);
        slot.is_some_and(|i| slots[i + FIRST_COLUMN_SLOT].is_some())
    };
    let columns = schema.columns();
    let shown = (0..columns.len()).filter(|i| is_granted(&columns[*i]));
    let shown: Vec<usize> = shown.collect();
    let header: Vec<&str> = shown.iter().map(|i| columns[*i].name.as_str()).collect();
    let line = |row: &Row| {
        let cell = |i: &usize| match row.cells[*i] {
            Some(value) => quote(&print_value(&columns[*i], value)),
            None => String::new(),
        };
        shown.iter().map(cell).collect::<Vec<_>>().join(",")
    };
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
