//! Calls that order nothing: evaluations at one's own peer, signed reads of several, the chain
//! itself.

use super::client::FabricClient;
use super::peer::Failure;
use super::prepared::Prepared;
use super::proposal::Flight;
use super::proto::{BlockchainInfo, EvaluateRequest, EvaluateResponse, ProcessedTransaction};
use crate::backend::{BackendError, Transaction};
use crate::msp::Identity;
use collections_config::MspId;
use prost::Message;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use verifier_chaincode::{Code, ContractError};

/// Fabric's own chaincode that answers about the chain.
const QSCC: &str = "qscc";
/// What Fabric writes before a contract's ERROR message.
const REFUSED: &str = "transaction returned with failure: ";
/// How long a peer may take to get a block that another peer has.
const CATCH_UP: Duration = Duration::from_secs(20);

/// The contract's refusal within what a peer said.
pub(super) fn refusal(message: &str) -> Option<ContractError> {
    message
        .split_once(REFUSED)
        .and_then(|(_, text)| ContractError::parse(text))
}

/// Whether a contract verifies as much as it takes at once: then nothing was executed, and the same
/// proposal may be sent again.
pub(super) fn is_busy(failure: &Failure) -> bool {
    let said = failure
        .details
        .iter()
        .map(|(_, m)| m)
        .chain(std::iter::once(&failure.message));
    said.filter_map(|m| refusal(m))
        .any(|error| error.code() == Code::Busy)
}

/// A failure of evaluating or endorsing, as this code sorts it.
pub(super) fn endorse_error(own: &MspId, tx_id: &str, failure: &Failure) -> BackendError {
    if failure.is_unreachable() {
        return BackendError::Unreachable(failure.text());
    }
    let said = failure
        .details
        .iter()
        .map(|(msp, message)| (msp.as_str(), message.as_str()));
    // The own peer's word counts before another's.
    let own_said = said
        .clone()
        .find(|(msp, m)| *msp == own.as_str() && refusal(m).is_some());
    let refused = own_said.or_else(|| said.clone().find(|(_, m)| refusal(m).is_some()));
    let (msp, message) = refused
        .or_else(|| said.clone().next())
        .unwrap_or((own.as_str(), &failure.message));
    let peer = MspId::new(msp).unwrap_or_else(|_| own.clone());
    match refusal(message) {
        Some(error) => BackendError::Refused {
            tx_id: tx_id.to_owned(),
            peer,
            error,
        },
        None => BackendError::Endorse {
            tx_id: tx_id.to_owned(),
            peer,
            reason: failure.text(),
        },
    }
}

/// Whether other organisations' peers may do better: one of them did not answer, or said something
/// that the own peer did not say.
pub(super) fn is_anothers_fault(own: &MspId, error: &BackendError) -> bool {
    match error {
        BackendError::Refused { peer, .. } => peer != own,
        BackendError::Endorse { .. }
        | BackendError::Mismatch { .. }
        | BackendError::Unreachable(_) => true,
        _ => false,
    }
}

impl FabricClient {
    async fn evaluate_flight(
        &self,
        identity: &Identity,
        flight: &Flight,
    ) -> Result<Vec<u8>, BackendError> {
        let own = identity.msp_id();
        let request = EvaluateRequest {
            transaction_id: flight.tx_id.clone(),
            channel_id: self.network.profile.channel.clone(),
            proposed_transaction: Some(flight.signed.clone()),
            // The own organisation's peer is the only one that is believed without a second.
            target_organizations: vec![own.to_string()],
        };
        let answer: Result<EvaluateResponse, Failure> = self
            .call_when_free(own, "/gateway.Gateway/Evaluate", request)
            .await;
        let answer = answer.map_err(|failure| endorse_error(own, &flight.tx_id, &failure))?;
        Ok(answer.result.map(|r| r.payload).unwrap_or_default())
    }

    /// Asks the own organisation's peer; nothing is ordered.
    ///
    /// **Errors**: the contract's refusal, or the peer is not reachable.
    pub async fn evaluate(
        &self,
        identity: &Identity,
        transaction: &Transaction,
    ) -> Result<Vec<u8>, BackendError> {
        self.catch_up(identity).await?;
        self.evaluate_flight(identity, &self.propose(identity, transaction)?)
            .await
    }

    /// Asks the peers of exactly one of these sets of organisations, checks their signatures and
    /// that they answer alike and write nothing; nothing is ordered. Where one does not answer,
    /// or not as the others do, the next set is asked.
    ///
    /// **Errors**: a peer refused, signed wrongly, would write, or answered something else; of the
    /// last set.
    pub async fn confirm(
        &self,
        identity: &Identity,
        mut transaction: Transaction,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, BackendError> {
        self.catch_up(identity).await?;
        let mut sets = at.into_iter().peekable();
        while let Some(set) = sets.next() {
            transaction.endorsers = set;
            let confirmed = self.confirm_at(identity, &transaction).await;
            match confirmed {
                Err(error)
                    if is_anothers_fault(identity.msp_id(), &error) && sets.peek().is_some() => {}
                other => return other,
            }
        }
        Err(BackendError::Endorsers("none".to_owned()))
    }

    async fn confirm_at(
        &self,
        identity: &Identity,
        transaction: &Transaction,
    ) -> Result<Vec<u8>, BackendError> {
        let flight = self.propose(identity, transaction)?;
        let prepared: Prepared = self
            .endorse(identity, &flight, &transaction.endorsers)
            .await?;
        if !prepared.writes.is_empty() {
            return Err(BackendError::Mismatch {
                tx_id: flight.tx_id,
                peer: identity.msp_id().clone(),
                what: "a query would write",
            });
        }
        Ok(prepared.answer)
    }

    /// A proposal for Fabric's own chaincode about this channel.
    fn ask_qscc(
        &self,
        identity: &Identity,
        function: &str,
        args: &[&str],
    ) -> Result<Flight, BackendError> {
        let words = [function, &self.network.profile.channel]
            .into_iter()
            .chain(args.iter().copied());
        self.propose_to(
            identity,
            QSCC,
            &Transaction::query(words.map(|w| w.as_bytes().to_vec()).collect()),
        )
    }

    /// Blocks of the chain, as the own organisation's peer has it.
    ///
    /// **Errors**: the peer is not reachable.
    pub async fn height(&self, identity: &Identity) -> Result<u64, BackendError> {
        let bytes = self
            .evaluate_flight(identity, &self.ask_qscc(identity, "GetChainInfo", &[])?)
            .await?;
        let info = BlockchainInfo::decode(bytes.as_slice())
            .map_err(|e| BackendError::Read(e.to_string()))?;
        Ok(info.height)
    }

    /// One block, in Fabric's own bytes, as the own organisation's peer has it.
    ///
    /// **Errors**: no such block; the peer is not reachable.
    pub async fn block(&self, identity: &Identity, number: u64) -> Result<Vec<u8>, BackendError> {
        self.evaluate_flight(
            identity,
            &self.ask_qscc(identity, "GetBlockByNumber", &[&number.to_string()])?,
        )
        .await
    }

    /// One block, in Fabric's own bytes, as the peer of this organisation has it and signs. Peers
    /// may hold other orderers' signatures.
    ///
    /// **Errors**: no such block; the peer signs wrongly.
    pub async fn signed_block(
        &self,
        identity: &Identity,
        number: u64,
        at: &MspId,
    ) -> Result<Vec<u8>, BackendError> {
        let flight = self.ask_qscc(identity, "GetBlockByNumber", &[&number.to_string()])?;
        Ok(self
            .endorse(identity, &flight, std::slice::from_ref(at))
            .await?
            .answer)
    }

    /// A transaction's envelope, in Fabric's own bytes, and its verdict.
    ///
    /// **Errors**: no such transaction; the peer is not reachable.
    pub async fn transaction(
        &self,
        identity: &Identity,
        tx_id: &str,
    ) -> Result<(Vec<u8>, i32), BackendError> {
        self.catch_up(identity).await?;
        let bytes = self
            .evaluate_flight(
                identity,
                &self.ask_qscc(identity, "GetTransactionByID", &[tx_id])?,
            )
            .await?;
        let found = ProcessedTransaction::decode(bytes.as_slice())
            .map_err(|e| BackendError::Read(e.to_string()))?;
        Ok((
            found
                .transaction_envelope
                .unwrap_or_default()
                .encode_to_vec(),
            found.validation_code,
        ))
    }

    /// Waits until the own peer has every block that this process saw committed elsewhere.
    pub(super) async fn catch_up(&self, identity: &Identity) -> Result<(), BackendError> {
        let own = identity.msp_id();
        let begun = Instant::now();
        loop {
            let (needed, seen) = {
                let height = self.height.lock().unwrap_or_else(PoisonError::into_inner);
                (height.0, height.1.get(own).copied().unwrap_or(0))
            };
            if seen >= needed {
                return Ok(());
            }
            let now = self.height(identity).await?;
            self.saw(own, now);
            if now >= needed {
                return Ok(());
            }
            if begun.elapsed() > CATCH_UP {
                return Err(BackendError::Unreachable(format!(
                    "the peer of {own} has {now} blocks of {needed} and gets no more"
                )));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Remembers how much of the chain a peer has.
    pub(super) fn saw(&self, peer: &MspId, blocks: u64) {
        let mut height = self.height.lock().unwrap_or_else(PoisonError::into_inner);
        height.0 = height.0.max(blocks);
        height.1.insert(peer.clone(), blocks);
    }
}
