//! Every decoder that takes bytes from outside, as a table of fuzz targets.
//!
//! A [`Target`] reads one input and says whether it was accepted or why not; it must not panic,
//! loop or allocate without measure, and what has one byte form must encode to the same bytes.
//! [`targets`] is the table. [`Mutator`] changes inputs by what is known of their form, [`campaign`]
//! runs a target over its corpus and then over changed inputs. The program `medveil-fuzz` and the
//! test `run` do so for every target; `libfuzzer/` hands the same table to libFuzzer.
//!
//! ```
//! let target = medveil_fuzz::target("proof").expect("a target of this name");
//! assert!(!(target.run)(b"not a proof").is_read());
//! ```

pub mod campaign;
pub mod corpus;
pub mod fixture;
mod mutate;
mod target;
mod targets;

pub use mutate::Mutator;
pub use target::{Form, Reading, Target, join_parts};

/// All targets, by area.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    targets::ALL.iter().copied().flatten()
}

/// A target by its name.
pub fn target(name: &str) -> Option<&'static Target> {
    targets().find(|target| target.name == name)
}
