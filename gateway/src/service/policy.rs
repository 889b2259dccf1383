//! Policies: check, put, explain.

use super::local::LocalDataset;
use crate::channel::Private;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::output::Step;
use circuits::policy::compile::compile_document;
use circuits::policy::explain::IssuerLineView;
use circuits::policy::{PolicyDocument, Program};
use collections_config::{Consortium, MspId};
use std::path::Path;
use verifier_chaincode::call::{Call, Parties, PutPolicy};

/// Longest policy file.
const MAX_BYTES: u64 = 1 << 20;

fn program(file: &Path) -> Result<Program, GatewayError> {
    let size = std::fs::metadata(file).map_err(|e| GatewayError::not_found("policy", format!("{}: {e}", file.display())))?.len();
    if size > MAX_BYTES {
        return Err(GatewayError::input("policy", format!("{}: expected at most {MAX_BYTES} bytes, got {size}", file.display())));
    }
    let text = std::fs::read_to_string(file).input("policy")?;
    let problems = |e: circuits::policy::PolicyError| GatewayError::input("policy", format!("{}:\n{e}", file.display()));
    PolicyDocument::from_yaml(&text).and_then(compile_document).map_err(problems)
}

/// Compiles a policy and prints its root.
///
/// **Errors**: every problem, with its place.
pub fn check(file: &Path) -> Result<Step, GatewayError> {
    let program = program(file)?;
    Ok(Step::new("policy.check")
        .line(format!("{}: sound, tier {}, {} alternatives", file.display(), program.tier(), program.alternatives().len()))
        .line(format!("  policy root {}", program.root()))
        .field("root", program.root().to_string())
        .field("tier", program.tier()))
}

/// Says in words what a policy asks for and what a grant reveals; warns where one organisation's issuers suffice.
///
/// **Errors**: every problem of the file.
pub fn explain(consortium: Option<&Consortium>, file: &Path) -> Result<Step, GatewayError> {
    let program = program(file)?;
    let lines: Vec<IssuerLineView<'_>> = consortium
        .into_iter()
        .flat_map(Consortium::issuers)
        .map(|line| IssuerLineView { schema: &line.schema, group: &line.group, msps: line.msps.iter().map(MspId::as_str).collect() })
        .collect();
    let words = program.explain(&lines);
    let mut step = Step::new("policy.explain");
    for line in &words {
        step = step.line(format!("  {line}"));
    }
    Ok(step.field("words", words).field("root", program.root().to_string()))
}

/// Puts a policy for a dataset of the holder's; the dataset may come later.
///
/// **Errors**: problems of the file; the contract refuses.
pub fn put(desk: &Desk, holder: &MspId, file: &Path, dataset: &str) -> Result<Step, GatewayError> {
    let program = program(file)?;
    let local = LocalDataset::new(desk, holder, dataset)?;
    let call = Call::PutPolicy(PutPolicy { lineage: local.lineage_name(desk)?, policy: program.document().to_canonical() });
    let committed = desk.submit(holder, &call, Private::default(), &Parties::default())?;
    Ok(Step::new("policy.put")
        .line(format!("{holder} put a policy of tier {} for {dataset}; the contract compiled it itself", program.tier()))
        .field("root", program.root().to_string())
        .field("tier", program.tier())
        .field("lineage", local.lineage(desk)?.to_string())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}
