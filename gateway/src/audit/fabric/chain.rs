//! The audit itself, over blocks that somebody hands in one after the other: what each claims is
//! derived again, as far as public data goes.

use super::execute::{Contracts, Executed};
use super::rule;
use super::state::{Reads, State};
use super::{FabricReport, Source};
use crate::backend::embedded::TIME_WINDOW_MS;
use crate::backend::fabric::{
    DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, Expected, MVCC_READ_CONFLICT, Ordering, Outline,
    PHANTOM_READ_CONFLICT, ReadVersion, Recorded, VALID, WholeBlock,
};
use crate::msp::MspError;
use circuits::ids::ConsortiumId;
use collections_config::{CollectionsConfig, Consortium};
use std::sync::Arc;
use verifier_chaincode::judge::KeyCache;
use verifier_chaincode::judge::audit::Committed;
use verifier_chaincode::{Call, StateKey};

/// What a channel is audited against: what this home was joined to.
pub struct Frame<'a> {
    /// Hash of the first block's header, in hex.
    pub genesis: &'a str,
    /// Channel, contract and authorities.
    pub expected: Expected<'a>,
    /// The consortium.
    pub consortium: &'a Consortium,
    /// Its collections.
    pub collections: &'a CollectionsConfig,
}

/// An audit under way.
pub struct FabricAudit<'a> {
    frame: Frame<'a>,
    id: ConsortiumId,
    keys: KeyCache,
    contracts: Contracts,
    ordering: Option<Ordering>,
    state: Arc<State>,
    /// Hash of the block before; empty before the first.
    previous: Vec<u8>,
    /// The newest moment that a majority's endorsements attest.
    newest_ms: u64,
    report: FabricReport,
}

impl<'a> FabricAudit<'a> {
    /// An audit of no block yet.
    ///
    /// **Errors**: an organisation twice.
    pub fn new(frame: Frame<'a>) -> Result<Self, MspError> {
        let id = circuits::eligibility::consortium_id(&frame.consortium.to_canonical());
        let (keys, contracts, report) = (
            KeyCache::default(),
            Contracts::new(&frame)?,
            FabricReport::default(),
        );
        let (state, previous) = (Arc::default(), Vec::new());
        Ok(FabricAudit {
            frame,
            id,
            keys,
            contracts,
            ordering: None,
            state,
            previous,
            newest_ms: 0,
            report,
        })
    }

    /// What it came to; what several peers hold alike is found once.
    pub fn finish(mut self) -> FabricReport {
        self.report.findings.dedup();
        self.report
    }

    /// Audits the next block, as several peers hold it. False where nothing after it can be
    /// audited.
    pub fn next(&mut self, held: &[Source]) -> bool {
        let number = self.report.blocks;
        let mut blocks = Vec::new();
        for (peer, bytes) in held {
            match WholeBlock::read(bytes) {
                Ok(block) => blocks.push(block),
                Err(e) => self.report.find(
                    format!("block {number} of the peer of {peer}"),
                    format!("expected {e}"),
                ),
            }
        }
        // The first is the own peer's, which is believed where others cannot be read.
        let Some(block) = blocks.first() else {
            return false;
        };
        if blocks
            .iter()
            .any(|b| b.hash() != block.hash() || b.verdicts() != block.verdicts())
        {
            self.report.find(
                format!("block {number}"),
                "is not the same at every peer asked",
            );
        }
        if block.number() != number || block.previous() != self.previous {
            self.report.find(
                format!("block {number}"),
                "does not follow the block before it",
            );
        }
        self.previous = block.hash().to_vec();
        if number == 0 {
            self.genesis();
        }
        blocks.iter().for_each(|b| self.signatures(b));
        self.block(block);
        self.report.blocks += 1;
        true
    }

    fn genesis(&mut self) {
        self.report.genesis = hex::encode(&self.previous);
        if self.report.genesis != self.frame.genesis {
            self.report.find(
                "block 0",
                "is not the first block that this home was joined to",
            );
        }
    }

    /// Under the configuration before the block, also where the block brings another. Certificates
    /// must not have expired before the block: the newest attested moment lies before it, but
    /// for what peers let a client's clock be ahead.
    fn signatures(&mut self, block: &WholeBlock) {
        let Some(ordering) = &self.ordering else {
            return;
        };
        match block.check_signatures(ordering, self.newest_ms.saturating_sub(TIME_WINDOW_MS)) {
            Ok(signatures) => self.report.orderer_signatures += signatures,
            Err(e) => self
                .report
                .find(format!("block {}", block.number()), format!("expected {e}")),
        }
    }

    fn block(&mut self, block: &WholeBlock) {
        let entry = format!("block {}", block.number());
        match block.configuration() {
            Ok(Some(ordering)) => self.ordering = Some(ordering),
            Ok(None) => {}
            Err(e) => self.report.find(&entry, format!("expected {e}")),
        }
        let verdicts = block.verdicts();
        // The first block has no verdict of its own: the home pins it by its hash.
        if verdicts.len() != block.transactions.len() && block.number() > 0 {
            self.report
                .find(&entry, "expected one validation code for each transaction");
        }
        for ((tx, bytes), (code, name)) in (0u64..).zip(&block.transactions).zip(verdicts) {
            self.transaction((block.number(), tx), bytes, (code, name));
        }
        let ids = block
            .transactions
            .iter()
            .filter_map(|bytes| Outline::tx_id(bytes));
        let state = Arc::make_mut(&mut self.state);
        ids.filter(|id| !id.is_empty())
            .for_each(|id| state.uses(&id));
    }

    fn transaction(&mut self, at: ReadVersion, bytes: &[u8], (code, name): (i32, &'static str)) {
        let outline = match Outline::read(bytes) {
            Ok(outline) => outline,
            Err(e) if code == VALID => {
                return self.report.find(
                    format!("block {} transaction {}", at.0, at.1),
                    format!("expected {e}"),
                );
            }
            Err(_) => {
                return self
                    .report
                    .underived
                    .push((Outline::tx_id(bytes).unwrap_or_default(), name));
            }
        };
        let is_ours = outline.chaincode.as_deref() == Some(self.frame.expected.chaincode);
        let recorded = is_ours.then(|| Recorded::on_chain(bytes, &self.frame.expected));
        if outline.chaincode.is_some() {
            self.verdict(
                at,
                &outline,
                recorded.as_ref().and_then(|r| r.as_ref().ok()),
                (code, name),
            );
        }
        let mut called = None;
        match recorded {
            Some(recorded) if code == VALID => called = self.call(&outline, recorded),
            Some(_) => self.report.invalid.push((outline.tx_id.clone(), name)),
            None => self.other(&outline, code),
        }
        if code == VALID {
            Arc::make_mut(&mut self.state).apply(at, &outline.parts);
        }
        if let Some((recorded, call)) = called {
            self.recheck(&recorded, &call);
        }
        if [VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT].contains(&code)
            && outline.chaincode.is_some()
        {
            Arc::make_mut(&mut self.state).uses(&outline.tx_id);
        }
    }

    /// Derives a verdict, where public data suffice.
    fn verdict(
        &mut self,
        at: ReadVersion,
        outline: &Outline,
        recorded: Option<&Recorded>,
        (code, name): (i32, &'static str),
    ) {
        let entry = format!("transaction {}", outline.tx_id);
        let is_used = self.state.is_used(&outline.tx_id);
        let reads = self
            .state
            .reads(&outline.parts, at.0, self.frame.collections);
        match (code, reads) {
            (VALID, _) if is_used => self
                .report
                .find(entry, "is valid although its id was used before"),
            (VALID, Reads::Stale) => self.report.find(
                entry,
                "is valid although it read values that were no longer current",
            ),
            (VALID, _) => {}
            (DUPLICATE_TXID, _) if !is_used => self.report.find(
                entry,
                format!("{name}, although its id was not used before"),
            ),
            (MVCC_READ_CONFLICT, Reads::Current) => self
                .report
                .find(entry, format!("{name}, although all it read was current")),
            (DUPLICATE_TXID, _) | (MVCC_READ_CONFLICT, Reads::Stale) => {}
            (ENDORSEMENT_POLICY_FAILURE, _) => {
                match recorded.map(|r| rule::by_writes(&self.frame, r)) {
                    Some(Ok(())) => self
                        .report
                        .find(entry, format!("{name}, although its endorsements suffice")),
                    Some(Err(_)) => {}
                    None => self.report.underived.push((outline.tx_id.clone(), name)),
                }
            }
            _ => self.report.underived.push((outline.tx_id.clone(), name)),
        }
    }

    /// A configuration, or what another chaincode wrote: nothing of it may be the contract's.
    fn other(&mut self, outline: &Outline, code: i32) {
        self.report.other += 1;
        let ours = self.frame.expected.chaincode;
        let Some(header) = outline.chaincode.as_ref().filter(|_| code == VALID) else {
            return;
        };
        if outline
            .parts
            .iter()
            .any(|p| p.namespace == ours && p.is_written())
        {
            self.report.find(
                format!("transaction {}", outline.tx_id),
                format!("writes the state of {ours} in the name of {header}"),
            );
        }
    }

    /// A transaction of the contract that counts, on the state before it; gives the call that it
    /// made.
    fn call(
        &mut self,
        outline: &Outline,
        recorded: Result<Recorded, &'static str>,
    ) -> Option<(Recorded, Call)> {
        self.report.valid += 1;
        let entry = format!("transaction {}", outline.tx_id);
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(e) => {
                self.report.find(entry, format!("expected {e}"));
                return None;
            }
        };
        match rule::by_writes(&self.frame, &recorded) {
            Err(e) => self.report.find(&entry, e),
            Ok(()) if !recorded.writes.public.is_empty() => {
                self.newest_ms = self.newest_ms.max(recorded.timestamp_ms)
            }
            Ok(()) => {}
        }
        self.report.private_hashes += recorded.writes.private.len();
        let call = match Call::from_args(&recorded.args) {
            Ok(call) => call,
            // A query that somebody ordered: it writes nothing.
            Err(_) if recorded.writes.is_empty() => {
                self.report
                    .not_executed
                    .push((recorded.tx_id, "writes nothing"));
                return None;
            }
            Err(e) => {
                self.report.find(entry, e);
                return None;
            }
        };
        match self.contracts.execute(&recorded, &call, self.state.clone()) {
            Executed::Equal => self.report.executed += 1,
            Executed::Differs(what) => self.report.find(&entry, what),
            Executed::Not(why) => self.report.not_executed.push((recorded.tx_id.clone(), why)),
        }
        Some((recorded, call))
    }

    /// The contract's own rule on endorsers, and every proof from its public arguments, on the
    /// state that the call leaves.
    fn recheck(&mut self, recorded: &Recorded, call: &Call) {
        let entry = format!("transaction {}", recorded.tx_id);
        let chaincode = self.frame.expected.chaincode;
        let state = |key: &StateKey| self.state.value(chaincode, key.as_str());
        let ruled = rule::by_call(&self.frame, recorded, call, &state);
        let committed = Committed {
            consortium: self.id,
            chaincode,
            caller: recorded.creator.msp_id(),
            state: &state,
            keys: &self.keys,
        };
        let proofs = committed.recheck(call);
        if let Err(e) = ruled {
            self.report.find(&entry, e);
        }
        match proofs {
            Ok(proofs) => self.report.proofs += proofs,
            Err(e) => self
                .report
                .find(entry, format!("its proofs do not hold: {e}")),
        }
    }
}
