//! Parquet files, read batch by batch: one page of each wanted column is in memory at a time.
//!
//! Compression: none, Snappy, gzip, Zstandard, LZ4, Brotli. Encrypted files are refused.

use crate::columnar::{self, Columns};
use crate::error::TableError;
use crate::guard::{damaged, guarded};
use crate::table::{Meter, Record, Table, TableColumn};
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use ::parquet::basic::Type;
use ::parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows that are decoded at once.
const BATCH: usize = 1024;

/// Most bytes of the description at the end of a file, which is read whole.
const MAX_FOOTER: u64 = 64 << 20;

/// A Parquet file.
pub struct ParquetTable {
    path: PathBuf,
    name: String,
    file: File,
    about: ArrowReaderMetadata,
    columns: Columns,
    /// Rows that were read.
    meter: Meter,
}

impl ParquetTable {
    /// Reads the description of the columns; all of them are selected.
    ///
    /// **Errors**: the file cannot be read, is no Parquet file, or names two columns alike.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let place = path.display().to_string();
        let file = open(path)?;
        let about = guarded(&place, || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        })?
        .map_err(|source| refused(path, source))?;
        let mut columns = Columns::new(about.schema(), path)?;
        for index in old_times(&about) {
            columns.refuse(index, OLD_TIME);
        }
        let announced = about.metadata().file_metadata().num_rows();
        Ok(Self {
            meter: Meter::new(u64::try_from(announced).unwrap_or(0)),
            path: path.to_owned(),
            name: super::stem(path),
            file,
            about,
            columns,
        })
    }

    /// Keeps these columns, in this order; pages of others are not read.
    ///
    /// **Errors**: every name that the file does not have, or that comes twice.
    pub fn select(mut self, names: &[&str]) -> Result<Self, TableError> {
        self.columns.select(names, &self.path)?;
        Ok(self)
    }

    /// Columns of types that cannot be read: name, and type with what to do. They must not be
    /// selected when rows are read.
    pub fn unsupported(&self) -> Vec<(&str, &str)> {
        self.columns.unsupported()
    }

    fn reader(&self) -> Result<ParquetRecordBatchReader, TableError> {
        let file = self.file.try_clone().map_err(|source| TableError::Io {
            path: self.path.clone(),
            source,
        })?;
        let schema = self.about.metadata().file_metadata().schema_descr();
        let mask = ProjectionMask::roots(schema, self.columns.places());
        guarded(&self.place(), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.about.clone())
                .with_projection(mask)
                .with_batch_size(BATCH)
                .build()
        })?
        .map_err(|source| refused(&self.path, source))
    }
}

const OLD_TIME: &str = "times of 96 bits, an outdated type of Parquet, which cannot be read: leave \
                        it out, or write it as a timestamp of microseconds (Spark: \
                        outputTimestampType=TIMESTAMP_MICROS)";

/// Columns whose times the library would cut to a smaller range without a word.
fn old_times(about: &ArrowReaderMetadata) -> Vec<usize> {
    let schema = about.metadata().file_metadata().schema_descr();
    (0..schema.num_columns())
        .filter(|leaf| schema.column(*leaf).physical_type() == Type::INT96)
        .map(|leaf| schema.get_column_root_idx(leaf))
        .collect()
}

fn open(path: &Path) -> Result<File, TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let what = match footer(&mut file, size).map_err(io)? {
        Footer::Fits => return Ok(file),
        Footer::None => "is no Parquet file, or cut short: expected the mark PAR1 at its end",
        Footer::Encrypted => "is encrypted: write it without encryption",
        Footer::Large => "has a description that is larger than the file, or than 64 MiB",
    };
    Err(TableError::Malformed {
        place: path.display().to_string(),
        what: what.to_owned(),
    })
}

enum Footer {
    Fits,
    None,
    Encrypted,
    Large,
}

/// What the last eight bytes say: the length of the description, and a mark.
fn footer(file: &mut File, size: u64) -> std::io::Result<Footer> {
    use std::io::{Read, Seek, SeekFrom};
    if size < 12 {
        return Ok(Footer::None);
    }
    let mut end = [0u8; 8];
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, mark @ ..] = end;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    Ok(match &mark {
        b"PAR1" if length > MAX_FOOTER.min(size - 12) => Footer::Large,
        b"PAR1" => Footer::Fits,
        b"PARE" => Footer::Encrypted,
        _ => Footer::None,
    })
}

/// A file's description was refused: what is said of it holds names and types, no values.
fn refused(path: &Path, source: ParquetError) -> TableError {
    TableError::Format {
        place: path.display().to_string(),
        source: Box::new(source),
    }
}

impl Table for ParquetTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn columns(&self) -> &[TableColumn] {
        self.columns.wanted()
    }

    fn meter(&self) -> Option<Meter> {
        Some(self.meter.clone())
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        self.columns.readable(&self.path)?;
        let mut reader = self.reader()?;
        let order = order(&self.columns);
        let mut done = 0u64;
        loop {
            let place = format!("{}, after row {done}", self.path.display());
            let Some(batch) = guarded(&place, || reader.next())? else {
                break;
            };
            let batch = batch.map_err(|_| damaged(&place))?;
            columnar::rows(&batch, &self.columns, &order, (&self.path, done), take)?;
            done += batch.num_rows() as u64;
            self.meter.set(done);
        }
        let announced = self.about.metadata().file_metadata().num_rows();
        if u64::try_from(announced) == Ok(done) {
            return Ok(());
        }
        Err(TableError::Malformed {
            place: self.place(),
            what: format!("announces {announced} rows and has {done}: the file is damaged"),
        })
    }
}

/// A projected batch has its columns in the order of the file: which of them each wanted one is.
fn order(columns: &Columns) -> Vec<usize> {
    let places: Vec<usize> = columns.places().collect();
    let before = |place: &usize| places.iter().filter(|other| *other < place).count();
    places.iter().map(before).collect()
}

#[cfg(test)]
mod tests;
