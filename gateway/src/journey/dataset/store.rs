//! Stores a dataset's encrypted pages in the private collection of its sharing group, in parts.

use super::register::newest_version;
use super::{DatasetError, LocalDataset};
use crate::session::{Private, Session};
use crate::step::Step;
use medveil_circuits::ids::DatasetRoot;
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::call::transient::{
    PAGES, PagesPart, SealedReading, StoredBlock, StoredChunk,
};
use medveil_contract::call::{Call, Parties, StorePages};
use medveil_contract::model::Entry;
use medveil_contract::state_key::StateKey;
use medveil_ledger::{ExpectedWrite, Transient};
use schemars::JsonSchema;
use serde::Serialize;

/// Bytes of pages in one call, well below the cap of 8 MiB: they count once in the transient map
/// and once in the write set.
const PART_BYTES: usize = 2 * 1024 * 1024;

/// A dataset's encrypted pages are stored.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetStored {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub name: String,
    pub bytes: usize,
    /// Organisations that store the pages.
    #[schemars(with = "Vec<String>")]
    pub members: Vec<MspId>,
    /// The block of each transaction.
    pub blocks: Vec<u64>,
}

impl Step for DatasetStored {
    const NAME: &'static str = "dataset.store";
}

/// Stores the encrypted pages in the group's collection, in parts.
///
/// **Errors**: nothing was committed or registered; the contract refuses.
pub async fn store(
    session: &Session,
    holder: &MspId,
    name: &str,
) -> Result<DatasetStored, DatasetError> {
    let local = LocalDataset::new(session, holder, name)?;
    let collection = local.registration()?.collection;
    let root = newest_version(session, &local).await?;
    let parts = parts(local.pages()?);
    let task = session
        .progress
        .begin("storing pages", Some(parts.len() as u64));
    let (mut bytes, mut blocks) = (0, Vec::with_capacity(parts.len()));
    for part in parts {
        let stored = store_part(session, holder, root, &collection, &part).await?;
        bytes += stored.bytes;
        blocks.push(stored.block);
        task.advance();
    }
    let members = session.collections.members_of(&collection);
    Ok(DatasetStored {
        holder: holder.clone(),
        name: name.to_owned(),
        bytes,
        members: members.into_iter().cloned().collect(),
        blocks,
    })
}

struct StoredPart {
    bytes: usize,
    block: u64,
}

async fn store_part(
    session: &Session,
    holder: &MspId,
    root: DatasetRoot,
    collection: &CollectionName,
    part: &PagesPart,
) -> Result<StoredPart, DatasetError> {
    let call = Call::StorePages(StorePages {
        dataset: root,
        grant: None,
        first_chunk: part.chunks.first().map_or(0, |c| c.chunk),
        n_chunks: part.chunks.len() as u32,
    });
    let body = borsh::to_vec(part).map_err(DatasetError::Encode)?;
    let bytes = body.len();
    let parties = Parties {
        holder: Some(holder),
        recipient: None,
        collection: Some(collection),
    };
    let private = Private {
        transient: Transient::from([(PAGES.to_owned(), body)]),
        expected: expected_writes(part, root, collection),
    };
    let committed = session.submit(holder, &call, private, &parties).await?;
    Ok(StoredPart {
        bytes,
        block: committed.block,
    })
}

/// What the members' peers must write for a part.
fn expected_writes(
    part: &PagesPart,
    root: DatasetRoot,
    collection: &CollectionName,
) -> Vec<ExpectedWrite> {
    let write = |chunk: &StoredChunk| ExpectedWrite {
        collection: collection.clone(),
        key: StateKey::pages(root, chunk.chunk).as_str().to_owned(),
        value: chunk.to_entry_bytes(),
    };
    part.chunks.iter().map(write).collect()
}

fn parts(chunks: Vec<StoredChunk>) -> Vec<PagesPart> {
    let mut parts: Vec<PagesPart> = Vec::new();
    let mut room = 0usize;
    for chunk in chunks {
        let blocks = chunk.blocks.iter().map(size_of_block).sum::<usize>();
        let size = blocks + chunk.reading.as_ref().map_or(0, size_of_report);
        match parts.last_mut() {
            Some(part) if size <= room => part.chunks.push(chunk),
            _ => {
                let chunks = vec![chunk];
                parts.push(PagesPart { chunks });
                room = PART_BYTES;
            }
        }
        room = room.saturating_sub(size);
    }
    parts
}

fn size_of_block(block: &StoredBlock) -> usize {
    let pages = block.pages.iter().map(|p| 37 + 32 * p.ciphertext.len());
    400 + pages.sum::<usize>()
}

fn size_of_report(report: &SealedReading) -> usize {
    report.parts.iter().map(|part| 40 + part.sealed.len()).sum()
}
