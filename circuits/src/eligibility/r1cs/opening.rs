//! The opened alternative in the circuit: E1, E2 and the path clause E14.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::clause::{ClauseVar, Selected, one_hot_2};
use super::visa::VisaVar;
use crate::dataset::r1cs::witness;
use crate::domain::{self, TreeKind};
use crate::eligibility::EligibilityPrivate;
use crate::field::Fr;
use crate::merkle::r1cs::{PathVar, enforce_member};
use crate::policy::code::VERSION;
use crate::policy::{ALTERNATIVES, BlockCode, CLAUSES, SET_DEPTH};
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_zero_if, from_bits_le, is_zero, linear};
use crate::visa::{SLOTS, small};

type Var = FpVar<Fr>;

/// Schema, group and clauses of a block.
pub struct BlockVar {
    pub schema: Var,
    pub group: Var,
    pub clauses: Vec<ClauseVar>,
}

impl BlockVar {
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        block: Option<&BlockCode>,
    ) -> Result<Self, SynthesisError> {
        let schema = witness(cs, block.map(|b| b.schema))?;
        let group = witness(cs, block.map(|b| b.group))?;
        let clauses = (0..CLAUSES)
            .map(|i| ClauseVar::new_witness(cs, block.map(|b| &b.clauses[i])))
            .collect::<Result<_, _>>()?;
        Ok(BlockVar {
            schema,
            group,
            clauses,
        })
    }

    fn elements(&self) -> Vec<Var> {
        let clauses = self
            .clauses
            .iter()
            .flat_map(|c| std::iter::once(&c.header).chain(&c.operands));
        [&self.schema, &self.group]
            .into_iter()
            .chain(clauses)
            .cloned()
            .collect()
    }
}

/// An alternative: header bits, path root and blocks.
pub struct OpeningVar {
    /// Which visas are on; the first always.
    pub on: Vec<Boolean<Fr>>,
    /// Blocks of the visas.
    pub blocks: Vec<BlockVar>,
    /// Approvals are for the request's study.
    pub require_study: Boolean<Fr>,
    /// The anchor's institution is the submitter.
    pub require_institution: Boolean<Fr>,
    /// Registrants of one schema's issuers differ.
    pub distinct_issuers: Boolean<Fr>,
    path_on: Boolean<Fr>,
    path_visa: Vec<Boolean<Fr>>,
    path_selector: Vec<Boolean<Fr>>,
    path_root: Var,
    header: Var,
}

impl OpeningVar {
    /// Allocates the alternative of a tier; `None` for key set-up.
    ///
    /// The header is built from its bits, so that only headers of this tier and version exist here
    /// (E2).
    pub fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        tier: usize,
        private: Option<&EligibilityPrivate>,
    ) -> Result<Self, SynthesisError> {
        let header = private.map(|p| small(p.alternative.header).unwrap_or(0));
        let flag = |value: Option<bool>| {
            Boolean::new_witness(cs.clone(), || {
                value.ok_or(SynthesisError::AssignmentMissing)
            })
        };
        let bit = |at: usize| flag(header.map(|h| h >> at & 1 == 1));
        let visas = header.map(|h| h >> 8 & 15);
        let mut on = vec![Boolean::TRUE];
        for i in 1..tier as u64 {
            on.push(flag(visas.map(|visas| visas > i))?);
        }
        let path_visa = if tier == 1 {
            vec![Boolean::FALSE; 2]
        } else {
            vec![bit(15)?, bit(16)?]
        };
        let block = |i: usize| BlockVar::new_witness(cs, private.map(|p| &p.alternative.blocks[i]));
        let mut opening = OpeningVar {
            on,
            blocks: (0..tier).map(block).collect::<Result<_, _>>()?,
            require_study: bit(12)?,
            require_institution: bit(13)?,
            distinct_issuers: bit(21)?,
            path_on: bit(14)?,
            path_visa,
            path_selector: (17..21).map(bit).collect::<Result<_, _>>()?,
            path_root: witness(cs, private.map(|p| p.alternative.path_root))?,
            header: FpVar::Constant(Fr::ZERO),
        };
        opening.header = opening.header_of(tier)?;
        opening.enforce_off()?;
        Ok(opening)
    }

    /// The header's element from its parts.
    fn header_of(&self, tier: usize) -> Result<Var, SynthesisError> {
        let fixed = Fr::from(tier as u64 | VERSION << 4);
        let visas: Vec<Var> = self.on.iter().cloned().map(Var::from).collect();
        let flags = [
            &self.require_study,
            &self.require_institution,
            &self.path_on,
        ];
        let bits: Vec<_> = flags
            .into_iter()
            .chain(&self.path_visa)
            .chain(&self.path_selector)
            .chain(std::iter::once(&self.distinct_issuers))
            .cloned()
            .collect();
        let tail = from_bits_le(&bits)?;
        let mut terms: Vec<(Fr, &Var)> = visas.iter().map(|on| (Fr::from(1u64 << 8), on)).collect();
        terms.push((Fr::from(1u64 << 12), &tail));
        linear(fixed, &terms)
    }

    /// E2: visas are on from the first without a gap; blocks that are off are zeros; no path
    /// clause, no place of one.
    fn enforce_off(&self) -> Result<(), SynthesisError> {
        for pair in self.on.windows(2) {
            enforce_zero_if(&!&pair[0], &Var::from(pair[1].clone()))?;
        }
        for (on, block) in self.on.iter().zip(&self.blocks).skip(1) {
            block
                .elements()
                .iter()
                .try_for_each(|element| enforce_zero_if(&!on, element))?;
        }
        let place: Vec<_> = self
            .path_visa
            .iter()
            .chain(&self.path_selector)
            .cloned()
            .collect();
        enforce_zero_if(&!&self.path_on, &from_bits_le(&place)?)
    }

    /// E1: the alternative is one of four, and they open the policy root.
    pub fn enforce_root(
        &self,
        cs: &ConstraintSystemRef<Fr>,
        policy_root: &Var,
        private: Option<&EligibilityPrivate>,
    ) -> Result<(), SynthesisError> {
        let mut elements = vec![self.header.clone(), self.path_root.clone()];
        for block in &self.blocks {
            let parts = block.elements();
            elements.push(hash_var(domain::VISA_BLOCK_LOW, &parts[..SLOTS])?);
            elements.push(hash_var(domain::VISA_BLOCK_HIGH, &parts[SLOTS..])?);
        }
        let opened = hash_var(domain::ALTERNATIVE, &elements)?;
        let all = (0..ALTERNATIVES)
            .map(|i| witness(cs, private.map(|p| p.alternatives[i])))
            .collect::<Result<Vec<_>, _>>()?;
        let bit = |i: u8| {
            let value = private.map(|p| p.position >> i & 1 == 1);
            Boolean::new_witness(cs.clone(), || {
                value.ok_or(SynthesisError::AssignmentMissing)
            })
        };
        let (low, high) = (bit(0)?, bit(1)?);
        let pair = [low.select(&all[1], &all[0])?, low.select(&all[3], &all[2])?];
        high.select(&pair[1], &pair[0])?.enforce_equal(&opened)?;
        hash_var(domain::POLICY, &all)?.enforce_equal(policy_root)
    }

    /// E14, and E10 of the path clause: the value of an allowed slot of a visa that is on is
    /// present and in the list.
    pub fn enforce_path(
        &self,
        cs: &ConstraintSystemRef<Fr>,
        visas: &[VisaVar],
        private: Option<&EligibilityPrivate>,
    ) -> Result<(), SynthesisError> {
        let path_on = &self.path_on;
        let which = one_hot_2(&self.path_visa)?;
        let mut chosen_on = FpVar::Constant(Fr::ZERO);
        let mut row = vec![FpVar::Constant(Fr::ZERO); SLOTS];
        for ((indicator, visa), on) in which.iter().zip(visas).zip(&self.on) {
            chosen_on += indicator * Var::from(on.clone());
            row.iter_mut()
                .zip(visa.elements())
                .for_each(|(sum, element)| *sum += indicator * element);
        }
        enforce_zero_if(path_on, &linear(Fr::ONE, &[(-Fr::ONE, &chosen_on)])?)?;
        let selected = Selected::new(&self.path_selector)?;
        enforce_zero_if(path_on, &selected.is_forbidden()?)?;
        let value = selected.pick(&row)?;
        enforce_zero_if(path_on, &Var::from(is_zero(&value)?))?;
        let leaf = hash_var(domain::SET_LEAF, &[value])?;
        let path = PathVar::new_witness(cs.clone(), SET_DEPTH, private.map(|p| &p.set_path))?;
        enforce_member(path_on, TreeKind::Set, &self.path_root, &leaf, path)
    }
}
