//! The circuit of statement "handover" (SPEC section 10). The native reading is `Handover::check`.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{Handover, HandoverPrivate, HandoverPublic};
use crate::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use crate::babyjubjub::{Point, Scalar};
use crate::dataset::KEY_SLOTS;
use crate::dataset::r1cs::{KeysVar, input};
use crate::domain;
use crate::field::Fr;
use crate::pedersen::r1cs::scalar_bits;
use crate::poseidon::r1cs::{fold_var, keystream_var};
use crate::range::r1cs::{enforce_at_most, enforce_not_zero, from_bits_le, linear, to_bits_le};
use crate::statement::Synthesize;

/// H1. The bits of e, with 0 < e < l.
///
/// **Cost**: 251 booleans, the comparison with l - 1, and 1.
fn ephemeral_bits(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&HandoverPrivate>,
) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let bits = scalar_bits(cs.clone(), private.map(|p| &p.ephemeral))?;
    enforce_at_most(&bits, &Scalar::greatest())?;
    enforce_not_zero(&from_bits_le(&bits)?)?;
    Ok(bits)
}

impl Synthesize for Handover {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&HandoverPublic>,
        private: Option<&HandoverPrivate>,
    ) -> Result<(), SynthesisError> {
        let digest = input(&cs, public.map(|p| p.digest.0))?;
        let key_commitment = input(&cs, public.map(|p| p.key_commitment.felt().0))?;
        // That the recipient is in the subgroup and not the identity is the contract's check, and
        // all that `any_base_mul` asks.
        let recipient =
            PointVar::new_input(cs.clone(), public.map(|p| p.recipient.point()).as_ref())?;
        let mask = input(&cs, public.map(|p| Fr::from(u64::from(p.mask))))?;
        let grant = input(&cs, public.map(|p| p.grant.felt().0))?;
        let segment = input(&cs, public.map(|p| p.segment.felt().0))?;

        // H1. Ephemeral scalar in range and not 0.
        let bits = ephemeral_bits(&cs, private)?;
        // H2. R = e*B8.
        let r = fixed_base_mul(Point::BASE8, &bits)?;
        // H3. Shared point = e*recipient, and its keystream.
        let shared = any_base_mul(&recipient, &bits)?;
        let stream = keystream_var(
            domain::HANDOVER_STREAM,
            &[shared.x, shared.y, grant, segment],
        )?;
        // H4. The mask has 15 bits.
        let granted = to_bits_le(&mask, KEY_SLOTS)?;
        // H6. The key vector opens its commitment.
        let keys = KeysVar::new_witness(&cs, private.map(|p| &p.keys))?;
        keys.commitment()?.enforce_equal(&key_commitment)?;
        // H5. Wrapped keys and their digest.
        let mut package = vec![r.x, r.y];
        for ((key, pad), granted) in keys.keys.iter().zip(&stream).zip(granted) {
            let wrapped = linear(Fr::ZERO, &[(Fr::ONE, key), (Fr::ONE, pad)])?;
            package.push(wrapped * FpVar::from(granted));
        }
        fold_var(domain::HANDOVER_DIGEST, &package)?.enforce_equal(&digest)
    }
}
