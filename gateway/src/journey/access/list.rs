//! `access list`: every request, and what it waits for.

use super::{AccessError, json};
use crate::journey::dataset::lineages;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::{GetDay, GetRequest, ListRequests};
use medveil_contract::model::{ProofStanding, RequestEntry, RequestState};
use schemars::JsonSchema;
use serde::Serialize;

/// What a request waits for, from the acting organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// Its vote.
    Vote,
    /// Its handover of keys.
    Handover,
    /// A fresh proof by the person who asked.
    Affirmation,
}

/// A request in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedRequest {
    #[serde(flatten)]
    #[schemars(with = "json::RequestEntry")]
    pub entry: RequestEntry,
    /// The dataset, as `HOLDER/NAME`.
    pub name: String,
    /// Whether the acting organisation asked; never where a person acts: who of it asked is not
    /// known here.
    pub own: bool,
    /// What it waits for, where that is the acting organisation's to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Awaits>,
    /// Whether it is a grant whose lease is over, or an extension of one.
    pub lapsed: bool,
    /// Where it is a grant: the date on which its lease ends, or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// All requests on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessList {
    pub requests: Vec<ListedRequest>,
}

impl Step for AccessList {
    const NAME: &'static str = "access.list";
    const VERSION: u32 = 2;
}

/// Lists access requests, those first that wait for this organisation.
///
/// **Errors**: the ledger cannot be read.
pub async fn list(session: &Session, org: &MspId) -> Result<AccessList, AccessError> {
    let first = ListRequests {
        bookmark: String::new(),
    };
    let today = session.ask(org, GetDay).await?.current.max(session.today());
    let datasets = lineages(session, org).await?;
    let mut requests = Vec::new();
    let all = session.ask_all(org, &first).await?;
    for entry in all.clone() {
        let base = base_of(&entry, &all);
        let dataset = datasets.iter().find(|d| d.lineage == entry.lineage);
        let name = dataset.map_or(entry.lineage.to_string(), |d| d.name.clone());
        requests.push(ListedRequest {
            name: format!("{}/{name}", entry.holder),
            own: entry.submitter == *org && !session.is_personal(),
            awaits: match base.is_none_or(|base| base.runs(today)) {
                true => awaits(session, org, &entry, today).await?,
                // What its grant waits for stands at that.
                false => None,
            },
            lapsed: entry.state == RequestState::Approved && !runs(&entry, base, today),
            until: until(&entry, base).map(to_text),
            entry,
        });
    }
    requests.sort_by_key(|r| (r.awaits.is_none(), !r.own));
    Ok(AccessList { requests })
}

/// The grant that an extension asks further columns of; none for a request of its own.
fn base_of<'a>(entry: &RequestEntry, all: &'a [RequestEntry]) -> Option<&'a RequestEntry> {
    let is_base = |e: &&RequestEntry| e.nullifier == entry.nullifier && e.extension == 0;
    all.iter().find(is_base).filter(|_| entry.extension != 0)
}

fn runs(entry: &RequestEntry, base: Option<&RequestEntry>, today: Day) -> bool {
    entry.runs(today) && base.is_none_or(|base| base.runs(today))
}

/// The first day on which it does not run: an extension ends with its grant.
pub(super) fn until(entry: &RequestEntry, base: Option<&RequestEntry>) -> Option<Day> {
    let own = entry.lease.as_ref()?.until;
    let base = base.and_then(|base| base.lease.as_ref());
    Some(base.map_or(own, |base| own.min(base.until)))
}

async fn awaits(
    session: &Session,
    org: &MspId,
    entry: &RequestEntry,
    today: Day,
) -> Result<Option<Awaits>, AccessError> {
    let is_party = [&entry.holder, &entry.submitter].contains(&org);
    let may_wait = match entry.state {
        RequestState::Submitted => entry.committee.contains(org),
        RequestState::Approved => is_party,
        RequestState::Rejected | RequestState::Closed => false,
    };
    if !may_wait {
        return Ok(None);
    }
    let request = entry.request;
    let status = session.ask(org, GetRequest { request }).await?;
    Ok(awaited(org, &status, today))
}

/// What a request waits for from this organisation.
fn awaited(org: &MspId, status: &RequestStatus, today: Day) -> Option<Awaits> {
    let entry = &status.request;
    if entry.state == RequestState::Submitted {
        let has_voted = status.votes.iter().any(|vote| vote.msp_id == *org);
        return (!has_voted).then_some(Awaits::Vote);
    }
    let is_over = !entry.runs(today);
    let needs_proof = is_over || status.proof != ProofStanding::Fresh;
    let is_delivered = !status.deliveries.is_empty();
    let wants_affirmation = is_over || (needs_proof && !is_delivered);
    match (entry.submitter == *org, entry.holder == *org) {
        (true, _) if wants_affirmation => Some(Awaits::Affirmation),
        (_, true) if !is_delivered && !needs_proof => Some(Awaits::Handover),
        _ => None,
    }
}
