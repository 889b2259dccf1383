//! Statement "claim-final": what the summed commitment says, as far as the claim goes and no
//! further (SPEC section 12).
//!
//! The verifier adds the chunks' commitments itself. The final proof never shows the lanes: only
//! that they satisfy the claim and the floor.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use super::CountUnit;
use super::chunk::LANES;
use crate::babyjubjub::{Point, Scalar};
use crate::field::{Felt, Fr};
use crate::pedersen;
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied, ensure};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bits of a lane's sum, of a threshold and of a floor: 8,191 chunks of 256 rows need 21.
pub const LANE_BITS: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFinalPublic {
    /// Sum of the chunks' commitments.
    pub total: Point,
    /// Of rows or of subjects.
    pub unit: CountUnit,
    /// What the count reaches.
    pub k: u64,
    /// Subjects that the hits have at least; of rows, also those with a row that is no hit.
    pub subject_floor: u64,
    /// What the proof is bound to.
    pub context: Felt,
}

impl PublicInputs for ClaimFinalPublic {
    const LEN: usize = 6;

    fn to_field(&self) -> Vec<Fr> {
        let mut out = vec![self.total.x, self.total.y];
        out.extend([self.unit.code(), self.k, self.subject_floor].map(Fr::from));
        out.push(self.context.0);
        out
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ClaimFinalPrivate {
    /// Rows hit.
    pub rows: u64,
    /// Subjects with a hit.
    pub subjects: u64,
    /// Subjects with a row that is no hit.
    pub misses: u64,
    /// Sum of the commitments' blinds.
    pub rho: Scalar,
}

impl ClaimFinalPrivate {
    /// The lanes, in order.
    pub fn lanes(&self) -> [u64; LANES] {
        [self.rows, self.subjects, self.misses]
    }
}

/// The final proof of a claim.
pub struct ClaimFinal;

impl Statement for ClaimFinal {
    const CIRCUIT: CircuitId = CircuitId {
        name: "claim-final",
        version: 3,
    };
    type Public = ClaimFinalPublic;
    type Private = ClaimFinalPrivate;

    fn check(public: &ClaimFinalPublic, private: &ClaimFinalPrivate) -> Result<(), Unsatisfied> {
        let fits = |value: u64| value >> LANE_BITS == 0;
        ensure(
            private.lanes().into_iter().all(fits),
            "N1",
            "a lane has 32 bits",
        )?;
        let total = pedersen::commit(&private.lanes(), &private.rho);
        ensure(
            total == public.total,
            "N1",
            "the lanes open the summed commitment",
        )?;
        let counted = match public.unit {
            CountUnit::Rows => private.rows,
            CountUnit::Subjects => private.subjects,
        };
        ensure(fits(public.k), "N3", "a threshold has 32 bits")?;
        ensure(counted >= public.k, "N3", "the count reaches the threshold")?;
        ensure(fits(public.subject_floor), "N4", "a floor has 32 bits")?;
        ensure(
            private.subjects >= public.subject_floor,
            "N4",
            "the hits have as many subjects as the floor asks for",
        )?;
        ensure(
            public.unit == CountUnit::Subjects || private.misses >= public.subject_floor,
            "N6",
            "where rows are counted, as many subjects have a row that is no hit",
        )
    }
}
