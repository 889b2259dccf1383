//! A channel over the embedded ledger.

use super::{Channel, Private};
use crate::backend::embedded::{EmbeddedLedger, Options};
use crate::backend::{Backend, Clock, Committed, Settled, Transaction, block_on};
use crate::error::{Context, GatewayError};
use crate::msp::Identity;
use collections_config::MspId;
use rand_chacha::ChaCha20Rng;
use std::path::Path;
use std::sync::Arc;
use verifier_chaincode::call::{Call, Query};

/// The embedded ledger of one home.
pub struct EmbeddedChannel {
    ledger: EmbeddedLedger,
    clock: Arc<dyn Clock>,
}

impl EmbeddedChannel {
    /// Opens the ledger. Its contract takes insecure development keys, because an embedded ledger
    /// is for evaluation.
    ///
    /// **Errors**: no ledger, in use by another process, or damaged.
    pub fn open(
        root: &Path,
        clock: Arc<dyn Clock>,
        rng: ChaCha20Rng,
    ) -> Result<Self, GatewayError> {
        let ledger = EmbeddedLedger::open(root, Options::new(clock.clone(), rng, true))
            .not_found("ledger")?;
        Ok(EmbeddedChannel { ledger, clock })
    }

    /// The ledger itself, for what only it can tell.
    pub fn ledger(&self) -> &EmbeddedLedger {
        &self.ledger
    }
}

impl Channel for EmbeddedChannel {
    fn submit(
        &self,
        signer: Arc<Identity>,
        call: &Call,
        private: Private,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, GatewayError> {
        let backend = self.ledger.backend(signer).input("identity")?;
        // All peers are of this process: the first set answers.
        let endorsers = endorsers.into_iter().next().unwrap_or_default();
        let transaction = Transaction {
            args: call.to_args(),
            transient: private.transient,
            endorsers,
            expected: private.expected,
        };
        Ok(block_on(backend.submit(transaction))?)
    }

    fn evaluate(&self, signer: Arc<Identity>, query: &Query) -> Result<Vec<u8>, GatewayError> {
        let backend = self.ledger.backend(signer).input("identity")?;
        Ok(block_on(
            backend.evaluate(Transaction::query(query.to_args())),
        )?)
    }

    fn confirm(
        &self,
        signer: Arc<Identity>,
        query: &Query,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, GatewayError> {
        // All peers are of this process: the first set answers.
        let at = at.into_iter().next().unwrap_or_default();
        let backend = self.ledger.backend(signer).input("identity")?;
        Ok(block_on(
            backend.confirm(Transaction::call(query.to_args(), at)),
        )?)
    }

    /// The embedded ledger orders in this very process: a transaction is in a block or was never
    /// sent.
    fn settle(&self, _: Arc<Identity>) -> Result<Vec<Settled>, GatewayError> {
        Ok(Vec::new())
    }

    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    fn envelope(&self, _: Arc<Identity>, tx_id: &str) -> Result<Vec<u8>, GatewayError> {
        let found = self.ledger.transaction(tx_id)?;
        let found = found
            .ok_or_else(|| GatewayError::not_found("ledger", format!("no transaction {tx_id}")))?;
        Ok(found.envelope.to_bytes())
    }
}
