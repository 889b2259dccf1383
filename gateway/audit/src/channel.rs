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
mod expected;
mod rule;
mod sources;
mod state;

pub use chain::ChannelAudit;
pub use expected::{AuditedChannel, Source};

use crate::error::AuditError;
use crate::report::Report;
use medveil_collections_config::Consortium;
use medveil_fabric_wire::Expected;
use medveil_ledger::ChannelPeers;
use medveil_msp::Identity;
use sources::Sources;
use std::sync::Arc;

/// Audits a channel as the own peer holds it, and with it the peer of another member. Where that
/// one does not answer, the next member's is asked; where none has a block that the own peer has,
/// the audit ends before it, and the report says so.
///
/// **Errors**: the own peer is not reachable or signs wrongly, or no other member's peer answers.
/// What is wrong with the chain itself is in the report.
///
/// **Cost**: two peers read each block; every proof is verified once more, and those of calls that
/// are executed twice.
pub async fn audit(
    peers: &ChannelPeers<'_>,
    auditor: &Arc<Identity>,
    consortium: &Consortium,
) -> Result<Report, AuditError> {
    let channel = AuditedChannel {
        genesis: peers.genesis,
        expected: Expected {
            channel: peers.channel,
            chaincode: peers.chaincode,
            msps: peers.msps,
        },
        consortium,
        collections: peers.collections,
    };
    let mut audit = ChannelAudit::new(channel)?;
    let own = auditor.msp_id();
    let height = peers.blocks.height_at(auditor, own).await?;
    let members = consortium.members().iter().map(|m| m.msp_id.clone());
    let others = members.filter(|m| m != own).collect();
    let mut sources = Sources::new(peers.blocks, auditor, others);
    for number in 0..height {
        match sources.block(number).await? {
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
