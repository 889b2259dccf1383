//! Judges encrypted pages against a registered version: the very ciphertext that the registration
//! proofs speak of.
//!
//! Used before pages are stored and again by whoever reads them. It decrypts nothing.

use super::JudgeError;
use crate::call::transient::{StoredBlock, StoredChunk};
use medveil_circuits::dataset::{self, BLOCK_COLUMNS, ColumnLayout};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::page;

fn refuse<T>(chunk: u32, message: std::fmt::Arguments<'_>) -> Result<T, JudgeError> {
    Err(JudgeError::input(
        "pages",
        format_args!("chunk {chunk}: {message}"),
    ))
}

/// Checks all pages of one chunk against its registered root.
///
/// **Errors**: a page missing, too many, of another length, with another digest, or leaves that
/// lead to another root.
pub fn check_chunk(
    chunk: &StoredChunk,
    layout: &[ColumnLayout],
    tier: usize,
    root: Felt,
) -> Result<(), JudgeError> {
    let n_blocks = layout.len() / BLOCK_COLUMNS;
    if chunk.blocks.len() != n_blocks {
        return refuse(
            chunk.chunk,
            format_args!("expected {n_blocks} blocks, got {}", chunk.blocks.len()),
        );
    }
    let roots: Vec<Fr> = chunk
        .blocks
        .iter()
        .map(|b| dataset::block_root(&b.leaves))
        .collect();
    if dataset::chunk_root(&roots) != root.0 {
        return refuse(
            chunk.chunk,
            format_args!("the leaves lead to another root than the registered one"),
        );
    }
    for (index, (block, columns)) in chunk
        .blocks
        .iter()
        .zip(layout.chunks(BLOCK_COLUMNS))
        .enumerate()
    {
        check_block(chunk.chunk, index, block, columns, tier)?;
    }
    Ok(())
}

fn check_block(
    chunk: u32,
    index: usize,
    block: &StoredBlock,
    columns: &[ColumnLayout],
    tier: usize,
) -> Result<(), JudgeError> {
    let expected = expected_pages(index, columns);
    let got: Vec<usize> = block.pages.iter().map(|p| usize::from(p.leaf)).collect();
    if got != expected {
        return refuse(
            chunk,
            format_args!("block {index}: expected exactly the pages of its columns, in order"),
        );
    }
    for stored in &block.pages {
        let place = usize::from(stored.leaf);
        let length = page_elements(place, tier);
        if stored.ciphertext.len() != length {
            return refuse(
                chunk,
                format_args!(
                    "page {place}: expected {length} elements, got {}",
                    stored.ciphertext.len()
                ),
            );
        }
        let ciphertext: Vec<Fr> = stored.ciphertext.iter().map(|e| e.0).collect();
        let leaf = page::leaf(stored.commitment.0, page::ciphertext_digest(&ciphertext));
        if block.leaves.get(place) != Some(&leaf) {
            return refuse(
                chunk,
                format_args!("page {place}: the ciphertext is not the registered one"),
            );
        }
    }
    Ok(())
}

/// Which leaves of a block have a stored page: flags and pseudonyms in the first block, and every
/// used column.
pub fn expected_pages(block: usize, columns: &[ColumnLayout]) -> Vec<usize> {
    let heads = if block == 0 { 0..2 } else { 0..0 };
    heads
        .chain(
            columns
                .iter()
                .enumerate()
                .filter(|(_, c)| c.used)
                .map(|(i, _)| i + 2),
        )
        .collect()
}

/// Elements of a page with its salt.
pub fn page_elements(leaf: usize, tier: usize) -> usize {
    1 + match leaf {
        0 => page::flag_elements(tier),
        1 => page::pseudonym_elements(tier),
        _ => page::cell_elements(tier),
    }
}
