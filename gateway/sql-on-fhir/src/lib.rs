//! SQL-on-FHIR v2: a ViewDefinition read once and applied to FHIR resources, one JSON tree at a
//! time.
//!
//! Sources: SQL on FHIR v2 (<https://sql-on-fhir.org/ig/latest/>) and FHIRPath (normative release
//! 1, and release 2). What is read is exactly what the resource says: numbers stay as written and
//! are computed with exactly, dates keep their precision, and nothing depends on a clock, a time
//! zone or a server. What JSON alone does not say is refused, not guessed. Messages never hold a
//! value of a resource.
//!
//! ```
//! use medveil_sql_on_fhir::{Cell, ViewDefinition, json};
//!
//! let view = r#"{"resource": "Patient", "select": [{"column": [
//!     {"name": "id", "path": "getResourceKey()", "type": "id"},
//!     {"name": "born", "path": "birthDate", "type": "date"}]}]}"#;
//! let view = ViewDefinition::parse(view)?;
//! let patient = br#"{"resourceType": "Patient", "id": "p1", "birthDate": "1970-06"}"#;
//! let rows = view.rows(&json::parse(patient)?)?;
//! assert!(rows == [[Cell::Text("p1".into()), Cell::Date("1970-06".into())]]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here, and why:
//!
//! - `now()`, `today()`, `timeOfDay()`: a reading must not depend on the clock.
//! - `resolve()`, `memberOf()`, `conformsTo()`, `subsumes()`: they ask something outside the
//!   resource.
//! - `trace()`: it writes values to a log. `sqrt()`, `ln()`, `power()` and their like: not exact.
//! - `is` and `ofType` on elements whose type is written neither in `value[x]`, nor in
//!   `resourceType`, nor known from a date's name: [`EvalError::TypeUnknown`].
//! - `lowBoundary()` and `highBoundary()` of dates with a precision as argument.
//! - Conversion between units, `toQuantity()`, `aggregate()`, `children()`, `descendants()`.

mod decimal;
mod error;
mod eval;
pub mod json;
mod path;
mod temporal;
mod view;

pub use error::{EvalError, Kind};
pub use path::PathError;
pub use view::{
    Cell, Problem, RowError, RowProblem, ViewColumn, ViewDefinition, ViewProblem, ViewProblems,
};
