//! The reading report of a segment: what was read and what was left out, in parts that open one by
//! one. Source: SPEC, "Reading report".
//!
//! Nothing of a report is proven. Its root enters the segment's, so that a holder keeps to what it
//! said, and a part opens with its salt alone.

use super::JudgeError;
use crate::call::transient::{SealedPart, SealedReading};
use medveil_circuits::field::Digest;
use medveil_circuits::schema::Schema;
use sha2::{Digest as _, Sha256};

/// The part about the whole reading.
pub const WHOLE: usize = 0;
/// The part about files: it stays with the holder.
pub const FILES: usize = 1;
/// Parts before those of the columns.
pub const FIRST_COLUMN: usize = 2;
/// Salt of a part.
///
/// **Units**: bytes.
pub const SALT_BYTES: usize = 16;
/// Longest sealed part.
///
/// **Units**: bytes.
pub const MAX_SEALED: usize = 1 << 16;

const CONTENT: &[u8] = b"medveil reading content 1";
const PART: &[u8] = b"medveil reading part 1";
const ROOT: &[u8] = b"medveil reading root 1";

/// Commitment to a part's salt and content.
pub fn commitment(salt: &[u8; SALT_BYTES], content: &[u8]) -> Digest {
    let hash = Sha256::new_with_prefix(CONTENT);
    Digest(
        hash.chain_update(salt)
            .chain_update(content)
            .finalize()
            .into(),
    )
}

/// The leaf of a part, by its place, its commitment and the digest of what is sealed.
pub fn leaf(index: u32, commitment: Digest, sealed: Digest) -> Digest {
    let hash = Sha256::new_with_prefix(PART).chain_update(index.to_le_bytes());
    let hash = hash.chain_update(commitment.0).chain_update(sealed.0);
    Digest(hash.finalize().into())
}

/// The root of a report, by its leaves in order.
pub fn root(leaves: &[Digest]) -> Digest {
    // Fewer leaves than 2^32: one a column.
    let mut hash = Sha256::new_with_prefix(ROOT).chain_update((leaves.len() as u32).to_le_bytes());
    leaves.iter().for_each(|leaf| hash.update(leaf.0));
    Digest(hash.finalize().into())
}

/// The leaves of a sealed report.
pub fn leaves(report: &SealedReading) -> Vec<Digest> {
    let parts = (0u32..).zip(&report.parts);
    let leaf = |(i, part): (u32, &SealedPart)| leaf(i, part.commitment, Digest::of(&part.sealed));
    parts.map(leaf).collect()
}

/// Checks what is stored with a chunk: the registered report with the first, none with others.
///
/// **Errors**: a report missing or in another place, with other parts than the schema's columns, with
/// a part that is too long, or that is not the registered one.
pub fn check(
    chunk: u32,
    stored: Option<&SealedReading>,
    schema: &Schema,
    registered: Digest,
) -> Result<(), JudgeError> {
    match (chunk, stored) {
        (0, _) => registered_report(stored, schema, registered).map(|_| ()),
        (_, Some(_)) => refuse("expected no reading report but with chunk 0"),
        (_, None) => Ok(()),
    }
}

/// The report that is stored with chunk 0, which is the registered one.
///
/// **Errors**: as [`check`].
pub fn registered_report<'a>(
    stored: Option<&'a SealedReading>,
    schema: &Schema,
    registered: Digest,
) -> Result<&'a SealedReading, JudgeError> {
    let Some(report) = stored else {
        return refuse("expected the reading report with chunk 0");
    };
    let files = report.parts.get(FILES);
    let is_complete = report.parts.len() == FIRST_COLUMN + schema.columns().len();
    let Some(files) = files.filter(|_| is_complete) else {
        return refuse("expected a part about the whole, one about files, and one a column");
    };
    let is_long = |part: &SealedPart| part.sealed.len() > MAX_SEALED;
    if report.parts.iter().any(is_long) || !files.sealed.is_empty() {
        return refuse("expected no sealed part about files, and others of at most 64 KiB");
    }
    if root(&leaves(report)) != registered {
        return refuse("the parts lead to another root than the registered one");
    }
    Ok(report)
}

fn refuse<T>(what: &str) -> Result<T, JudgeError> {
    Err(JudgeError::input("reading report", what))
}
