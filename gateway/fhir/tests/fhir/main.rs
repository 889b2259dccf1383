//! Sets of files, and what is handed over of them.

#![allow(clippy::unwrap_used)]

mod cases;
mod complete;
mod exports;
mod facts;
mod gathered;
mod identifiers;
mod people;
mod random;
mod references;
mod shapes;
mod support;
mod versions;
