//! The embedded ledger as the journeys' channel.

use super::EmbeddedLedger;
use super::client::EmbeddedBackend;
use crate::backend::{Backend, BackendError, ExpectedWrite, Transaction, block_on};
use crate::channel::{Channel, Committed, Transient};
use crate::error::{Context, ErrorKind, GatewayError};
use crate::msp::Identity;
use borsh::BorshDeserialize;
use collections_config::{CollectionName, MspId};
use std::sync::Arc;
use verifier_chaincode::call::transient::{PACKAGE, PAGES, PagesPart};
use verifier_chaincode::call::{Call, Query};
use verifier_chaincode::model::Entry;
use verifier_chaincode::{Code, ContractError, StateKey};

impl From<BackendError> for GatewayError {
    fn from(error: BackendError) -> Self {
        let (kind, stage) = match &error {
            BackendError::Refused { error, .. } => (kind_of(error), "contract"),
            BackendError::Endorse { .. } => (ErrorKind::Refused, "endorse"),
            BackendError::Endorsers(_) => (ErrorKind::NotFound, "endorse"),
            BackendError::NonMember { .. } | BackendError::Mismatch { .. } => (ErrorKind::Refused, "compare"),
            BackendError::Submit { .. } => (ErrorKind::Internal, "submit"),
            BackendError::Commit { .. } => (ErrorKind::Refused, "commit"),
            BackendError::Read(_) => (ErrorKind::Internal, "ledger"),
        };
        GatewayError::new(kind, stage, error)
    }
}

fn kind_of(error: &ContractError) -> ErrorKind {
    match error.code() {
        Code::BadInput | Code::TooLarge => ErrorKind::Input,
        Code::NotFound => ErrorKind::NotFound,
        Code::Internal => ErrorKind::Internal,
        Code::Forbidden | Code::Conflict | Code::Stale | Code::TickFirst | Code::Refused | Code::Busy => ErrorKind::Refused,
    }
}

impl EmbeddedLedger {
    fn as_signer(&self, signer: &Identity) -> Result<EmbeddedBackend, GatewayError> {
        self.backend(Arc::new(signer.clone())).input("identity")
    }
}

/// What a call that only its recipient's peer may execute must write there: this organisation's own peer cannot repeat it for comparison.
fn expected_writes(call: &Call, transient: &Transient, endorsers: &[MspId]) -> Vec<ExpectedWrite> {
    let [recipient] = endorsers else { return Vec::new() };
    let expect = |key: StateKey, value| ExpectedWrite { collection: CollectionName::implicit(recipient), key: key.to_string(), value };
    let sent = |name: &str| transient.get(name).cloned().unwrap_or_default();
    match call {
        Call::HandOverKey(args) => vec![expect(StateKey::handover(args.grant, args.segment, args.digest), sent(PACKAGE))],
        Call::StorePages(args) if args.grant.is_some() => {
            let part = PagesPart::try_from_slice(&sent(PAGES)).map(|p| p.chunks).unwrap_or_default();
            part.iter().map(|chunk| expect(StateKey::pages(args.dataset, chunk.chunk), chunk.to_entry_bytes())).collect()
        }
        _ => Vec::new(),
    }
}

impl Channel for EmbeddedLedger {
    fn submit(&self, signer: &Identity, call: &Call, transient: Transient, endorsers: &[MspId]) -> Result<Committed, GatewayError> {
        let args = call.to_args();
        let expected = expected_writes(call, &transient, endorsers);
        let transaction = Transaction { args, transient, endorsers: endorsers.to_vec(), expected };
        let done = block_on(self.as_signer(signer)?.submit(transaction))?;
        Ok(Committed { tx_id: done.tx_id, block: done.block, payload: done.payload })
    }

    fn evaluate(&self, signer: &Identity, at: &MspId, query: &Query) -> Result<Vec<u8>, GatewayError> {
        let transaction = Transaction { args: query.to_args(), endorsers: vec![at.clone()], ..Transaction::default() };
        Ok(block_on(self.as_signer(signer)?.evaluate(transaction))?)
    }

    fn now_ms(&self) -> u64 {
        self.clock_ms()
    }

    fn envelope(&self, tx_id: &str) -> Result<Vec<u8>, GatewayError> {
        let found = self.transaction(tx_id)?;
        let found = found.ok_or_else(|| GatewayError::not_found("ledger", format!("no transaction {tx_id}")))?;
        Ok(found.envelope.to_bytes())
    }
}
