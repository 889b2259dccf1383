//! The audit of a Fabric channel: every block as the peers of two organisations sign it, checked
//! from the first one on.
//!
//! It believes signatures and nothing else. Checked are links, orderers' signatures under the
//! channel's own configuration, clients' and endorsers' signatures under the members' authorities,
//! endorsements by Fabric's policies and by the contract's own rule for each call, every
//! chaincode's writes into the contract's state, and every proof from its public arguments.
//! Verdicts are derived again: ids used twice, versions that were read, endorsements that suffice.
//! Calls without private arguments are executed again on the rebuilt state, by the contract of this
//! build.
//!
//! What it cannot see is in the report: private values, of which the chain holds hashes only; calls
//! that were not executed, whose write sets stand by their endorsements; verdicts that do not
//! follow from what is on the chain. One member alone can make findings by what it signs, never end
//! the audit.

mod chain;
mod execute;
mod rule;
mod sources;
mod state;

pub use chain::{FabricAudit, Frame};

use super::Finding;
use crate::backend::BackendError;
use crate::backend::fabric::FabricClient;
use crate::msp::Identity;
use collections_config::{Consortium, MspId};
use sources::Sources;

/// Whose peer holds a block, and the block's bytes.
pub type Source = (MspId, Vec<u8>);

/// What an audit of a channel came to.
#[derive(Default)]
pub struct FabricReport {
    /// Blocks checked.
    pub blocks: u64,
    /// Blocks that the own peer has.
    pub height: u64,
    /// Organisations whose peers signed blocks.
    pub peers: Vec<MspId>,
    /// Organisations that were asked and did not give every block that they were asked for: the
    /// last reason.
    pub silent: Vec<(MspId, String)>,
    /// Hash of the first block's header, in hex.
    pub genesis: String,
    /// Orderers' signatures that hold.
    pub orderer_signatures: usize,
    /// Valid transactions of the contract.
    pub valid: u64,
    /// Transactions of the contract that were ordered and do not count: id and verdict.
    pub invalid: Vec<(String, &'static str)>,
    /// Transactions that do not count, for a reason that does not follow from what is on the
    /// chain: id and verdict.
    pub underived: Vec<(String, &'static str)>,
    /// Other transactions: configuration and lifecycle.
    pub other: u64,
    /// Proofs verified again.
    pub proofs: usize,
    /// Calls executed again, with equal results.
    pub executed: u64,
    /// Calls that could not be executed again: transaction id and reason.
    pub not_executed: Vec<(String, &'static str)>,
    /// Hashes of private values that the chain holds.
    pub private_hashes: usize,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
}

impl FabricReport {
    fn find(&mut self, entry: impl ToString, what: impl ToString) {
        self.findings.push(Finding {
            place: "chain".to_owned(),
            entry: entry.to_string(),
            what: what.to_string(),
        });
    }
}

/// Audits a channel as the own peer holds it, and with it the peer of another member. Where that
/// one does not answer, the next member's is asked; where none has a block that the own peer has,
/// the audit ends before it, and the report says so.
///
/// **Errors**: the own peer is not reachable or signs wrongly, or no other member's peer answers.
/// What is wrong with the chain itself is in the report.
///
/// **Cost**: two peers read each block; every proof is verified once more, and those of calls that
/// are executed twice.
pub fn audit(
    client: &FabricClient,
    identity: &Identity,
    consortium: &Consortium,
) -> Result<FabricReport, BackendError> {
    let network = client.network();
    let (genesis, collections) = (network.profile.genesis.as_str(), &network.collections);
    let frame = Frame {
        genesis,
        expected: network.expected(),
        consortium,
        collections,
    };
    let mut audit = FabricAudit::new(frame).map_err(|e| BackendError::Read(e.to_string()))?;
    let height = client.block_on(client.height(identity))?;
    let others = consortium
        .members()
        .iter()
        .map(|m| m.msp_id.clone())
        .filter(|m| m != identity.msp_id());
    let mut sources = Sources::new(client, identity, others.collect());
    for number in 0..height {
        match sources.block(number)? {
            Some(held) if audit.next(&held) => {}
            _ => break,
        }
    }
    let mut report = audit.finish();
    report.height = height;
    report.peers = sources.asked.into_iter().collect();
    report.silent = sources.silent.into_iter().collect();
    Ok(report)
}

#[cfg(test)]
mod tests;
