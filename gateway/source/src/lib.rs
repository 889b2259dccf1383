//! From a hospital's files to typed rows: FHIR R4 and CSV, by the dataset schema.
//!
//! [`read_source`] is the only door: it reads everything or refuses, writes nothing, and gives a
//! [`Cohort`] with what it dropped and why. Errors and counts name file, row or entry, and column,
//! never a value. A [`PseudonymKey`] makes identities into pseudonyms. Which people a dataset
//! describes is the source's word; nothing here checks that it is true.
//!
//! ```
//! use medveil_circuits::{field::Felt, ids::LineageId, schema::Schema};
//! use medveil_source::{Limits, PseudonymKey, read_source};
//!
//! let file = std::env::temp_dir().join("medveil-source-example.csv");
//! std::fs::write(&file, "patient_id,age\np1,54\n").unwrap();
//! let schema = r#"{"format": "medveil-schema-1", "rows": "per_subject",
//!     "columns": [{"name": "age", "type": "int", "min": 0, "max": 120}]}"#;
//! let schema = Schema::from_json(schema).unwrap();
//! let key = PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1)));
//! let cohort = read_source(&file, &schema, &key, &Limits::DEFAULT, &mut |_| {}).unwrap();
//! assert_eq!((cohort.rows.len(), cohort.files.read), (1, 1));
//! ```

mod column;
mod csv;
pub(crate) mod date;
mod error;
mod fhir;
mod files;
mod json;
mod number;
mod plan;
mod pseudonym;
mod read;
mod reading;
mod reduce;
mod schema;
pub mod synthetic;

pub use error::SourceError;
pub use fhir::path::PathError;
pub use json::JsonError;
pub use pseudonym::{PSEUDONYM_BITS, Pseudonym, PseudonymKey, Subject};
pub use reading::{Files, Limits, Progress, Skipped};
pub use reduce::DropCount;
pub use schema::{
    Cohort, Row, SpoiledCell, default_fhir_schema, default_fhir_schema_json, print_value,
    read_source,
};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
