//! Stored pages: checked against the roots on the ledger, decrypted, and read as rows.

use crate::classify::{Classify, Kind};
use medveil_circuits::dataset::{self, BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::handover::SlotKeys;
use medveil_circuits::ids::SegmentId;
use medveil_circuits::page::{self, Cell, Page};
use medveil_circuits::registration::Row;
use medveil_circuits::schema::ValueError;
use medveil_contract::call::transient::{StoredBlock, StoredChunk, StoredPage};

/// Why pages are not what was registered, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    #[error("chunk {chunk}: the pages do not hash to the registered root")]
    Root { chunk: u32 },
    #[error("chunk {chunk}: page {leaf} of block {block} is not the registered one")]
    Leaf {
        chunk: u32,
        block: usize,
        leaf: usize,
    },
    #[error(
        "chunk {chunk}: page {leaf} of block {block} does not open its commitment: a wrong key"
    )]
    Key {
        chunk: u32,
        block: usize,
        leaf: usize,
    },
    #[error("chunk {chunk}: not packed as registered")]
    Packing { chunk: u32 },
    #[error("expected {expected} rows, got {got}")]
    Rows { expected: u64, got: u64 },
    /// A cell holds what its column cannot hold.
    #[error("rows")]
    Value(#[from] ValueError),
    /// The holder's own files are not those of the registration.
    #[error("expected {expected} chunks of pages, got {got}")]
    Chunks { expected: usize, got: usize },
    #[error("chunk {chunk}: page {leaf} of block {block} is not there")]
    Missing {
        chunk: usize,
        block: usize,
        leaf: usize,
    },
}

impl Classify for PagesError {
    fn kind(&self) -> Kind {
        match self {
            PagesError::Chunks { .. } | PagesError::Missing { .. } => Kind::Input,
            PagesError::Root { .. }
            | PagesError::Leaf { .. }
            | PagesError::Key { .. }
            | PagesError::Packing { .. }
            | PagesError::Rows { .. }
            | PagesError::Value(_) => Kind::Refused,
        }
    }
}

/// What opens the pages of a segment.
pub struct ChunkKeys {
    /// Keys of the slots that are known.
    pub slots: SlotKeys,
    pub segment: SegmentId,
    /// The layout of all columns.
    pub layout: Vec<ColumnLayout>,
    /// Rows per chunk.
    pub tier: usize,
}

impl ChunkKeys {
    /// The key of a page's slot: shared pages have slots of their own.
    fn slot(&self, block: usize, leaf: usize) -> Option<Fr> {
        let slot = match leaf.checked_sub(2) {
            None => leaf,
            Some(column) => {
                let column = self.layout.get(block * BLOCK_COLUMNS + column)?;
                usize::from(column.slot)
            }
        };
        self.slots.get(slot).copied().flatten()
    }
}

/// The pages of one chunk by block and leaf; none where the key is not known or no page is stored.
pub type OpenedPages = Vec<Vec<Option<Page>>>;

/// The leaf that follows from a stored page.
pub fn leaf_of(stored: &StoredPage) -> Felt {
    page::leaf(stored.commitment.0, ciphertext_digest(stored))
}

/// Digest of a stored page's ciphertext.
pub fn ciphertext_digest(stored: &StoredPage) -> Fr {
    let ciphertext: Vec<Fr> = stored.ciphertext.iter().map(|e| e.0).collect();
    page::ciphertext_digest(&ciphertext)
}

/// Checks a stored chunk against its root on the ledger and decrypts the pages whose keys are
/// known.
///
/// **Errors**: a block root, a leaf or a commitment that does not follow.
pub fn open_chunk(
    stored: &StoredChunk,
    root: Felt,
    keys: &ChunkKeys,
) -> Result<OpenedPages, PagesError> {
    let chunk = stored.chunk;
    let roots = stored.blocks.iter().map(|b| dataset::block_root(&b.leaves));
    let roots: Vec<Fr> = roots.collect();
    if Felt(dataset::chunk_root(&roots)) != root {
        return Err(PagesError::Root { chunk });
    }
    let blocks = stored.blocks.iter().enumerate();
    blocks
        .map(|(b, block)| open_block(chunk, b, block, keys))
        .collect()
}

fn open_block(
    chunk: u32,
    block: usize,
    stored: &StoredBlock,
    keys: &ChunkKeys,
) -> Result<Vec<Option<Page>>, PagesError> {
    let mut pages: Vec<Option<Page>> = vec![None; BLOCK_PAGES];
    for page in &stored.pages {
        let leaf = usize::from(page.leaf);
        if stored.leaves.get(leaf) != Some(&leaf_of(page)) {
            return Err(PagesError::Leaf { chunk, block, leaf });
        }
        let Some(slot_key) = keys.slot(block, leaf) else {
            continue;
        };
        let position = dataset::page_position(block, leaf);
        let segment = keys.segment.felt().0;
        let key = page::page_key(slot_key, segment, u64::from(chunk), position);
        let ciphertext: Vec<Fr> = page.ciphertext.iter().map(|e| e.0).collect();
        let plain = Page::decrypt(&ciphertext, &key);
        if plain.commitment() != page.commitment.0 {
            return Err(PagesError::Key { chunk, block, leaf });
        }
        pages[leaf] = Some(plain);
    }
    Ok(pages)
}

/// Rows of an opened chunk; cells of columns without a key are absent.
///
/// **Errors**: pages that are not packed as registered.
pub fn rows_of(chunk: u32, opened: &OpenedPages, keys: &ChunkKeys) -> Result<Vec<Row>, PagesError> {
    unpack(opened, keys).ok_or(PagesError::Packing { chunk })
}

fn unpack(opened: &OpenedPages, keys: &ChunkKeys) -> Option<Vec<Row>> {
    let tier = keys.tier;
    let flags = opened.first()?.first()?.as_ref()?.flags(tier)?;
    let pseudonyms = match opened.first()?.get(1)?.as_ref() {
        Some(page) => page.pseudonyms(tier)?,
        None => vec![0; tier],
    };
    let used = keys.layout.iter().filter(|c| c.used).count();
    let mut columns: Vec<Vec<Cell>> = Vec::with_capacity(used);
    for position in 0..used {
        let block = opened.get(position / BLOCK_COLUMNS)?;
        columns.push(match block.get(2 + position % BLOCK_COLUMNS)? {
            Some(page) => page.cells(tier)?,
            None => vec![Cell::ABSENT; tier],
        });
    }
    let row = |r: usize| Row {
        pseudonym: pseudonyms[r],
        cells: columns.iter().map(|c| c[r]).collect(),
    };
    Some((0..tier).filter(|r| flags[*r].real).map(row).collect())
}

/// Keys of every slot.
pub fn all_slots(keys: &dataset::SegmentKeys) -> SlotKeys {
    SlotKeys::new(keys.keys.map(Some))
}
