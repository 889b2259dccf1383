//! A transaction of a bundle whose signatures and endorsement policy hold, from either ledger.

use super::trust::{LedgerKind, Trust};
use super::verify::{Endorsed, refuse};
use crate::backend::embedded::Rules;
use crate::backend::fabric::{Expected, Recorded};
use crate::error::{Context, GatewayError};
use circuits::ids::Day;
use collections_config::{CollectionsConfig, MspId};
use std::collections::{BTreeMap, BTreeSet};
use verifier_chaincode::call::Call;
use verifier_chaincode::model::Entry;
use verifier_chaincode::state_key::StateKey;

/// A transaction whose signatures and endorsement policy hold.
pub(super) struct Signed {
    pub(super) tx_id: String,
    creator: MspId,
    timestamp_ms: u64,
    endorsers: BTreeSet<MspId>,
    writes: BTreeMap<String, Vec<u8>>,
}

impl Signed {
    /// Checks a transaction under a trust.
    ///
    /// **Errors**: not of the ledger's one byte form, a signature, or the endorsement policy.
    pub(super) fn check(
        trust: &Trust,
        what: &'static str,
        bytes: &[u8],
    ) -> Result<(Self, Call), GatewayError> {
        let at = |e: &dyn std::fmt::Display| refuse(format!("{what} transaction: {e}"));
        let (signed, args) = match trust.ledger() {
            LedgerKind::Embedded => embedded(trust, bytes, &at)?,
            LedgerKind::Fabric => fabric(trust, bytes, &at)?,
        };
        let call = Call::from_args(&args).map_err(|e| at(&e))?;
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
    pub(super) fn endorsed(&self) -> Endorsed {
        Endorsed {
            tx_id: self.tx_id.clone(),
            day: self.day(),
            endorsers: self.endorsers.clone(),
        }
    }

    /// That the endorsed write set holds exactly this entry.
    ///
    /// **Errors**: it does not.
    pub(super) fn expect<T: Entry>(&self, key: &StateKey, entry: &T) -> Result<(), GatewayError> {
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

type Refuse<'a> = &'a dyn Fn(&dyn std::fmt::Display) -> GatewayError;

fn embedded(
    trust: &Trust,
    bytes: &[u8],
    at: Refuse<'_>,
) -> Result<(Signed, Vec<Vec<u8>>), GatewayError> {
    let msps = trust.msps()?;
    let endorsement = Rules::majority(&msps);
    let collections = CollectionsConfig::from_json("[]").internal("bundle")?;
    let rules = Rules {
        channel: trust.channel().to_owned(),
        chaincode: trust.chaincode().to_owned(),
        msps,
        endorsement,
        collections,
    };
    let screened = rules.screen(bytes).map_err(|e| at(&e.code))?;
    if screened.envelope.to_bytes() != bytes {
        return Err(at(&"expected its one byte form"));
    }
    let envelope = screened.envelope;
    let signed = Signed {
        tx_id: screened.tx_id,
        creator: envelope.proposal.creator.msp_id,
        timestamp_ms: envelope.proposal.timestamp_ms,
        endorsers: envelope
            .endorsements
            .into_iter()
            .map(|e| e.endorser.msp_id)
            .collect(),
        writes: envelope
            .action
            .set
            .writes
            .into_iter()
            .map(|w| (w.key, w.value))
            .collect(),
    };
    Ok((signed, envelope.proposal.args))
}

fn fabric(
    trust: &Trust,
    bytes: &[u8],
    at: Refuse<'_>,
) -> Result<(Signed, Vec<Vec<u8>>), GatewayError> {
    let expected = Expected {
        channel: trust.channel(),
        chaincode: trust.chaincode(),
        msps: &trust.msps()?,
    };
    let recorded = Recorded::read(bytes, &expected).map_err(|e| at(&format!("expected {e}")))?;
    if !trust.is_endorsed_by(&recorded.endorsers) {
        return Err(at(&"expected endorsements of a majority"));
    }
    let signed = Signed {
        tx_id: recorded.tx_id,
        creator: recorded.creator.msp_id().clone(),
        timestamp_ms: recorded.timestamp_ms,
        endorsers: recorded.endorsers,
        writes: recorded.writes.public,
    };
    Ok((signed, recorded.args))
}
