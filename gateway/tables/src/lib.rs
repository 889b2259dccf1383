//! Files and databases of a hospital as named tables of rows.
//!
//! Nothing is interpreted here: a value is what the file carries, with the type that the file gives
//! it, or a text. What a text means, and how rows become one row a subject, is the business of the
//! dataset schema.

#[cfg(feature = "parquet")]
mod arrow;
#[cfg(feature = "parquet")]
mod columnar;
pub mod csv;
#[cfg(feature = "dicom")]
pub mod dicom;
mod error;
#[cfg(feature = "excel")]
pub mod excel;
pub mod folder;
#[cfg(feature = "sqlite")]
mod folder_sql;
#[cfg(any(feature = "parquet", feature = "sqlite"))]
mod guard;
mod header;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(any(feature = "parquet", feature = "postgres", feature = "sqlite"))]
mod plain;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod query;
#[cfg(any(feature = "excel", feature = "parquet", feature = "sqlite"))]
mod quiet;
#[cfg(all(feature = "postgres", any(test, feature = "testing")))]
pub mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;
#[cfg(test)]
#[cfg(any(feature = "parquet", feature = "postgres", feature = "sqlite"))]
mod testing;
#[cfg(any(feature = "parquet", feature = "postgres"))]
mod zone;

#[cfg(feature = "parquet")]
pub use arrow::ArrowTable;
pub use error::TableError;
#[cfg(feature = "sqlite")]
pub use folder_sql::{FolderDatabase, FolderSettings, LongNumbers};
#[cfg(feature = "parquet")]
pub use parquet::ParquetTable;
#[cfg(feature = "postgres")]
pub use postgres::{Password, PostgresAddress, PostgresDatabase, PostgresTable};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use query::{Database, Query, QueryFile};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteDatabase, SqliteTable};
pub use table::{CellError, Faults, Kind, Meter, Record, RowFault, Scalar, Table, TableColumn};

/// A file's name without its ending.
#[cfg(feature = "parquet")]
fn stem(path: &std::path::Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
