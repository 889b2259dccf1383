//! Journey three, the holder's side: prove a claim about a registered dataset, publish it, list
//! what is published, export a bundle.

mod open;
mod store;
mod suggest;

pub use store::LocalClaim;
pub use suggest::{largest_query, satisfied_by_all};

use super::local::LocalDataset;
use super::size;
use crate::bundle::{Bundle, BundleParts};
use crate::channel::Private;
use crate::custody::write_file;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::output::Step;
use circuits::claim::{self, ClaimChunk, ClaimFinal, ClaimKind, ClaimPlan, Cohort, CountUnit};
use circuits::field::{Digest, Felt};
use circuits::proof::RawProof;
use circuits::query::Query as CohortQuery;
use circuits::statement::{Statement, Synthesize};
use collections_config::{MspId, Role};
use open::OpenedDataset;
use serde_json::Value;
use std::path::Path;
use verifier_chaincode::call::{
    self, BlockOpening, Call, ClaimTerms, LanePoint, Parties, PublishClaim, Query,
};
use verifier_chaincode::judge;

const STAGE: &str = "claim";

/// What is to be claimed of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At least this many.
    AtLeast(u64),
    /// The largest threshold that holds and may be published.
    Largest,
    /// All of them.
    All,
    /// None of them is known to.
    None,
}

/// A claim as a holder words it.
pub struct Wish<'a> {
    /// Name of the dataset within the holder.
    pub dataset: &'a str,
    /// Cohort expression.
    pub query: &'a str,
    /// What is claimed.
    pub goal: Goal,
    /// Rows or subjects.
    pub unit: CountUnit,
}

/// Proves a claim and keeps it on the holder's disk; nothing leaves the holder's folder.
///
/// **Errors**: nothing registered under that name; a query that does not compile; a claim that may
/// not be published or does not hold; a circuit that is not active.
pub fn prove(desk: &Desk, holder: &MspId, wish: &Wish<'_>) -> Result<Step, GatewayError> {
    let local = LocalDataset::new(desk, holder, wish.dataset)?;
    let opened = OpenedDataset::open(desk, &local)?;
    let query = opened.compile(wish.query, wish.unit)?;
    let chunks = opened.chunks(query.program())?;
    let counts = claim::count(query.program(), &chunks);
    let terms = terms(desk, &opened, wish, &query, counts)?;
    let frame = opened.frame(desk);
    let stated = judge::claim::state(&frame, &terms).refused("disclosure")?;
    let blocks = opened.openings(query.program());
    size::check_claim(&blocks)?;
    let cohort = Cohort {
        n_rows: opened.entry.n_rows,
        n_subjects: opened.entry.n_subjects,
    };
    let plan = claim::plan(
        query.program(),
        &chunks,
        stated.terms,
        cohort,
        stated.subject_floor,
        stated.context,
        &mut *desk.rng(),
    );
    let plan = plan.internal(STAGE)?;
    // The last statement first: a claim that does not hold costs no proof.
    ClaimFinal::check(&plan.last, &plan.last_private).refused("prove")?;
    let args = match opened.entry.tier {
        16 => prove_tier::<ClaimChunk<16>>(desk, holder, plan, blocks, terms)?,
        _ => prove_tier::<ClaimChunk<256>>(desk, holder, plan, blocks, terms)?,
    };
    LocalClaim::new(desk, holder, stated.context).save(&args)?;
    Ok(proven(holder, wish, &query, &args, stated.context, &opened))
}

fn proven(
    holder: &MspId,
    wish: &Wish<'_>,
    query: &CohortQuery,
    args: &PublishClaim,
    id: Felt,
    opened: &OpenedDataset,
) -> Step {
    let (atoms, gates) = query.cost();
    let mut step = Step::new("claim.prove")
        .line(format!("{holder} proved about {}: {}", wish.dataset, sentence(&args.terms)))
        .line(format!("  claim {id}"))
        .line(format!("  {} proofs; the query uses {atoms} of 4 comparisons and {gates} of 3 connectives", args.chunks.len() + 1))
        .line("  which rows and how many of them they are stays with the holder; nothing has left its folder");
    for span in query.spans(&opened.schema) {
        step = step.line(format!("  {span}"));
    }
    describe(step, &args.terms)
        .field("claim", id.to_string())
        .field("proofs", args.chunks.len() + 1)
}

fn terms(
    desk: &Desk,
    opened: &OpenedDataset,
    wish: &Wish<'_>,
    query: &CohortQuery,
    counts: claim::Counts,
) -> Result<ClaimTerms, GatewayError> {
    let (kind, k) = match wish.goal {
        Goal::AtLeast(k) => (ClaimKind::Count, k),
        Goal::Largest => (ClaimKind::Count, opened.largest_k(desk, query, counts)?),
        Goal::All => (ClaimKind::All, 0),
        Goal::None => (ClaimKind::None, 0),
    };
    Ok(ClaimTerms {
        dataset: opened.entry.root,
        query: wish.query.to_owned(),
        unit: wish.unit,
        kind,
        k,
    })
}

fn prove_tier<S>(
    desk: &Desk,
    holder: &MspId,
    plan: ClaimPlan,
    blocks: Vec<Vec<BlockOpening>>,
    terms: ClaimTerms,
) -> Result<PublishClaim, GatewayError>
where
    S: Synthesize<Public = claim::ClaimChunkPublic, Private = claim::ClaimChunkPrivate>,
{
    let items: Vec<_> = plan
        .chunks
        .into_iter()
        .map(|c| (c.public, c.private))
        .collect();
    let proofs = desk.prove_all(&desk.prover::<S>(holder)?, &items, "proving the claim")?;
    let last = desk.prove_all(
        &desk.prover::<ClaimFinal>(holder)?,
        &[(plan.last, plan.last_private)],
        "proving the sum",
    )?;
    let last = last
        .first()
        .ok_or_else(|| GatewayError::internal(STAGE, "expected one final proof"))?;
    let chunk = |((blocks, (public, _)), proof): (
        (Vec<BlockOpening>, &(claim::ClaimChunkPublic, _)),
        RawProof,
    )| call::ClaimChunk {
        blocks,
        link_out: public.link_out,
        lane: LanePoint {
            x: Felt(public.lane.x),
            y: Felt(public.lane.y),
        },
        proof,
    };
    let chunks = blocks
        .into_iter()
        .zip(&items)
        .zip(proofs.iter().map(|p| p.raw().clone()))
        .map(chunk)
        .collect();
    Ok(PublishClaim {
        terms,
        chunks,
        proof: last.raw().clone(),
    })
}

/// Publishes a proven claim; publishing the same one again answers as the first time.
///
/// **Errors**: not proven here; the contract refuses.
pub fn publish(desk: &Desk, holder: &MspId, id: Felt) -> Result<Step, GatewayError> {
    let args = LocalClaim::new(desk, holder, id).load()?;
    let arguments = Digest::of(&borsh::to_vec(&args).internal(STAGE)?);
    if let Ok(entry) = desk.query::<Value>(holder, &Query::GetClaim { claim: id })
        && entry["arguments"].as_str() == Some(&arguments.to_hex())
    {
        let tx_id = entry["tx_id"].as_str().unwrap_or_default();
        return Ok(describe(Step::new("claim.publish"), &args.terms)
            .line(format!(
                "claim {id} is on the ledger already, by transaction {tx_id}"
            ))
            .field("claim", id.to_string())
            .field("tx_id", tx_id));
    }
    let (n_proofs, terms) = (args.chunks.len() + 1, args.terms.clone());
    let call = Call::PublishClaim(args);
    let bytes: usize = call.to_args().iter().map(Vec::len).sum();
    let committed = desk.submit(holder, &call, Private::default(), &Parties::default())?;
    Ok(describe(Step::new("claim.publish"), &terms)
        .line(format!("{holder} published: {}", sentence(&terms)))
        .line(format!("  {n_proofs} proofs verified by the endorsing organisations, {bytes} bytes; the ledger keeps digests, not proofs"))
        .line("  everybody sees the sentence; nobody sees the count, a row or a value")
        .field("claim", id.to_string())
        .field("bytes", bytes)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Lists published claims.
///
/// **Errors**: the ledger cannot be read.
pub fn list(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let (mut bookmark, mut all) = (String::new(), Vec::new());
    let mut step = Step::new("claim.list");
    loop {
        let page: Value = desk.query(org, &Query::ListClaims { bookmark })?;
        for entry in page["entries"].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().unwrap_or_default();
            let k = entry["k"].as_u64().unwrap_or_default();
            let words = words(text("kind"), text("unit"), k, text("query"));
            step = step.line(format!("{}  {}: {words}", text("claim"), text("holder")));
            all.push(entry.clone());
        }
        bookmark = page["bookmark"].as_str().unwrap_or_default().to_owned();
        if bookmark.is_empty() {
            return Ok(step.field("claims", all));
        }
    }
}

/// Writes a published claim as one file that anyone can verify where there is no ledger.
///
/// **Errors**: no such claim on the ledger; the file system refused.
pub fn bundle(desk: &Desk, org: &MspId, id: Felt, out: &Path) -> Result<Step, GatewayError> {
    let entry: Value = desk.query(org, &Query::GetClaim { claim: id })?;
    let root = entry["dataset"]
        .as_str()
        .unwrap_or_default()
        .parse()
        .internal(STAGE)?;
    let version: Value = desk.query(org, &Query::GetDataset { dataset: root })?;
    let signer = desk.identity(org, Role::Client)?;
    let envelope = |tx_id: &Value| {
        desk.channel()
            .envelope(signer.clone(), tx_id.as_str().unwrap_or_default())
    };
    let digests: Vec<Value> = entry["circuits"].as_array().cloned().unwrap_or_default();
    let digests = std::iter::once(&version["dataset"]["circuit"]).chain(&digests);
    let keys = digests
        .map(|d| verifying_key(desk, org, d))
        .collect::<Result<Vec<_>, _>>()?;
    let trust = super::consortium::trust_of(desk, org)?;
    let parts = BundleParts {
        trust: &trust,
        keys,
        registration: envelope(&version["dataset"]["tx_id"])?,
        claim: envelope(&entry["tx_id"])?,
    };
    let bundle = Bundle::new(parts)?;
    let text = bundle.to_json();
    write_file(out, text.as_bytes())?;
    Ok(Step::new("claim.bundle")
        .line(format!("bundle of claim {id}: {} ({} bytes)", out.display(), text.len()))
        .line("  verify it anywhere with `medveil verify`, together with a trust file got another way")
        .field("claim", id.to_string())
        .field("bundle", out.display().to_string())
        .field("bytes", text.len()))
}

fn verifying_key(desk: &Desk, org: &MspId, digest: &Value) -> Result<Vec<u8>, GatewayError> {
    let key: Digest = serde_json::from_value(digest.clone()).internal(STAGE)?;
    let circuit: Value = desk.query(org, &Query::GetCircuit { key })?;
    hex::decode(circuit["verifying_key"].as_str().unwrap_or_default()).internal(STAGE)
}

/// A claim as a sentence.
pub fn sentence(terms: &ClaimTerms) -> String {
    let (kind, unit) = match (terms.kind, terms.unit) {
        (kind, CountUnit::Rows) => (kind, "rows"),
        (kind, CountUnit::Subjects) => (kind, "subjects"),
    };
    let kind = match kind {
        ClaimKind::Count => "count",
        ClaimKind::All => "all",
        ClaimKind::None => "none",
    };
    words(kind, unit, terms.k, &terms.query)
}

fn words(kind: &str, unit: &str, k: u64, query: &str) -> String {
    let anything = query.trim().eq_ignore_ascii_case("TRUE");
    match (kind, unit) {
        ("all", "subjects") if anything => "every subject has a real row (`TRUE`)".to_owned(),
        ("all", _) if anything => "every row that is counted is real (`TRUE`)".to_owned(),
        ("all", "subjects") => format!("every subject has a row with `{query}`"),
        ("all", _) => format!("every row has `{query}`"),
        ("none", "subjects") => format!(
            "no subject is known to have a row with `{query}` (a missing value never counts as a hit)"
        ),
        ("none", _) => {
            format!("no row is known to have `{query}` (a missing value never counts as a hit)")
        }
        _ => format!("at least {k} {unit} have `{query}`"),
    }
}

fn describe(step: Step, terms: &ClaimTerms) -> Step {
    let json = |value: serde_json::Result<Value>| value.unwrap_or_default();
    step.field("sentence", sentence(terms))
        .field("query", terms.query.clone())
        .field("kind", json(serde_json::to_value(terms.kind)))
        .field("unit", json(serde_json::to_value(terms.unit)))
        .field("k", terms.k)
}
