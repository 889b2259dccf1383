//! Queries: what the ledger says, in JSON. They write nothing, so only here may the ledger be
//! scanned.
//!
//! No query returns one Merkle path or one absence proof: clients download whole trees, so that
//! nobody learns what they look for.

mod access;
mod lists;
mod private;

use crate::call::{MAX_CALL_BYTES, Query};
use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{
    ActiveCircuit, CircuitEntry, ClaimEntry, DatasetEntry, DatasetSchema, LineageEntry,
    PublishedKey, RequestIndex,
};
use crate::state_key::StateKey;
use circuits::field::Digest;
use circuits::ids::DatasetRoot;
use serde::Serialize;
use serde_json::{Value, json};

/// An entry as JSON.
pub(super) fn to_json(entry: &impl Serialize) -> Result<Value, ContractError> {
    serde_json::to_value(entry).refuse(Code::Internal, "answer")
}

impl Contract {
    pub(super) async fn answer<L: Ledger>(
        &self,
        ledger: &mut L,
        query: Query,
    ) -> Result<Value, ContractError> {
        if query == Query::GetMetadata {
            return Ok(self.metadata());
        }
        let mut view = self.open(ledger).await?;
        let view = &mut view;
        match query {
            Query::GetMetadata => Ok(self.metadata()),
            Query::GetConsortium => {
                Ok(json!({ "id": view.consortium_id(), "file": to_json(view.consortium())? }))
            }
            Query::GetDay => self.get_day(view).await,
            Query::GetCircuit { key } => {
                to_json(&view.need::<CircuitEntry>(&StateKey::circuit(key)).await?)
            }
            Query::GetActiveCircuit { circuit } => {
                let key = StateKey::parse(StateKey::circuit_active(&circuit).as_str())
                    .refuse(Code::BadInput, "circuit")?;
                to_json(&view.need::<ActiveCircuit>(&key).await?)
            }
            Query::ListCircuits { bookmark } => self.list_circuits(view, &bookmark).await,
            Query::GetRegistry => self.get_registry(view).await,
            Query::GetRevocations { issuer, bookmark } => {
                self.get_revocations(view, issuer, &bookmark).await
            }
            Query::GetPolicy { lineage } => self.get_policy(view, lineage).await,
            Query::AccessContext { lineage } => self.access_context(view, lineage).await,
            Query::GetDataset { dataset } => self.get_dataset(view, dataset).await,
            Query::GetLineage { lineage } => to_json(
                &view
                    .need::<LineageEntry>(&StateKey::lineage(lineage))
                    .await?,
            ),
            Query::ListDatasets { bookmark } => {
                self.list::<LineageEntry, _>(view, &StateKey::lineages(), &bookmark)
                    .await
            }
            Query::GetChunkRoots { dataset, bookmark } => {
                self.get_chunk_roots(view, dataset, &bookmark).await
            }
            Query::ReadPages {
                dataset,
                chunk,
                grant,
            } => self.read_pages(view, dataset, chunk, grant).await,
            Query::ReadKey {
                grant,
                segment,
                digest,
            } => self.read_key(view, grant, segment, digest).await,
            Query::ReadLetter { request } => self.read_letter(view, request).await,
            Query::GetRequest { request } => {
                let index: RequestIndex = view.need(&StateKey::request_index(request)).await?;
                self.get_request(view, index.nullifier).await
            }
            Query::GetRequestByNullifier { nullifier } => self.get_request(view, nullifier).await,
            Query::ListRequests { bookmark } => {
                self.list::<crate::model::RequestEntry, _>(view, &StateKey::requests(), &bookmark)
                    .await
            }
            Query::GetClaim { claim } => {
                to_json(&view.need::<ClaimEntry>(&StateKey::claim(claim)).await?)
            }
            Query::ListClaims { bookmark } => {
                self.list::<ClaimEntry, _>(view, &StateKey::claims(), &bookmark)
                    .await
            }
            Query::GetPublishedKey { msp } => to_json(
                &view
                    .need::<PublishedKey>(&StateKey::published_key(&msp))
                    .await?,
            ),
        }
    }

    fn metadata(&self) -> Value {
        let config = self.config();
        json!({
            "contract": env!("CARGO_PKG_VERSION"),
            "chaincode": config.chaincode_name,
            "msp_id": config.msp_id,
            "consortium_digest": config.consortium_digest,
            "collections_digest": Digest::of(&config.collections.to_canonical()),
            "allow_insecure_dev_keys": config.allow_insecure_dev_keys,
            "circuits": judge::known_circuits(),
            "max_call_bytes": MAX_CALL_BYTES,
        })
    }

    async fn get_day<L: Ledger>(&self, view: &mut View<'_, L>) -> Result<Value, ContractError> {
        let entry = view.day().await?;
        let now = view.tx().timestamp_ms;
        Ok(
            json!({ "current": entry.day, "ticked_at_ms": entry.ticked_at_ms, "admissible": entry.admissible(now) }),
        )
    }

    async fn get_dataset<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        root: DatasetRoot,
    ) -> Result<Value, ContractError> {
        let dataset: DatasetEntry = view.need(&StateKey::dataset(root)).await?;
        let schema: DatasetSchema = view.need(&StateKey::dataset_schema(root)).await?;
        Ok(json!({ "dataset": to_json(&dataset)?, "schema": schema.schema }))
    }
}
