//! What peers store in private: the digests, which every peer knows. A holder asks before it sends
//! the same thing again.

use super::lists::first_batch;
use crate::call::reply::{StoredHandover, StoredPages};
use crate::contract::view::View;
use crate::error::ContractError;
use crate::ledger::Ledger;
use crate::model::DatasetEntry;
use crate::state_key::StateKey;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, RequestId, SegmentId};
use medveil_collections_config::CollectionName;

/// Chunks of one page.
const CHUNKS: u32 = 256;

pub(super) async fn pages<L: Ledger>(
    view: &mut View<'_, L>,
    root: DatasetRoot,
    bookmark: &str,
) -> Result<StoredPages, ContractError> {
    let dataset: DatasetEntry = view.need(&StateKey::dataset(root)).await?;
    let first = first_batch(bookmark)?;
    let end = first.saturating_add(CHUNKS).min(dataset.n_chunks);
    let mut digests = Vec::new();
    for chunk in first..end {
        let key = StateKey::pages(root, chunk);
        digests.push(digest(view, &dataset.collection, &key).await?);
    }
    Ok(StoredPages {
        digests,
        bookmark: match end < dataset.n_chunks {
            true => end.to_string(),
            false => String::new(),
        },
    })
}

pub(super) async fn handover<L: Ledger>(
    view: &mut View<'_, L>,
    grant: RequestId,
    segment: SegmentId,
    package: Felt,
) -> Result<StoredHandover, ContractError> {
    let collection = CollectionName::implicit(&view.request(grant).await?.submitter);
    let key = StateKey::handover(grant, segment, package);
    Ok(StoredHandover {
        digest: digest(view, &collection, &key).await?,
    })
}

async fn digest<L: Ledger>(
    view: &mut View<'_, L>,
    collection: &CollectionName,
    key: &StateKey,
) -> Result<Option<Digest>, ContractError> {
    let hash = view.ledger().private_hash(collection, key).await?;
    Ok(hash.map(Digest))
}
