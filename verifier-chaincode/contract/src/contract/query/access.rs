//! What a researcher's client needs before it proves, and where a request stands.

use super::lists;
use crate::call::reply;
use crate::contract::Contract;
use crate::contract::access::{compiled_policy, readers};
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{
    ActiveCircuit, DatasetEntry, Delivery, LineageEntry, PolicyDocumentEntry, PolicyEntry,
    PolicyVersion, PublishedKey, RequestEntry, Vote,
};
use crate::state_key::StateKey;
use medveil_circuits::ids::LineageId;

pub(super) async fn policy<L: Ledger>(
    view: &mut View<'_, L>,
    lineage: LineageId,
) -> Result<reply::Policy, ContractError> {
    let entry: PolicyEntry = view.need(&StateKey::policy(lineage)).await?;
    let today = view.day().await?.day;
    let active = with_document(view, lineage, entry.in_force(today)).await?;
    let pending = match entry.pending.as_ref().filter(|p| p.active_from > today) {
        Some(version) => Some(with_document(view, lineage, version).await?),
        None => None,
    };
    Ok(reply::Policy {
        lineage,
        name: entry.name,
        holder: entry.holder,
        period_days: entry.period_days,
        active,
        pending,
    })
}

async fn with_document<L: Ledger>(
    view: &mut View<'_, L>,
    lineage: LineageId,
    version: &PolicyVersion,
) -> Result<reply::PolicyText, ContractError> {
    let key = StateKey::policy_document(lineage, version.document);
    let document: PolicyDocumentEntry = view.need(&key).await?;
    Ok(reply::PolicyText {
        root: version.root,
        digest: version.document,
        tier: version.tier,
        active_from: version.active_from,
        tx_id: version.tx_id.clone(),
        document: document.document,
    })
}

impl Contract {
    /// Everything public that a proof of eligibility speaks of. Revocations come by
    /// `GetRevocations`, for every issuer.
    pub(super) async fn access_context<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        lineage: LineageId,
    ) -> Result<reply::AccessContext, ContractError> {
        let entry: PolicyEntry = view.need(&StateKey::policy(lineage)).await?;
        let today = view.day().await?;
        let lineage_entry: LineageEntry = view.need(&StateKey::lineage(lineage)).await?;
        let dataset = match lineage_entry.versions.last() {
            Some(root) => view.find::<DatasetEntry>(&StateKey::dataset(*root)).await?,
            None => None,
        };
        let circuit = judge::eligibility::circuit_of(entry.in_force(today.day).tier)
            .refuse(Code::Internal, "policy")?;
        let active: Option<ActiveCircuit> = view.find(&StateKey::circuit_active(&circuit)).await?;
        let document = entry.in_force(today.day).document;
        let committee = compiled_policy(view, lineage, document).await?.committee;
        let mut keys = Vec::new();
        for org in readers(&committee, &entry.holder) {
            keys.extend(
                view.find::<PublishedKey>(&StateKey::published_key(org))
                    .await?,
            );
        }
        Ok(reply::AccessContext {
            consortium: view.consortium_id(),
            chaincode: self.config().chaincode_name.clone(),
            lineage: lineage_entry,
            dataset,
            day: reply::AdmissibleDays {
                current: today.day,
                admissible: today.admissible(view.tx().timestamp_ms),
            },
            policy: policy(view, lineage).await?,
            registry: lists::registry(view).await?,
            circuit: reply::CircuitInUse {
                name: circuit,
                key: active.map(|a| a.key),
            },
            keys,
        })
    }
}

/// A request with its votes and deliveries.
pub(super) async fn status<L: Ledger>(
    view: &mut View<'_, L>,
    request: RequestEntry,
) -> Result<reply::RequestStatus, ContractError> {
    let mut votes = Vec::new();
    for msp in &request.committee {
        let key = StateKey::request_vote(request.request, msp);
        votes.extend(view.find::<Vote>(&key).await?);
    }
    let dataset: DatasetEntry = view.need(&StateKey::dataset(request.dataset)).await?;
    let mut deliveries = Vec::new();
    for segment in &dataset.segments {
        let key = StateKey::delivery(request.request, segment.segment);
        deliveries.extend(view.find::<Delivery>(&key).await?);
    }
    Ok(reply::RequestStatus {
        asked: request.asked(),
        today: view.day().await?.day,
        proof: view.standing(&request).await?,
        request,
        votes,
        deliveries,
    })
}
