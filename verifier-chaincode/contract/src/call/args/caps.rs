//! Sizes of arguments, checked before anything is read from the ledger.

use crate::call::{Call, ClaimChunk, LineageName, PublishClaim};
use crate::error::{Code, ContractError, require};
use medveil_circuits::dataset::MAX_CHUNKS;
use medveil_circuits::indexed::Insertion;
use medveil_circuits::merkle::MAX_DEPTH;
use medveil_circuits::verify::MAX_BATCH;
use medveil_text::is_plain;

/// Longest name, group, region or purpose.
///
/// **Units**: bytes.
pub const MAX_WORD: usize = 128;
/// Longest name of a dataset.
///
/// **Units**: bytes.
pub const MAX_DATASET_NAME: usize = 40;
/// Longest policy or schema.
///
/// **Units**: bytes.
pub const MAX_DOCUMENT: usize = 1 << 20;
/// Longest cohort expression.
///
/// **Units**: bytes.
pub const MAX_QUERY: usize = 4096;
/// Longest consortium file.
///
/// **Units**: bytes.
pub const MAX_CONSORTIUM: usize = 256 * 1024;
/// Longest verifying key.
///
/// **Units**: bytes.
pub const MAX_VERIFYING_KEY: usize = 16 * 1024;
/// Most blocks of a chunk.
pub const MAX_BLOCKS: usize = 16;
// A claim has one proof a chunk and a final one.
const _: () = assert!(MAX_CHUNKS < MAX_BATCH);
/// Most extensions of one request: one a column.
pub const MAX_EXTENSIONS: usize = 16;
/// Most insertions of one update.
pub const MAX_INSERTIONS: usize = 256;

fn at_most(what: &'static str, got: usize, most: usize) -> Result<(), ContractError> {
    require(
        got <= most,
        Code::TooLarge,
        "arguments",
        format_args!("{what}: expected at most {most}, got {got}"),
    )
}

fn between(what: &'static str, got: usize, most: usize) -> Result<(), ContractError> {
    require(
        (1..=most).contains(&got),
        Code::BadInput,
        "arguments",
        format_args!("{what}: expected 1 to {most}, got {got}"),
    )
}

/// A word: 1 to 128 bytes of text that is seen as it is.
fn word(what: &'static str, text: &str) -> Result<(), ContractError> {
    between(what, text.len(), MAX_WORD)?;
    let message = format_args!("{what}: expected visible text with single blanks");
    require(is_plain(text), Code::BadInput, "arguments", message)
}

fn optional_word(what: &'static str, text: &str) -> Result<(), ContractError> {
    if text.is_empty() {
        Ok(())
    } else {
        word(what, text)
    }
}

fn lineage(name: &LineageName) -> Result<(), ContractError> {
    require(
        name.nonce != [0; 16],
        Code::BadInput,
        "arguments",
        "lineage nonce: expected random bytes, got zeros",
    )?;
    between("dataset name", name.name.len(), MAX_DATASET_NAME)?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let message = "dataset name: expected lower-case letters, digits and hyphens";
    let is_name = name.name.bytes().all(is_plain);
    require(is_name, Code::BadInput, "arguments", message)
}

fn proofs(chunks: usize, blocks: impl Iterator<Item = usize>) -> Result<(), ContractError> {
    between("chunks", chunks, MAX_CHUNKS)?;
    let mut n_proofs = 0usize;
    for n_blocks in blocks {
        between("blocks of a chunk", n_blocks, MAX_BLOCKS)?;
        n_proofs += n_blocks;
    }
    at_most("proofs", n_proofs, MAX_BATCH)
}

fn insertions(insertions: &[Insertion]) -> Result<(), ContractError> {
    at_most("insertions", insertions.len(), MAX_INSERTIONS)?;
    let depths = insertions
        .iter()
        .flat_map(|i| [i.low_path.depth(), i.slot_path.depth()]);
    at_most("path depth", depths.max().unwrap_or(0), MAX_DEPTH)
}

fn claim(claim: &PublishClaim) -> Result<(), ContractError> {
    at_most("query", claim.terms.query.len(), MAX_QUERY)?;
    between("chunks", claim.chunks.len(), MAX_CHUNKS)?;
    let blocks = |c: &ClaimChunk| between("blocks of a chunk", c.blocks.len(), MAX_BLOCKS);
    claim.chunks.iter().try_for_each(blocks)
}

impl Call {
    /// Checks every length of the arguments.
    ///
    /// **Errors**: the part, the cap, and what came.
    pub fn check_caps(&self) -> Result<(), ContractError> {
        match self {
            Call::Bootstrap(a) => at_most("consortium file", a.consortium.len(), MAX_CONSORTIUM),
            Call::ProposeCircuit(a) => {
                at_most("verifying key", a.verifying_key.len(), MAX_VERIFYING_KEY)
            }
            Call::RegisterIssuer(a) => {
                word("visa schema", &a.schema)?;
                word("issuer group", &a.group)?;
                word("issuer name", &a.name)
            }
            Call::UpdateRevocations(a) => insertions(&a.insertions),
            Call::PutPolicy(a) => {
                lineage(&a.lineage)?;
                at_most("policy", a.policy.len(), MAX_DOCUMENT)
            }
            Call::RegisterDataset(a) => {
                lineage(&a.lineage)?;
                at_most("schema", a.schema.len(), MAX_DOCUMENT)?;
                proofs(a.chunks.len(), a.chunks.iter().map(|c| c.blocks.len()))
            }
            Call::StorePages(a) => between("chunks", a.n_chunks as usize, MAX_CHUNKS),
            Call::RequestAccess(a) => {
                at_most("extension", a.terms.extension as usize, MAX_EXTENSIONS)?;
                optional_word("purpose", &a.terms.purpose)?;
                optional_word("region", &a.terms.region)
            }
            Call::PublishClaim(a) => claim(a),
            Call::ApproveCircuit(_)
            | Call::ActivateCircuit(_)
            | Call::RetireIssuer(_)
            | Call::PublishKey(_)
            | Call::Tick(())
            | Call::DecideAccess(_)
            | Call::AffirmAccess(_)
            | Call::HandOverKey(_)
            | Call::ConfirmDelivery(_)
            | Call::CloseGrant(_) => Ok(()),
        }
    }
}
