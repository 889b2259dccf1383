//! The audit itself, over blocks that somebody hands in one after the other: what each claims is
//! derived again, as far as public data goes.

use super::execute::{Contracts, Executed};
use super::expected::{AuditedChannel, Source};
use super::rule;
use super::state::{Reads, State};
use crate::report::Report;
use medveil_circuits::ids::ConsortiumId;
use medveil_collections_config::error_chain;
use medveil_contract::judge::KeyCache;
use medveil_contract::judge::audit::Committed;
use medveil_contract::{Call, StateKey};
use medveil_embedded::TIME_WINDOW_MS;
use medveil_fabric_wire::{
    DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, FormError, MVCC_READ_CONFLICT, Ordering, Outline,
    PHANTOM_READ_CONFLICT, ReadVersion, Recorded, VALID, WholeBlock,
};
use medveil_ledger::Verdict;
use medveil_msp::MspError;
use std::sync::Arc;

/// An audit under way.
pub struct ChannelAudit<'a> {
    channel: AuditedChannel<'a>,
    id: ConsortiumId,
    keys: KeyCache,
    contracts: Contracts,
    ordering: Option<Ordering>,
    state: Arc<State>,
    /// Hash of the block before; empty before the first.
    previous: Vec<u8>,
    /// The newest moment that a majority's endorsements attest.
    newest_ms: u64,
    report: Report,
}

impl<'a> ChannelAudit<'a> {
    /// An audit of no block yet.
    ///
    /// **Errors**: an organisation twice.
    pub fn new(channel: AuditedChannel<'a>) -> Result<Self, MspError> {
        let id = medveil_circuits::eligibility::consortium_id(&channel.consortium.to_canonical());
        let (keys, contracts, report) = (
            KeyCache::default(),
            Contracts::new(&channel)?,
            Report::default(),
        );
        let (state, previous) = (Arc::default(), Vec::new());
        Ok(ChannelAudit {
            channel,
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

    fn find(&mut self, entry: impl ToString, what: impl ToString) {
        self.report.find("chain", entry, what);
    }

    /// The result of the audit; what several peers hold alike is found once.
    pub fn finish(mut self) -> Report {
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
                Err(e) => self.find(format!("block {number} of the peer of {peer}"), e),
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
            self.find(
                format!("block {number}"),
                "is not the same at every peer asked",
            );
        }
        if block.number() != number || block.previous() != self.previous {
            self.find(
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
        if self.report.genesis != self.channel.genesis {
            self.find(
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
            Ok(signatures) => self.report.orderer_signatures += signatures as u64,
            Err(e) => self.find(format!("block {}", block.number()), e),
        }
    }

    fn block(&mut self, block: &WholeBlock) {
        let entry = format!("block {}", block.number());
        match block.configuration() {
            Ok(Some(ordering)) => self.ordering = Some(ordering),
            Ok(None) => {}
            Err(e) => self.find(&entry, e),
        }
        let verdicts = block.verdicts();
        // The first block has no verdict of its own: the home pins it by its hash.
        if verdicts.len() != block.transactions.len() && block.number() > 0 {
            self.find(&entry, "expected one validation code for each transaction");
        }
        for ((tx, bytes), verdict) in (0u64..).zip(&block.transactions).zip(verdicts) {
            self.transaction((block.number(), tx), bytes, verdict);
        }
        let ids = block
            .transactions
            .iter()
            .filter_map(|bytes| Outline::tx_id(bytes));
        let state = Arc::make_mut(&mut self.state);
        ids.filter(|id| !id.is_empty())
            .for_each(|id| state.uses(&id));
    }

    fn transaction(&mut self, at: ReadVersion, bytes: &[u8], verdict: Verdict) {
        let code = verdict.code;
        let outline = match Outline::read(bytes) {
            Ok(outline) => outline,
            Err(e) if code == VALID => {
                return self.find(format!("block {} transaction {}", at.0, at.1), e);
            }
            Err(_) => {
                return self
                    .report
                    .underived
                    .push((Outline::tx_id(bytes).unwrap_or_default(), verdict));
            }
        };
        let is_ours = outline.chaincode.as_deref() == Some(self.channel.expected.chaincode);
        let recorded = is_ours.then(|| Recorded::on_chain(bytes, &self.channel.expected));
        if outline.chaincode.is_some() {
            self.verdict(
                at,
                &outline,
                recorded.as_ref().and_then(|r| r.as_ref().ok()),
                verdict,
            );
        }
        let mut called = None;
        match recorded {
            Some(recorded) if code == VALID => called = self.call(&outline, recorded),
            Some(_) => self.report.invalid.push((outline.tx_id.clone(), verdict)),
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
        said: Verdict,
    ) {
        let (code, name) = (said.code, said.name);
        let entry = format!("transaction {}", outline.tx_id);
        let is_used = self.state.is_used(&outline.tx_id);
        let reads = self
            .state
            .reads(&outline.parts, at.0, self.channel.collections);
        match (code, reads) {
            (VALID, _) if is_used => self.find(entry, "is valid although its id was used before"),
            (VALID, Reads::Stale) => self.find(
                entry,
                "is valid although it read values that were no longer current",
            ),
            (VALID, _) => {}
            (DUPLICATE_TXID, _) if !is_used => self.find(
                entry,
                format!("{name}, although its id was not used before"),
            ),
            (MVCC_READ_CONFLICT, Reads::Current) => {
                self.find(entry, format!("{name}, although all it read was current"))
            }
            (DUPLICATE_TXID, _) | (MVCC_READ_CONFLICT, Reads::Stale) => {}
            (ENDORSEMENT_POLICY_FAILURE, _) => {
                match recorded.map(|r| rule::by_writes(&self.channel, r)) {
                    Some(Ok(())) => {
                        self.find(entry, format!("{name}, although its endorsements suffice"))
                    }
                    Some(Err(_)) => {}
                    None => self.report.underived.push((outline.tx_id.clone(), said)),
                }
            }
            _ => self.report.underived.push((outline.tx_id.clone(), said)),
        }
    }

    /// A configuration, or what another chaincode wrote: nothing of it may be the contract's.
    fn other(&mut self, outline: &Outline, code: i32) {
        self.report.other += 1;
        let ours = self.channel.expected.chaincode;
        let Some(header) = outline.chaincode.as_ref().filter(|_| code == VALID) else {
            return;
        };
        if outline
            .parts
            .iter()
            .any(|p| p.namespace == ours && p.is_written())
        {
            self.find(
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
        recorded: Result<Recorded, FormError>,
    ) -> Option<(Recorded, Call)> {
        self.report.valid += 1;
        let entry = format!("transaction {}", outline.tx_id);
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(e) => {
                self.find(entry, e);
                return None;
            }
        };
        match rule::by_writes(&self.channel, &recorded) {
            Err(e) => self.find(&entry, e),
            Ok(()) if !recorded.writes.public.is_empty() => {
                self.newest_ms = self.newest_ms.max(recorded.timestamp_ms)
            }
            Ok(()) => {}
        }
        self.report.private_hashes += recorded.writes.private.len() as u64;
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
                self.find(entry, error_chain(&e));
                return None;
            }
        };
        match self.contracts.execute(&recorded, &call, self.state.clone()) {
            Executed::Equal => self.report.executed += 1,
            Executed::Differs(what) => self.find(&entry, what),
            Executed::Not(why) => self.report.not_executed.push((recorded.tx_id.clone(), why)),
        }
        Some((recorded, call))
    }

    /// The contract's own rule on endorsers, and every proof from its public arguments, on the
    /// state that the call leaves.
    fn recheck(&mut self, recorded: &Recorded, call: &Call) {
        let entry = format!("transaction {}", recorded.tx_id);
        let chaincode = self.channel.expected.chaincode;
        let state = |key: &StateKey| self.state.value(chaincode, key.as_str());
        let ruled = rule::by_call(&self.channel, recorded, call, &state);
        let committed = Committed {
            consortium: self.id,
            chaincode,
            caller: recorded.creator.msp_id(),
            state: &state,
            keys: &self.keys,
        };
        let proofs = committed.recheck(call);
        if let Err(e) = ruled {
            self.find(&entry, error_chain(&e));
        }
        match proofs {
            Ok(proofs) => self.report.proofs += proofs as u64,
            Err(e) => self.find(
                entry,
                format!("its proofs do not hold: {}", error_chain(&e)),
            ),
        }
    }
}
