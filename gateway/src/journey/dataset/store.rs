//! Stores a dataset's encrypted pages in the private collection of its sharing group, in parts.

use super::register::newest_version;
use super::{DatasetError, LocalDataset};
use crate::session::{Private, Session};
use crate::step::Step;
use medveil_circuits::dataset::{BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::page::{cell_elements, flag_elements, pseudonym_elements};
use medveil_collections_config::{CollectionName, MspId, Role};
use medveil_contract::call::request::GetStoredPages;
use medveil_contract::call::transient::{
    BODY_TAG, PAGES, PagesPart, SealedPart, SealedReading, StoredBlock, StoredChunk, StoredPage,
};
use medveil_contract::call::{Call, Parties, StorePages};
use medveil_contract::model::Entry;
use medveil_contract::state_key::StateKey;
use medveil_custody::sealing::LEAST_PADDED;
use medveil_ledger::{ExpectedWrite, Transient};
use schemars::JsonSchema;
use serde::Serialize;

/// Bytes of pages in one call, well below the cap of 8 MiB: they count once in the transient map
/// and once in the write set.
const PART_BYTES: usize = 2 * 1024 * 1024;
/// A sealed part of a reading report that says little.
///
/// **Units**: bytes.
const SHORT_PART: usize = LEAST_PADDED + BODY_TAG;

/// A dataset's encrypted pages are stored.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetStored {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub name: String,
    /// Bytes that were sent.
    pub bytes: usize,
    /// Organisations that store the pages.
    #[schemars(with = "Vec<String>")]
    pub members: Vec<MspId>,
    /// The block of each transaction.
    pub blocks: Vec<u64>,
    /// Parts that were stored before: nothing of them was sent.
    pub stored_before: usize,
}

impl Step for DatasetStored {
    const NAME: &'static str = "dataset.store";
}

/// Stores the encrypted pages in the group's collection, in parts; what the peers have already is not
/// sent again.
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
    // A part of an interrupted run may still be on its way.
    session
        .settle(&session.identity(holder, Role::Client)?)
        .await?;
    let known = known_digests(session, holder, root).await?;
    let parts = parts(local.pages()?);
    let task = session
        .progress
        .begin("storing pages", Some(parts.len() as u64));
    let (mut bytes, mut blocks, mut stored_before) = (0, Vec::with_capacity(parts.len()), 0);
    for part in parts {
        if part.chunks.iter().all(|chunk| is_known(chunk, &known)) {
            stored_before += 1;
            task.advance();
            continue;
        }
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
        stored_before,
    })
}

/// Digests of what is stored of a version, by chunk.
async fn known_digests(
    session: &Session,
    holder: &MspId,
    dataset: DatasetRoot,
) -> Result<Vec<Option<Digest>>, DatasetError> {
    let first = GetStoredPages {
        dataset,
        bookmark: String::new(),
    };
    Ok(session.ask_all(holder, &first).await?)
}

fn is_known(chunk: &StoredChunk, known: &[Option<Digest>]) -> bool {
    let stored = known.get(chunk.chunk as usize).copied().flatten();
    stored.is_some_and(|digest| digest == Digest::of(&chunk.to_entry_bytes()))
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

/// Bytes that storing a dataset's pages takes, in all its parts, with a reading report of which every
/// part is short.
///
/// **Shape**: chunks of so many rows; a layout of whole blocks.
pub fn pages_bytes(n_chunks: usize, layout: &[ColumnLayout], rows: usize) -> u64 {
    let chunk = empty_chunk(layout, rows);
    let counted: usize = chunk.blocks.iter().map(size_of_block).sum();
    let report = short_report(layout);
    let in_part = |room: usize| (room / counted.max(1)).max(1);
    let chunk_bytes = borsh::object_length(&chunk).unwrap_or(counted);
    let report_bytes = borsh::object_length(&report).unwrap_or_default();
    let in_first = in_part(PART_BYTES.saturating_sub(size_of_report(&report)));
    // A part begins with the number of its chunks.
    let parts = 1 + n_chunks
        .saturating_sub(in_first)
        .div_ceil(in_part(PART_BYTES));
    (n_chunks * chunk_bytes + report_bytes + parts * size_of::<u32>()) as u64
}

/// A report as it is stored, of zeros, with short parts.
fn short_report(layout: &[ColumnLayout]) -> SealedReading {
    let part = |sealed: usize| SealedPart {
        commitment: Digest([0; 32]),
        sealed: vec![0; sealed],
    };
    let columns = layout.iter().filter(|c| c.used && c.limb == 0).count();
    let of_columns = (0..columns).map(|_| part(SHORT_PART));
    let first = [part(SHORT_PART), part(0)].into_iter();
    SealedReading {
        parts: first.chain(of_columns).collect(),
    }
}

/// A chunk as it is stored, of zeros.
fn empty_chunk(layout: &[ColumnLayout], rows: usize) -> StoredChunk {
    let page = |leaf: usize| {
        let content = match leaf {
            0 => flag_elements(rows),
            1 => pseudonym_elements(rows),
            _ => cell_elements(rows),
        };
        StoredPage {
            leaf: leaf as u8,
            commitment: Felt::from_u64(0),
            // With its salt.
            ciphertext: vec![Felt::from_u64(0); content + 1],
        }
    };
    let block = |(b, columns): (usize, &[ColumnLayout])| {
        let is_used = |leaf: &usize| columns.get(leaf - 2).is_some_and(|column| column.used);
        let shared = (0..2).filter(|_| b == 0);
        StoredBlock {
            leaves: [Felt::from_u64(0); 12],
            pages: shared
                .chain((2..BLOCK_PAGES).filter(is_used))
                .map(page)
                .collect(),
        }
    };
    let blocks = layout.chunks(BLOCK_COLUMNS).enumerate().map(block);
    StoredChunk {
        chunk: 0,
        blocks: blocks.collect(),
        reading: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::stored_chunk;
    use super::*;
    use medveil_circuits::dataset::{SegmentKeys, fresh_segment, layout};
    use medveil_circuits::ids::LineageId;
    use medveil_circuits::page::Cell;
    use medveil_circuits::registration::{self, Row, SegmentInput};
    use medveil_circuits::schema::Schema;

    /// What the parts of a planned segment take.
    fn planned(columns: usize, n_rows: u128, tier: usize) -> (u64, u64) {
        let column = |i: usize| format!(r#"{{"name":"c{i}","type":"flag"}}"#);
        let columns: Vec<String> = (0..columns).map(column).collect();
        let columns = columns.join(",");
        let text = format!(r#"{{"format":"medveil-schema-1","columns":[{columns}]}}"#);
        let layout = layout(&Schema::from_json(&text).unwrap());
        let used = layout.iter().filter(|column| column.used).count();
        let row = |i: u128| Row {
            pseudonym: i + 1,
            cells: vec![Cell::ABSENT; used],
        };
        let rows: Vec<Row> = (0..n_rows).map(row).collect();
        let mut rng = crate::startup::rng().unwrap();
        let keys = SegmentKeys::generate(&mut rng);
        let input = SegmentInput {
            rows: &rows,
            layout: &layout,
            tier,
            keys: &keys,
            lineage: LineageId::new(Felt::from_u64(1)),
            segment: fresh_segment(&mut rng),
        };
        let plan = registration::plan(&input, &mut rng).unwrap();
        let chunks = (0..).zip(&plan.chunks);
        let mut pages: Vec<StoredChunk> =
            chunks.map(|(i, c)| stored_chunk(i, c, &layout)).collect();
        pages[0].reading = Some(short_report(&layout));
        let parts = parts(pages);
        let bytes = parts.iter().map(|part| borsh::to_vec(part).unwrap().len());
        let told = pages_bytes(plan.chunks.len(), &layout, tier);
        (bytes.sum::<usize>() as u64, told)
    }

    #[test]
    fn the_bytes_of_pages_are_known_before_there_are_any() {
        for (columns, n_rows, tier) in [(1, 1, 16), (13, 40, 16), (3, 300, 256), (11, 256, 256)] {
            let (stored, told) = planned(columns, n_rows, tier);
            assert_eq!(stored, told, "{columns} columns, {n_rows} rows, {tier}");
        }
        // Several parts.
        let (stored, told) = planned(1, 60_000, 16);
        assert!(stored > PART_BYTES as u64);
        assert_eq!(stored, told);
    }
}
