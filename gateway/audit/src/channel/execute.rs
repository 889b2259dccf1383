//! Calls of a channel executed again on the rebuilt state: does this build of the contract give
//! the result that was endorsed?
//!
//! Only what the chain holds is at hand: calls with private arguments, and calls that read private
//! values, are not executed.

use super::expected::AuditedChannel;
use super::state::{State, View, version};
use medveil_circuits::field::Digest;
use medveil_collections_config::{MspId, error_chain};
use medveil_contract::{Call, Caller, ConfigError, Contract, ContractConfig, TxContext};
use medveil_embedded::{Mode, Outcome, Simulator, poll_ready, write_set};
use medveil_embedded_wire::{Event, Rules};
use medveil_fabric_wire::Recorded;
use medveil_ledger::BoxError;
use medveil_msp::{Certificate, MspSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The contract of every member, made when it is first needed.
pub(super) struct Contracts {
    rules: Arc<Rules>,
    consortium: Digest,
    made: BTreeMap<MspId, Arc<Contract>>,
}

/// The result of executing a call again.
pub(super) enum Executed {
    Equal,
    Differs(String),
    Not(&'static str),
}

impl Contracts {
    /// None made yet.
    ///
    /// **Errors**: an organisation twice.
    pub(super) fn new(channel: &AuditedChannel<'_>) -> Result<Self, medveil_msp::MspError> {
        let msps = MspSet::new(channel.expected.msps.iter().cloned())?;
        let rules = Rules {
            channel: channel.expected.channel.to_owned(),
            chaincode: channel.expected.chaincode.to_owned(),
            endorsement: Rules::majority(&msps),
            msps,
            collections: channel.collections.clone(),
        };
        let consortium = Digest::of(&channel.consortium.to_canonical());
        Ok(Contracts {
            rules: Arc::new(rules),
            consortium,
            made: BTreeMap::new(),
        })
    }

    /// The contract as this organisation runs it. Whether a member's process accepts development
    /// keys is not on the chain; here it does.
    fn of(&mut self, msp_id: &MspId) -> Result<Arc<Contract>, ConfigError> {
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
        let made = Arc::new(Contract::new(config)?);
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
            (Err(e), _) => return Executed::Differs(error_chain(&e)),
            (_, Err(e)) => return Executed::Differs(error_chain(&*e)),
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
            Err(e) => Executed::Differs(format!(
                "the contract refuses what was endorsed: {}",
                error_chain(&e)
            )),
        }
    }

    fn context(&self, recorded: &Recorded, peer: &MspId) -> Result<TxContext, BoxError> {
        let pem = Certificate::from_der(&recorded.certificate.certificate)?.to_pem();
        let caller = Caller::from_certificate(recorded.certificate.msp_id.clone(), pem.as_bytes())?;
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
    let recorded_reads = recorded.reads.public.iter();
    let recorded_reads = recorded_reads.map(|(key, v)| (key, v.map(version)));
    let hashed: BTreeMap<_, _> = set
        .collections
        .iter()
        .flat_map(|c| c.reads.iter().map(|r| ((&c.collection, &r.key), r.version)))
        .collect();
    let recorded_hashed = recorded.reads.private.iter();
    let recorded_hashed = recorded_hashed.map(|((c, key), v)| ((c, key), v.map(version)));
    let event = outcome.event.as_ref();
    let recorded_event = recorded.event.as_ref();
    reads == recorded_reads.collect()
        && hashed == recorded_hashed.collect()
        && write_set(set) == recorded.writes
        && event.map(|Event { name, payload }| (name, payload))
            == recorded_event.map(|(name, payload)| (name, payload))
}
