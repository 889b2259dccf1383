//! A transaction of a bundle whose signatures and endorsement policy hold, from either ledger.

use super::report::{Endorsed, Endorser};
use super::trust::{LedgerKind, Trust};
use crate::error::{BoxError, BundleError, at, refuse};
use medveil_circuits::ids::Day;
use medveil_collections_config::{CollectionsConfig, MspId};
use medveil_contract::call::Call;
use medveil_contract::model::Entry;
use medveil_contract::state_key::StateKey;
use medveil_embedded_wire::{Envelope, Rules, ValidationCode};
use medveil_fabric_wire::{Expected, MAX_ENDORSEMENTS, Recorded};
use medveil_msp::Creator;
use std::collections::{BTreeMap, BTreeSet};

/// A transaction whose signatures and endorsement policy hold.
pub(super) struct Signed {
    pub(super) tx_id: String,
    creator: MspId,
    timestamp_ms: u64,
    endorsers: Vec<Endorser>,
    writes: BTreeMap<String, Vec<u8>>,
}

impl Signed {
    /// Checks a transaction under a trust. `what` is `registration transaction` or
    /// `claim transaction`.
    ///
    /// **Errors**: not of the ledger's one byte form, a signature, or the endorsement policy.
    pub(super) fn check(
        trust: &Trust,
        what: &'static str,
        bytes: &[u8],
    ) -> Result<(Self, Call), BundleError> {
        let checked = match trust.ledger() {
            LedgerKind::Embedded => check_embedded(trust, bytes),
            LedgerKind::Fabric => fabric(trust, bytes),
        };
        let (signed, args) = checked.map_err(at(what))?;
        let call = Call::from_args(&args).map_err(at(what))?;
        Ok((signed, call))
    }

    /// The organisation that sent it.
    pub(super) fn holder(&self) -> &MspId {
        &self.creator
    }

    /// Its day, by the client's clock as the endorsers accepted it.
    pub(super) fn day(&self) -> Day {
        Day::of_millis(self.timestamp_ms)
    }

    /// What a report says of it.
    pub(super) fn to_endorsed(&self) -> Endorsed {
        Endorsed {
            tx_id: self.tx_id.clone(),
            day: self.day(),
            endorsers: self.endorsers.clone(),
        }
    }

    /// That the endorsed write set holds exactly this entry.
    ///
    /// **Errors**: it does not.
    pub(super) fn expect<T: Entry>(&self, key: &StateKey, entry: &T) -> Result<(), BundleError> {
        if self
            .writes
            .get(key.as_str())
            .is_some_and(|value| *value == entry.to_entry_bytes())
        {
            return Ok(());
        }
        Err(refuse(format!(
            "the endorsed write at {key} is not the one that the proofs lead to"
        )))
    }
}

/// Why a transaction does not count.
#[derive(Debug, thiserror::Error)]
enum Uncounted {
    #[error("{0}")]
    Code(ValidationCode),
    #[error("expected its one byte form")]
    NotCanonical,
    #[error("expected endorsements of a majority")]
    Policy,
    #[error("expected at most {MAX_ENDORSEMENTS} endorsements, got {0}")]
    Endorsements(usize),
}

/// A transaction and the arguments of its call.
type Checked = Result<(Signed, Vec<Vec<u8>>), BoxError>;

fn check_embedded(trust: &Trust, bytes: &[u8]) -> Checked {
    let msps = trust.msps()?;
    let rules = Rules {
        channel: trust.channel().to_owned(),
        chaincode: trust.chaincode().to_owned(),
        endorsement: Rules::majority(&msps),
        msps,
        collections: CollectionsConfig::from_json("[]")?,
    };
    let begun = Envelope::from_bytes(bytes).map_err(|_| Uncounted::NotCanonical)?;
    check_endorsements(begun.endorsements.len())?;
    let screened = rules.screen(bytes).map_err(|e| Uncounted::Code(e.code))?;
    let (tx_id, envelope) = (screened.tx_id, screened.envelope);
    if envelope.to_bytes() != bytes {
        return Err(Uncounted::NotCanonical.into());
    }
    let endorsers = endorsers(envelope.peers())?;
    let writes = envelope.action.set.writes.into_iter();
    let signed = Signed {
        tx_id,
        creator: envelope.proposal.creator.msp_id,
        timestamp_ms: envelope.proposal.timestamp_ms,
        endorsers,
        writes: writes.map(|w| (w.key, w.value)).collect(),
    };
    Ok((signed, envelope.proposal.args))
}

fn check_endorsements(count: usize) -> Result<(), Uncounted> {
    match count > MAX_ENDORSEMENTS {
        true => Err(Uncounted::Endorsements(count)),
        false => Ok(()),
    }
}

/// Peers as a report names them, each once and in one order.
fn endorsers<'a>(peers: impl IntoIterator<Item = &'a Creator>) -> Result<Vec<Endorser>, BoxError> {
    let peers: BTreeSet<&Creator> = peers.into_iter().collect();
    let mut endorsers = Vec::new();
    for peer in peers {
        endorsers.push(Endorser::of(peer)?);
    }
    endorsers.sort();
    Ok(endorsers)
}

fn fabric(trust: &Trust, bytes: &[u8]) -> Checked {
    let expected = Expected {
        channel: trust.channel(),
        chaincode: trust.chaincode(),
        msps: &trust.msps()?,
    };
    let recorded = Recorded::read(bytes, &expected)?;
    if !trust.is_endorsed_by(&recorded.endorsers) {
        return Err(Uncounted::Policy.into());
    }
    let signed = Signed {
        tx_id: recorded.tx_id,
        creator: recorded.creator.msp_id().clone(),
        timestamp_ms: recorded.timestamp_ms,
        endorsers: endorsers(&recorded.peers)?,
        writes: recorded.writes.public,
    };
    Ok((signed, recorded.args))
}

#[cfg(test)]
mod tests;
