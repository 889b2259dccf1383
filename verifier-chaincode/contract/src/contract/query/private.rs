//! Private reads: implicit collections have no access rule of their own, so each read checks the
//! caller and the peer (docs/THREATS.md P).

use crate::call::reply::{Letter, Pages, WrappedKeys};
use crate::call::transient::StoredChunk;
use crate::contract::view::View;
use crate::error::{Code, ContractError};
use crate::ledger::Ledger;
use crate::model::{DatasetEntry, Delivery, Entry};
use crate::state_key::StateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::{DatasetRoot, RequestId, SegmentId};
use medveil_collections_config::CollectionName;

/// A value that is here, for a caller that may read it here.
async fn read<L: Ledger>(
    view: &mut View<'_, L>,
    collection: &CollectionName,
    key: &StateKey,
    what: &'static str,
) -> Result<Vec<u8>, ContractError> {
    view.require_reader(collection)?;
    let value = view.ledger().get_private(collection, key).await?;
    let message = "not in the private store of this peer";
    value.ok_or_else(|| ContractError::new(Code::NotFound, what, message))
}

pub(super) async fn pages<L: Ledger>(
    view: &mut View<'_, L>,
    root: DatasetRoot,
    chunk: u32,
    grant: Option<RequestId>,
) -> Result<Pages, ContractError> {
    let collection = match grant {
        Some(grant) => CollectionName::implicit(&view.request(grant).await?.submitter),
        None => {
            let dataset: DatasetEntry = view.need(&StateKey::dataset(root)).await?;
            dataset.collection
        }
    };
    let key = StateKey::pages(root, chunk);
    let bytes = read(view, &collection, &key, "pages").await?;
    Ok(Pages {
        chunk,
        pages: StoredChunk::from_entry_bytes(&bytes)?,
    })
}

pub(super) async fn key<L: Ledger>(
    view: &mut View<'_, L>,
    grant: RequestId,
    segment: SegmentId,
    digest: Option<Felt>,
) -> Result<WrappedKeys, ContractError> {
    let request = view.request(grant).await?;
    let digest = match digest {
        Some(digest) => digest,
        None => {
            let delivery: Delivery = view.need(&StateKey::delivery(grant, segment)).await?;
            delivery.digest
        }
    };
    let collection = CollectionName::implicit(&request.submitter);
    let key = StateKey::handover(grant, segment, digest);
    let package = read(view, &collection, &key, "handover").await?;
    Ok(WrappedKeys { digest, package })
}

pub(super) async fn letter<L: Ledger>(
    view: &mut View<'_, L>,
    request: RequestId,
) -> Result<Letter, ContractError> {
    let entry = view.request(request).await?;
    let collection = CollectionName::implicit(&entry.holder);
    let letter = read(view, &collection, &StateKey::letter(request), "letter").await?;
    Ok(Letter {
        letter,
        digest: entry.letter,
    })
}
