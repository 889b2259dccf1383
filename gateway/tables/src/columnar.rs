//! Columns of Arrow's types, as Parquet and Arrow files carry them, turned into values exactly.
//!
//! What cannot be said as a value of this crate (binary, nested and time-of-day types) is listed
//! and refused by name, so that a table can still be read without it.

mod cell;

use crate::error::TableError;
use crate::guard::damaged;
use crate::table::{Kind, Record, Scalar, TableColumn};
use crate::zone::Clock;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema, TimeUnit};
use std::collections::HashSet;
use std::path::Path;

/// How values of a column are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Of a type that has only nulls, or one that reads as it is.
    Plain,
    Decimal(i8),
    Time(TimeUnit, Clock),
    /// Numbers that point into a list of values.
    Dictionary(Box<Shape>),
    /// Cannot be read: the type, and what to do.
    Unsupported(String),
}

/// The columns of a file, and those of them that are wanted.
#[derive(Clone)]
pub(crate) struct Columns {
    wanted: Vec<TableColumn>,
    /// For each wanted one its number in the file and how it is read.
    places: Vec<(usize, Shape)>,
    all: Vec<(TableColumn, Shape)>,
}

impl Columns {
    /// **Errors**: two columns of one name.
    pub fn new(schema: &Schema, place: &Path) -> Result<Self, TableError> {
        let mut seen = HashSet::new();
        let mut all = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            if !seen.insert(field.name()) {
                return Err(TableError::Malformed {
                    place: place.display().to_string(),
                    what: format!("two columns are named {:?}: rename one", field.name()),
                });
            }
            let (kind, shape) = shape(field.data_type());
            let name = field.name().clone();
            all.push((TableColumn { name, kind }, shape));
        }
        let mut columns = Self {
            wanted: Vec::new(),
            places: Vec::new(),
            all,
        };
        columns.want((0..columns.all.len()).collect());
        Ok(columns)
    }

    /// Marks the column of this number as one that cannot be read.
    #[cfg(feature = "parquet")]
    pub fn refuse(&mut self, index: usize, why: &str) {
        if let Some((_, shape)) = self.all.get_mut(index) {
            *shape = Shape::Unsupported(why.to_owned());
        }
        self.want((0..self.all.len()).collect());
    }

    fn want(&mut self, places: Vec<usize>) {
        let found = |place: &usize| self.all.get(*place).map(|(c, s)| (*place, c, s));
        let found: Vec<_> = places.iter().filter_map(found).collect();
        let wanted = found.iter().map(|(_, c, _)| (*c).clone()).collect();
        let shapes = found.iter().map(|(p, _, s)| (*p, (*s).clone())).collect();
        (self.wanted, self.places) = (wanted, shapes);
    }

    /// Keeps these columns, in this order.
    ///
    /// **Errors**: every name that the file does not have, or that comes twice.
    pub fn select(&mut self, names: &[&str], place: &Path) -> Result<(), TableError> {
        let (mut places, mut wrong) = (Vec::new(), Vec::new());
        for name in names {
            match self.all.iter().position(|(c, _)| c.name == *name) {
                Some(at) if places.contains(&at) => {
                    wrong.push(format!("{}: column {name:?} twice", place.display()));
                }
                Some(at) => places.push(at),
                None => wrong.push(format!("{} has no column {name:?}", place.display())),
            }
        }
        if !wrong.is_empty() {
            return Err(TableError::Settings(wrong));
        }
        self.want(places);
        Ok(())
    }

    pub fn wanted(&self) -> &[TableColumn] {
        &self.wanted
    }

    /// The numbers of the wanted columns in the file, in the order asked for.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|(place, _)| *place)
    }

    /// All columns that cannot be read: name, and type with what to do.
    pub fn unsupported(&self) -> Vec<(&str, &str)> {
        let all = self.all.iter();
        all.filter_map(|(column, shape)| refused((column, shape)))
            .collect()
    }

    /// **Errors**: every wanted column that cannot be read.
    pub fn readable(&self, place: &Path) -> Result<(), TableError> {
        let wrong: Vec<_> = self
            .wanted
            .iter()
            .zip(&self.places)
            .filter_map(|(column, (_, shape))| refused((column, shape)))
            .map(|(name, why)| format!("{}: column {name:?} has {why}", place.display()))
            .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(TableError::Settings(wrong))
    }
}

fn refused<'a>((column, shape): (&'a TableColumn, &'a Shape)) -> Option<(&'a str, &'a str)> {
    match shape {
        Shape::Unsupported(why) => Some((&column.name, why)),
        _ => None,
    }
}

fn shape(of: &DataType) -> (Kind, Shape) {
    use DataType as D;
    match of {
        D::Null | D::Utf8 | D::LargeUtf8 | D::Utf8View => (Kind::Text, Shape::Plain),
        D::Boolean => (Kind::Bool, Shape::Plain),
        D::Int8 | D::Int16 | D::Int32 | D::Int64 => (Kind::Number, Shape::Plain),
        D::UInt8 | D::UInt16 | D::UInt32 | D::UInt64 => (Kind::Number, Shape::Plain),
        D::Float32 | D::Float64 => (Kind::Number, Shape::Plain),
        D::Decimal32(_, scale)
        | D::Decimal64(_, scale)
        | D::Decimal128(_, scale)
        | D::Decimal256(_, scale) => (Kind::Number, Shape::Decimal(*scale)),
        D::Date32 | D::Date64 => (Kind::Date, Shape::Plain),
        D::Timestamp(unit, zone) => (Kind::Time, times(*unit, zone.as_deref())),
        D::Dictionary(_, values) => match shape(values) {
            (kind, inner @ Shape::Unsupported(_)) => (kind, inner),
            (kind, inner) => (kind, Shape::Dictionary(Box::new(inner))),
        },
        other => (Kind::Mixed, Shape::Unsupported(advice(other))),
    }
}

fn advice(of: &DataType) -> String {
    use DataType as D;
    let (name, what) = match of {
        D::Binary | D::LargeBinary | D::BinaryView => ("binary values", "write it as text"),
        D::FixedSizeBinary(_) => ("binary values of one length", "write it as text"),
        D::Struct(_) | D::Map(..) | D::Union(..) => ("nested values", "give each field a column"),
        D::RunEndEncoded(..) => ("runs of values", "write it without run-end encoding"),
        D::Time32(_) | D::Time64(_) => ("times of day", "write it as text"),
        D::Duration(_) | D::Interval(_) => ("durations", "write it as a number"),
        D::Float16 => ("numbers of 16 bits", "write it with 32 bits"),
        _ => ("lists of values", "give each value a row or a column"),
    };
    format!("{name}, which cannot be read: leave it out, or {what}")
}

/// Times of this zone.
fn times(unit: TimeUnit, zone: Option<&str>) -> Shape {
    match Clock::of(zone) {
        Some(clock) => Shape::Time(unit, clock),
        None => Shape::Unsupported(format!(
            "times of the zone {:?}, which is not known: leave it out, or write it in UTC, in a \
             zone such as \"Europe/Berlin\", or as a day",
            zone.unwrap_or_default()
        )),
    }
}

/// Hands over the rows of a batch. `order` says which of its columns each wanted one is; `before`
/// rows were handed over already.
///
/// **Errors**: a value that cannot be told, with row and column; what `take` answers.
pub(crate) fn rows(
    batch: &RecordBatch,
    columns: &Columns,
    order: &[usize],
    (place, before): (&Path, u64),
    take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let arrays: Vec<_> = order
        .iter()
        .filter_map(|at| batch.columns().get(*at))
        .collect();
    if arrays.len() != columns.wanted.len() {
        return Err(damaged(&place.display().to_string()));
    }
    let mut cells = vec![Scalar::Null; columns.wanted.len()];
    for (index, row) in (0..batch.num_rows()).zip(before + 1..) {
        let wanted = columns.wanted.iter().zip(&columns.places);
        for (cell, (array, (column, (_, shape)))) in cells.iter_mut().zip(arrays.iter().zip(wanted))
        {
            *cell = cell::read(array, shape, index).map_err(|what| TableError::Malformed {
                place: format!("{}, row {row}", place.display()),
                what: format!("column {:?}: {what}", column.name),
            })?;
        }
        take(Record { cells: &cells, row })?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod samples;
