//! The circuit of a handover: about 5,200 constraints for any dataset.

use super::{Handover, HandoverPrivate, HandoverPublic};
use crate::babyjubjub::Point;
use crate::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use crate::dataset::KEY_SLOTS;
use crate::domain;
use crate::field::Fr;
use crate::pedersen::r1cs::scalar_bits;
use crate::poseidon::r1cs::{fold_var, hash_var, keystream_var};
use crate::range::r1cs::{enforce_at_most, enforce_not_zero, from_bits_le, linear, to_bits_le};
use crate::statement::{PublicInputs, Synthesize};
use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

type Var = FpVar<Fr>;

impl Synthesize for Handover {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&HandoverPublic>,
        private: Option<&HandoverPrivate>,
    ) -> Result<(), SynthesisError> {
        let missing = SynthesisError::AssignmentMissing;
        let values = public.map(PublicInputs::to_field);
        let inputs: Vec<Var> = (0..HandoverPublic::LEN)
            .map(|i| Var::new_input(cs.clone(), || values.as_ref().map(|v| v[i]).ok_or(missing)))
            .collect::<Result<_, _>>()?;
        let [digest, key_commitment, recipient_x, recipient_y, mask, grant, segment] = &inputs[..] else {
            return Err(SynthesisError::Unsatisfiable);
        };
        // H6. The key vector opens its commitment.
        let key = |i: usize| {
            let value = private.map(|p| if i < KEY_SLOTS { p.keys.keys[i] } else { p.keys.blind });
            Var::new_witness(cs.clone(), || value.ok_or(missing))
        };
        let keys: Vec<Var> = (0..=KEY_SLOTS).map(key).collect::<Result<_, _>>()?;
        hash_var(domain::KEY_VECTOR, &keys)?.enforce_equal(key_commitment)?;
        // H1. The ephemeral scalar is below the subgroup order and not 0.
        let e_bits = scalar_bits(cs.clone(), private.map(|p| &p.ephemeral))?;
        enforce_at_most(&e_bits, &crate::babyjubjub::Scalar::greatest())?;
        enforce_not_zero(&from_bits_le(&e_bits)?)?;
        // H2, H3. Its multiples of the base point and of the recipient, a point of the subgroup by the contract's check.
        let ephemeral = fixed_base_mul(Point::BASE8, &e_bits)?;
        let recipient = PointVar { x: recipient_x.clone(), y: recipient_y.clone() };
        let shared = any_base_mul(&recipient, &e_bits)?;
        // H4. The mask has 15 bits.
        let mask_bits = to_bits_le(mask, KEY_SLOTS)?;
        // H5. Wrapped keys and their digest.
        let pad = keystream_var(domain::HANDOVER_STREAM, &[shared.x, shared.y, grant.clone(), segment.clone()])?;
        let mut parts = vec![ephemeral.x, ephemeral.y];
        for ((bit, key), pad) in mask_bits.iter().zip(&keys).zip(&pad) {
            parts.push(Var::from(bit.clone()) * linear(Fr::ZERO, &[(Fr::ONE, key), (Fr::ONE, pad)])?);
        }
        fold_var(domain::HANDOVER_DIGEST, &parts)?.enforce_equal(digest)
    }
}
