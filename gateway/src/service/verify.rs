//! Journey three, the outsider's side: verify a bundle with no ledger and no home at hand.

use super::claim::sentence;
use crate::bundle::trust::Trust;
use crate::bundle::{self, Bundle, Report};
use crate::error::GatewayError;
use crate::output::{Output, Step};
use circuits::claim::ClaimKind;
use circuits::ids::Day;
use serde_json::{Value, json};
use std::path::Path;

/// Verifies a bundle under a trust file; without one under its own copy, which proves nothing about
/// who made it.
///
/// **Errors**: files that are not what they should be; whatever does not hold.
pub fn verify(output: &Output, file: &Path, trust: Option<&Path>) -> Result<Step, GatewayError> {
    let bundle = Bundle::read(file)?;
    let trust = trust.map(Trust::read).transpose()?;
    let spinner = output.spinner("verifying proofs and signatures");
    let report = bundle::verify(&bundle, trust.as_ref());
    spinner.finish_and_clear();
    Ok(step(&report?))
}

fn step(report: &Report) -> Step {
    let dataset = &report.dataset;
    let insecure = report.keys.iter().any(|k| k.insecure);
    let step = Step::new("verify")
        .line(format!("{}: {}", dataset.holder, sentence(&report.terms)))
        .line(format!(
            "  dataset {} of {}: {} rows of {} subjects; claim {}",
            dataset.name, dataset.holder, dataset.n_rows, dataset.n_subjects, report.claim
        ))
        .line(format!(
            "  {} proofs verified, keys of {} circuits",
            report.proofs,
            report.keys.len()
        ))
        .field("sentence", sentence(&report.terms))
        .field("query", report.terms.query.clone())
        .field(
            "kind",
            serde_json::to_value(report.terms.kind).unwrap_or_default(),
        )
        .field(
            "unit",
            serde_json::to_value(report.terms.unit).unwrap_or_default(),
        )
        .field("k", report.terms.k)
        .field("claim", report.claim.to_string())
        .field("consortium", report.consortium.clone())
        .field("holder", dataset.holder.to_string())
        .field("dataset", dataset.root.to_string())
        .field("rows", dataset.n_rows)
        .field("subjects", dataset.n_subjects)
        .field("proofs", report.proofs)
        .field("insecure_development_keys", insecure);
    let step = not_proven(endorsed(step, report), report);
    let step = if insecure {
        step.line(
            "  insecure development keys: whoever knows their public seed can forge these proofs",
        )
    } else {
        step
    };
    anchored(step, report)
}

fn endorsed(step: Step, report: &Report) -> Step {
    let mut step = step;
    let mut all = Vec::new();
    for (what, tx) in [
        ("registration", &report.registration),
        ("publication", &report.publication),
    ] {
        let names: Vec<String> = tx.endorsers.iter().map(ToString::to_string).collect();
        step = step.line(format!(
            "  {what} endorsed by {} on {}, transaction {}",
            names.join(", "),
            date(tx.day),
            tx.tx_id
        ));
        all.push(json!({"what": what, "endorsers": names, "day": tx.day, "tx_id": tx.tx_id}));
    }
    for span in &report.spans {
        step = step.line(format!("  {span}"));
    }
    let spans: Vec<Value> = report
        .spans
        .iter()
        .map(|s| json!({"column": s.column, "low": s.low, "high": s.high, "bits": s.bits}))
        .collect();
    let keys: Vec<Value> = report
        .keys
        .iter()
        .map(|k| json!({"circuit": k.circuit, "digest": k.digest.to_hex(), "insecure": k.insecure}))
        .collect();
    step.field("transactions", all)
        .field("proven_spans", spans)
        .field("keys", keys)
}

/// A day as people write it.
fn date(day: Day) -> String {
    i32::try_from(day.0)
        .ok()
        .and_then(crate::source::date::print)
        .unwrap_or_else(|| format!("day {day}"))
}

fn not_proven(step: Step, report: &Report) -> Step {
    let mut list = vec![
        "that the two transactions were ordered and committed, and that the dataset is still current: only the ledger tells",
        "that the rows are true, and all that the holder has: proofs speak of what was committed",
        "that two pseudonyms are two people: it is the holder's word",
    ];
    if report.spans.iter().any(|s| s.wider_than_schema) {
        list.push(
            "that values keep to the schema's exact bounds: proven is the span that is printed",
        );
    }
    if report.terms.kind == ClaimKind::None {
        list.push(
            "that rows with a missing value would not satisfy the query: missing is never a hit",
        );
    }
    let step = list.iter().fold(step, |step, what| {
        step.line(format!("  not proven: {what}"))
    });
    step.field("not_proven", list)
}

fn anchored(step: Step, report: &Report) -> Step {
    let fingerprint = report.fingerprint.to_hex();
    let step = step
        .field("anchored", report.anchored)
        .field("fingerprint", fingerprint.clone());
    if report.anchored {
        return step.line(format!(
            "  anchored: true, in the trust file given (consortium {})",
            report.consortium
        ));
    }
    step.line(format!(
        "  anchored: false; only the bundle itself says that this is {}",
        report.consortium
    ))
    .line(format!(
        "  compare its fingerprint with the consortium's: {fingerprint}"
    ))
}
