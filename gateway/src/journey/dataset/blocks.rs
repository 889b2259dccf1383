//! A planned segment as the ledger stores it: pages for the private collection, openings and proofs
//! for the registering call.

use medveil_circuits::dataset::{BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout};
use medveil_circuits::field::Felt;
use medveil_circuits::proof::RawProof;
use medveil_circuits::registration::{BlockPlan, ChunkPlan};
use medveil_contract::call::transient::{StoredBlock, StoredChunk, StoredPage};
use medveil_contract::call::{BlockOpening, BlockRegistration, ChunkRegistration};

/// The openings of a planned chunk.
pub struct ChunkOpening {
    link_out: Felt,
    blocks: Vec<BlockOpening>,
}

/// What everybody sees of a planned chunk, but for its proofs.
pub fn chunk_opening(chunk: &ChunkPlan) -> ChunkOpening {
    ChunkOpening {
        link_out: chunk.link_out,
        blocks: chunk.blocks.iter().map(|b| opening(b, chunk)).collect(),
    }
}

/// A block's root; its leaves where a chunk has several blocks, so that everybody sees that they
/// share flags and pseudonyms.
fn opening(block: &BlockPlan, chunk: &ChunkPlan) -> BlockOpening {
    match chunk.blocks.len() {
        0 | 1 => BlockOpening::Root(block.public.block_root),
        _ => BlockOpening::Leaves(block.leaves),
    }
}

/// Joins openings and proofs, block by block.
pub fn registrations(chunks: Vec<ChunkOpening>, proofs: Vec<RawProof>) -> Vec<ChunkRegistration> {
    let mut proofs = proofs.into_iter();
    let chunk = |chunk: ChunkOpening| {
        let blocks = chunk.blocks.into_iter().zip(proofs.by_ref());
        let blocks = blocks.map(|(block, proof)| BlockRegistration { block, proof });
        ChunkRegistration {
            link_out: chunk.link_out,
            blocks: blocks.collect(),
        }
    };
    chunks.into_iter().map(chunk).collect()
}

/// The pages of a chunk as the private collection stores them: shared pages in the first block only,
/// unused columns nowhere.
pub fn stored_chunk(number: u32, chunk: &ChunkPlan, layout: &[ColumnLayout]) -> StoredChunk {
    let blocks = chunk.blocks.iter().enumerate();
    StoredChunk {
        chunk: number,
        blocks: blocks
            .map(|(b, block)| stored_block(b, block, layout))
            .collect(),
        reading: None,
    }
}

fn stored_block(b: usize, block: &BlockPlan, layout: &[ColumnLayout]) -> StoredBlock {
    let plain = block.private.pages();
    let is_stored = |leaf: &usize| match leaf.checked_sub(2) {
        None => b == 0,
        Some(column) => layout[b * BLOCK_COLUMNS + column].used,
    };
    let page = |leaf: usize| StoredPage {
        leaf: leaf as u8,
        commitment: Felt(plain[leaf].commitment()),
        ciphertext: block.ciphertexts[leaf].iter().copied().map(Felt).collect(),
    };
    StoredBlock {
        leaves: block.leaves,
        pages: (0..BLOCK_PAGES).filter(is_stored).map(page).collect(),
    }
}
