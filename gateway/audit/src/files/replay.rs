//! Replaying the chain: links, verdicts, and every valid call once more.

use super::stores::Stores;
use super::transient;
use crate::error::AuditError;
use crate::report::Report;
use medveil_circuits::ids::ConsortiumId;
use medveil_collections_config::{MspId, error_chain};
use medveil_contract::judge::KeyCache;
use medveil_contract::judge::audit::Committed;
use medveil_contract::{Call, StateKey};
use medveil_embedded::{
    Chain, ChainError, Chaincode, Layout, MakeChaincode, Memory, Mode, OpenError, Outcome,
    Simulator, StateReader, StoreError, Transient, context, resolve, screen_all, verdict,
};
use medveil_embedded_wire::{
    Action, Block, Envelope, Genesis, Hash, PrivateWrite, Rules, ValidationCode, Version,
};
use medveil_ledger::sha256;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A replay under way.
pub(super) struct Replay {
    /// Hash of the genesis.
    pub(super) anchor: Hash,
    pub(super) rules: Arc<Rules>,
    pub(super) memory: Memory,
    pub(super) report: Report,
    /// Hash of every block that was replayed.
    pub(super) hashes: Vec<Hash>,
    /// Whether the chain was replayed to its end.
    pub(super) complete: bool,
    chain: Chain,
    consortium: ConsortiumId,
    keys: KeyCache,
    chaincodes: BTreeMap<MspId, Arc<dyn Chaincode>>,
}

impl Replay {
    pub(super) fn open(layout: &Layout, chaincode: &MakeChaincode) -> Result<Self, AuditError> {
        let damaged = |e: OpenError| AuditError::Open(e.with_advice());
        let chain = Chain::open(&layout.chain()).map_err(|e| damaged(e.into()))?;
        let genesis = Genesis::from_bytes(chain.genesis()).map_err(|e| damaged(e.into()))?;
        let rules = Arc::new(genesis.rules().map_err(|e| damaged(e.into()))?);
        let anchor = sha256(chain.genesis());
        let mut report = Report {
            genesis: hex::encode(anchor),
            height: chain.height(),
            ..Report::default()
        };
        let mut chaincodes = BTreeMap::new();
        for msp in rules.msps.iter() {
            let made = chaincode(&genesis, msp.msp_id()).map_err(AuditError::Contract)?;
            chaincodes.insert(msp.msp_id().clone(), made);
        }
        check_authorities(layout, &rules, &mut report);
        if chain.has_torn_tail() {
            let what = "the file ends in a block that is not whole; it is cut off at the next opening if nobody signed it";
            report.find("chain", format!("block {}", chain.height()), what);
        }
        let consortium = medveil_circuits::eligibility::consortium_id(&genesis.consortium);
        let (memory, keys) = (Memory::default(), KeyCache::default());
        Ok(Replay {
            anchor,
            rules,
            memory,
            report,
            hashes: Vec::new(),
            complete: false,
            chain,
            consortium,
            keys,
            chaincodes,
        })
    }

    /// Replays every block until one cannot be read.
    pub(super) fn run(&mut self, stores: &Stores) {
        let mut previous = self.anchor;
        for number in 0..self.chain.height() {
            let block = match self.chain.block(number) {
                Ok(block) => block,
                Err(e) => {
                    let what = match e {
                        ChainError::Damaged { what, .. } => what.to_owned(),
                        other => error_chain(&other),
                    };
                    return self.report.find("chain", format!("block {number}"), what);
                }
            };
            if block.header.previous != previous {
                return self.report.find(
                    "chain",
                    format!("block {number}"),
                    "does not follow the block before it",
                );
            }
            previous = block.header.hash();
            self.hashes.push(previous);
            if let Err(e) = self.replay(&block, stores) {
                return self
                    .report
                    .find("chain", format!("block {number}"), error_chain(&e));
            }
            self.report.blocks += 1;
        }
        self.complete = true;
    }

    fn replay(&mut self, block: &Block, stores: &Stores) -> Result<(), StoreError> {
        let number = block.header.number;
        let screened = screen_all(&self.rules, &block.envelopes);
        let updates = resolve(number, &screened, &self.memory)?;
        for ((tx, screened), code) in (0u32..).zip(&screened).zip(&updates.codes) {
            match screened {
                Ok(s) if *code == ValidationCode::Valid => {
                    self.report.valid += 1;
                    self.execute(&s.tx_id, &s.envelope, stores);
                    self.memory
                        .apply(Version { block: number, tx }, &s.envelope.action.set);
                    self.recheck(&s.tx_id, &s.envelope);
                }
                Ok(s) => self.report.invalid.push((s.tx_id.clone(), verdict(*code))),
                Err(r) => self
                    .report
                    .invalid
                    .push((r.tx_id.clone().unwrap_or_default(), verdict(*code))),
            }
        }
        self.memory.record(number, &updates.codes, &updates.txs);
        Ok(())
    }

    /// Executes a recorded call on the rebuilt state, as its first endorser did.
    fn execute(&mut self, tx_id: &str, envelope: &Envelope, stores: &Stores) {
        let Some(endorser) = envelope.endorsements.first().map(|e| &e.endorser.msp_id) else {
            return;
        };
        let Some(chaincode) = self.chaincodes.get(endorser).cloned() else {
            return;
        };
        let proposal = &envelope.proposal;
        let Some(transient) = self.transient_of(envelope, stores) else {
            return self.not_executed(tx_id, "private arguments are not kept");
        };
        let entry = format!("transaction {tx_id}");
        let context = match context(&self.rules, proposal, transient, endorser.clone()) {
            Ok(context) => context,
            Err(e) => return self.report.find("chain", entry, error_chain(&e)),
        };
        let state = Box::new(self.memory.clone());
        let mut view = Simulator::new(context, self.rules.clone(), state, Mode::Update);
        let answer = chaincode.invoke(&mut view, &proposal.args);
        if view.read_private_value() {
            return self.not_executed(tx_id, "reads private values");
        }
        match answer {
            Ok(payload) if is_same(view.finish(), &payload, &envelope.action) => {
                self.report.executed += 1;
            }
            Ok(_) => {
                let what = "the contract comes to another result than the one endorsed";
                self.report.find("chain", entry, what);
            }
            Err(e) => {
                let why = error_chain(&e);
                let what = format!("the contract refuses what was endorsed: {why}");
                self.report.find("chain", entry, what);
            }
        }
    }

    fn not_executed(&mut self, tx_id: &str, why: &'static str) {
        self.report.not_executed.push((tx_id.to_owned(), why));
    }

    /// The private arguments of a call, where some member still keeps what they became.
    fn transient_of(&self, envelope: &Envelope, stores: &Stores) -> Option<Transient> {
        if !envelope.proposal.transient {
            return Some(Transient::new());
        }
        let private = self.private_of(envelope, stores)?;
        transient::rebuild(&envelope.proposal.args, &private)
    }

    /// Verifies every proof of a recorded call from its public arguments, also where the call
    /// cannot be executed again.
    fn recheck(&mut self, tx_id: &str, envelope: &Envelope) {
        let args = &envelope.proposal.args;
        if !args.first().is_some_and(|name| Call::is_transaction(name)) {
            return;
        }
        let entry = format!("transaction {tx_id}");
        let call = match Call::from_args(args) {
            Ok(call) => call,
            Err(e) => return self.report.find("chain", entry, error_chain(&e)),
        };
        let state = |key: &StateKey| {
            self.memory
                .public(key.as_str())
                .ok()
                .flatten()
                .map(|(_, value)| value)
        };
        let committed = Committed {
            consortium: self.consortium,
            chaincode: &self.rules.chaincode,
            caller: &envelope.proposal.creator.msp_id,
            state: &state,
            keys: &self.keys,
        };
        match committed.recheck(&call) {
            Ok(proofs) => self.report.proofs += proofs as u64,
            Err(e) => self.report.find(
                "chain",
                entry,
                format!("its proofs do not hold: {}", error_chain(&e)),
            ),
        }
    }

    /// The private values behind a transaction's hashes, where some member still keeps every one of
    /// them.
    fn private_of(&self, envelope: &Envelope, stores: &Stores) -> Option<Vec<PrivateWrite>> {
        let mut values = Vec::new();
        for set in &envelope.action.set.collections {
            for write in &set.writes {
                let members = self.rules.collections.members_of(&set.collection);
                let found = members.into_iter().find_map(|m| {
                    stores.private_value(m, &set.collection, &write.key, &write.value)
                });
                let (key, value) = found?;
                values.push(PrivateWrite {
                    collection: set.collection.clone(),
                    key,
                    value,
                });
            }
        }
        Some(values)
    }
}

/// Whether the result of a call is the one that was endorsed.
fn is_same(outcome: Outcome, payload: &[u8], action: &Action) -> bool {
    outcome.set == action.set && outcome.event == action.event && payload == action.payload
}

/// Every organisation keeps the authority that the genesis names.
fn check_authorities(layout: &Layout, rules: &Rules, report: &mut Report) {
    for msp in rules.msps.iter() {
        let kept = layout
            .text(&layout.authority(msp.msp_id()))
            .unwrap_or_default();
        if kept != msp.root().to_pem() {
            let what = "is not the authority that the chain's genesis names";
            report.find(msp.msp_id(), "authority.pem", what);
        }
    }
}
