//! Endorse and compare; what is then signed goes to `deliver`.
//!
//! The own peer executes first where private arguments are involved: so the client knows what the
//! call writes before any other organisation sees them, and sends them to members only. Then what
//! others prepared is compared with the own peer's run or, where the own peer may not execute the
//! call, with the private values that were sent; only then is it signed.

use super::client::FabricClient;
use super::peer::Failure;
use super::prepared::{Prepared, WriteSet};
use super::proposal::Flight;
use super::proto::{
    DUPLICATE_TXID, EndorseRequest, EndorseResponse, MVCC_CONFLICTS, VALID, verdict,
};
use super::query::{endorse_error, is_anothers_fault};
use crate::backend::embedded::sha256;
use crate::backend::{BackendError, Committed, ExpectedWrite, Transaction};
use crate::msp::Identity;
use collections_config::{CollectionName, MspId};
use fabric_shim_protos::common::Envelope;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a conflict is endorsed again.
const MAX_ATTEMPTS: usize = 3;
/// How often peers that stand at different blocks are asked again.
const MAX_ROUNDS: u32 = 8;

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
    ) -> Result<Committed, BackendError> {
        self.catch_up(identity).await?;
        let mut sets = endorsers.into_iter();
        transaction.endorsers = sets
            .next()
            .ok_or_else(|| BackendError::Endorsers("none".to_owned()))?;
        let mut attempt = 1;
        loop {
            let flight = self.propose(identity, &transaction)?;
            let prepared = match (
                self.prepare(identity, &transaction, &flight).await,
                sets.as_slice().first(),
            ) {
                (Err(error), Some(_)) if is_anothers_fault(identity.msp_id(), &error) => {
                    transaction.endorsers = sets.next().unwrap_or_default();
                    continue;
                }
                (prepared, _) => prepared?,
            };
            let (block, code) = self.order(identity, &flight, &prepared).await?;
            let may_repeat = code == DUPLICATE_TXID || MVCC_CONFLICTS.contains(&code);
            match code {
                VALID => {
                    return Ok(Committed {
                        tx_id: flight.tx_id,
                        block,
                        tx: None,
                        payload: prepared.answer,
                    });
                }
                _ if may_repeat && attempt < MAX_ATTEMPTS => attempt += 1,
                code => {
                    return Err(BackendError::Invalid {
                        tx_id: flight.tx_id,
                        block,
                        code,
                        name: verdict(code),
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
        flight: &Flight,
    ) -> Result<Prepared, BackendError> {
        let own = identity.msp_id();
        let endorses = transaction.endorsers.contains(own);
        let is_alone = transaction.endorsers.len() == 1 && endorses;
        let mut first = None;
        if !transaction.transient.is_empty() && !is_alone {
            first = match self
                .endorse(identity, flight, std::slice::from_ref(own))
                .await
            {
                Ok(prepared) => Some(prepared),
                // Where others must execute the call, this peer may refuse it: then the private
                // values are compared instead.
                Err(BackendError::Refused { .. }) if !endorses => None,
                Err(e) => return Err(e),
            };
            self.may_send(flight, transaction, first.as_ref().map(|own| &own.writes))?;
        }
        let prepared = self
            .endorse(identity, flight, &transaction.endorsers)
            .await?;
        let mismatch = |what| BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: own.clone(),
            what,
        };
        match &first {
            Some(own) if own.writes != prepared.writes => return Err(mismatch("write set")),
            Some(own) if own.answer != prepared.answer || own.event != prepared.event => {
                return Err(mismatch("answer or event"));
            }
            None if !transaction.transient.is_empty() && !endorses => {
                self.compare_with_sent(flight, transaction, &prepared.writes)?
            }
            _ => {}
        }
        check_expected(&transaction.expected, &prepared.writes).map_err(mismatch)?;
        Ok(prepared)
    }

    /// Asks exactly these organisations' peers; what comes back answers this proposal and is signed
    /// by a peer of each.
    pub(super) async fn endorse(
        &self,
        identity: &Identity,
        flight: &Flight,
        at: &[MspId],
    ) -> Result<Prepared, BackendError> {
        let own = identity.msp_id();
        for round in 0.. {
            let request = EndorseRequest {
                transaction_id: flight.tx_id.clone(),
                channel_id: self.network.profile.channel.clone(),
                proposed_transaction: Some(flight.signed.clone()),
                endorsing_organizations: at.iter().map(ToString::to_string).collect(),
            };
            let answer: Result<EndorseResponse, Failure> = self
                .call_when_free(own, "/gateway.Gateway/Endorse", request)
                .await;
            match answer {
                Ok(answer) => {
                    return self.checked(
                        identity,
                        flight,
                        at,
                        &answer.prepared_transaction.unwrap_or_default(),
                    );
                }
                // A peer that is a block behind reads other versions.
                Err(failure)
                    if round < MAX_ROUNDS
                        && failure
                            .text()
                            .contains("ProposalResponsePayloads do not match") =>
                {
                    tokio::time::sleep(Duration::from_millis(20 << round)).await;
                }
                Err(failure) => return Err(endorse_error(own, &flight.tx_id, &failure)),
            }
        }
        Err(BackendError::Endorsers("none".to_owned()))
    }

    fn checked(
        &self,
        identity: &Identity,
        flight: &Flight,
        at: &[MspId],
        envelope: &Envelope,
    ) -> Result<Prepared, BackendError> {
        let mismatch = |what| BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: identity.msp_id().clone(),
            what,
        };
        let prepared = Prepared::read(envelope, &flight.chaincode).map_err(mismatch)?;
        if !prepared.answers(&flight.header, &flight.public_payload) {
            return Err(mismatch("it answers another proposal"));
        }
        let endorsers = prepared
            .endorsers(&self.network.msps, flight.timestamp_ms)
            .map_err(mismatch)?;
        let signed: BTreeSet<&MspId> = endorsers.iter().map(|e| e.msp_id()).collect();
        if signed != at.iter().collect() {
            return Err(mismatch(
                "endorsements of other organisations than were asked",
            ));
        }
        Ok(prepared)
    }

    /// Private arguments go to members only. Beside public writes, where a majority must execute,
    /// only implicit collections may be written: what goes there is a constant or sealed for
    /// its owner.
    fn may_send(
        &self,
        flight: &Flight,
        transaction: &Transaction,
        own: Option<&WriteSet>,
    ) -> Result<(), BackendError> {
        let (written, is_public): (BTreeSet<&CollectionName>, bool) = match own {
            Some(writes) => (writes.collections(), !writes.public.is_empty()),
            None => (
                transaction.expected.iter().map(|e| &e.collection).collect(),
                false,
            ),
        };
        let pairs = transaction
            .endorsers
            .iter()
            .flat_map(|peer| written.iter().map(move |collection| (peer, *collection)));
        for (peer, collection) in pairs {
            let is_exempt = is_public && collection.owner().is_some();
            if !is_exempt && !self.network.collections.is_member(collection, peer) {
                let (peer, collection) = (peer.clone(), collection.clone());
                return Err(BackendError::NonMember {
                    tx_id: flight.tx_id.clone(),
                    peer,
                    collection,
                });
            }
        }
        match (own, transaction.endorsers.as_slice()) {
            (None, [_, second, ..]) if written.is_empty() => Err(BackendError::Mismatch {
                tx_id: flight.tx_id.clone(),
                peer: second.clone(),
                what: "this organisation's own peer refuses the call, and no expected private values were given",
            }),
            _ => Ok(()),
        }
    }

    /// Without a run of its own the client accepts private values only, only those it sent, and
    /// only where every endorser is a member.
    fn compare_with_sent(
        &self,
        flight: &Flight,
        transaction: &Transaction,
        writes: &WriteSet,
    ) -> Result<(), BackendError> {
        let peer = transaction
            .endorsers
            .first()
            .cloned()
            .ok_or_else(|| BackendError::Endorsers("none".to_owned()))?;
        let mismatch = |what| BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: peer.clone(),
            what,
        };
        if !writes.public.is_empty() {
            return Err(mismatch(
                "public writes that this organisation's own peer cannot repeat",
            ));
        }
        let is_member = |c: &CollectionName| {
            transaction
                .endorsers
                .iter()
                .all(|e| self.network.collections.is_member(c, e))
        };
        if !writes.collections().into_iter().all(is_member) {
            return Err(mismatch(
                "a private write outside the endorser's collections",
            ));
        }
        let sent: BTreeSet<_> = transaction.transient.values().map(|v| sha256(v)).collect();
        let all_sent = writes
            .private
            .iter()
            .all(|(_, _, value)| sent.contains(value));
        if transaction.expected.is_empty() && !all_sent {
            return Err(mismatch("a private value that was not sent"));
        }
        Ok(())
    }
}

/// The prepared write set must hold exactly the private values that the caller named, in the
/// collections it named.
fn check_expected(expected: &[ExpectedWrite], writes: &WriteSet) -> Result<(), &'static str> {
    let collections: BTreeSet<&CollectionName> = expected.iter().map(|e| &e.collection).collect();
    let wanted: BTreeSet<_> = expected
        .iter()
        .map(|e| (&e.collection, sha256(e.key.as_bytes()), sha256(&e.value)))
        .collect();
    let prepared: BTreeSet<_> = writes
        .private
        .iter()
        .filter(|(c, ..)| collections.contains(c))
        .map(|(c, k, v)| (c, *k, *v))
        .collect();
    if prepared == wanted {
        Ok(())
    } else {
        Err("private values other than those sent")
    }
}
