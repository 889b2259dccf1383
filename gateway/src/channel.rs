//! The seam between the journeys and a ledger: submit a call, evaluate a query, know the time. The embedded ledger and Fabric stand behind it.

use crate::error::GatewayError;
use crate::msp::Identity;
use collections_config::MspId;
use std::collections::BTreeMap;
use verifier_chaincode::call::{Call, Query};

/// Private arguments by name.
pub type Transient = BTreeMap<String, Vec<u8>>;

/// A transaction that the ledger accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Transaction id.
    pub tx_id: String,
    /// Block it stands in.
    pub block: u64,
    /// The contract's answer.
    pub payload: Vec<u8>,
}

/// One channel of a ledger.
pub trait Channel {
    /// Endorses at exactly these organisations' peers, compares what they wrote with what was sent, orders, and waits for the commit.
    ///
    /// **Errors**: refused by the contract, by validation, or not reachable; the message names the stage and, once there is one, the transaction id.
    fn submit(&self, signer: &Identity, call: &Call, transient: Transient, endorsers: &[MspId]) -> Result<Committed, GatewayError>;

    /// Evaluates a query at one organisation's peer.
    ///
    /// **Errors**: refused by the contract, or not reachable.
    fn evaluate(&self, signer: &Identity, at: &MspId, query: &Query) -> Result<Vec<u8>, GatewayError>;

    /// The time that transactions carry.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;

    /// The envelope of a committed transaction, as the chain holds it.
    ///
    /// **Errors**: no such transaction.
    fn envelope(&self, tx_id: &str) -> Result<Vec<u8>, GatewayError>;
}
