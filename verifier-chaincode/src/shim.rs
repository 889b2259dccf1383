//! The contract as a Fabric chaincode service: peers connect by mutual TLS and send transactions;
//! every read and write goes back to the peer.
//!
//! Sits between a peer and `contract`. Source of the protocol: Fabric's chaincode messages and its
//! chaincode-as-a-service documentation. A refusal is an ERROR message and never an answer with a
//! failing status, because a peer would still distribute the private data of such an answer.

mod composite;
mod connections;
mod context;
mod handler;
mod ledger;
mod metadata;
mod metrics;
mod operations;
pub mod program;
mod run;
mod server;
mod state;
mod stream;

pub use composite::{BadPart, composite_key, composite_range, split_composite_key};
pub use ledger::PeerLedger;
pub use operations::{LogHandle, start_logging};
pub use server::{Bound, Serving, ShimError, Tls, bind};
pub use state::{RangePage, Space};

use crate::call::{Call, MAX_CALL_BYTES, Query};
use crate::contract::Contract;
use crate::error::ContractError;
use std::future::Future;

/// Most transactions of one peer that run at the same time; more are refused as `busy`.
pub const MAX_RUNNING: usize = 256;
/// How far a proposal's time may be from this machine's: as in Fabric 3's own check.
///
/// **Units**: milliseconds.
pub const TIME_WINDOW_MS: u64 = 15 * 60 * 1000;
/// Largest message either way: Fabric's own limit.
///
/// **Units**: bytes.
pub const MAX_MESSAGE: usize = 100 * 1024 * 1024;
/// Largest message of a call to the contract: a peer passes arguments on twice, decoded and in the
/// signed proposal, and the transient map once. The rest is for what surrounds them: certificate,
/// names, signature.
///
/// **Units**: bytes.
pub const MAX_CALL_MESSAGE: usize = 2 * MAX_CALL_BYTES + 64 * 1024;
/// Most bytes of all peers' calls that wait for their turn, and of those that only read; more are
/// refused as `busy`.
///
/// **Units**: bytes.
pub const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;
/// A message up to this size does not count among those bytes: calls are few enough, and what only
/// reads must pass where much waits.
///
/// **Units**: bytes.
const FREE_BYTES: usize = 64 * 1024;

/// The label of the package that this build serves: it names the build, so that a process of
/// another one refuses.
pub fn label() -> String {
    format!("medveil_{}", &crate::CONTRACT_DIGEST[..32])
}

/// Something that peers can ask to run.
pub trait Invoke: Send + Sync + 'static {
    /// Runs one call.
    ///
    /// **Errors**: a refusal; then the peer drops what was written.
    fn invoke(
        &self,
        ledger: &mut PeerLedger,
        args: &[Vec<u8>],
    ) -> impl Future<Output = Result<Vec<u8>, ContractError>>;

    /// Whether a call of this name may verify proofs: of those only some run at the same time, and
    /// the others wait their turn.
    fn verifies(&self, name: &[u8]) -> bool;

    /// The names of all calls: what is counted under its own name.
    fn names(&self) -> &'static [&'static [&'static str]];

    /// Largest message of a call; a larger one is refused as `too_large` before it is read.
    ///
    /// **Units**: bytes.
    fn max_message(&self) -> usize {
        MAX_MESSAGE
    }

    /// What `org.hyperledger.fabric:GetMetadata` answers: JSON.
    fn metadata(&self) -> Vec<u8>;
}

impl Invoke for Contract {
    fn invoke(
        &self,
        ledger: &mut PeerLedger,
        args: &[Vec<u8>],
    ) -> impl Future<Output = Result<Vec<u8>, ContractError>> {
        Contract::invoke(self, ledger, args)
    }

    fn verifies(&self, name: &[u8]) -> bool {
        Call::is_transaction(name)
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[Call::NAMES, Query::NAMES]
    }

    fn max_message(&self) -> usize {
        MAX_CALL_MESSAGE
    }

    fn metadata(&self) -> Vec<u8> {
        metadata::of(self.config())
    }
}
