//! Looking at a Fabric channel: blocks, transactions, audit.

use crate::audit::{FabricReport, audit_fabric};
use crate::backend::fabric::{Recorded, WholeBlock, verdict};
use crate::channel::FabricChannel;
use crate::desk::{Desk, settled_step};
use crate::error::{Context, GatewayError};
use crate::output::Step;
use collections_config::{MspId, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Lists blocks with their verdicts, as the organisation's own peer has them.
///
/// **Errors**: the peer is not reachable.
pub fn blocks(
    desk: &Desk,
    channel: &FabricChannel,
    org: &MspId,
    from: u64,
    limit: u64,
) -> Result<Step, GatewayError> {
    let (client, identity) = (channel.client(), desk.identity(org, Role::Client)?);
    let height = client.block_on(client.height(&identity))?;
    let mut step = Step::new("ledger.blocks");
    let mut all = Vec::new();
    for number in from..height.min(from.saturating_add(limit)) {
        let block = WholeBlock::read(&client.block_on(client.block(&identity, number))?)
            .internal("ledger")?;
        let hash = hex::encode(block.hash());
        let verdicts = block.verdicts();
        let calls: Vec<String> = block
            .transactions
            .iter()
            .zip(&verdicts)
            .map(|(bytes, (_, name))| format!("{} {name}", called(channel, bytes)))
            .collect();
        step = step.line(format!(
            "{number:>6}  {}  {}",
            &hash[..16],
            calls.join(", ")
        ));
        all.push(json!({"number": number, "hash": hash, "transactions": calls}));
    }
    Ok(step.field("height", height).field("blocks", all))
}

fn read(channel: &FabricChannel, bytes: &[u8]) -> Result<Recorded, &'static str> {
    Recorded::on_chain(bytes, &channel.client().network().expected())
}

fn name_of(recorded: &Recorded) -> String {
    let name = recorded
        .args
        .first()
        .map(|n| String::from_utf8_lossy(n).into_owned())
        .unwrap_or_default();
    format!("{name} by {}", recorded.creator.msp_id())
}

/// What a transaction called, for people.
fn called(channel: &FabricChannel, bytes: &[u8]) -> String {
    match Recorded::target(bytes) {
        None => "configuration".to_owned(),
        Some((chaincode, _)) => read(channel, bytes).map_or(chaincode, |r| name_of(&r)),
    }
}

/// Shows one transaction.
///
/// **Errors**: no such transaction; one that is not the contract's.
pub fn transaction(
    desk: &Desk,
    channel: &FabricChannel,
    org: &MspId,
    id: &str,
) -> Result<Step, GatewayError> {
    let (client, identity) = (channel.client(), desk.identity(org, Role::Client)?);
    let found = client.block_on(client.transaction(&identity, id));
    let (bytes, code) = found.map_err(|e| GatewayError::not_found("ledger", e))?;
    let recorded = read(channel, &bytes)
        .map_err(|e| GatewayError::refused("ledger", format!("transaction {id}: expected {e}")))?;
    let endorsers: Vec<String> = recorded.endorsers.iter().map(ToString::to_string).collect();
    let writes: Vec<Value> = recorded
        .writes
        .public
        .iter()
        .map(|(key, value)| json!({"key": key, "bytes": value.len()}))
        .collect();
    let mut step = Step::new("ledger.tx")
        .line(format!("{id}: {}, {}", name_of(&recorded), verdict(code)))
        .line(format!("  endorsed by {}", endorsers.join(", ")));
    for (key, value) in &recorded.writes.public {
        step = step.line(format!("  wrote {key} ({} bytes)", value.len()));
    }
    for collection in recorded.writes.collections() {
        step = step.line(format!(
            "  wrote private values of {collection}; everybody sees their hashes"
        ));
    }
    Ok(step
        .field("code", verdict(code))
        .field("endorsers", endorsers)
        .field("writes", writes))
}

/// Follows to their end what earlier commands of this organisation left on its way.
///
/// **Errors**: one has no verdict in time.
pub fn outbox(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let settled = desk.channel().settle(desk.identity(org, Role::Client)?)?;
    let step = settled_step(&settled);
    Ok(if settled.is_empty() {
        step.line("nothing is on its way")
    } else {
        step
    })
}

/// Audits the whole channel, as the own peer and another member's sign it.
///
/// **Errors**: as [`audit_fabric`]; or findings, all of which are named.
pub fn audit(desk: &Desk, channel: &FabricChannel, org: &MspId) -> Result<Step, GatewayError> {
    let identity = desk.identity(org, Role::Client)?;
    let report = audit_fabric(channel.client(), &identity, &desk.consortium)?;
    if !report.findings.is_empty() {
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        return Err(GatewayError::refused(
            "audit",
            format!("{} findings:\n{}", findings.len(), findings.join("\n")),
        ));
    }
    let mut step = Step::new("ledger.audit");
    for line in audit_lines(&report) {
        step = step.line(line);
    }
    Ok(step
        .field("blocks", report.blocks)
        .field("height", report.height)
        .field("valid", report.valid)
        .field("invalid", report.invalid.len())
        .field("underived", report.underived.len())
        .field("proofs", report.proofs)
        .field("executed", report.executed)
        .field("not_executed", report.not_executed.len())
        .field("orderer_signatures", report.orderer_signatures)
        .field("private_hashes", report.private_hashes)
        .field(
            "peers",
            report
                .peers
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        )
        .field("genesis", report.genesis))
}

/// What an audit without findings tells people, and what it did not see.
fn audit_lines(report: &FabricReport) -> Vec<String> {
    let names = report
        .peers
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" and ");
    let (blocks, valid, proofs, executed) =
        (report.blocks, report.valid, report.proofs, report.executed);
    let not_executed: BTreeSet<&str> = report.not_executed.iter().map(|(_, why)| *why).collect();
    let reasons = not_executed.into_iter().collect::<Vec<_>>().join("; ");
    let mut lines = vec![
        format!(
            "{blocks} blocks of the peers of {names} checked, {valid} valid calls, {proofs} proofs verified again, nothing differs"
        ),
        format!(
            "  {} signatures of orderers hold; {} transactions were ordered and do not count",
            report.orderer_signatures,
            report.invalid.len()
        ),
        format!(
            "  {executed} calls executed again; write sets of {} calls not derived ({reasons})",
            report.not_executed.len()
        ),
        format!(
            "  private values were not compared: the chain holds {} hashes of them",
            report.private_hashes
        ),
    ];
    if !report.underived.is_empty() {
        let verdicts: BTreeSet<&str> = report
            .underived
            .iter()
            .map(|(_, verdict)| *verdict)
            .collect();
        let verdicts = verdicts.into_iter().collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "  {} verdicts do not follow from what is on the chain: {verdicts}",
            report.underived.len()
        ));
    }
    if blocks < report.height {
        lines.push(format!("  this organisation's peer has {} blocks: those after the first {blocks} were not checked", report.height));
    }
    lines.extend(
        report
            .silent
            .iter()
            .map(|(peer, why)| format!("  the peer of {peer} did not give every block: {why}")),
    );
    lines
}
