//! From a hospital's files to typed rows: FHIR and tables, by the dataset schema.
//!
//! [`read_source`] is the only door: it reads everything or refuses, writes nothing, and gives a
//! [`Cohort`] with what it dropped and why. Errors and counts name file, row or entry, and column,
//! never a value. A [`PseudonymKey`] makes identities into pseudonyms. Which people a dataset
//! describes is the source's word; nothing here checks that it is true.
//!
//! ```
//! use medveil_circuits::{field::Felt, ids::LineageId, schema::Schema};
//! use medveil_source::{Input, Limits, PseudonymKey, Views, read_source};
//!
//! let file = std::env::temp_dir().join("medveil-source-example.csv");
//! std::fs::write(&file, "patient_id,age\np1,54\n").unwrap();
//! let schema = r#"{"format": "medveil-schema-1", "rows": "per_subject",
//!     "columns": [{"name": "age", "type": "int", "min": 0, "max": 120}]}"#;
//! let schema = Schema::from_json(schema).unwrap();
//! let key = PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1)));
//! let views = Views::shipped().unwrap();
//! let input = Input { path: &file, views: &views, today: 20_000, gather: false };
//! let cohort = read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {}).unwrap();
//! assert_eq!((cohort.rows.len(), cohort.files.read.len()), (1, 1));
//! ```

mod bad;
mod bind;
mod column;
pub(crate) mod date;
mod draft;
mod error;
mod fhir;
mod files;
mod index;
mod kept;
mod kind;
mod number;
mod omop;
mod open;
mod plan;
mod problems;
mod pseudonym;
mod read;
mod reading;
mod records;
mod reduce;
mod row;
mod rows;
mod schema;
pub mod synthetic;
mod unit;
mod versions;
mod views;

pub use draft::{Draft, draft};
pub use error::SourceError;
pub use kept::KeptRows;
pub use omop::{LeftOut, Omop, OmopPlace, omop};
pub use problems::{Problem, Problems};
pub use pseudonym::{PSEUDONYM_BITS, Pseudonym, PseudonymKey, Subject};
pub use reading::{FileRead, Files, Limits, Progress, Skipped};
pub use reduce::{DropCount, Fate};
pub use row::{Row, SpoiledCell};
pub use schema::{
    Cohort, Input, default_fhir_schema, default_fhir_schema_json, print_value, read_source,
};
pub use versions::VERSIONS;
pub use views::Views;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
