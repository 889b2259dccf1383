//! Private reads: implicit collections have no access rule of their own, so each read checks the
//! caller and the peer (DESIGN section 7).

use crate::call::transient::StoredChunk;
use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse};
use crate::ledger::Ledger;
use crate::model::{DatasetEntry, Delivery, Entry, RequestEntry, RequestIndex};
use crate::state_key::StateKey;
use circuits::field::Felt;
use circuits::ids::{DatasetRoot, RequestId, SegmentId};
use collections_config::CollectionName;
use serde_json::{Value, json};

impl Contract {
    /// A request by its id.
    pub(in crate::contract) async fn request_by_id<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        request: RequestId,
    ) -> Result<RequestEntry, ContractError> {
        let index: RequestIndex = view.need(&StateKey::request_index(request)).await?;
        view.need(&StateKey::nullifier(index.nullifier)).await
    }

    async fn read<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        collection: &CollectionName,
        key: &StateKey,
        what: &'static str,
    ) -> Result<Vec<u8>, ContractError> {
        view.require_reader(collection)?;
        let value = view.ledger().get_private(collection, key).await?;
        value.ok_or_else(|| {
            ContractError::new(
                Code::NotFound,
                what,
                "not in the private store of this peer",
            )
        })
    }

    pub(super) async fn read_pages<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        root: DatasetRoot,
        chunk: u32,
        grant: Option<RequestId>,
    ) -> Result<Value, ContractError> {
        let collection = match grant {
            Some(grant) => {
                CollectionName::implicit(&self.request_by_id(view, grant).await?.submitter)
            }
            None => {
                view.need::<DatasetEntry>(&StateKey::dataset(root))
                    .await?
                    .collection
            }
        };
        let bytes = self
            .read(view, &collection, &StateKey::pages(root, chunk), "pages")
            .await?;
        let chunk_entry = StoredChunk::from_entry_bytes(&bytes)?;
        let pages = borsh::to_vec(&chunk_entry).refuse(Code::Internal, "answer")?;
        Ok(json!({ "chunk": chunk, "pages": hex::encode(pages) }))
    }

    pub(super) async fn read_key<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        grant: RequestId,
        segment: SegmentId,
        digest: Option<Felt>,
    ) -> Result<Value, ContractError> {
        let request = self.request_by_id(view, grant).await?;
        let digest = match digest {
            Some(digest) => digest,
            None => {
                view.need::<Delivery>(&StateKey::delivery(grant, segment))
                    .await?
                    .digest
            }
        };
        let collection = CollectionName::implicit(&request.submitter);
        let bytes = self
            .read(
                view,
                &collection,
                &StateKey::handover(grant, segment, digest),
                "handover",
            )
            .await?;
        Ok(json!({ "digest": digest, "package": hex::encode(bytes) }))
    }

    pub(super) async fn read_letter<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        request: RequestId,
    ) -> Result<Value, ContractError> {
        let entry = self.request_by_id(view, request).await?;
        let bytes = self
            .read(
                view,
                &CollectionName::implicit(&entry.holder),
                &StateKey::letter(request),
                "letter",
            )
            .await?;
        Ok(json!({ "letter": hex::encode(bytes), "digest": entry.letter }))
    }
}
