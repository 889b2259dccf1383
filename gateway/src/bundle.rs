//! What travels to people outside: trust files.

pub mod trust;
