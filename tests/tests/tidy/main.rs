//! The layout rules of the workspace, as tests: which crate may import which, how long a file and a
//! function may be, what no file may contain, how text is wrapped.
#![allow(clippy::unwrap_used)]

mod circles;
mod crates;
mod sources;
mod words;
