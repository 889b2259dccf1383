//! Claims: counts of a cohort in a registered version, proven chunk by chunk and opened once (SPEC
//! section 12).
//!
//! Statement `ClaimChunk` commits to the hits of one chunk, `ClaimFinal` opens the sum of all
//! commitments as far as the claim says. A claim is sound only whole: the verifier checks the
//! complete ordered list of chunks against the dataset root, joins the links and adds the
//! commitments itself. Which claims may be published is `disclosure`. What is true of every row is
//! no claim: registration proves inclusion criteria.

pub mod chunk;
pub mod disclosure;
pub mod last;
mod plan;

use crate::babyjubjub::Point;
use crate::domain::{self, Label};
use crate::field::{Felt, Fr, bytes_to_field};
use crate::ids::{ConsortiumId, DatasetRoot, LineageId, QueryHash};
use crate::poseidon;
use zeroize::Zeroize;

pub use crate::query::CountUnit;
pub use chunk::{ClaimChunk, ClaimChunkPrivate, ClaimChunkPublic, ClaimRow, LANES};
pub use disclosure::{
    Cohort, DisclosureError, check_disclosure, largest_claimable_k, largest_grid_k,
};
pub use last::{ClaimFinal, ClaimFinalPrivate, ClaimFinalPublic};
pub use plan::{
    ChunkClaim, ClaimInput, ClaimPlan, ClaimPlanError, Counts, OpenedChunk, RowHit, count, plan,
    row_hits,
};

/// What is claimed of a query's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Of rows or of subjects.
    pub unit: CountUnit,
    /// At least so many.
    pub k: u64,
}

/// Everything that a claim's proofs are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextParts<'a> {
    pub consortium: ConsortiumId,
    /// Name of the chaincode.
    pub chaincode: &'a str,
    /// Lineage of the dataset.
    pub lineage: LineageId,
    pub dataset: DatasetRoot,
    pub query: QueryHash,
    /// What is claimed.
    pub terms: Terms,
    /// Subjects that the hits must have at least.
    pub subject_floor: u64,
}

/// P_32 of the parts.
pub fn context(parts: &ContextParts<'_>) -> Felt {
    let elements = [
        parts.consortium.felt().0,
        bytes_to_field(Label::Chaincode, parts.chaincode.as_bytes()).0,
        parts.lineage.felt().0,
        parts.dataset.felt().0,
        parts.query.felt().0,
        Fr::from(parts.terms.unit.code()),
        Fr::from(parts.terms.k),
        Fr::from(parts.subject_floor),
    ];
    Felt(poseidon::hash(domain::CLAIM_CONTEXT, &elements))
}

/// As what the subject whose rows may go on was counted already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Zeroize)]
pub struct Counted {
    /// As one that has a hit.
    pub hit: bool,
    /// As one that has a row which is no hit.
    pub miss: bool,
}

impl Counted {
    /// The element that a link hashes.
    pub fn code(self) -> u64 {
        u64::from(self.hit) + 2 * u64::from(self.miss)
    }
}

/// P_31 of where a claim stands before a chunk: as what the subject whose rows may go on there was
/// counted already.
pub fn link(query: QueryHash, chunk_index: u64, already: Counted, blind: Fr) -> Felt {
    Felt(poseidon::hash(
        domain::CLAIM_LINK,
        &[
            query.felt().0,
            Fr::from(chunk_index),
            Fr::from(already.code()),
            blind,
        ],
    ))
}

/// The link into the first chunk: a constant of the query.
pub fn first_link(query: QueryHash) -> Felt {
    link(query, 0, Counted::default(), Fr::from(0u64))
}

/// The sum of the chunks' commitments: what the final proof opens.
///
/// **Shape**: points of the curve.
pub fn total(lanes: &[Point]) -> Point {
    lanes
        .iter()
        .fold(Point::IDENTITY, |sum, lane| sum.add(lane))
}

#[cfg(test)]
mod tests;
