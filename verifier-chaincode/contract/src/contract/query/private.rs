//! Private reads: implicit collections have no access rule of their own, so each read checks the
//! caller and the peer (docs/THREATS.md P).

use crate::call::reply::{Pages, SealedBody, WrappedKeys};
use crate::call::transient::{SealedRequest, StoredChunk};
use crate::contract::view::View;
use crate::error::{Code, ContractError};
use crate::ledger::Ledger;
use crate::model::{DatasetEntry, Delivery, Entry, PURGED};
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

pub(super) async fn sealed_request<L: Ledger>(
    view: &mut View<'_, L>,
    request: RequestId,
) -> Result<SealedBody, ContractError> {
    let entry = view.request(request).await?;
    let (collection, key) = (
        CollectionName::requests(),
        StateKey::sealed_request(request),
    );
    let bytes = read(view, &collection, &key, "request body").await?;
    if bytes == PURGED {
        let message = "it was purged when the grant was closed";
        return Err(ContractError::new(Code::NotFound, "request body", message));
    }
    let (sealed, caller) = (SealedRequest::from_entry_bytes(&bytes)?, view.caller());
    let wrap = sealed.keys.into_iter().find(|k| k.msp_id == caller);
    let wrap = wrap.ok_or_else(|| {
        let message = format_args!("expected the holder or one of the committee, got {caller}");
        ContractError::new(Code::Forbidden, "caller", message)
    })?;
    Ok(SealedBody {
        body: sealed.body,
        to: wrap.to,
        wrapped: wrap.wrapped,
        digest: entry.body,
    })
}
