//! Calls that order nothing: evaluations at one's own peer, signed reads of several.

use super::client::FabricClient;
use super::failure::Failure;
use super::words::refusal;
use medveil_collections_config::MspId;
use medveil_contract::ContractError;
use medveil_fabric_wire::ProposedTransaction;
use medveil_fabric_wire::proto::{EvaluateRequest, EvaluateResponse};
use medveil_ledger::{LedgerError, Transaction};
use medveil_msp::Identity;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long a peer may take to get a block that another peer has.
const CATCH_UP: Duration = Duration::from_secs(20);

/// A failure of evaluating or endorsing, as this code sorts it.
pub(super) fn endorse_error(own: &MspId, tx_id: &str, failure: Failure) -> LedgerError {
    if failure.is_unreachable() {
        return LedgerError::Unreachable(failure.into());
    }
    let tx_id = tx_id.to_owned();
    let of = |msp: &str| MspId::new(msp).unwrap_or_else(|_| own.clone());
    match contract_refusal(own, &failure) {
        Some((msp, error)) => LedgerError::Refused {
            tx_id,
            peer: of(msp),
            error,
        },
        None => LedgerError::Endorse {
            tx_id,
            peer: of(failure.details.first().map_or(own.as_str(), |(msp, _)| msp)),
            source: failure.into(),
        },
    }
}

/// The contract's refusal and whose peer gave it. The own peer's word counts before another's.
fn contract_refusal<'a>(own: &'a MspId, failure: &'a Failure) -> Option<(&'a str, ContractError)> {
    if failure.details.is_empty() {
        return Some((own.as_str(), refusal(&failure.message)?));
    }
    let said = failure.details.iter();
    let refusals = said.filter_map(|(msp, text)| Some((msp.as_str(), refusal(text)?)));
    // The sort is stable: whoever spoke first stays first.
    let mut refusals: Vec<_> = refusals.collect();
    refusals.sort_by_key(|(msp, _)| *msp != own.as_str());
    refusals.into_iter().next()
}

/// Whether other organisations' peers may do better: one of them did not answer, or said something
/// that the own peer did not say.
pub(super) fn is_anothers_fault(own: &MspId, error: &LedgerError) -> bool {
    match error {
        LedgerError::Refused { peer, .. } => peer != own,
        LedgerError::Endorse { .. }
        | LedgerError::Mismatch { .. }
        | LedgerError::Unreachable(_) => true,
        LedgerError::Endorsers { .. }
        | LedgerError::NonMember { .. }
        | LedgerError::NotOrdered { .. }
        | LedgerError::Invalid { .. }
        | LedgerError::Lost { .. }
        | LedgerError::NotFound { .. }
        | LedgerError::Foreign { .. }
        | LedgerError::Identity(_)
        | LedgerError::InUse(_)
        | LedgerError::Read(_) => false,
    }
}

impl FabricClient {
    pub(super) async fn evaluate_proposal(
        &self,
        identity: &Identity,
        proposed: &ProposedTransaction,
    ) -> Result<Vec<u8>, LedgerError> {
        let own = identity.msp_id();
        let request = EvaluateRequest {
            transaction_id: proposed.tx_id.clone(),
            channel_id: self.network.profile.channel.clone(),
            proposed_transaction: Some(proposed.signed.clone()),
            // The own organisation's peer is the only one that is believed without a second.
            target_organizations: vec![own.to_string()],
        };
        let answer = self.call_when_free(own, "/gateway.Gateway/Evaluate", request);
        let answer: EvaluateResponse = answer
            .await
            .map_err(|failure| endorse_error(own, &proposed.tx_id, failure))?;
        Ok(answer.result.map(|r| r.payload).unwrap_or_default())
    }

    /// Asks the own organisation's peer; nothing is ordered.
    ///
    /// **Errors**: the contract's refusal, or the peer is not reachable.
    pub async fn evaluate(
        &self,
        identity: &Identity,
        transaction: &Transaction,
    ) -> Result<Vec<u8>, LedgerError> {
        self.catch_up(identity).await?;
        let proposed = self.propose(identity, transaction)?;
        self.evaluate_proposal(identity, &proposed).await
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
    ) -> Result<Vec<u8>, LedgerError> {
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
        Err(LedgerError::no_endorsers())
    }

    async fn confirm_at(
        &self,
        identity: &Identity,
        transaction: &Transaction,
    ) -> Result<Vec<u8>, LedgerError> {
        let proposed = self.propose(identity, transaction)?;
        let prepared = self
            .endorse(identity, &proposed, &transaction.endorsers)
            .await?;
        if !prepared.writes.is_empty() {
            return Err(LedgerError::Mismatch {
                tx_id: proposed.tx_id,
                peer: identity.msp_id().clone(),
                what: "a query would write",
            });
        }
        Ok(prepared.answer)
    }

    /// Waits until the own peer has every block that this process saw committed elsewhere.
    pub(super) async fn catch_up(&self, identity: &Identity) -> Result<(), LedgerError> {
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
                let what =
                    format!("the peer of {own} has {now} of {needed} blocks and gets no more");
                return Err(LedgerError::Unreachable(what.into()));
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
