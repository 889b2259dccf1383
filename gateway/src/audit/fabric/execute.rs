//! Calls of a channel executed again on the rebuilt state: does this build of the contract come to
//! what was endorsed?
//!
//! Only what the chain holds is at hand: calls with private arguments, and calls that read private
//! values, are not executed.

use super::chain::Frame;
use super::state::{State, View, version};
use crate::backend::embedded::{Event, Mode, Outcome, Rules, Simulator, poll_ready};
use crate::backend::fabric::{Hash, Recorded};
use crate::msp::{Certificate, MspSet};
use circuits::field::Digest;
use collections_config::{CollectionName, MspId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use verifier_chaincode::{Call, Caller, Contract, ContractConfig, TxContext};

/// The contract of every member, made when it is first needed.
pub(super) struct Contracts {
    rules: Arc<Rules>,
    consortium: Digest,
    made: BTreeMap<MspId, Arc<Contract>>,
}

/// What executing a call again came to.
pub(super) enum Executed {
    Equal,
    Differs(String),
    Not(&'static str),
}

impl Contracts {
    /// None made yet.
    ///
    /// **Errors**: an organisation twice.
    pub(super) fn new(frame: &Frame<'_>) -> Result<Self, crate::msp::MspError> {
        let msps = MspSet::new(frame.expected.msps.iter().cloned())?;
        let rules = Rules {
            channel: frame.expected.channel.to_owned(),
            chaincode: frame.expected.chaincode.to_owned(),
            endorsement: Rules::majority(&msps),
            msps,
            collections: frame.collections.clone(),
        };
        let consortium = Digest::of(&frame.consortium.to_canonical());
        Ok(Contracts {
            rules: Arc::new(rules),
            consortium,
            made: BTreeMap::new(),
        })
    }

    /// The contract as this organisation runs it. Whether a member's process accepts development
    /// keys is not on the chain; here it does.
    fn of(&mut self, msp_id: &MspId) -> Result<Arc<Contract>, String> {
        if let Some(known) = self.made.get(msp_id) {
            return Ok(known.clone());
        }
        let config = ContractConfig {
            msp_id: msp_id.clone(),
            consortium_digest: self.consortium,
            collections: self.rules.collections.clone(),
            allow_insecure_dev_keys: true,
            chaincode_name: self.rules.chaincode.clone(),
        };
        let made = Arc::new(Contract::new(config).map_err(|e| e.to_string())?);
        self.made.insert(msp_id.clone(), made.clone());
        Ok(made)
    }

    /// Executes a recorded call on the state before it, as one of its endorsers did.
    pub(super) fn execute(
        &mut self,
        recorded: &Recorded,
        call: &Call,
        state: Arc<State>,
    ) -> Executed {
        if call.transient_name().is_some() {
            return Executed::Not("private arguments are not on the chain");
        }
        let Some(peer) = recorded.endorsers.first() else {
            return Executed::Not("nobody's endorsement holds");
        };
        let (contract, context) = match (self.of(peer), self.context(recorded, peer)) {
            (Ok(contract), Ok(context)) => (contract, context),
            (Err(e), _) | (_, Err(e)) => return Executed::Differs(e),
        };
        let view = View {
            state,
            chaincode: self.rules.chaincode.clone(),
        };
        let mut view = Simulator::new(context, self.rules.clone(), Box::new(view), Mode::Update);
        let answer = poll_ready(contract.invoke(&mut view, &recorded.args));
        if view.read_private_value() {
            return Executed::Not("reads private values");
        }
        match answer {
            Ok(answer) if answer == recorded.answer && is_same(&view.finish(), recorded) => {
                Executed::Equal
            }
            Ok(_) => Executed::Differs(
                "the contract comes to another result than the one endorsed".to_owned(),
            ),
            Err(e) => Executed::Differs(format!("the contract refuses what was endorsed: {e}")),
        }
    }

    fn context(&self, recorded: &Recorded, peer: &MspId) -> Result<TxContext, String> {
        let pem = Certificate::from_der(&recorded.certificate.certificate)
            .map_err(|e| e.to_string())?
            .to_pem();
        let caller = Caller::from_certificate(recorded.certificate.msp_id.clone(), pem.as_bytes())
            .map_err(|e| e.to_string())?;
        Ok(TxContext {
            tx_id: recorded.tx_id.clone(),
            channel: self.rules.channel.clone(),
            chaincode: self.rules.chaincode.clone(),
            timestamp_ms: recorded.timestamp_ms,
            caller,
            peer_msp: peer.clone(),
            transient: BTreeMap::new(),
        })
    }
}

/// Whether reads, writes and the event are those recorded.
fn is_same(outcome: &Outcome, recorded: &Recorded) -> bool {
    let set = &outcome.set;
    let reads: BTreeMap<_, _> = set.reads.iter().map(|r| (&r.key, r.version)).collect();
    let recorded_reads = recorded
        .reads
        .public
        .iter()
        .map(|(key, v)| (key, v.map(version)))
        .collect();
    let hashed = || {
        set.collections
            .iter()
            .flat_map(|c| c.reads.iter().map(|r| ((&c.collection, &r.key), r.version)))
    };
    let recorded_hashed: BTreeMap<_, _> = recorded
        .reads
        .private
        .iter()
        .map(|((c, key), v)| ((c, key), v.map(version)))
        .collect();
    let writes: BTreeMap<_, _> = set.writes.iter().map(|w| (&w.key, &w.value)).collect();
    let private: BTreeSet<(&CollectionName, &Hash, &Hash)> = set
        .collections
        .iter()
        .flat_map(|c| c.writes.iter().map(|w| (&c.collection, &w.key, &w.value)))
        .collect();
    let event = outcome
        .event
        .as_ref()
        .map(|Event { name, payload }| (name, payload));
    reads == recorded_reads
        && hashed().collect::<BTreeMap<_, _>>() == recorded_hashed
        && writes == recorded.writes.public.iter().collect()
        && private
            == recorded
                .writes
                .private
                .iter()
                .map(|(c, key, value)| (c, key, value))
                .collect()
        && event
            == recorded
                .event
                .as_ref()
                .map(|(name, payload)| (name, payload))
}
