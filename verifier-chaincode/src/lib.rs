//! The MedVeil contract: a pure function over one transaction's view of a ledger, and the judge
//! that verifies without a ledger.
//!
//! Sits between `circuits` (statements, strict verifier) and whoever runs a ledger: the embedded
//! one in `gateway`, or a Fabric peer by `shim`. `call` is what clients send, `ledger` is what a
//! ledger must offer. No clock, no randomness, no threads, no proving keys.

pub mod call;
pub mod contract;
pub mod error;
pub mod identity;
pub mod judge;
pub mod ledger;
pub mod model;
#[cfg(feature = "shim")]
pub mod shim;
pub mod state_key;
#[cfg(feature = "testing")]
pub mod testing;

/// SHA-256, in hex, of the sources that decide what the contract does: the contract, the statements
/// with their code tables, the pins of the circuits, the collections, their manifests, the lock
/// file and the build script.
pub const CONTRACT_DIGEST: &str = env!("MEDVEIL_CONTRACT_DIGEST");

pub use call::{Call, Query};
pub use contract::{ConfigError, Contract, ContractConfig};
pub use error::{Code, ContractError};
pub use identity::{Caller, Role};
pub use ledger::{Ledger, LedgerError, ScanPage, TxContext};
pub use state_key::StateKey;

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_covers_what_decides_and_nothing_that_an_editor_leaves() {
        let covered: Vec<&str> = include_str!(concat!(env!("OUT_DIR"), "/covered.txt"))
            .lines()
            .collect();
        for name in [
            "Cargo.toml",
            "build.rs",
            "src/contract.rs",
            "src/contract/query/lists.rs",
            "../Cargo.lock",
            "../Cargo.toml",
            "../circuits/Cargo.toml",
            "../circuits/codes/duo.tsv",
            "../circuits/codes/icd10-chapters.tsv",
            "../circuits/pins/circuits.txt",
            "../circuits/src/verify.rs",
            "../collections-config/Cargo.toml",
            "../collections-config/src/lib.rs",
        ] {
            assert!(covered.contains(&name), "{name}");
        }
        let kinds = [".rs", ".tsv", ".toml", ".txt", ".json", "../Cargo.lock"];
        let strange: Vec<&&str> = covered
            .iter()
            .filter(|name| !kinds.iter().any(|kind| name.ends_with(kind)))
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
        assert!(covered.is_sorted() && crate::CONTRACT_DIGEST.len() == 64);
    }
}
