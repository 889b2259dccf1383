//! The rows of a cohort, held compactly.

use super::pseudonym::Pseudonym;
use super::records::{Field, Records};
use super::row::Row;
use medveil_circuits::schema::{Column, ValueError};

/// A record begins with its pseudonym.
pub(crate) const PSEUDONYM_BYTES: usize = size_of::<Pseudonym>();

/// The pseudonym that a record begins with.
pub(crate) fn pseudonym_of(record: &[u8]) -> Pseudonym {
    let bytes = record.first_chunk::<PSEUDONYM_BYTES>();
    bytes.map_or(0, |bytes| Pseudonym::from_le_bytes(*bytes))
}

/// Rows, sorted by pseudonym; rows of one patient in the order of the source.
///
/// **Memory**: a row takes 20 bytes and, for each column, as many as the column's span needs: 1 for
/// a flag, 1 to 3 for most codes, days and numbers, 9 at most. **Security**: plaintext of patients:
/// overwritten when dropped; no `Debug`, no serialisation.
pub struct KeptRows {
    columns: Vec<Column>,
    fields: Vec<Field>,
    records: Records,
    /// Numbers of records, in the order of the rows.
    order: Vec<u32>,
}

impl KeptRows {
    /// No rows yet.
    ///
    /// **Errors**: a column whose span has values that its type cannot hold.
    pub(crate) fn new(columns: &[Column]) -> Result<Self, ValueError> {
        let mut end = PSEUDONYM_BYTES;
        let mut fields = Vec::with_capacity(columns.len());
        for column in columns {
            let (min, max) = column.bounds();
            // What lies between two values of a type is of that type.
            column.value_of(min).and(column.value_of(max))?;
            let field = Field::new(end, (min, max));
            end = field.end();
            fields.push(field);
        }
        Ok(KeptRows {
            columns: columns.to_vec(),
            fields,
            records: Records::new(end),
            order: Vec::new(),
        })
    }

    /// Adds a row behind the others, with a value of each column. False where a value is not in its
    /// column's span, or there are 2^32 rows.
    #[must_use]
    pub(crate) fn push(&mut self, pseudonym: Pseudonym, values: &[Option<i64>]) -> bool {
        let Ok(number) = u32::try_from(self.records.len()) else {
            return false;
        };
        let at = self.records.push();
        let record = self.records.get_mut(at);
        if let Some(own) = record.first_chunk_mut::<PSEUDONYM_BYTES>() {
            *own = pseudonym.to_le_bytes();
        }
        self.order.push(number);
        let mut cells = self.fields.iter().zip(values);
        cells.all(|(field, value)| field.put(record, *value))
    }

    /// Sorts by pseudonym; rows of one patient keep their order.
    pub(crate) fn sort(&mut self) {
        let own = |number: &u32| (pseudonym_of(self.record(*number)), *number);
        let mut keys: Vec<(Pseudonym, u32)> = self.order.iter().map(own).collect();
        keys.sort_unstable();
        let numbers = keys.into_iter().map(|(_, number)| number);
        self.order.iter_mut().zip(numbers).for_each(|(o, n)| *o = n);
    }

    /// Leaves out rows without a value for which `keep` holds; says how many.
    pub(crate) fn retain(&mut self, column: usize, keep: impl Fn(Option<i64>) -> bool) -> usize {
        let before = self.len();
        let mut order = std::mem::take(&mut self.order);
        order.retain(|number| keep(self.cell(*number, column)));
        self.order = order;
        before - self.len()
    }

    /// Leaves out all rows of patients who have this value in one of them; says how many rows.
    ///
    /// **Shape**: the rows are sorted.
    pub(crate) fn leave_out(&mut self, column: usize, value: i64) -> usize {
        let before = self.len();
        let order = std::mem::take(&mut self.order);
        let whose = |number: &u32| pseudonym_of(self.record(*number));
        let runs = order.chunk_by(|a, b| whose(a) == whose(b));
        let stays = |run: &&[u32]| {
            let mut cells = run.iter().map(|number| self.cell(*number, column));
            cells.all(|cell| cell != Some(value))
        };
        self.order = runs.filter(stays).flatten().copied().collect();
        before - self.len()
    }

    fn record(&self, number: u32) -> &[u8] {
        self.records.get(number as usize)
    }

    fn cell(&self, number: u32, column: usize) -> Option<i64> {
        self.fields.get(column)?.get(self.record(number))
    }

    fn row(&self, number: u32) -> Row {
        let record = self.record(number);
        let columns = self.columns.iter().zip(&self.fields);
        // Every value of the span has a form: `new` looked.
        let cell = |(column, field): (&Column, &Field)| column.value_of(field.get(record)?).ok();
        Row {
            pseudonym: pseudonym_of(record),
            cells: columns.map(cell).collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The row at a place.
    pub fn get(&self, at: usize) -> Option<Row> {
        self.order.get(at).map(|number| self.row(*number))
    }

    /// The rows, each made as it is asked for.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row> {
        self.order.iter().map(|number| self.row(*number))
    }

    /// Whose the rows are.
    pub fn pseudonyms(&self) -> impl ExactSizeIterator<Item = Pseudonym> {
        let whose = |number: &u32| pseudonym_of(self.record(*number));
        self.order.iter().map(whose)
    }

    /// The values of a column.
    pub(crate) fn values(&self, column: usize) -> impl Iterator<Item = Option<i64>> {
        let value = move |number: &u32| self.cell(*number, column);
        self.order.iter().map(value)
    }

    /// How many rows have a value of a column.
    pub fn present(&self, column: usize) -> usize {
        self.values(column).flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_circuits::schema::{Schema, Value};
    use proptest::prelude::*;

    const SCHEMA: &str = r#"{"format":"medveil-schema-1","rows":"per_record","columns":[
        {"name":"day","type":"day","min":"1900-01-01","max":"2049-12-31"},
        {"name":"flag","type":"flag"},
        {"name":"whole","type":"int","min":-9223372036854775807,"max":9223372036854775807},
        {"name":"code","type":"code","codes":["a","b","c"]}]}"#;

    type Plain = (Pseudonym, [Option<i64>; 4]);

    fn plain(row: &Row) -> Plain {
        let cell = |i: usize| row.cells[i].map(Value::to_integer);
        (row.pseudonym, [0, 1, 2, 3].map(cell))
    }

    fn some_row() -> impl Strategy<Value = Plain> {
        let cell = |value: BoxedStrategy<i64>| prop::option::of(value);
        let cells = (
            cell((-25_567i64..=29_219).boxed()),
            cell((0i64..2).boxed()),
            cell((-i64::MAX..=i64::MAX).boxed()),
            cell((0i64..3).boxed()),
        );
        (1u128..9, cells.prop_map(<[Option<i64>; 4]>::from))
    }

    proptest! {
        #[test]
        fn rows_are_those_of_a_plain_list(mut rows in prop::collection::vec(some_row(), 0..40)) {
            let schema = Schema::from_json(SCHEMA).unwrap();
            let mut kept = KeptRows::new(schema.columns()).unwrap();
            for (pseudonym, values) in &rows {
                prop_assert!(kept.push(*pseudonym, values));
            }
            kept.sort();
            rows.sort_by_key(|row| row.0);
            let all = |kept: &KeptRows| kept.iter().map(|row| plain(&row)).collect::<Vec<_>>();
            prop_assert_eq!(&all(&kept), &rows);

            // Patients who have code 1 in a row go with all their rows.
            let out: Vec<Pseudonym> =
                rows.iter().filter(|row| row.1[3] == Some(1)).map(|row| row.0).collect();
            let before = rows.len();
            rows.retain(|row| !out.contains(&row.0));
            prop_assert_eq!(kept.leave_out(3, 1), before - rows.len());
            prop_assert_eq!(&all(&kept), &rows);

            let before = rows.len();
            rows.retain(|row| row.1[1] == Some(1));
            prop_assert_eq!(kept.retain(1, |value| value == Some(1)), before - rows.len());
            prop_assert_eq!(&all(&kept), &rows);

            for column in 0..4 {
                let present = rows.iter().filter(|row| row.1[column].is_some()).count();
                prop_assert_eq!(kept.present(column), present);
            }
            prop_assert_eq!((kept.len(), kept.is_empty()), (rows.len(), rows.is_empty()));
            let last = kept.get(rows.len().wrapping_sub(1)).map(|row| plain(&row));
            prop_assert!(last == rows.last().copied() && kept.get(rows.len()).is_none());
            let whose: Vec<Pseudonym> = kept.pseudonyms().collect();
            prop_assert!(whose.iter().eq(rows.iter().map(|row| &row.0)));
        }
    }

    #[test]
    fn a_value_outside_its_column_is_not_kept() {
        let schema = Schema::from_json(SCHEMA).unwrap();
        let mut kept = KeptRows::new(schema.columns()).unwrap();
        assert!(!kept.push(1, &[None, Some(2), None, None]));
        assert!(!kept.push(1, &[None, None, None, Some(3)]));
        assert!(kept.push(1, &[None, None, Some(i64::MAX), Some(2)]));
    }
}
