//! Access policies: compiled here to be checked and explained, and again by the contract, which
//! believes nobody's root.
//!
//! Checking and explaining need no ledger. What a policy may say is `circuits::policy`'s business.

use super::local::LocalDataset;
use crate::channel::Private;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::output::Step;
use circuits::policy::explain::IssuerLineView;
use circuits::policy::{MAX_BYTES, PolicyDocument, Program, compile};
use collections_config::{Consortium, MspId};
use std::path::Path;
use verifier_chaincode::call::{Call, Parties, PutPolicy};

/// A policy that compiles.
pub struct Compiled {
    /// Its canonical JSON.
    pub canonical: String,
    /// Its program.
    pub program: Program,
}

/// Reads and compiles a policy in YAML.
///
/// **Errors**: no such file, too long, or every problem with its place.
pub fn read(file: &Path) -> Result<Compiled, GatewayError> {
    let at = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let size = std::fs::metadata(file)
        .map_err(|e| GatewayError::not_found("policy", at(&e)))?
        .len();
    if size > MAX_BYTES as u64 {
        return Err(GatewayError::input(
            "policy",
            format!(
                "{}: expected at most {MAX_BYTES} bytes, got {size}",
                file.display()
            ),
        ));
    }
    let text = std::fs::read_to_string(file).map_err(|e| GatewayError::input("policy", at(&e)))?;
    let canonical = PolicyDocument::from_yaml(&text)
        .input("policy")?
        .to_canonical();
    let program = compile(&canonical).input("policy")?;
    Ok(Compiled { canonical, program })
}

fn summary(name: &str, compiled: &Compiled) -> Step {
    let program = &compiled.program;
    Step::new(name)
        .field("root", program.root().to_string())
        .field("tier", program.tier())
        .field("alternatives", program.alternatives().len())
        .field("quorum", program.dac().quorum)
        .field("committee", program.dac().members.clone())
}

/// `policy check`: the root, or every problem.
///
/// **Errors**: as [`read`].
pub fn check(file: &Path) -> Result<Step, GatewayError> {
    let compiled = read(file)?;
    let program = &compiled.program;
    let n = program.alternatives().len();
    let plural = if n == 1 { "" } else { "s" };
    Ok(summary("policy.check", &compiled)
        .line(format!(
            "{} compiles: {n} alternative{plural}, circuit eligibility-{}",
            file.display(),
            program.tier()
        ))
        .line(format!("  policy root {}", program.root())))
}

/// `policy explain`: what it asks for, what a grant reveals, what to beware of; only with a
/// consortium it can say whose issuers suffice.
///
/// **Errors**: as [`read`].
pub fn explain(consortium: Option<&Consortium>, file: &Path) -> Result<Step, GatewayError> {
    let compiled = read(file)?;
    let lines: Vec<IssuerLineView<'_>> = consortium.map(views).unwrap_or_default();
    let words = compiled.program.explain(&lines);
    let warnings: Vec<String> = words
        .iter()
        .filter(|w| w.starts_with("warning"))
        .cloned()
        .collect();
    let step = words
        .iter()
        .fold(summary("policy.explain", &compiled), |step, line| {
            step.line(line)
        });
    Ok(step.field("explanation", words).field("warnings", warnings))
}

fn views(consortium: &Consortium) -> Vec<IssuerLineView<'_>> {
    consortium
        .issuers()
        .iter()
        .map(|line| IssuerLineView {
            schema: &line.schema,
            group: &line.group,
            msps: line.msps.iter().map(MspId::as_str).collect(),
        })
        .collect()
}

/// `policy put`: for a dataset of the caller's, registered or still to come.
///
/// **Errors**: as [`read`]; a committee that is no part of the consortium; the contract refuses.
pub fn put(desk: &Desk, holder: &MspId, file: &Path, dataset: &str) -> Result<Step, GatewayError> {
    let compiled = read(file)?;
    check_committee(desk, holder, &compiled.program)?;
    let local = LocalDataset::new(desk, holder, dataset)?;
    let lineage = local.lineage_name(desk)?;
    let id = local.lineage(desk)?;
    let call = Call::PutPolicy(PutPolicy {
        lineage,
        policy: compiled.canonical.clone(),
    });
    let committed = desk.submit(holder, &call, Private::default(), &Parties::default())?;
    let answer: serde_json::Value = serde_json::from_slice(&committed.payload).unwrap_or_default();
    let root = compiled.program.root();
    let mut step = summary("policy.put", &compiled)
        .line(format!("{holder} put the policy of {dataset}: root {root}"));
    if let Some(day) = answer
        .get("active_from")
        .and_then(serde_json::Value::as_u64)
    {
        step = step
            .line(format!("  in force from day {day}"))
            .field("active_from", day);
    }
    Ok(step
        .line("  the contract compiled it by itself")
        .field("lineage", id.to_string())
        .field("dataset", dataset)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// The committee is of this consortium, and the holder sits on it: the letter is sealed to the
/// holder.
fn check_committee(desk: &Desk, holder: &MspId, program: &Program) -> Result<(), GatewayError> {
    let members = &program.dac().members;
    let stranger = members.iter().find(|name| {
        !desk
            .consortium
            .members()
            .iter()
            .any(|m| m.msp_id.as_str() == name.as_str())
    });
    if let Some(name) = stranger {
        return Err(GatewayError::input(
            "policy",
            format!("dac.members: {name} is no member of the consortium"),
        ));
    }
    if !members.iter().any(|name| name == holder.as_str()) {
        return Err(GatewayError::input(
            "policy",
            format!("dac.members: expected the holder {holder} among them"),
        ));
    }
    Ok(())
}
