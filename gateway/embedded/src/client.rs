//! The client's side: propose, collect endorsements, compare, sign, submit.
//!
//! The client trusts its own organisation's peer and nobody else's. That peer executes first; then
//! `medveil_ledger::guard` says whether the private arguments may be sent and what may be signed.

use super::ledger::{EmbeddedLedger, Inner};
use super::peer::{EndorseError, Peer, ProposalResponse, SignedProposal};
use super::prepared::Prepared;
use super::simulator::Mode;
use medveil_collections_config::{MspId, Role};
use medveil_embedded_wire::{Endorsement, Envelope, PrivateWrite, Proposal, ReadWriteSet};
use medveil_ledger::{Breach, Guard, LedgerError, OwnRun, Transaction, WriteSet};
use medveil_msp::Identity;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// The embedded ledger as one identity uses it.
#[derive(Clone)]
pub struct EmbeddedClient {
    pub(super) inner: Arc<Inner>,
    identity: Arc<Identity>,
}

/// A call with its signed proposal.
pub(super) struct ProposedTransaction<'a> {
    transaction: &'a Transaction,
    proposal: Proposal,
    signature: Vec<u8>,
    pub(super) tx_id: String,
    clock_ms: u64,
}

impl EmbeddedLedger {
    /// The ledger as one identity uses it.
    ///
    /// **Errors**: the identity's organisation is not on the channel, or its certificate is not
    /// that organisation's.
    pub fn client(&self, identity: Arc<Identity>) -> Result<EmbeddedClient, LedgerError> {
        let now_ms = self.0.clock.now_ms();
        let member = self.0.rules.msps.check(identity.creator(), now_ms);
        member.map_err(|e| LedgerError::Identity(e.into()))?;
        Ok(EmbeddedClient::new(self.0.clone(), identity))
    }
}

impl EmbeddedClient {
    pub(super) fn new(inner: Arc<Inner>, identity: Arc<Identity>) -> Self {
        EmbeddedClient { inner, identity }
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Endorses, compares and signs; nothing is ordered.
    ///
    /// **Errors**: the stage that failed.
    pub fn prepare(&self, transaction: &Transaction) -> Result<Prepared, LedgerError> {
        self.check_endorsers(&transaction.endorsers)?;
        let proposed = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let own = match self.endorse_at(&proposed, self.identity.msp_id(), Mode::Update) {
            Ok(response) => Some(response),
            // Where others must execute the call, this peer may refuse it: then the private values
            // are compared instead.
            Err(LedgerError::Refused { .. })
                if !transaction.endorsers.contains(self.identity.msp_id()) =>
            {
                None
            }
            Err(e) => return Err(e),
        };
        let own_writes = own.as_ref().map(|a| write_set(&a.action.set));
        let own_run = own_writes.as_ref().map_or(OwnRun::Refused, OwnRun::Writes);
        let guard = self.guard(transaction);
        let breach = |b: Breach| b.into_error(&proposed.tx_id);
        guard.may_send(own_run).map_err(breach)?;
        let others: Vec<&MspId> = transaction
            .endorsers
            .iter()
            .filter(|m| *m != self.identity.msp_id())
            .collect();
        let mut responses = self.endorse_at_all(&proposed, &others)?;
        for (peer, response) in others.iter().zip(&responses) {
            let reference = own.as_ref().or(responses.first());
            self.compare(&proposed, peer, response, reference)?;
        }
        if let Some(prepared) = own.as_ref().or(responses.first()) {
            let writes = write_set(&prepared.action.set);
            guard.may_sign(own_run, &writes).map_err(breach)?;
        }
        let mut private = None;
        if let Some(own) = own {
            private = Some(own.private.clone());
            if transaction.endorsers.contains(self.identity.msp_id()) {
                responses.push(own);
            }
        }
        self.seal(proposed, responses, private)
    }

    fn guard<'a>(&'a self, transaction: &'a Transaction) -> Guard<'a> {
        Guard {
            own: self.identity.msp_id(),
            transaction,
            collections: &self.inner.rules.collections,
        }
    }

    fn seal(
        &self,
        proposed: ProposedTransaction<'_>,
        mut responses: Vec<ProposalResponse>,
        private: Option<Vec<PrivateWrite>>,
    ) -> Result<Prepared, LedgerError> {
        responses.sort_by(|a, b| a.endorsement.endorser.cmp(&b.endorsement.endorser));
        let endorsements: Vec<Endorsement> =
            responses.iter().map(|a| a.endorsement.clone()).collect();
        let Some(first) = responses.into_iter().next() else {
            return Err(LedgerError::no_endorsers());
        };
        let message = Envelope::message(&proposed.proposal, &first.action, &endorsements);
        let signature = self.sign(&proposed.tx_id, &message)?;
        let envelope = Envelope {
            proposal: proposed.proposal,
            action: first.action,
            endorsements,
            signature,
        };
        Ok(Prepared {
            envelope,
            private: private.unwrap_or(first.private),
        })
    }

    fn sign(&self, tx_id: &str, message: &[u8]) -> Result<Vec<u8>, LedgerError> {
        self.identity
            .sign(message)
            .map_err(|e| LedgerError::Endorse {
                tx_id: tx_id.to_string(),
                peer: self.identity.msp_id().clone(),
                source: e.into(),
            })
    }

    pub(super) fn check_endorsers(&self, endorsers: &[MspId]) -> Result<(), LedgerError> {
        let different: BTreeSet<&MspId> = endorsers.iter().collect();
        let known = endorsers.iter().all(|m| self.inner.peers.contains_key(m));
        if endorsers.is_empty() || different.len() != endorsers.len() || !known {
            return Err(LedgerError::endorsers(endorsers));
        }
        Ok(())
    }

    pub(super) fn propose<'a>(
        &self,
        transaction: &'a Transaction,
    ) -> Result<ProposedTransaction<'a>, LedgerError> {
        let mut nonce = [0u8; 24];
        self.inner
            .rng
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut nonce);
        let clock_ms = self.inner.clock.now_ms();
        let proposal = Proposal {
            channel: self.inner.rules.channel.clone(),
            chaincode: self.inner.rules.chaincode.clone(),
            args: transaction.args.clone(),
            transient: !transaction.transient.is_empty(),
            creator: self.identity.creator().clone(),
            timestamp_ms: clock_ms,
            nonce,
        };
        let tx_id = proposal.tx_id();
        let signature = self.sign(&tx_id, &proposal.message())?;
        Ok(ProposedTransaction {
            transaction,
            proposal,
            signature,
            tx_id,
            clock_ms,
        })
    }

    /// Asks one peer. The caller holds the commit lock, so that all peers it asks answer from one
    /// height.
    pub(super) fn endorse_at(
        &self,
        proposed: &ProposedTransaction<'_>,
        msp_id: &MspId,
        mode: Mode,
    ) -> Result<ProposalResponse, LedgerError> {
        let unknown = || LedgerError::endorsers(std::slice::from_ref(msp_id));
        let peer: &Peer = self.inner.peers.get(msp_id).ok_or_else(unknown)?;
        let signed = SignedProposal {
            proposal: &proposed.proposal,
            signature: &proposed.signature,
            transient: &proposed.transaction.transient,
            clock_ms: proposed.clock_ms,
        };
        peer.endorse(&signed, mode).map_err(|e| match e {
            EndorseError::Contract(error) => LedgerError::Refused {
                tx_id: proposed.tx_id.clone(),
                peer: msp_id.clone(),
                error,
            },
            other => LedgerError::Endorse {
                tx_id: proposed.tx_id.clone(),
                peer: msp_id.clone(),
                source: other.into(),
            },
        })
    }

    /// Asks several peers at once: each verifies proofs for itself.
    fn endorse_at_all(
        &self,
        proposed: &ProposedTransaction<'_>,
        peers: &[&MspId],
    ) -> Result<Vec<ProposalResponse>, LedgerError> {
        let died = |peer: &MspId| LedgerError::Endorse {
            tx_id: proposed.tx_id.clone(),
            peer: peer.clone(),
            source: "the contract stopped unexpectedly".into(),
        };
        std::thread::scope(|scope| {
            let mut running = Vec::new();
            for peer in peers {
                let thread = scope.spawn(|| self.endorse_at(proposed, peer, Mode::Update));
                running.push((*peer, thread));
            }
            let done = running.into_iter();
            done.map(|(peer, thread)| thread.join().map_err(|_| died(peer))?)
                .collect()
        })
    }

    /// The answer is to this proposal, signed by that organisation's peer, and equal to the
    /// reference.
    pub(super) fn compare(
        &self,
        proposed: &ProposedTransaction<'_>,
        peer: &MspId,
        response: &ProposalResponse,
        reference: Option<&ProposalResponse>,
    ) -> Result<(), LedgerError> {
        let mismatch = |what| LedgerError::Mismatch {
            tx_id: proposed.tx_id.clone(),
            peer: peer.clone(),
            what,
        };
        if response.action.proposal != proposed.proposal.digest() {
            return Err(mismatch("it answers another proposal"));
        }
        if let Some(reference) = reference {
            if response.action.set != reference.action.set {
                return Err(mismatch("read or write set"));
            }
            if response.action != reference.action {
                return Err(mismatch("answer or event"));
            }
        }
        let endorser = &response.endorsement.endorser;
        let member = self
            .inner
            .rules
            .msps
            .check(endorser, proposed.clock_ms)
            .map_err(|_| mismatch("endorser's certificate"))?;
        if member.msp_id() != peer || member.role() != Role::Peer {
            return Err(mismatch("endorser is not that organisation's peer"));
        }
        member
            .verify(
                &response.action.message(endorser),
                &response.endorsement.signature,
            )
            .map_err(|_| mismatch("endorser's signature"))
    }
}

/// What a recorded set writes, in the form that write sets are compared in.
pub fn write_set(set: &ReadWriteSet) -> WriteSet {
    let public = set.writes.iter().map(|w| (w.key.clone(), w.value.clone()));
    let collections = set.collections.iter();
    let private = collections.flat_map(|c| {
        c.writes
            .iter()
            .map(|w| (c.collection.clone(), w.key, w.value))
    });
    WriteSet {
        public: public.collect(),
        private: private.collect(),
    }
}
