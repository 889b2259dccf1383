//! The language that provers and verifiers of MedVeil share: primitives, statements, compilers and
//! the strict verifier.
//!
//! Native code always; gadgets and circuits behind the feature `r1cs`. `SPEC.md` beside this crate
//! is the normative text. No input or output, no clock, no global randomness, no threads
//! but those of a pool where the feature `parallel` is on: it verifies batches.
//!
//! ```
//! use medveil_circuits::query::{CountUnit, compile};
//! use medveil_circuits::schema::Schema;
//!
//! let schema = Schema::from_json(
//!     r#"{
//!         "format": "medveil-schema-1", "rows": "per_record", "subject": {"header": "patient"},
//!         "columns": [
//!             {"name": "age", "type": "int", "min": 0, "max": 120, "source": {"header": "age"}}
//!         ]
//!     }"#,
//! )?;
//! let query = compile("age BETWEEN 40 AND 65", &schema, CountUnit::Subjects)?;
//! assert_eq!(query.unit(), CountUnit::Subjects);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod babyjubjub;
pub mod claim;
pub mod dataset;
pub mod domain;
pub mod eddsa;
pub mod eligibility;
pub mod field;
pub mod generators;
pub mod handover;
pub mod ids;
pub mod indexed;
pub mod merkle;
pub mod page;
pub mod pedersen;
pub mod policy;
pub mod poseidon;
pub mod proof;
pub mod query;
pub mod range;
pub mod registration;
pub mod registry;
pub mod schema;
#[cfg(feature = "r1cs")]
pub mod shape;
pub mod snarkjs;
pub mod statement;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod verify;
pub mod visa;
