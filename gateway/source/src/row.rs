//! One row, as values of its columns and as cells of a registration.

use super::pseudonym::Pseudonym;
use medveil_circuits::page::Cell;
use medveil_circuits::registration;
use medveil_circuits::schema::{Schema, Value, ValueError};

/// One row: whose it is, and a value (or none) for each column. **Security**: plaintext of a
/// patient; no `Debug`, no serialisation.
#[derive(Clone)]
pub struct Row {
    pub pseudonym: Pseudonym,
    /// The values, in the order of the schema's columns.
    pub cells: Vec<Option<Value>>,
}

/// A cell that holds what its column cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoiledCell {
    /// Place of the column in the schema.
    pub column: usize,
    pub why: ValueError,
}

impl Row {
    /// The row as cells of a registration: one for each limb, in layout order.
    ///
    /// **Errors**: a value does not fit the schema, or there are more or fewer values than columns.
    pub fn to_cells(&self, schema: &Schema) -> Result<registration::Row, ValueError> {
        let columns = schema.columns();
        let mut cells = Vec::with_capacity(columns.len());
        for (i, column) in columns.iter().enumerate() {
            let limbs = match self.cells.get(i).copied().flatten() {
                Some(value) => column
                    .encode(value)?
                    .into_iter()
                    .map(Cell::present)
                    .collect::<Option<Vec<Cell>>>(),
                None => Some(vec![Cell::ABSENT; column.limbs() as usize]),
            };
            cells.extend(limbs.ok_or_else(|| ValueError::Range(column.name.clone()))?);
        }
        Ok(registration::Row {
            pseudonym: self.pseudonym,
            cells,
        })
    }

    /// The row that cells hold: what a recipient reads. A value with a limb missing, or out of its
    /// column's range, spoils that cell alone: it is absent, and named.
    ///
    /// **Errors**: another number of cells than the schema has.
    pub fn from_cells(
        row: &registration::Row,
        schema: &Schema,
    ) -> Result<(Self, Vec<SpoiledCell>), ValueError> {
        let mut spoiled = Vec::new();
        let mut rest = row.cells.as_slice();
        let mut values = Vec::with_capacity(schema.columns().len());
        for (i, column) in schema.columns().iter().enumerate() {
            let range = || ValueError::Range(column.name.clone());
            let (own, after) = rest
                .split_at_checked(column.limbs() as usize)
                .ok_or_else(range)?;
            rest = after;
            let limbs: Vec<u32> = own.iter().filter_map(|cell| cell.value()).collect();
            values.push(match column.decode(&limbs) {
                _ if limbs.is_empty() => None,
                Ok(value) => Some(value),
                Err(why) => {
                    spoiled.push(SpoiledCell { column: i, why });
                    None
                }
            });
        }
        let row = Row {
            pseudonym: row.pseudonym,
            cells: values,
        };
        Ok((row, spoiled))
    }
}
