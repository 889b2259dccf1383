//! Endorse and compare; what is then signed goes to `commit`.
//!
//! The own peer executes first where private arguments are involved. What may be sent and what may
//! be signed says `medveil_ledger::guard`.

use super::client::FabricClient;
use super::failure::Failure;
use super::query::{endorse_error, is_anothers_fault};
use super::words::is_out_of_step;
use medveil_collections_config::MspId;
use medveil_fabric_wire::proto::{EndorseRequest, EndorseResponse, Envelope};
use medveil_fabric_wire::{
    DUPLICATE_TXID, MVCC_CONFLICTS, Prepared, ProposedTransaction, VALID, verdict,
};
use medveil_ledger::{Breach, Committed, Guard, LedgerError, OwnRun, Transaction};
use medveil_msp::Identity;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a conflict is endorsed again.
const MAX_ATTEMPTS: usize = 3;
/// How often peers that stand at different blocks are asked again.
const MAX_ROUNDS: u32 = 8;

/// What the own peer made of a call before others saw it.
enum OwnAnswer {
    Executed(Prepared),
    Refused,
    Unavailable,
}

impl OwnAnswer {
    fn run(&self) -> OwnRun<'_> {
        match self {
            OwnAnswer::Executed(prepared) => OwnRun::Writes(&prepared.writes),
            OwnAnswer::Refused => OwnRun::Refused,
            OwnAnswer::Unavailable => OwnRun::Unavailable,
        }
    }
}

/// Whether what is prepared is the own peer's run too, and asking others gives nothing away: it
/// endorses alone, or among others where no argument is private.
fn is_own_prepared(own: &MspId, transaction: &Transaction) -> bool {
    let is_alone = transaction.endorsers == [own.clone()];
    is_alone || (transaction.transient.is_empty() && transaction.endorsers.contains(own))
}

impl FabricClient {
    /// Endorses, compares, signs, orders and waits for the verdict. A conflict with another
    /// transaction is endorsed again, with the same arguments, and so is a transaction whose id
    /// somebody else used up.
    ///
    /// Where a peer does not answer, or says what the own peer does not say, the next set of
    /// organisations is asked: nothing was signed yet.
    ///
    /// **Errors**: the stage that failed.
    pub async fn submit(
        &self,
        identity: &Identity,
        mut transaction: Transaction,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        self.catch_up(identity).await?;
        let mut sets = endorsers.into_iter();
        transaction.endorsers = sets.next().ok_or_else(LedgerError::no_endorsers)?;
        let mut attempt = 1;
        loop {
            let proposed = self.propose(identity, &transaction)?;
            let prepared = match (
                self.prepare(identity, &transaction, &proposed).await,
                sets.as_slice().first(),
            ) {
                (Err(error), Some(_)) if is_anothers_fault(identity.msp_id(), &error) => {
                    transaction.endorsers = sets.next().unwrap_or_default();
                    continue;
                }
                (prepared, _) => prepared?,
            };
            let (block, code) = self.order(identity, &proposed, &prepared).await?;
            let may_repeat = code == DUPLICATE_TXID || MVCC_CONFLICTS.contains(&code);
            match code {
                VALID => {
                    return Ok(Committed {
                        tx_id: proposed.tx_id,
                        block,
                        tx: None,
                        payload: prepared.answer,
                    });
                }
                _ if may_repeat && attempt < MAX_ATTEMPTS => attempt += 1,
                code => {
                    return Err(LedgerError::Invalid {
                        tx_id: proposed.tx_id,
                        block,
                        verdict: verdict(code),
                    });
                }
            }
        }
    }

    /// Endorsed and compared; not signed yet.
    async fn prepare(
        &self,
        identity: &Identity,
        transaction: &Transaction,
        proposed: &ProposedTransaction,
    ) -> Result<Prepared, LedgerError> {
        let own = identity.msp_id();
        let guard = Guard {
            own,
            transaction,
            collections: &self.network.collections,
        };
        let breach = |b: Breach| b.into_error(&proposed.tx_id);
        let own_answer = match is_own_prepared(own, transaction) {
            true => None,
            false => Some(self.own_answer(identity, transaction, proposed).await?),
        };
        if let Some(answer) = &own_answer {
            guard.may_send(answer.run()).map_err(breach)?;
        }
        let prepared = self
            .endorse(identity, proposed, &transaction.endorsers)
            .await?;
        let prepared_run = OwnRun::Writes(&prepared.writes);
        let run = own_answer.as_ref().map_or(prepared_run, OwnAnswer::run);
        guard.may_send(run).map_err(breach)?;
        guard.may_sign(run, &prepared.writes).map_err(breach)?;
        if let Some(OwnAnswer::Executed(own_run)) = own_answer
            && (own_run.answer != prepared.answer || own_run.event != prepared.event)
        {
            return Err(LedgerError::Mismatch {
                tx_id: proposed.tx_id.clone(),
                peer: own.clone(),
                what: "answer or event",
            });
        }
        Ok(prepared)
    }

    /// Asks the own peer alone. Where others must execute the call it may refuse, and where nothing
    /// private is at stake it may lack the contract for a while.
    async fn own_answer(
        &self,
        identity: &Identity,
        transaction: &Transaction,
        proposed: &ProposedTransaction,
    ) -> Result<OwnAnswer, LedgerError> {
        let own = identity.msp_id();
        let is_needed = transaction.endorsers.contains(own);
        let is_public = transaction.transient.is_empty();
        match self
            .endorse(identity, proposed, std::slice::from_ref(own))
            .await
        {
            Ok(prepared) => Ok(OwnAnswer::Executed(prepared)),
            Err(LedgerError::Refused { .. }) if !is_needed => Ok(OwnAnswer::Refused),
            Err(LedgerError::Endorse { .. }) if !is_needed && is_public => {
                Ok(OwnAnswer::Unavailable)
            }
            Err(e) => Err(e),
        }
    }

    /// Asks exactly these organisations' peers; what comes back answers this proposal and is signed
    /// by a peer of each.
    pub(super) async fn endorse(
        &self,
        identity: &Identity,
        proposed: &ProposedTransaction,
        at: &[MspId],
    ) -> Result<Prepared, LedgerError> {
        let own = identity.msp_id();
        for round in 0.. {
            let request = EndorseRequest {
                transaction_id: proposed.tx_id.clone(),
                channel_id: self.network.profile.channel.clone(),
                proposed_transaction: Some(proposed.signed.clone()),
                endorsing_organizations: at.iter().map(ToString::to_string).collect(),
            };
            let answer: Result<EndorseResponse, Failure> = self
                .call_when_free(own, "/gateway.Gateway/Endorse", request)
                .await;
            match answer {
                Ok(answer) => {
                    return self.check_prepared(
                        identity,
                        proposed,
                        at,
                        &answer.prepared_transaction.unwrap_or_default(),
                    );
                }
                // A peer that is a block behind reads other versions.
                Err(failure) if round < MAX_ROUNDS && is_out_of_step(&failure) => {
                    tokio::time::sleep(Duration::from_millis(20 << round)).await;
                }
                Err(failure) => return Err(endorse_error(own, &proposed.tx_id, failure)),
            }
        }
        Err(LedgerError::no_endorsers())
    }

    fn check_prepared(
        &self,
        identity: &Identity,
        proposed: &ProposedTransaction,
        at: &[MspId],
        envelope: &Envelope,
    ) -> Result<Prepared, LedgerError> {
        let mismatch = |what| LedgerError::Mismatch {
            tx_id: proposed.tx_id.clone(),
            peer: identity.msp_id().clone(),
            what,
        };
        let prepared = Prepared::read(envelope, &proposed.chaincode).map_err(|e| mismatch(e.0))?;
        if !prepared.answers(&proposed.header, &proposed.public_payload) {
            return Err(mismatch("it answers another proposal"));
        }
        let endorsers = prepared
            .endorsers(&self.network.msps, proposed.timestamp_ms)
            .map_err(|e| mismatch(e.0))?;
        let signed: BTreeSet<&MspId> = endorsers.iter().map(|e| e.msp_id()).collect();
        if signed != at.iter().collect() {
            return Err(mismatch(
                "endorsements of other organisations than were asked",
            ));
        }
        Ok(prepared)
    }
}
