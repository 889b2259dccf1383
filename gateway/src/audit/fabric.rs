//! The audit of a Fabric channel: every block as the peers of two organisations sign it, checked from the first one on.
//!
//! It believes signatures and nothing else: links, orderers' signatures under the channel's own configuration, clients' and endorsers' signatures
//! under the members' authorities, endorsement policies, versions that valid transactions read, and every proof from its public arguments. What it
//! cannot see is in the report: private values, of which the chain holds hashes only.

use super::Finding;
use crate::backend::BackendError;
use crate::backend::fabric::{FabricClient, Ordering, ReadVersion, Recorded, WholeBlock};
use crate::msp::Identity;
use circuits::ids::ConsortiumId;
use collections_config::{Consortium, MspId};
use std::collections::{BTreeMap, BTreeSet};
use verifier_chaincode::judge::KeyCache;
use verifier_chaincode::judge::audit::Committed;
use verifier_chaincode::{Call, StateKey};

/// What an audit of a channel came to.
#[derive(Default)]
pub struct FabricReport {
    /// Blocks checked.
    pub blocks: u64,
    /// Hash of the first block's header, in hex.
    pub genesis: String,
    /// Orderers' signatures that hold.
    pub orderer_signatures: usize,
    /// Valid transactions of the contract.
    pub valid: u64,
    /// Transactions that were ordered and do not count: id and verdict.
    pub invalid: Vec<(String, &'static str)>,
    /// Other transactions: configuration and lifecycle.
    pub other: u64,
    /// Proofs verified again.
    pub proofs: usize,
    /// Hashes of private values that the chain holds.
    pub private_hashes: usize,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
}

impl FabricReport {
    fn find(&mut self, entry: impl ToString, what: impl ToString) {
        self.findings.push(Finding { place: "chain".to_owned(), entry: entry.to_string(), what: what.to_string() });
    }
}

struct FabricAudit<'a> {
    client: &'a FabricClient,
    consortium: &'a Consortium,
    id: ConsortiumId,
    keys: KeyCache,
    ordering: Option<Ordering>,
    /// Values with the place where they were written.
    state: BTreeMap<String, (Vec<u8>, ReadVersion)>,
    report: FabricReport,
}

/// Audits a channel as the peers of these organisations hold it.
///
/// **Errors**: a peer is not reachable, or a peer signs wrongly. What is wrong with the chain itself is in the report.
///
/// **Cost**: two peers read each block; every proof is verified once more.
pub fn audit(client: &FabricClient, identity: &Identity, consortium: &Consortium, at: &[MspId]) -> Result<FabricReport, BackendError> {
    let id = circuits::eligibility::consortium_id(&consortium.to_canonical());
    let (keys, state, report) = (KeyCache::default(), BTreeMap::new(), FabricReport::default());
    let mut audit = FabricAudit { client, consortium, id, keys, ordering: None, state, report };
    let height = client.block_on(client.height(identity))?;
    let mut previous = Vec::new();
    for number in 0..height {
        let mut blocks = Vec::new();
        for peer in at {
            let bytes = client.block_on(client.signed_block(identity, number, peer))?;
            match WholeBlock::read(&bytes) {
                Ok(block) => blocks.push(block),
                Err(e) => audit.report.find(format!("block {number} of the peer of {peer}"), format!("expected {e}")),
            }
        }
        let Some(block) = blocks.first().filter(|_| blocks.len() == at.len()) else { break };
        if blocks.iter().any(|b| b.hash() != block.hash() || b.verdicts() != block.verdicts()) {
            audit.report.find(format!("block {number}"), "is not the same at every peer asked");
        }
        if block.number() != number || block.previous() != previous {
            audit.report.find(format!("block {number}"), "does not follow the block before it");
        }
        previous = block.hash().to_vec();
        if number == 0 {
            audit.genesis(&previous);
        }
        blocks.iter().for_each(|b| audit.signatures(b));
        audit.block(block);
        audit.report.blocks += 1;
    }
    Ok(audit.report)
}

impl FabricAudit<'_> {
    fn genesis(&mut self, hash: &[u8]) {
        self.report.genesis = hex::encode(hash);
        if self.report.genesis != self.client.network().profile.genesis {
            self.report.find("block 0", "is not the first block that this home was joined to");
        }
    }

    /// Under the configuration before the block, also where the block brings another.
    fn signatures(&mut self, block: &WholeBlock) {
        let now = self.client.network().clock.now_ms();
        let Some(ordering) = &self.ordering else { return };
        match block.check_signatures(ordering, now) {
            Ok(signatures) => self.report.orderer_signatures += signatures,
            Err(e) => self.report.find(format!("block {}", block.number()), format!("expected {e}")),
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
        if verdicts.len() != block.transactions.len() {
            self.report.find(&entry, "expected one validation code for each transaction");
        }
        for ((tx, bytes), (code, name)) in (0u64..).zip(&block.transactions).zip(verdicts) {
            match Recorded::target(bytes) {
                Some((chaincode, tx_id)) if chaincode == self.client.network().profile.chaincode => {
                    if code == 0 {
                        self.transaction((block.number(), tx), bytes)
                    } else {
                        self.report.invalid.push((tx_id.clone(), name))
                    }
                }
                _ => self.report.other += 1,
            }
        }
    }

    fn transaction(&mut self, at: ReadVersion, bytes: &[u8]) {
        let recorded = match Recorded::read(bytes, &self.client.network().expected()) {
            Ok(recorded) => recorded,
            Err(e) => return self.report.find(format!("block {} transaction {}", at.0, at.1), format!("expected {e}")),
        };
        let entry = format!("transaction {}", recorded.tx_id);
        if let Err(e) = self.endorsed(&recorded) {
            self.report.find(&entry, e);
        }
        if recorded.reads.iter().any(|(key, version)| self.state.get(key).map(|(_, v)| *v) != *version) {
            self.report.find(&entry, "is valid although it read values that were no longer current");
        }
        self.report.valid += 1;
        self.report.private_hashes += recorded.writes.private.len();
        for (key, value) in &recorded.writes.public {
            self.state.insert(key.clone(), (value.clone(), at));
        }
        self.recheck(&recorded);
    }

    /// A majority for public writes; for private ones what each collection asks for.
    fn endorsed(&self, recorded: &Recorded) -> Result<(), String> {
        let endorsers: BTreeSet<&MspId> = recorded.endorsers.iter().collect();
        let members = endorsers.iter().filter(|m| self.consortium.is_member(m)).count();
        let is_private_only = recorded.writes.public.is_empty() && !recorded.writes.private.is_empty();
        if !is_private_only && members < self.consortium.majority() as usize {
            return Err(format!("expected endorsements of a majority, got {members}"));
        }
        for collection in recorded.writes.collections() {
            let policy = self.client.network().collections.endorsement_policy(collection);
            if !policy.is_some_and(|p| p.can_be_satisfied_by(&endorsers)) {
                return Err(format!("expected the endorsements that {collection} asks for"));
            }
        }
        Ok(())
    }

    fn recheck(&mut self, recorded: &Recorded) {
        let entry = format!("transaction {}", recorded.tx_id);
        let call = match Call::from_args(&recorded.args) {
            Ok(call) => call,
            // A query that somebody ordered: it writes nothing.
            Err(_) if recorded.writes.is_empty() => return,
            Err(e) => return self.report.find(entry, e),
        };
        let state = |key: &StateKey| self.state.get(key.as_str()).map(|(value, _)| value.clone());
        let committed = Committed {
            consortium: self.id,
            chaincode: &self.client.network().profile.chaincode,
            caller: recorded.creator.msp_id(),
            state: &state,
            keys: &self.keys,
        };
        match committed.recheck(&call) {
            Ok(proofs) => self.report.proofs += proofs,
            Err(e) => self.report.find(entry, format!("its proofs do not hold: {e}")),
        }
    }
}
