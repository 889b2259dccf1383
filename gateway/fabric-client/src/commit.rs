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

use super::client::FabricClient;
use super::failure::Failure;
use super::outbox::PendingTransaction;
use super::words::is_refused;
use medveil_fabric_wire::proto::{
    CommitStatusRequest, CommitStatusResponse, Envelope, SignedCommitStatusRequest, SubmitRequest,
    SubmitResponse,
};
use medveil_fabric_wire::{
    DUPLICATE_TXID, Prepared, ProposedTransaction, Recorded, VALID, WholeBlock, creator_bytes,
    verdict,
};
use medveil_ledger::{BoxError, LedgerError, Settled, Verdict};
use medveil_msp::Identity;
use prost::Message;
use std::time::{Duration, Instant};

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

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
enum NoVerdict {
    #[error("submit")]
    Submit(#[source] Failure),
    #[error("commit status")]
    Status(#[source] Failure),
    #[error("commit status: none yet")]
    Silence,
}

/// The outcome of sending once and waiting for one slice.
enum Attempt {
    /// Block and validation code.
    Verdict(u64, i32),
    /// No orderer will ever take it.
    Refused(BoxError),
    Again(NoVerdict),
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
        proposed: &ProposedTransaction,
        prepared: &Prepared,
    ) -> Result<(u64, i32), LedgerError> {
        let signature = identity
            .sign(&prepared.payload)
            .map_err(LedgerError::read)?;
        let envelope = Envelope {
            signature,
            payload: prepared.payload.clone(),
        };
        let kept = self
            .network
            .outbox
            .keep(&proposed.tx_id, &envelope)
            .map_err(LedgerError::read)?;
        self.see_through(identity, kept, &envelope).await
    }

    /// Follows a kept transaction to its end.
    async fn see_through(
        &self,
        identity: &Identity,
        kept: PendingTransaction,
        envelope: &Envelope,
    ) -> Result<(u64, i32), LedgerError> {
        let verdict = self.deliver(identity, &kept.tx_id, envelope).await;
        if matches!(verdict, Ok(_) | Err(LedgerError::NotOrdered { .. })) {
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
    ) -> Result<(u64, i32), LedgerError> {
        let begun = Instant::now();
        let mut is_notified = false;
        loop {
            let why = match self.attempt(identity, tx_id, envelope).await {
                Attempt::Verdict(block, code) => return Ok((block, code)),
                Attempt::Refused(source) => {
                    return Err(LedgerError::NotOrdered {
                        tx_id: tx_id.to_owned(),
                        source,
                    });
                }
                Attempt::Again(why) => why,
            };
            if begun.elapsed() > PATIENCE {
                return Err(LedgerError::Lost {
                    tx_id: tx_id.to_owned(),
                    source: why.into(),
                });
            }
            if !std::mem::replace(&mut is_notified, true) {
                let seconds = PATIENCE.as_secs();
                (self.network.notify)(&format!(
                    "transaction {tx_id} has no verdict yet: trying for up to {seconds} s, the ordering service may lack a majority"
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends once and waits for one slice.
    async fn attempt(&self, identity: &Identity, tx_id: &str, envelope: &Envelope) -> Attempt {
        let refused = match self.send(identity, tx_id, envelope).await {
            Ok(()) => None,
            Err(failure) if is_refused(&failure) => Some(failure),
            Err(failure) => return Attempt::Again(NoVerdict::Submit(failure)),
        };
        let patience = if refused.is_some() { REFUSED } else { SLICE };
        let verdict = self.verdict(identity, tx_id, envelope);
        match (tokio::time::timeout(patience, verdict).await, refused) {
            (Ok(Ok((block, code))), _) => Attempt::Verdict(block, code),
            (Ok(Err(failure)), _) => Attempt::Again(NoVerdict::Status(failure)),
            (Err(_), Some(failure)) => Attempt::Refused(failure.into()),
            (Err(_), None) => Attempt::Again(NoVerdict::Silence),
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
        let unreadable = || Failure::senseless("the block of the verdict cannot be read");
        let block = self.block(identity, status.block_number).await;
        let block = block.map_err(|e| unreadable().because(e))?;
        let block = WholeBlock::read(&block).map_err(|e| unreadable().because(e))?;
        let bytes = envelope.encode_to_vec();
        let own = block.transactions.iter().position(|t| *t == bytes);
        // Where another envelope has the id, Fabric takes every later one for its copy.
        let code = own.map_or(Some(DUPLICATE_TXID), |at| {
            block.verdicts().get(at).map(|v| v.code)
        });
        let code = code.ok_or_else(|| Failure::senseless("a block without verdicts"))?;
        Ok((status.block_number, code))
    }

    async fn status(
        &self,
        identity: &Identity,
        tx_id: &str,
    ) -> Result<CommitStatusResponse, Failure> {
        let unsigned = || Failure::senseless("the question could not be signed");
        let creator = creator_bytes(identity).map_err(|e| unsigned().because(e))?;
        let channel_id = self.network.profile.channel.clone();
        let request = CommitStatusRequest {
            transaction_id: tx_id.to_owned(),
            channel_id,
            identity: creator,
        }
        .encode_to_vec();
        let signature = identity.sign(&request);
        let signature = signature.map_err(|e| unsigned().because(e))?;
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
    async fn known_verdict(
        &self,
        identity: &Identity,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Option<(u64, i32)> {
        self.envelope(identity, tx_id).await.ok()?;
        tokio::time::timeout(SLICE, self.verdict(identity, tx_id, envelope))
            .await
            .ok()?
            .ok()
    }

    /// Follows to their end the transactions of this organisation that earlier processes left on
    /// their way.
    ///
    /// **Errors**: a file of the outbox is damaged; or one has no verdict in time, and stays.
    pub async fn settle(&self, identity: &Identity) -> Result<Vec<Settled>, LedgerError> {
        let left = self.network.outbox.left_behind();
        let mut settled = Vec::new();
        for (kept, envelope) in left.map_err(LedgerError::read)? {
            let bytes = envelope.encode_to_vec();
            if Recorded::submitter(&bytes).as_ref() == Some(identity.msp_id()) {
                let tx_id = kept.tx_id.clone();
                let function = Recorded::function(&bytes).unwrap_or_default();
                settled.push(Settled {
                    tx_id,
                    function,
                    verdict: self.settle_one(identity, kept, &envelope).await?,
                });
            }
        }
        Ok(settled)
    }

    /// Block and verdict of a transaction that an earlier process left; none where the ordering
    /// service refused it. The process may have sent it: so its verdict is asked for first, and it
    /// is sent where nobody knows it.
    async fn settle_one(
        &self,
        identity: &Identity,
        kept: PendingTransaction,
        envelope: &Envelope,
    ) -> Result<Option<(u64, Verdict)>, LedgerError> {
        let found = match self.known_verdict(identity, &kept.tx_id, envelope).await {
            Some(found) => kept.settle().map(|()| found).map_err(LedgerError::read),
            None => self.see_through(identity, kept, envelope).await,
        };
        match found {
            Ok((block, code)) => Ok(Some((block, verdict(code)))),
            Err(LedgerError::NotOrdered { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }
}
