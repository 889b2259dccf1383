//! The rule that compares what is signed with what was sent (P8, P10).
//!
//! A client trusts its own organisation's peer and nobody else's. That peer executes first, so the
//! client knows what a call writes before any other organisation sees its private arguments. Two
//! questions follow: may the private arguments go to these peers, and may this write set be signed.
//! Where the own peer may not execute the call, private values that the caller expects stand in.

use crate::error::LedgerError;
use crate::transaction::Transaction;
use crate::writes::{Hash, WriteSet, sha256};
use medveil_collections_config::{CollectionName, CollectionsConfig, MspId};
use std::collections::BTreeSet;

/// Why private arguments may not be sent, or a write set may not be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// A peer that would see private arguments is of no member of the collection they are for.
    NonMember {
        peer: MspId,
        collection: CollectionName,
    },
    /// What was prepared is not what was sent, or cannot be compared with it.
    Mismatch { peer: MspId, what: &'static str },
}

impl Breach {
    /// The error of a transaction that this stopped.
    pub fn into_error(self, tx_id: &str) -> LedgerError {
        let tx_id = tx_id.to_owned();
        match self {
            Breach::NonMember { peer, collection } => LedgerError::NonMember {
                tx_id,
                peer,
                collection,
            },
            Breach::Mismatch { peer, what } => LedgerError::Mismatch { tx_id, peer, what },
        }
    }
}

/// What the own organisation's peer made of a call.
#[derive(Clone, Copy, Debug)]
pub enum OwnRun<'a> {
    /// It executed the call, which writes this. Where it endorses alone, and where it is among the
    /// endorsers of a call without private arguments, this is the prepared write set itself.
    Writes(&'a WriteSet),
    /// It refuses the call: others must execute it.
    Refused,
    /// It cannot run the contract at present. Only calls without private arguments go on then.
    Unavailable,
}

/// One call, as the rule sees it.
#[derive(Clone, Copy)]
pub struct Guard<'a> {
    /// The organisation that signs.
    pub own: &'a MspId,
    /// What is sent, and to whom.
    pub transaction: &'a Transaction,
    pub collections: &'a CollectionsConfig,
}

impl Guard<'_> {
    /// Whether private arguments may go to the endorsers.
    ///
    /// They go to members only. Beside public writes, where a majority must execute, only implicit
    /// collections may be written: what goes there is a constant or sealed for its owner.
    ///
    /// **Errors**: an endorser is no member; or nothing is known of what the call writes and more
    /// than one organisation would see them.
    pub fn may_send(&self, own_run: OwnRun<'_>) -> Result<(), Breach> {
        if self.transaction.transient.is_empty() {
            return Ok(());
        }
        let (written, is_public) = match own_run {
            OwnRun::Writes(writes) => (writes.collections(), !writes.public.is_empty()),
            OwnRun::Refused | OwnRun::Unavailable => (self.expected_collections(), false),
        };
        for peer in &self.transaction.endorsers {
            for collection in &written {
                let is_exempt = is_public && collection.owner().is_some();
                if !is_exempt && !self.collections.is_member(collection, peer) {
                    let (peer, collection) = (peer.clone(), (*collection).clone());
                    return Err(Breach::NonMember { peer, collection });
                }
            }
        }
        if let OwnRun::Unavailable = own_run {
            let what = "this organisation's own peer cannot run the contract";
            return Err(self.mismatch(self.own, what));
        }
        if let (OwnRun::Refused, [_, second, ..]) = (own_run, self.transaction.endorsers.as_slice())
            && written.is_empty()
        {
            let what = "this organisation's own peer refuses the call, and no expected private values were given";
            return Err(self.mismatch(second, what));
        }
        Ok(())
    }

    /// Whether a prepared write set may be signed.
    ///
    /// **Errors**: it differs from the own run; without one, it writes anything but private values
    /// that were sent, into collections of all endorsers; or it does not hold exactly the private
    /// values that the caller expects.
    pub fn may_sign(&self, own_run: OwnRun<'_>, prepared: &WriteSet) -> Result<(), Breach> {
        // Without an own run the endorsers answer for the write set.
        let mut peer = self.own;
        match own_run {
            OwnRun::Writes(own) if own != prepared => {
                return Err(self.mismatch(peer, "write set"));
            }
            OwnRun::Unavailable if self.transaction.transient.is_empty() => {}
            OwnRun::Refused | OwnRun::Unavailable => {
                peer = self.transaction.endorsers.first().unwrap_or(peer);
                let is_sent = self.is_what_was_sent(prepared);
                is_sent.map_err(|what| self.mismatch(peer, what))?;
            }
            OwnRun::Writes(_) => {}
        }
        let is_expected = self.is_what_is_expected(prepared);
        is_expected.map_err(|what| self.mismatch(peer, what))
    }

    fn mismatch(&self, peer: &MspId, what: &'static str) -> Breach {
        let peer = peer.clone();
        Breach::Mismatch { peer, what }
    }

    fn is_what_was_sent(&self, prepared: &WriteSet) -> Result<(), &'static str> {
        if !prepared.public.is_empty() {
            return Err("public writes that this organisation's own peer cannot repeat");
        }
        let mut endorsers = self.transaction.endorsers.iter();
        let written = prepared.collections();
        if !endorsers.all(|e| written.iter().all(|c| self.collections.is_member(c, e))) {
            return Err("a private write outside the endorser's collections");
        }
        let transient = self.transaction.transient.values();
        let sent: BTreeSet<Hash> = transient.map(|v| sha256(v)).collect();
        let is_sent = prepared.private.iter().all(|(_, _, v)| sent.contains(v));
        if self.transaction.expected.is_empty() && !is_sent {
            return Err("a private value that was not sent");
        }
        Ok(())
    }

    fn is_what_is_expected(&self, prepared: &WriteSet) -> Result<(), &'static str> {
        let collections = self.expected_collections();
        let expected = self.transaction.expected.iter();
        let wanted: BTreeSet<_> = expected
            .map(|e| (&e.collection, sha256(e.key.as_bytes()), sha256(&e.value)))
            .collect();
        let written = prepared.private.iter();
        let got: BTreeSet<_> = written
            .filter(|(c, ..)| collections.contains(c))
            .map(|(c, key, value)| (c, *key, *value))
            .collect();
        if got == wanted {
            Ok(())
        } else {
            Err("private values other than those sent")
        }
    }

    fn expected_collections(&self) -> BTreeSet<&CollectionName> {
        let expected = self.transaction.expected.iter();
        expected.map(|e| &e.collection).collect()
    }
}

#[cfg(test)]
mod tests;
