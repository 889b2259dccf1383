//! What an outsider holds in hand where there is no ledger: a published claim as one file, and the
//! file that says whom to trust.

mod format;
mod signed;
pub mod trust;
mod verify;

pub use format::{Bundle, BundleParts, MAX_BYTES};
pub use verify::{Endorsed, Key, Report, verify};
