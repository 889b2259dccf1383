//! From a signed transaction to its verdict, whatever stops in between.
//!
//! A transaction that an orderer accepted may still be lost when that orderer dies, and its commit
//! status then waits for ever. So the wait is cut into slices, and after each the same bytes are
//! sent again: Fabric takes a transaction id once, a second copy is marked a duplicate and the
//! verdict asked for stays the first one's. Nothing is ever endorsed anew on the suspicion that it
//! was lost.
//!
//! Two things are not believed. A verdict by transaction id alone: whoever saw the proposal can
//! have an envelope of its own ordered under the id, so the block is read and the verdict is that
//! of these very bytes. And a single orderer's refusal: after one, the verdict is still looked for
//! a while.

use super::block::WholeBlock;
use super::client::FabricClient;
use super::outbox::OnItsWay;
use super::peer::Failure;
use super::prepared::Prepared;
use super::proposal::{Flight, creator_bytes};
use super::proto::{
    CommitStatusRequest, CommitStatusResponse, DUPLICATE_TXID, SignedCommitStatusRequest,
    SubmitRequest, SubmitResponse, VALID,
};
use super::recorded::Recorded;
use crate::backend::{BackendError, Settled};
use crate::msp::Identity;
use fabric_shim_protos::common::Envelope;
use prost::Message;
use std::time::{Duration, Instant};
use tonic::Code;

/// How long one verdict is waited for before the transaction is sent again: longer than a change of
/// leader takes by Raft.
const SLICE: Duration = Duration::from_secs(15);
/// How long a transaction is followed.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the verdict of a transaction is looked for that an orderer refused: it may have ordered
/// it nonetheless.
const REFUSED: Duration = Duration::from_secs(3);
/// Between two tries where nobody answers.
const PAUSE: Duration = Duration::from_millis(250);
/// What orderers say of a transaction that none of them will ever take.
const DEFINITIVE: [&str; 4] = [
    "status=BAD_REQUEST",
    "status=FORBIDDEN",
    "status=NOT_FOUND",
    "status=REQUEST_ENTITY_TOO_LARGE",
];

/// Whether the ordering service refused for good.
fn is_refused(failure: &Failure) -> bool {
    let definitive = |text: &str| DEFINITIVE.iter().any(|status| text.contains(status));
    let wrong = matches!(failure.code, Code::InvalidArgument | Code::PermissionDenied);
    let all = failure.details.iter().all(|(_, text)| definitive(text));
    wrong || definitive(&failure.message) || (!failure.details.is_empty() && all)
}

impl FabricClient {
    /// Signs, keeps, hands to the ordering service, and waits for the verdict of the own peer:
    /// block and code.
    ///
    /// **Errors**: the ordering service refuses; or no verdict in time, and then the transaction
    /// stays in the outbox.
    pub(super) async fn order(
        &self,
        identity: &Identity,
        flight: &Flight,
        prepared: &Prepared,
    ) -> Result<(u64, i32), BackendError> {
        let signature = identity
            .sign(&prepared.payload)
            .map_err(|e| BackendError::Read(e.to_string()))?;
        let envelope = Envelope {
            signature,
            payload: prepared.payload.clone(),
        };
        let kept = self
            .network
            .outbox
            .keep(&flight.tx_id, &envelope)
            .map_err(|e| BackendError::Read(format!("outbox: {e}")))?;
        self.see_through(identity, kept, &envelope).await
    }

    /// Follows a kept transaction to its end.
    async fn see_through(
        &self,
        identity: &Identity,
        kept: OnItsWay,
        envelope: &Envelope,
    ) -> Result<(u64, i32), BackendError> {
        let verdict = self.deliver(identity, &kept.tx_id, envelope).await;
        if matches!(verdict, Ok(_) | Err(BackendError::NotOrdered { .. })) {
            // Where it cannot be removed, the next process asks for its verdict once more.
            let _ = kept.settle();
        }
        verdict
    }

    async fn deliver(
        &self,
        identity: &Identity,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Result<(u64, i32), BackendError> {
        let begun = Instant::now();
        loop {
            let sent = self.send(identity, tx_id, envelope).await;
            let refused = sent
                .as_ref()
                .err()
                .filter(|failure| is_refused(failure))
                .map(Failure::text);
            let patience = if refused.is_some() { REFUSED } else { SLICE };
            let reason = match sent {
                Err(failure) if refused.is_none() => format!("submit: {}", failure.text()),
                _ => match tokio::time::timeout(patience, self.verdict(identity, tx_id, envelope))
                    .await
                {
                    Ok(Ok(verdict)) => return Ok(verdict),
                    Ok(Err(failure)) => format!("commit status: {}", failure.text()),
                    Err(_) => match refused {
                        Some(reason) => {
                            return Err(BackendError::NotOrdered {
                                tx_id: tx_id.to_owned(),
                                reason,
                            });
                        }
                        None => "commit status: none yet".to_owned(),
                    },
                },
            };
            if begun.elapsed() > PATIENCE {
                return Err(BackendError::Lost {
                    tx_id: tx_id.to_owned(),
                    reason,
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn send(
        &self,
        identity: &Identity,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Result<(), Failure> {
        let channel_id = self.network.profile.channel.clone();
        let request = SubmitRequest {
            transaction_id: tx_id.to_owned(),
            channel_id,
            prepared_transaction: Some(envelope.clone()),
        };
        let _: SubmitResponse = self
            .call(identity.msp_id(), "/gateway.Gateway/Submit", request)
            .await?;
        Ok(())
    }

    /// Waits for the block that holds a transaction's id, and gives the verdict of these very
    /// bytes.
    async fn verdict(
        &self,
        identity: &Identity,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Result<(u64, i32), Failure> {
        let status = self.status(identity, tx_id).await?;
        // Fabric counts nothing under this id that this organisation's key did not sign.
        if status.result == VALID {
            return Ok((status.block_number, VALID));
        }
        let block = self
            .block(identity, status.block_number)
            .await
            .map_err(Failure::odd)?;
        let block = WholeBlock::read(&block).map_err(Failure::odd)?;
        let bytes = envelope.encode_to_vec();
        let own = block.transactions.iter().position(|t| *t == bytes);
        // Where another envelope has the id, Fabric takes every later one for its copy.
        let code = own.map_or(Some(DUPLICATE_TXID), |at| {
            block.verdicts().get(at).map(|(code, _)| *code)
        });
        Ok((
            status.block_number,
            code.ok_or_else(|| Failure::odd("a block without verdicts"))?,
        ))
    }

    async fn status(
        &self,
        identity: &Identity,
        tx_id: &str,
    ) -> Result<CommitStatusResponse, Failure> {
        let creator = creator_bytes(identity).map_err(Failure::odd)?;
        let channel_id = self.network.profile.channel.clone();
        let request = CommitStatusRequest {
            transaction_id: tx_id.to_owned(),
            channel_id,
            identity: creator,
        }
        .encode_to_vec();
        let signature = identity.sign(&request).map_err(Failure::odd)?;
        let own = identity.msp_id();
        let status: CommitStatusResponse = self
            .call(
                own,
                "/gateway.Gateway/CommitStatus",
                SignedCommitStatusRequest { signature, request },
            )
            .await?;
        self.saw(own, status.block_number.saturating_add(1));
        Ok(status)
    }

    /// The verdict of a transaction that the own peer has already; none where it knows no such id.
    async fn known(
        &self,
        identity: &Identity,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Option<(u64, i32)> {
        self.transaction(identity, tx_id).await.ok()?;
        tokio::time::timeout(SLICE, self.verdict(identity, tx_id, envelope))
            .await
            .ok()?
            .ok()
    }

    /// Follows to their end the transactions of this organisation that earlier processes left on
    /// their way.
    ///
    /// **Errors**: a file of the outbox is damaged; or one has no verdict in time, and stays.
    pub async fn settle(&self, identity: &Identity) -> Result<Vec<Settled>, BackendError> {
        let left = self
            .network
            .outbox
            .left_behind()
            .map_err(|e| BackendError::Read(format!("outbox: {e}")))?;
        let mut settled = Vec::new();
        for (kept, envelope) in left {
            let bytes = envelope.encode_to_vec();
            if Recorded::submitter(&bytes).as_ref() != Some(identity.msp_id()) {
                continue;
            }
            let (tx_id, function) = (
                kept.tx_id.clone(),
                Recorded::function(&bytes).unwrap_or_default(),
            );
            // A process that died may have sent it: what it came to is asked first, and it is sent
            // where nobody knows it.
            let verdict = match self.known(identity, &tx_id, &envelope).await {
                Some(verdict) => kept
                    .settle()
                    .map(|()| verdict)
                    .map_err(|e| BackendError::Read(format!("outbox: {e}"))),
                None => self.see_through(identity, kept, &envelope).await,
            };
            match verdict {
                Ok((block, code)) => settled.push(Settled {
                    tx_id,
                    function,
                    verdict: Some((block, code, super::verdict(code))),
                }),
                Err(BackendError::NotOrdered { .. }) => settled.push(Settled {
                    tx_id,
                    function,
                    verdict: None,
                }),
                Err(other) => return Err(other),
            }
        }
        Ok(settled)
    }
}
