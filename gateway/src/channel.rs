//! What the journeys ask of a ledger: submit a call, evaluate a query, know the time. The embedded
//! ledger stands behind it, or a Fabric network.

mod embedded;
mod fabric;

pub use embedded::EmbeddedChannel;
pub use fabric::FabricChannel;

use crate::backend::{BackendError, Committed, ExpectedWrite, Settled};
use crate::error::{ErrorKind, GatewayError};
use crate::msp::Identity;
use collections_config::MspId;
use std::collections::BTreeMap;
use std::sync::Arc;
use verifier_chaincode::Code;
use verifier_chaincode::call::{Call, Query};

/// Private arguments by name.
pub type Transient = BTreeMap<String, Vec<u8>>;

/// The private side of a call: what only its endorsers see, and what they must write for it.
#[derive(Default)]
pub struct Private {
    /// Private arguments by name.
    pub transient: Transient,
    /// Private values that the call must write: compared with the prepared write set before
    /// anything is signed.
    pub expected: Vec<ExpectedWrite>,
}

/// One channel of a ledger.
pub trait Channel {
    /// Endorses at the peers of exactly one of these sets of organisations, the first whose peers
    /// answer, compares what they wrote with what was sent, orders, and waits for the commit.
    ///
    /// **Errors**: refused by the contract, by validation, or not reachable; the message names the
    /// stage, and the error carries what else the ledger said: the transaction id once there is
    /// one, Fabric's validation code.
    fn submit(
        &self,
        signer: Arc<Identity>,
        call: &Call,
        private: Private,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, GatewayError>;

    /// Evaluates a query at the signer's own organisation's peer.
    ///
    /// **Errors**: refused by the contract, or not reachable.
    fn evaluate(&self, signer: Arc<Identity>, query: &Query) -> Result<Vec<u8>, GatewayError>;

    /// Follows to their end the transactions of the signer's organisation that earlier processes
    /// left on their way, before anything is repeated.
    ///
    /// **Errors**: one of them has no verdict in time, or what was kept of it is damaged.
    fn settle(&self, signer: Arc<Identity>) -> Result<Vec<Settled>, GatewayError>;

    /// The time that transactions carry.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;

    /// Asks the peers of exactly one of these sets of organisations, the first whose peers answer
    /// alike and sign it; nothing is written or ordered.
    ///
    /// **Errors**: a peer refused, signed wrongly, would write, or answered something else.
    fn confirm(
        &self,
        signer: Arc<Identity>,
        query: &Query,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, GatewayError>;

    /// The envelope of a committed transaction, as the chain holds it.
    ///
    /// **Errors**: no such transaction.
    fn envelope(&self, signer: Arc<Identity>, tx_id: &str) -> Result<Vec<u8>, GatewayError>;
}

impl From<BackendError> for GatewayError {
    fn from(error: BackendError) -> Self {
        let kind = match &error {
            BackendError::Refused { error, .. } => match error.code() {
                Code::BadInput | Code::TooLarge => ErrorKind::Input,
                Code::NotFound => ErrorKind::NotFound,
                Code::Internal => ErrorKind::Internal,
                _ => ErrorKind::Refused,
            },
            BackendError::Submit { .. } | BackendError::Lost { .. } | BackendError::Read(_) => {
                ErrorKind::Internal
            }
            BackendError::Unreachable(_) => ErrorKind::NotFound,
            _ => ErrorKind::Refused,
        };
        GatewayError::new(kind, "ledger", &error).with_facts(error.facts())
    }
}
