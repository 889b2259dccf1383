//! From a signed transaction to its verdict, whatever stops in between.
//!
//! A transaction that an orderer accepted may still be lost when that orderer dies, and its commit status then waits for ever. So the wait is cut
//! into slices, and after each the same bytes are sent again: Fabric takes a transaction id once, a second copy is marked a duplicate and the
//! verdict asked for stays the first one's. Nothing is ever endorsed anew on the suspicion that it was lost.

use super::client::FabricClient;
use super::outbox::OnItsWay;
use super::peer::Failure;
use super::prepared::Prepared;
use super::proposal::{Flight, creator_bytes};
use super::proto::{CommitStatusRequest, CommitStatusResponse, SignedCommitStatusRequest, SubmitRequest, SubmitResponse};
use super::recorded::Recorded;
use crate::backend::{BackendError, Settled};
use crate::msp::Identity;
use fabric_shim_protos::common::Envelope;
use prost::Message;
use std::time::{Duration, Instant};
use tonic::Code;

/// How long one verdict is waited for before the transaction is sent again: longer than a change of leader takes by Raft.
const SLICE: Duration = Duration::from_secs(15);
/// How long a transaction is followed.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two tries where nobody answers.
const PAUSE: Duration = Duration::from_millis(250);
/// What orderers say of a transaction that none of them will ever take.
const DEFINITIVE: [&str; 4] = ["status=BAD_REQUEST", "status=FORBIDDEN", "status=NOT_FOUND", "status=REQUEST_ENTITY_TOO_LARGE"];

/// Whether the ordering service refused for good.
fn is_refused(failure: &Failure) -> bool {
    let definitive = |text: &str| DEFINITIVE.iter().any(|status| text.contains(status));
    let wrong = matches!(failure.code, Code::InvalidArgument | Code::PermissionDenied);
    let all = failure.details.iter().all(|(_, text)| definitive(text));
    wrong || definitive(&failure.message) || (!failure.details.is_empty() && all)
}

impl FabricClient {
    /// Signs, keeps, hands to the ordering service, and waits for the verdict of the own peer: block and code.
    ///
    /// **Errors**: the ordering service refuses; or no verdict in time, and then the transaction stays in the outbox.
    pub(super) async fn order(&self, identity: &Identity, flight: &Flight, prepared: &Prepared) -> Result<(u64, i32), BackendError> {
        let signature = identity.sign(&prepared.payload).map_err(|e| BackendError::Read(e.to_string()))?;
        let envelope = Envelope { signature, payload: prepared.payload.clone() };
        let kept = self.network.outbox.keep(&flight.tx_id, &envelope).map_err(|e| BackendError::Read(format!("outbox: {e}")))?;
        self.see_through(identity, kept, &envelope).await
    }

    /// Follows a kept transaction to its end.
    async fn see_through(&self, identity: &Identity, kept: OnItsWay, envelope: &Envelope) -> Result<(u64, i32), BackendError> {
        let verdict = self.deliver(identity, &kept.tx_id, envelope).await;
        if matches!(verdict, Ok(_) | Err(BackendError::NotOrdered { .. })) {
            // Where it cannot be removed, the next process asks for its verdict once more.
            let _ = kept.settle();
        }
        verdict
    }

    async fn deliver(&self, identity: &Identity, tx_id: &str, envelope: &Envelope) -> Result<(u64, i32), BackendError> {
        let begun = Instant::now();
        let mut first = true;
        loop {
            let reason = match self.send(identity, tx_id, envelope).await {
                // A copy sent before may have been ordered; only the first one's refusal says that nothing was.
                Err(failure) if first && is_refused(&failure) => {
                    return Err(BackendError::NotOrdered { tx_id: tx_id.to_owned(), reason: failure.text() });
                }
                Err(failure) => format!("submit: {}", failure.text()),
                Ok(()) => match tokio::time::timeout(SLICE, self.verdict(identity, tx_id)).await {
                    Ok(Ok(verdict)) => return Ok(verdict),
                    Ok(Err(failure)) => format!("commit status: {}", failure.text()),
                    Err(_) => "commit status: none yet".to_owned(),
                },
            };
            if begun.elapsed() > PATIENCE {
                return Err(BackendError::Lost { tx_id: tx_id.to_owned(), reason });
            }
            first = false;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn send(&self, identity: &Identity, tx_id: &str, envelope: &Envelope) -> Result<(), Failure> {
        let channel_id = self.network.profile.channel.clone();
        let request = SubmitRequest { transaction_id: tx_id.to_owned(), channel_id, prepared_transaction: Some(envelope.clone()) };
        let _: SubmitResponse = self.call(identity.msp_id(), "/gateway.Gateway/Submit", request).await?;
        Ok(())
    }

    async fn verdict(&self, identity: &Identity, tx_id: &str) -> Result<(u64, i32), Failure> {
        let odd = |e: &dyn std::fmt::Display| Failure { code: Code::Internal, message: e.to_string(), details: Vec::new() };
        let creator = creator_bytes(identity).map_err(|e| odd(&e))?;
        let channel_id = self.network.profile.channel.clone();
        let request = CommitStatusRequest { transaction_id: tx_id.to_owned(), channel_id, identity: creator }.encode_to_vec();
        let signature = identity.sign(&request).map_err(|e| odd(&e))?;
        let own = identity.msp_id();
        let status: CommitStatusResponse =
            self.call(own, "/gateway.Gateway/CommitStatus", SignedCommitStatusRequest { signature, request }).await?;
        self.saw(own, status.block_number.saturating_add(1));
        Ok((status.block_number, status.result))
    }

    /// Follows to their end the transactions of this organisation that earlier processes left on their way.
    ///
    /// **Errors**: a file of the outbox is damaged; or one has no verdict in time, and stays.
    pub async fn settle(&self, identity: &Identity) -> Result<Vec<Settled>, BackendError> {
        let left = self.network.outbox.left_behind().map_err(|e| BackendError::Read(format!("outbox: {e}")))?;
        let mut settled = Vec::new();
        for (kept, envelope) in left {
            let bytes = envelope.encode_to_vec();
            if Recorded::submitter(&bytes).as_ref() != Some(identity.msp_id()) {
                continue;
            }
            let (tx_id, function) = (kept.tx_id.clone(), Recorded::function(&bytes).unwrap_or_default());
            match self.see_through(identity, kept, &envelope).await {
                Ok((block, code)) => settled.push(Settled { tx_id, function, verdict: Some((block, super::verdict(code))) }),
                Err(BackendError::NotOrdered { .. }) => settled.push(Settled { tx_id, function, verdict: None }),
                Err(other) => return Err(other),
            }
        }
        Ok(settled)
    }
}
