//! Size of a call before it is proven: what does not fit is said before minutes are spent.

use medveil_circuits::proof::PROOF_BYTES;
use medveil_contract::call::{BlockOpening, MAX_CALL_BYTES};

/// Room for names, schema, terms and what is written besides the lists.
///
/// **Units**: bytes.
const HEAD: usize = 8 * 1024;
/// A field element.
const FELT: usize = 32;

/// A call would be larger than one may be.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what}: expected at most {MAX_CALL_BYTES} bytes in one call, got {got}: share fewer rows or columns"
)]
pub struct TooLarge {
    what: &'static str,
    got: usize,
}

/// Checks the arguments of a claim: block openings, a link, a point and a proof a chunk.
///
/// **Errors**: larger than a call may be.
pub fn check_claim(chunks: &[Vec<BlockOpening>]) -> Result<(), TooLarge> {
    let chunk = |blocks: &Vec<BlockOpening>| {
        4 + blocks.iter().map(opening).sum::<usize>() + 3 * FELT + PROOF_BYTES
    };
    check("claim", chunks.iter().map(chunk).sum())
}

/// Checks the arguments and the write set of a registration.
///
/// **Shape**: blocks of a chunk; with their leaves where there are several.
///
/// **Errors**: larger than a call may be.
pub fn check_registration(n_chunks: usize, blocks: usize, schema: usize) -> Result<(), TooLarge> {
    check("registration", registration_bytes(n_chunks, blocks, schema))
}

/// Most bytes of a registration's arguments and write set, but for its head.
///
/// **Shape**: as [`check_registration`].
pub fn registration_bytes(n_chunks: usize, blocks: usize, schema: usize) -> usize {
    let leaves = if blocks > 1 { 12 * FELT } else { FELT };
    let chunk = 4 + FELT + blocks * (1 + leaves + PROOF_BYTES);
    n_chunks * (chunk + FELT) + 2 * schema
}

fn opening(block: &BlockOpening) -> usize {
    match block {
        BlockOpening::Root(_) => 1 + FELT,
        BlockOpening::Leaves(leaves) => 1 + leaves.len() * FELT,
    }
}

fn check(what: &'static str, bytes: usize) -> Result<(), TooLarge> {
    let got = bytes.saturating_add(HEAD);
    if got <= MAX_CALL_BYTES {
        return Ok(());
    }
    Err(TooLarge { what, got })
}
