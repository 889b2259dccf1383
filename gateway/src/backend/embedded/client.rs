//! The client's side: propose, collect endorsements, compare, sign, submit.
//!
//! The client trusts its own organisation's peer and nobody else's. It lets that peer execute
//! first: so it knows what the call writes before any other organisation sees the private
//! arguments, and sends them to members only. Then it compares every prepared transaction with its
//! own peer's, or, where its own peer may not execute the call, with the private values it sent;
//! only then does it sign.

use super::format::{
    Action, Endorsement, Envelope, PrivateWrite, Proposal, ValidationCode, sha256,
};
use super::order::Ordered;
use super::peer::{Answer, Ask, EndorseError};
use super::query::Events;
use super::simulator::Mode;
use super::{Inner, Peer};
use crate::backend::{Backend, BackendError, Checkpoint, Committed, ExpectedWrite, Transaction};
use crate::msp::Identity;
use collections_config::{CollectionName, MspId, Role};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, PoisonError};

/// How often a conflict is endorsed again.
const MAX_ATTEMPTS: usize = 3;

/// A transaction that is endorsed and signed, and not ordered yet.
#[derive(Clone)]
pub struct Prepared {
    /// What is ordered.
    pub envelope: Envelope,
    /// Private values for the members' stores.
    pub private: Vec<PrivateWrite>,
}

impl Prepared {
    /// Its transaction id.
    pub fn tx_id(&self) -> String {
        self.envelope.proposal.tx_id()
    }

    /// The contract's answer.
    pub fn payload(&self) -> &[u8] {
        &self.envelope.action.payload
    }
}

/// The embedded ledger as one identity uses it.
#[derive(Clone)]
pub struct EmbeddedBackend {
    inner: Arc<Inner>,
    identity: Arc<Identity>,
}

/// One call on its way.
struct Flight<'a> {
    transaction: &'a Transaction,
    proposal: Proposal,
    signature: Vec<u8>,
    tx_id: String,
    clock_ms: u64,
}

impl EmbeddedBackend {
    pub(super) fn new(inner: Arc<Inner>, identity: Arc<Identity>) -> Self {
        EmbeddedBackend { inner, identity }
    }

    /// The identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Endorses, compares and signs; nothing is ordered.
    ///
    /// **Errors**: the stage that failed.
    pub fn prepare(&self, transaction: &Transaction) -> Result<Prepared, BackendError> {
        self.check_endorsers(&transaction.endorsers)?;
        let flight = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let own = match self.ask(&flight, self.identity.msp_id(), Mode::Update) {
            Ok(answer) => Some(answer),
            // Where others must execute the call, this peer may refuse it: then the private values
            // are compared instead.
            Err(BackendError::Refused { .. })
                if !transaction.endorsers.contains(self.identity.msp_id()) =>
            {
                None
            }
            Err(e) => return Err(e),
        };
        self.may_send(&flight, own.as_ref().map(|a| &a.action))?;
        let others: Vec<&MspId> = transaction
            .endorsers
            .iter()
            .filter(|m| *m != self.identity.msp_id())
            .collect();
        let mut answers = self.ask_all(&flight, &others)?;
        let endorses = transaction.endorsers.contains(self.identity.msp_id());
        for (peer, answer) in others.iter().zip(&answers) {
            self.compare(&flight, peer, answer, own.as_ref().or(answers.first()))?;
            if own.is_none() {
                self.compare_with_sent(&flight, peer, answer)?;
            }
        }
        let mut private = None;
        if let Some(own) = own {
            check_expected(&flight, self.identity.msp_id(), &own, &transaction.expected)?;
            private = Some(own.private.clone());
            if endorses {
                answers.push(own);
            }
        }
        self.seal(flight, answers, private)
    }

    fn seal(
        &self,
        flight: Flight<'_>,
        mut answers: Vec<Answer>,
        private: Option<Vec<PrivateWrite>>,
    ) -> Result<Prepared, BackendError> {
        answers.sort_by(|a, b| a.endorsement.endorser.cmp(&b.endorsement.endorser));
        let endorsements: Vec<Endorsement> =
            answers.iter().map(|a| a.endorsement.clone()).collect();
        let Some(first) = answers.into_iter().next() else {
            return Err(BackendError::Endorsers("none".to_string()));
        };
        let message = Envelope::message(&flight.proposal, &first.action, &endorsements);
        let signature = self.sign(&flight.tx_id, &message)?;
        let envelope = Envelope {
            proposal: flight.proposal,
            action: first.action,
            endorsements,
            signature,
        };
        Ok(Prepared {
            envelope,
            private: private.unwrap_or(first.private),
        })
    }

    fn sign(&self, tx_id: &str, message: &[u8]) -> Result<Vec<u8>, BackendError> {
        let failed = |reason: String| BackendError::Endorse {
            tx_id: tx_id.to_string(),
            peer: self.identity.msp_id().clone(),
            reason,
        };
        self.identity
            .sign(message)
            .map_err(|e| failed(e.to_string()))
    }

    fn check_endorsers(&self, endorsers: &[MspId]) -> Result<(), BackendError> {
        let different: BTreeSet<&MspId> = endorsers.iter().collect();
        let known = endorsers.iter().all(|m| self.inner.peers.contains_key(m));
        if endorsers.is_empty() || different.len() != endorsers.len() || !known {
            let list: Vec<&str> = endorsers.iter().map(MspId::as_str).collect();
            return Err(BackendError::Endorsers(if list.is_empty() {
                "none".to_string()
            } else {
                list.join(", ")
            }));
        }
        Ok(())
    }

    fn propose<'a>(&self, transaction: &'a Transaction) -> Result<Flight<'a>, BackendError> {
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
        Ok(Flight {
            transaction,
            proposal,
            signature,
            tx_id,
            clock_ms,
        })
    }

    /// Asks one peer. The caller holds the commit lock, so that all peers it asks answer from one
    /// height.
    fn ask(&self, flight: &Flight<'_>, msp_id: &MspId, mode: Mode) -> Result<Answer, BackendError> {
        let unknown = || BackendError::Endorsers(msp_id.to_string());
        let peer: &Peer = self.inner.peers.get(msp_id).ok_or_else(unknown)?;
        let ask = Ask {
            proposal: &flight.proposal,
            signature: &flight.signature,
            transient: &flight.transaction.transient,
            clock_ms: flight.clock_ms,
        };
        peer.endorse(&ask, mode).map_err(|e| match e {
            EndorseError::Contract(error) => BackendError::Refused {
                tx_id: flight.tx_id.clone(),
                peer: msp_id.clone(),
                error,
            },
            other => BackendError::Endorse {
                tx_id: flight.tx_id.clone(),
                peer: msp_id.clone(),
                reason: other.to_string(),
            },
        })
    }

    /// Asks several peers at once: each verifies proofs for itself.
    fn ask_all(&self, flight: &Flight<'_>, peers: &[&MspId]) -> Result<Vec<Answer>, BackendError> {
        std::thread::scope(|scope| {
            let asked: Vec<_> = peers
                .iter()
                .map(|peer| (*peer, scope.spawn(|| self.ask(flight, peer, Mode::Update))))
                .collect();
            asked
                .into_iter()
                .map(|(peer, answer)| {
                    let died = |_| BackendError::Endorse {
                        tx_id: flight.tx_id.clone(),
                        peer: peer.clone(),
                        reason: "the contract stopped unexpectedly".to_string(),
                    };
                    answer.join().map_err(died)?
                })
                .collect()
        })
    }

    /// Private arguments go to members only. Beside public writes, where a majority must execute,
    /// only implicit collections may be written: what goes there is a constant or sealed for
    /// its owner.
    fn may_send(&self, flight: &Flight<'_>, own: Option<&Action>) -> Result<(), BackendError> {
        if flight.transaction.transient.is_empty() {
            return Ok(());
        }
        let expected = || {
            flight
                .transaction
                .expected
                .iter()
                .map(|e| &e.collection)
                .collect::<Vec<&CollectionName>>()
        };
        let (written, public) = match own {
            Some(action) => (
                action.set.written_collections().collect(),
                !action.set.writes.is_empty(),
            ),
            None => (expected(), false),
        };
        for peer in &flight.transaction.endorsers {
            for collection in &written {
                let exempt = public && collection.owner().is_some();
                if !exempt && !self.inner.rules.collections.is_member(collection, peer) {
                    let (peer, collection) = (peer.clone(), (*collection).clone());
                    return Err(BackendError::NonMember {
                        tx_id: flight.tx_id.clone(),
                        peer,
                        collection,
                    });
                }
            }
        }
        // Nothing is known of what the call writes: then one organisation is told, which the caller
        // named alone.
        match (own, flight.transaction.endorsers.as_slice()) {
            (None, [_, second, ..]) if written.is_empty() => Err(BackendError::Mismatch {
                tx_id: flight.tx_id.clone(),
                peer: second.clone(),
                what: "this organisation's own peer refuses the call, and no expected private values were given",
            }),
            _ => Ok(()),
        }
    }

    /// The answer is to this proposal, signed by that organisation's peer, and equal to the
    /// reference.
    fn compare(
        &self,
        flight: &Flight<'_>,
        peer: &MspId,
        answer: &Answer,
        reference: Option<&Answer>,
    ) -> Result<(), BackendError> {
        let mismatch = |what| BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: peer.clone(),
            what,
        };
        if answer.action.proposal != flight.proposal.digest() {
            return Err(mismatch("it answers another proposal"));
        }
        if let Some(reference) = reference {
            if answer.action.set != reference.action.set {
                return Err(mismatch("read or write set"));
            }
            if answer.action != reference.action {
                return Err(mismatch("answer or event"));
            }
        }
        let endorser = &answer.endorsement.endorser;
        let member = self
            .inner
            .rules
            .msps
            .check(endorser, flight.clock_ms)
            .map_err(|_| mismatch("endorser's certificate"))?;
        if member.msp_id() != peer || member.role() != Role::Peer {
            return Err(mismatch("endorser is not that organisation's peer"));
        }
        member
            .verify(
                &answer.action.message(endorser),
                &answer.endorsement.signature,
            )
            .map_err(|_| mismatch("endorser's signature"))
    }

    /// Without a run of its own the client accepts private values only, only those it sent, and
    /// only where the endorser is a member.
    fn compare_with_sent(
        &self,
        flight: &Flight<'_>,
        peer: &MspId,
        answer: &Answer,
    ) -> Result<(), BackendError> {
        let mismatch = |what| BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: peer.clone(),
            what,
        };
        let set = &answer.action.set;
        if !set.writes.is_empty() {
            return Err(mismatch(
                "public writes that this organisation's own peer cannot repeat",
            ));
        }
        if set
            .written_collections()
            .any(|c| !self.inner.rules.collections.is_member(c, peer))
        {
            return Err(mismatch(
                "a private write outside the endorser's collections",
            ));
        }
        if flight.transaction.expected.is_empty() {
            let sent: BTreeSet<_> = flight
                .transaction
                .transient
                .values()
                .map(|v| sha256(v))
                .collect();
            let all = set
                .collections
                .iter()
                .flat_map(|c| &c.writes)
                .all(|w| sent.contains(&w.value));
            return if all {
                Ok(())
            } else {
                Err(mismatch("a private value that was not sent"))
            };
        }
        check_expected(flight, peer, answer, &flight.transaction.expected)
    }

    fn submit_now(&self, transaction: &Transaction) -> Result<Committed, BackendError> {
        let mut attempt = 1;
        loop {
            let prepared = self.prepare(transaction)?;
            let (tx_id, payload) = (prepared.tx_id(), prepared.payload().to_vec());
            let ordered = self.inner.order(vec![prepared]);
            let ordered = ordered.map_err(|reason| BackendError::Submit {
                tx_id: tx_id.clone(),
                reason,
            })?;
            let verdict = ordered.into_iter().next();
            let Some(Ordered {
                block, tx, code, ..
            }) = verdict
            else {
                return Err(BackendError::Read("no verdict".to_string()));
            };
            match code {
                ValidationCode::Valid => {
                    return Ok(Committed {
                        tx_id,
                        block,
                        tx: Some(tx),
                        payload,
                    });
                }
                // Definitive: the transaction can never become valid, so the same arguments may be
                // endorsed again.
                ValidationCode::MvccConflict if attempt < MAX_ATTEMPTS => attempt += 1,
                code => return Err(BackendError::Commit { tx_id, block, code }),
            }
        }
    }

    fn confirm_now(&self, transaction: &Transaction) -> Result<Vec<u8>, BackendError> {
        self.check_endorsers(&transaction.endorsers)?;
        let flight = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let mut first: Option<Answer> = None;
        for peer in &transaction.endorsers {
            let answer = self.ask(&flight, peer, Mode::Query)?;
            self.compare(&flight, peer, &answer, first.as_ref())?;
            if !answer.action.set.writes_nothing() {
                return Err(BackendError::Mismatch {
                    tx_id: flight.tx_id,
                    peer: peer.clone(),
                    what: "a query would write",
                });
            }
            first.get_or_insert(answer);
        }
        Ok(first.map(|a| a.action.payload).unwrap_or_default())
    }

    fn evaluate_now(&self, transaction: &Transaction) -> Result<Vec<u8>, BackendError> {
        let flight = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let at = transaction
            .endorsers
            .first()
            .unwrap_or(self.identity.msp_id());
        Ok(self.ask(&flight, at, Mode::Query)?.action.payload)
    }
}

/// The prepared write set must hold exactly the private values that the caller named, in the
/// collections it named.
fn check_expected(
    flight: &Flight<'_>,
    peer: &MspId,
    answer: &Answer,
    expected: &[ExpectedWrite],
) -> Result<(), BackendError> {
    if expected.is_empty() {
        return Ok(());
    }
    let collections: BTreeSet<&CollectionName> = expected.iter().map(|e| &e.collection).collect();
    let wanted: BTreeSet<_> = expected
        .iter()
        .map(|e| (&e.collection, sha256(e.key.as_bytes()), sha256(&e.value)))
        .collect();
    let sets = answer
        .action
        .set
        .collections
        .iter()
        .filter(|c| collections.contains(&c.collection));
    let prepared: BTreeSet<_> = sets
        .flat_map(|c| c.writes.iter().map(|w| (&c.collection, w.key, w.value)))
        .collect();
    if prepared == wanted {
        Ok(())
    } else {
        Err(BackendError::Mismatch {
            tx_id: flight.tx_id.clone(),
            peer: peer.clone(),
            what: "private values other than those sent",
        })
    }
}

impl Backend for EmbeddedBackend {
    type Events = Events;

    fn submit(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Committed, BackendError>> + Send {
        async move { self.submit_now(&transaction) }
    }
    fn evaluate(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Vec<u8>, BackendError>> + Send {
        async move { self.evaluate_now(&transaction) }
    }
    fn confirm(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Vec<u8>, BackendError>> + Send {
        async move { self.confirm_now(&transaction) }
    }
    fn events(&self, from: Checkpoint) -> Events {
        Events::new(self.inner.clone(), from)
    }
}
