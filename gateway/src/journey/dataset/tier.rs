//! How many rows a chunk has: it decides which circuits prove a dataset.

use medveil_circuits::claim::ClaimChunk;
use medveil_circuits::registration::Registration;
use medveil_circuits::statement::{CircuitId, Statement};

/// Most rows of a dataset with small chunks.
const MOST_OF_SMALL: usize = 64;

/// Rows of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// 16 rows.
    Small,
    /// 256 rows.
    Large,
}

impl Tier {
    /// The tier that a dataset of so many rows is committed with.
    pub fn for_dataset(n_rows: usize) -> Self {
        match n_rows {
            0..=MOST_OF_SMALL => Tier::Small,
            _ => Tier::Large,
        }
    }

    /// The tier with chunks of so many rows, as the ledger names it.
    pub fn of_chunk(rows: u16) -> Option<Self> {
        [Tier::Small, Tier::Large]
            .into_iter()
            .find(|tier| tier.rows() == usize::from(rows))
    }

    /// Rows of a chunk.
    pub fn rows(self) -> usize {
        match self {
            Tier::Small => 16,
            Tier::Large => 256,
        }
    }

    /// The circuit that proves its blocks at registration.
    pub fn registration(self) -> CircuitId {
        match self {
            Tier::Small => Registration::<16>::CIRCUIT,
            Tier::Large => Registration::<256>::CIRCUIT,
        }
    }

    /// The circuit that proves its chunks of a claim.
    pub fn claim_chunk(self) -> CircuitId {
        match self {
            Tier::Small => ClaimChunk::<16>::CIRCUIT,
            Tier::Large => ClaimChunk::<256>::CIRCUIT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_datasets_have_small_chunks() {
        assert_eq!(Tier::for_dataset(64), Tier::Small);
        assert_eq!(Tier::for_dataset(65), Tier::Large);
        assert_eq!(Tier::Small.registration().name, "registration-16");
        assert_eq!(Tier::Large.claim_chunk().name, "claim-chunk-256");
        assert_eq!(Tier::of_chunk(256), Some(Tier::Large));
        assert_eq!(Tier::of_chunk(17), None);
    }
}
