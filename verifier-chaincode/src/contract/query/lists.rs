//! Lists and pages of lists. A bookmark comes from the page before; a foreign one is refused or
//! starts elsewhere, never more.

use super::to_json;
use crate::call::Query;
use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, require};
use crate::ledger::Ledger;
use crate::model::{
    ChunkRootBatch, CircuitEntry, DatasetEntry, Entry, IssuerEntry, RegistryHead, RevokedBatch,
};
use crate::state_key::StateKey;
use circuits::field::Digest;
use circuits::ids::DatasetRoot;
use serde::Serialize;
use serde_json::{Value, json};

/// Batches of one page.
const BATCHES: u32 = 16;

impl Contract {
    pub(super) async fn list<T: Entry + Serialize, L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        prefix: &StateKey,
        bookmark: &str,
    ) -> Result<Value, ContractError> {
        let page = view
            .ledger()
            .scan(prefix, Query::PAGE_SIZE, bookmark)
            .await?;
        let entries = page
            .entries
            .iter()
            .map(|(_, bytes)| to_json(&T::from_entry_bytes(bytes)?))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(json!({ "entries": entries, "bookmark": page.bookmark }))
    }

    pub(super) async fn list_circuits<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        bookmark: &str,
    ) -> Result<Value, ContractError> {
        let page = view
            .ledger()
            .scan(&StateKey::circuits(), Query::PAGE_SIZE, bookmark)
            .await?;
        let mut entries = Vec::with_capacity(page.entries.len());
        for (_, bytes) in &page.entries {
            let entry = CircuitEntry::from_entry_bytes(bytes)?;
            let key = Digest::of(&entry.verifying_key);
            let mut approvals = Vec::new();
            for msp in view.members() {
                let approval: Option<crate::model::Approval> =
                    view.find(&StateKey::circuit_approval(key, &msp)).await?;
                approvals.extend(approval.map(|_| msp));
            }
            entries.push(json!({
                "key": key, "circuit": entry.circuit, "proving_key": entry.proving_key, "matrices": entry.matrices,
                "proposer": entry.proposer, "standing": entry.standing, "approvals": approvals, "tx_id": entry.tx_id,
            }));
        }
        Ok(json!({ "entries": entries, "bookmark": page.bookmark }))
    }

    /// Every issuer, point by point: the head says how many there are.
    pub(super) async fn get_registry<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
    ) -> Result<Value, ContractError> {
        let head: RegistryHead = view.need(&StateKey::registry_head()).await?;
        let mut issuers = Vec::with_capacity(head.leaves.len());
        for slot in 0..head.leaves.len() as u16 {
            issuers.push(to_json(
                &view.need::<IssuerEntry>(&StateKey::issuer(slot)).await?,
            )?);
        }
        Ok(
            json!({ "root": head.root, "leaves": head.leaves, "past_roots": head.ring, "issuers": issuers }),
        )
    }

    /// Revoked indices in order of insertion; the bookmark is the number of the next batch.
    pub(super) async fn get_revocations<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        slot: u16,
        bookmark: &str,
    ) -> Result<Value, ContractError> {
        let issuer: IssuerEntry = view.need(&StateKey::issuer(slot)).await?;
        let first = batch_of(bookmark)?;
        let mut values = Vec::new();
        for batch in first..first.saturating_add(BATCHES) {
            match view
                .find::<RevokedBatch>(&StateKey::revoked(slot, batch))
                .await?
            {
                Some(entry) => values.extend(entry.values),
                None => {
                    return Ok(
                        json!({ "root": issuer.revocation_root, "values": values, "bookmark": "" }),
                    );
                }
            }
        }
        Ok(
            json!({ "root": issuer.revocation_root, "values": values, "bookmark": first.saturating_add(BATCHES).to_string() }),
        )
    }

    /// Chunk roots of a version; the bookmark is the number of the next batch.
    pub(super) async fn get_chunk_roots<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        root: DatasetRoot,
        bookmark: &str,
    ) -> Result<Value, ContractError> {
        view.need::<DatasetEntry>(&StateKey::dataset(root)).await?;
        let first = batch_of(bookmark)?;
        let mut roots = Vec::new();
        for batch in first..first.saturating_add(BATCHES) {
            match view
                .find::<ChunkRootBatch>(&StateKey::chunk_roots(root, batch))
                .await?
            {
                Some(entry) => roots.extend(entry.roots),
                None => return Ok(json!({ "roots": roots, "bookmark": "" })),
            }
        }
        Ok(json!({ "roots": roots, "bookmark": first.saturating_add(BATCHES).to_string() }))
    }
}

fn batch_of(bookmark: &str) -> Result<u32, ContractError> {
    if bookmark.is_empty() {
        return Ok(0);
    }
    let plain = bookmark.len() <= 6 && bookmark.bytes().all(|b| b.is_ascii_digit());
    require(
        plain,
        Code::BadInput,
        "bookmark",
        "expected one from an earlier page",
    )?;
    bookmark.parse().map_err(|_| {
        ContractError::new(
            Code::BadInput,
            "bookmark",
            "expected one from an earlier page",
        )
    })
}
