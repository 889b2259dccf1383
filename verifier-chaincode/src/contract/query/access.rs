//! What a researcher's client needs before it proves, and where a request stands.

use super::to_json;
use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{
    ActiveCircuit, DatasetEntry, Delivery, LineageEntry, PolicyDocumentEntry, PolicyEntry,
    PolicyVersion, PublishedKey, RequestEntry, Vote,
};
use crate::state_key::StateKey;
use circuits::ids::{LineageId, Nullifier};
use serde_json::{Value, json};

impl Contract {
    async fn policy_json<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        lineage: LineageId,
        version: &PolicyVersion,
    ) -> Result<Value, ContractError> {
        let document: PolicyDocumentEntry = view
            .need(&StateKey::policy_document(lineage, version.root))
            .await?;
        Ok(json!({
            "root": version.root, "tier": version.tier, "active_from": version.active_from, "tx_id": version.tx_id,
            "document": document.document,
        }))
    }

    pub(super) async fn get_policy<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        lineage: LineageId,
    ) -> Result<Value, ContractError> {
        let entry: PolicyEntry = view.need(&StateKey::policy(lineage)).await?;
        let today = view.day().await?.day;
        let active = self
            .policy_json(view, lineage, entry.in_force(today))
            .await?;
        let pending = match entry.pending.as_ref().filter(|p| p.active_from > today) {
            Some(version) => self.policy_json(view, lineage, version).await?,
            None => Value::Null,
        };
        Ok(json!({
            "lineage": lineage, "name": entry.name, "holder": entry.holder, "period_days": entry.period_days,
            "active": active, "pending": pending,
        }))
    }

    /// Everything public that a proof of eligibility speaks of. Revocations come by
    /// `GetRevocations`, for every issuer.
    pub(super) async fn access_context<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        lineage: LineageId,
    ) -> Result<Value, ContractError> {
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
        let holder_key: Option<PublishedKey> =
            view.find(&StateKey::published_key(&entry.holder)).await?;
        let now = view.tx().timestamp_ms;
        Ok(json!({
            "consortium": view.consortium_id(),
            "chaincode": self.config().chaincode_name,
            "lineage": to_json(&lineage_entry)?,
            "dataset": to_json(&dataset)?,
            "day": { "current": today.day, "admissible": today.admissible(now) },
            "policy": self.get_policy(view, lineage).await?,
            "registry": self.get_registry(view).await?,
            "circuit": { "name": circuit, "key": active.map(|a| a.key) },
            "holder_key": to_json(&holder_key)?,
        }))
    }

    pub(super) async fn get_request<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        nullifier: Nullifier,
    ) -> Result<Value, ContractError> {
        let entry: RequestEntry = view.need(&StateKey::nullifier(nullifier)).await?;
        let mut votes = Vec::new();
        for msp in &entry.committee {
            let vote: Option<Vote> = view
                .find(&StateKey::request_vote(entry.request, msp))
                .await?;
            votes.extend(vote);
        }
        let dataset: DatasetEntry = view.need(&StateKey::dataset(entry.dataset)).await?;
        let mut deliveries = Vec::new();
        for segment in &dataset.segments {
            let delivery: Option<Delivery> = view
                .find(&StateKey::delivery(entry.request, segment.segment))
                .await?;
            deliveries.extend(delivery);
        }
        Ok(
            json!({ "request": to_json(&entry)?, "votes": to_json(&votes)?, "deliveries": to_json(&deliveries)? }),
        )
    }
}
