//! Looking at the ledger: blocks, transactions, audit.

use crate::backend::embedded::EmbeddedLedger;
use crate::error::GatewayError;
use crate::output::Step;
use serde_json::{Value, json};

/// Lists blocks with their verdicts.
///
/// **Errors**: the chain cannot be read.
pub fn blocks(ledger: &EmbeddedLedger, from: u64, limit: u64) -> Result<Step, GatewayError> {
    let mut step = Step::new("ledger.blocks");
    let mut all = Vec::new();
    for number in from..ledger.height().min(from.saturating_add(limit)) {
        let block = ledger.block(number)?;
        let hash = hex::encode(block.hash);
        let calls: Vec<String> =
            block.transactions.iter().map(|(envelope, code)| format!("{} {code}", envelope.as_ref().map_or("?".into(), name_of))).collect();
        step = step.line(format!("{number:>6}  {}  {}", &hash[..16], calls.join(", ")));
        all.push(json!({"number": number, "hash": hash, "transactions": calls}));
    }
    Ok(step.field("height", ledger.height()).field("blocks", all))
}

fn name_of(envelope: &crate::backend::embedded::Envelope) -> String {
    let name = envelope.proposal.args.first().map(|n| String::from_utf8_lossy(n).into_owned()).unwrap_or_default();
    format!("{name} by {}", envelope.proposal.creator.msp_id)
}

/// Shows one transaction.
///
/// **Errors**: no such transaction.
pub fn transaction(ledger: &EmbeddedLedger, id: &str) -> Result<Step, GatewayError> {
    let found = ledger.transaction(id)?.ok_or_else(|| GatewayError::not_found("ledger", format!("no transaction {id}")))?;
    let envelope = &found.envelope;
    let endorsers: Vec<String> = envelope.endorsements.iter().map(|e| e.endorser.msp_id.to_string()).collect();
    let writes: Vec<Value> = envelope.action.set.writes.iter().map(|w| json!({"key": w.key, "bytes": w.value.len()})).collect();
    let mut step = Step::new("ledger.tx")
        .line(format!("{id}: {} in block {}, {}", name_of(envelope), found.block, found.code))
        .line(format!("  endorsed by {}", endorsers.join(", ")));
    for write in &envelope.action.set.writes {
        step = step.line(format!("  wrote {} ({} bytes)", write.key, write.value.len()));
    }
    Ok(step.field("block", found.block).field("code", found.code.to_string()).field("endorsers", endorsers).field("writes", writes))
}
