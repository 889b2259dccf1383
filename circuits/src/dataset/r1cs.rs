//! Links, slot keys and block roots in the circuit, each the twin of the function of the same name
//! in `dataset`.

use ark_ff::AdditiveGroup;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_r1cs_std::select::CondSelectGadget;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{BLOCK_PAGES, KEY_SLOTS, LinkState, SegmentKeys};
use crate::domain;
use crate::field::Fr;
use crate::poseidon::MAX_INPUTS;
use crate::poseidon::r1cs::hash_var;

/// A witness; `None` for key set-up.
pub(crate) fn witness(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    FpVar::new_witness(cs.clone(), || {
        value.ok_or(SynthesisError::AssignmentMissing)
    })
}

/// An instance element; `None` for key set-up.
pub(crate) fn input(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    FpVar::new_input(cs.clone(), || {
        value.ok_or(SynthesisError::AssignmentMissing)
    })
}

/// What a link hides, apart from the index of the next chunk.
#[derive(Clone)]
pub struct LinkVar {
    /// Last pseudonym so far.
    pub last: FpVar<Fr>,
    /// Subjects so far.
    pub subjects: FpVar<Fr>,
    /// Rows so far.
    pub rows: FpVar<Fr>,
    pub blind: FpVar<Fr>,
}

impl LinkVar {
    /// Allocates what a link hides, without a range on anything.
    pub fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        link: Option<&LinkState>,
    ) -> Result<Self, SynthesisError> {
        Ok(LinkVar {
            last: witness(cs, link.map(|l| Fr::from(l.last)))?,
            subjects: witness(cs, link.map(|l| Fr::from(l.subjects)))?,
            rows: witness(cs, link.map(|l| Fr::from(l.rows)))?,
            blind: witness(cs, link.map(|l| l.blind))?,
        })
    }

    /// The link.
    ///
    /// **Cost**: 378.
    pub fn hash(
        &self,
        lineage: &FpVar<Fr>,
        segment: &FpVar<Fr>,
        next_chunk: &FpVar<Fr>,
    ) -> Result<FpVar<Fr>, SynthesisError> {
        let parts = [
            lineage,
            segment,
            next_chunk,
            &self.last,
            &self.subjects,
            &self.rows,
            &self.blind,
        ];
        hash_var(domain::LINK, &parts.map(Clone::clone))
    }
}

/// Slot keys and the blind of their commitment.
pub struct KeysVar {
    /// One key a slot.
    pub keys: Vec<FpVar<Fr>>,
    blind: FpVar<Fr>,
}

impl KeysVar {
    /// Allocates 15 keys and a blind.
    pub fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        keys: Option<&SegmentKeys>,
    ) -> Result<Self, SynthesisError> {
        let slots = (0..KEY_SLOTS)
            .map(|slot| witness(cs, keys.map(|k| k.keys[slot])))
            .collect::<Result<_, _>>()?;
        Ok(KeysVar {
            keys: slots,
            blind: witness(cs, keys.map(|k| k.blind))?,
        })
    }

    /// The commitment.
    ///
    /// **Cost**: 609.
    pub fn commitment(&self) -> Result<FpVar<Fr>, SynthesisError> {
        hash_var(
            domain::KEY_VECTOR,
            &[self.keys.as_slice(), std::slice::from_ref(&self.blind)].concat(),
        )
    }

    /// The key of a slot given by its four bits, low first; slot 15, which does not exist, has the
    /// key 0 and is for the caller to refuse.
    ///
    /// **Cost**: 15.
    pub fn select(&self, slot: &[Boolean<Fr>; 4]) -> Result<FpVar<Fr>, SynthesisError> {
        let mut level = self.keys.clone();
        level.push(FpVar::Constant(Fr::ZERO));
        for bit in slot {
            level = level
                .chunks(2)
                .map(|pair| FpVar::conditionally_select(bit, &pair[1], &pair[0]))
                .collect::<Result<_, _>>()?;
        }
        level.pop().ok_or(SynthesisError::Unsatisfiable)
    }
}

/// Block root over the page leaves, zero-padded.
///
/// **Shape**: 12 leaves. **Cost**: 597.
///
/// **Errors**: more leaves than a block has pages.
pub fn block_root_var(leaves: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    if leaves.len() > BLOCK_PAGES {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut padded = leaves.to_vec();
    padded.resize(MAX_INPUTS, FpVar::Constant(Fr::ZERO));
    hash_var(domain::BLOCK, &padded)
}
