//! Lists and pages of lists. A bookmark comes from the page before; a foreign one is refused or
//! starts elsewhere, never more.

use crate::call::reply::{ChunkRoots, ListedCircuit, Registry, Revocations};
use crate::call::{Page, Query};
use crate::contract::view::View;
use crate::error::{Code, ContractError};
use crate::ledger::Ledger;
use crate::model::{
    Approval, ChunkRootBatch, CircuitEntry, DatasetEntry, Entry, IssuerEntry, RegistryHead,
    RevokedBatch,
};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::DatasetRoot;

/// Batches of one page.
const BATCHES: u32 = 16;

/// One page of the entries under a prefix.
pub(super) async fn page<T: Entry, L: Ledger>(
    view: &mut View<'_, L>,
    prefix: &StateKey,
    bookmark: &str,
) -> Result<Page<T>, ContractError> {
    let page = view
        .ledger()
        .scan(prefix, Query::PAGE_SIZE, bookmark)
        .await?;
    let entries = page
        .entries
        .iter()
        .map(|(_, bytes)| T::from_entry_bytes(bytes));
    Ok(Page {
        entries: entries.collect::<Result<_, _>>()?,
        bookmark: page.bookmark,
    })
}

pub(super) async fn circuits<L: Ledger>(
    view: &mut View<'_, L>,
    bookmark: &str,
) -> Result<Page<ListedCircuit>, ContractError> {
    let page: Page<CircuitEntry> = page(view, &StateKey::circuits(), bookmark).await?;
    let mut entries = Vec::with_capacity(page.entries.len());
    for entry in page.entries {
        let key = Digest::of(&entry.verifying_key);
        let mut approvals = Vec::new();
        for msp in view.members() {
            let approval = StateKey::circuit_approval(key, &msp);
            approvals.extend(view.find::<Approval>(&approval).await?.map(|_| msp));
        }
        entries.push(ListedCircuit {
            key,
            circuit: entry.circuit,
            proving_key: entry.proving_key,
            matrices: entry.matrices,
            proposer: entry.proposer,
            standing: entry.standing,
            approvals,
            tx_id: entry.tx_id,
        });
    }
    Ok(Page {
        entries,
        bookmark: page.bookmark,
    })
}

/// Every issuer, point by point: the head says how many there are.
pub(super) async fn registry<L: Ledger>(view: &mut View<'_, L>) -> Result<Registry, ContractError> {
    let head: RegistryHead = view.need(&StateKey::registry_head()).await?;
    let mut issuers = Vec::with_capacity(usize::from(head.n_places));
    for slot in 0..head.n_places {
        issuers.push(view.need::<IssuerEntry>(&StateKey::issuer(slot)).await?);
    }
    Ok(Registry {
        root: head.root,
        issuers,
    })
}

pub(super) async fn revocations<L: Ledger>(
    view: &mut View<'_, L>,
    slot: u16,
    bookmark: &str,
) -> Result<Revocations, ContractError> {
    let issuer: IssuerEntry = view.need(&StateKey::issuer(slot)).await?;
    let key = |batch| StateKey::revoked(slot, issuer.generation, batch);
    let (batches, bookmark) = batches::<RevokedBatch, _>(view, key, bookmark).await?;
    Ok(Revocations {
        root: issuer.revocation_root,
        values: batches.into_iter().flat_map(|b| b.values).collect(),
        bookmark,
    })
}

pub(super) async fn chunk_roots<L: Ledger>(
    view: &mut View<'_, L>,
    root: DatasetRoot,
    bookmark: &str,
) -> Result<ChunkRoots, ContractError> {
    view.need::<DatasetEntry>(&StateKey::dataset(root)).await?;
    let key = |batch| StateKey::chunk_roots(root, batch);
    let (batches, bookmark) = batches::<ChunkRootBatch, _>(view, key, bookmark).await?;
    Ok(ChunkRoots {
        roots: batches.into_iter().flat_map(|b| b.roots).collect(),
        bookmark,
    })
}

/// Batches up to the first that is not there, and the bookmark of the next page: the number of its
/// first batch, or nothing after the last one.
async fn batches<T: Entry, L: Ledger>(
    view: &mut View<'_, L>,
    key: impl Fn(u32) -> StateKey,
    bookmark: &str,
) -> Result<(Vec<T>, String), ContractError> {
    let first = first_batch(bookmark)?;
    let end = first.saturating_add(BATCHES);
    let mut found = Vec::new();
    for batch in first..end {
        match view.find(&key(batch)).await? {
            Some(entry) => found.push(entry),
            None => return Ok((found, String::new())),
        }
    }
    Ok((found, end.to_string()))
}

pub(super) fn first_batch(bookmark: &str) -> Result<u32, ContractError> {
    if bookmark.is_empty() {
        return Ok(0);
    }
    let plain = bookmark.len() <= 6 && bookmark.bytes().all(|b| b.is_ascii_digit());
    let number = bookmark.parse().ok().filter(|_| plain);
    let message = "expected one from an earlier page";
    number.ok_or_else(|| ContractError::new(Code::BadInput, "bookmark", message))
}
