//! What an outsider checks offline: bundles of claims, and the trust files they are checked under.
//!
//! A [`Bundle`] holds a published claim with everything that verifying it takes; [`trust::Trust`] is
//! what an outsider got another way and believes; [`verify`] says what was proven, who endorsed it
//! and what was not proven. It needs no ledger, no network and no home, links none of them nor the
//! prover, and builds for `wasm32-unknown-unknown`.
//!
//! ```
//! use medveil_bundle::{Bundle, BundleError};
//!
//! let refused = Bundle::from_json("{}").err();
//! assert!(matches!(refused, Some(BundleError::Form { .. })));
//! ```

mod error;
mod format;
mod report;
mod signed;
pub mod trust;
mod verify;

pub use error::{BoxError, BundleError};
pub use format::{Bundle, BundleParts, MAX_BYTES};
pub use medveil_collections_config::error_chain;
pub use report::{Endorsed, Endorser, Key, Report};
pub use verify::verify;
