//! Claims: a holder proves a sentence about a registered dataset, publishes it, and exports it for
//! whoever verifies it where there is no ledger.
//!
//! In the order of a holder: [`prove`], [`publish`], [`bundle`]. The outsider's side is
//! `journey::verify`.

mod bundle;
mod error;
mod held;
mod list;
mod open;
mod prove;
mod publish;
mod register;
mod sentence;
mod singling;
mod store;
mod subjects;
mod suggest;
mod terms;
mod witness;

pub use bundle::{ClaimBundled, bundle};
pub use error::{ClaimError, ClaimQueryError, DisclosureRefusal};
pub use list::{ClaimLine, ClaimList, list};
pub use prove::{ClaimOptions, ClaimProven, Goal, prove};
pub use publish::{ClaimDiscarded, ClaimPublished, discard, publish};
pub use register::register_dataset;
pub use sentence::sentence;
pub use store::LocalClaim;
pub use suggest::largest_query;
pub use terms::{ClaimedTerms, ProvenSpan};
pub use witness::export_witness;

pub(super) use terms::proven_spans;

/// Name of the lock under which claims are compared and published.
const CLAIMS: &str = "claims";

#[cfg(test)]
mod tests;
