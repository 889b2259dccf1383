//! Looking at the ledger: blocks, transactions, audit.

use crate::audit;
use crate::backend::SystemClock;
use crate::backend::embedded::{EmbeddedLedger, Options};
use crate::error::{Context, GatewayError};
use crate::home::Home;
use crate::output::Step;
use serde_json::{Value, json};
use std::sync::Arc;

/// Lists blocks with their verdicts.
///
/// **Errors**: the chain cannot be read.
pub fn blocks(ledger: &EmbeddedLedger, from: u64, limit: u64) -> Result<Step, GatewayError> {
    let mut step = Step::new("ledger.blocks");
    let mut all = Vec::new();
    for number in from..ledger.height().min(from.saturating_add(limit)) {
        let block = ledger.block(number)?;
        let hash = hex::encode(block.hash);
        let calls: Vec<String> = block
            .transactions
            .iter()
            .map(|(envelope, code)| {
                format!("{} {code}", envelope.as_ref().map_or("?".into(), name_of))
            })
            .collect();
        step = step.line(format!(
            "{number:>6}  {}  {}",
            &hash[..16],
            calls.join(", ")
        ));
        all.push(json!({"number": number, "hash": hash, "transactions": calls}));
    }
    Ok(step.field("height", ledger.height()).field("blocks", all))
}

fn name_of(envelope: &crate::backend::embedded::Envelope) -> String {
    let name = envelope
        .proposal
        .args
        .first()
        .map(|n| String::from_utf8_lossy(n).into_owned())
        .unwrap_or_default();
    format!("{name} by {}", envelope.proposal.creator.msp_id)
}

/// Shows one transaction.
///
/// **Errors**: no such transaction.
pub fn transaction(ledger: &EmbeddedLedger, id: &str) -> Result<Step, GatewayError> {
    let found = ledger
        .transaction(id)?
        .ok_or_else(|| GatewayError::not_found("ledger", format!("no transaction {id}")))?;
    let envelope = &found.envelope;
    let endorsers: Vec<String> = envelope
        .endorsements
        .iter()
        .map(|e| e.endorser.msp_id.to_string())
        .collect();
    let writes: Vec<Value> = envelope
        .action
        .set
        .writes
        .iter()
        .map(|w| json!({"key": w.key, "bytes": w.value.len()}))
        .collect();
    let mut step = Step::new("ledger.tx")
        .line(format!(
            "{id}: {} in block {}, {}",
            name_of(envelope),
            found.block,
            found.code
        ))
        .line(format!("  endorsed by {}", endorsers.join(", ")));
    for write in &envelope.action.set.writes {
        step = step.line(format!(
            "  wrote {} ({} bytes)",
            write.key,
            write.value.len()
        ));
    }
    Ok(step
        .field("block", found.block)
        .field("code", found.code.to_string())
        .field("endorsers", endorsers)
        .field("writes", writes))
}

/// Replays the whole ledger, rebuilds and compares every organisation's state, and re-verifies
/// every public proof. Opens the ledger itself.
///
/// **Errors**: no ledger, in use; or a finding, all of which are named.
pub fn audit(home: &Home) -> Result<Step, GatewayError> {
    let options = Options::new(Arc::new(SystemClock), crate::startup::rng()?, true);
    let report = audit::audit(&home.ledger(), &options.chaincode, None).not_found("audit")?;
    if !report.is_clean() {
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        return Err(GatewayError::refused(
            "audit",
            format!("{} findings:\n{}", findings.len(), findings.join("\n")),
        ));
    }
    Ok(Step::new("ledger.audit")
        .line(format!("{} blocks replayed, {} valid transactions, nothing differs", report.blocks, report.valid))
        .line(format!(
            "  {} calls executed again with equal results; {} used private arguments: signatures and write sets checked",
            report.executed,
            report.not_executed.len()
        ))
        .line(format!("  {} entries compared over all organisations", report.compared))
        .field("blocks", report.blocks)
        .field("valid", report.valid)
        .field("executed", report.executed)
        .field("not_executed", report.not_executed.len())
        .field("compared", report.compared)
        .field("anchor", hex::encode(report.anchor)))
}
