//! Rows of texts as a Parquet file with the types of OMOP.

use super::cdm::{Rows, Type, type_of};
use arrow_array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use jiff::civil::{Date, DateTime};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Writes a table.
pub fn write(path: &Path, table: &Rows) {
    let column = |(at, name): (usize, &String)| {
        let cells = || table.rows.iter().map(|row| row[at].as_deref());
        (name.clone(), array(type_of(name), cells()))
    };
    let columns = table.columns.iter().enumerate().map(column);
    let nullable = columns.map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None);
    let writer = writer.as_mut().unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}

fn array<'a>(of: Type, cells: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    match of {
        Type::Whole => Arc::new(cells.map(|c| c.map(whole)).collect::<Int64Array>()),
        Type::Decimal => {
            let number = |text: &str| text.parse::<f64>().unwrap();
            Arc::new(cells.map(|c| c.map(number)).collect::<Float64Array>())
        }
        Type::Date => Arc::new(cells.map(|c| c.map(days)).collect::<Date32Array>()),
        Type::Time => {
            let micros = cells.map(|c| c.map(micros));
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
        Type::Text => Arc::new(cells.collect::<StringArray>()),
    }
}

fn whole(text: &str) -> i64 {
    text.parse().unwrap()
}

fn days(text: &str) -> i32 {
    let date: Date = text.parse().unwrap();
    let hours = date.duration_since(Date::constant(1970, 1, 1)).as_hours();
    i32::try_from(hours / 24).unwrap()
}

fn micros(text: &str) -> i64 {
    let time: DateTime = text.parse().unwrap();
    let since = time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    i64::try_from(since.as_micros()).unwrap()
}
