//! Pages in the circuit: packing, commitment, encryption and leaf, each the twin of the function of
//! the same name in `page`.
//!
//! Allocates nothing but the packed elements: that cells, flags and pseudonyms are in range is
//! enforced by whoever brings them.

use ark_ff::Field;
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::domain;
use crate::field::Fr;
use crate::poseidon::MAX_INPUTS;
use crate::poseidon::r1cs::{fold_var, hash_var, keystream_var};
use crate::range::r1cs::linear;

/// `parts[j]` times `2^(width j)`, `per_element` to an element.
///
/// **Shape**: `per_element * width` at most 253, each part known to fit its width: only then is the
/// packing unique.
///
/// **Cost**: 1 per element. An element is a variable of its own, so that hashing does not repeat
/// its long sum.
pub fn pack_var(
    cs: &ConstraintSystemRef<Fr>,
    parts: &[Vec<(Fr, FpVar<Fr>)>],
    width: usize,
    per_element: usize,
) -> Result<Vec<FpVar<Fr>>, SynthesisError> {
    let shift = Fr::from(2u64).pow([width as u64]);
    let mut elements = Vec::with_capacity(parts.len().div_ceil(per_element));
    for chunk in parts.chunks(per_element) {
        let mut power = Fr::ONE;
        let mut terms = Vec::new();
        for part in chunk {
            terms.extend(
                part.iter()
                    .map(|(coefficient, term)| (*coefficient * power, term)),
            );
            power *= shift;
        }
        let sum = linear(Fr::from(0u64), &terms)?;
        let element = FpVar::new_witness(cs.clone(), || sum.value())?;
        element.enforce_equal(&sum)?;
        elements.push(element);
    }
    Ok(elements)
}

/// The commitment to a page's elements (content, then salt).
///
/// **Cost**: that of `fold_var`; 1,080 for 27 elements.
pub fn commitment_var(elements: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    fold_var(domain::PAGE, elements)
}

/// The key of one page.
///
/// **Cost**: 300.
pub fn page_key_var(
    slot_key: &FpVar<Fr>,
    segment: &FpVar<Fr>,
    chunk_index: &FpVar<Fr>,
    position: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    hash_var(
        domain::PAGE_KEY,
        &[
            slot_key.clone(),
            segment.clone(),
            chunk_index.clone(),
            position.clone(),
        ],
    )
}

/// The ciphertext of a page.
///
/// **Cost**: 564 for the first 16 elements, 567 for each 16 after them.
pub fn encrypt_var(
    elements: &[FpVar<Fr>],
    page_key: &FpVar<Fr>,
) -> Result<Vec<FpVar<Fr>>, SynthesisError> {
    let mut ciphertext = Vec::with_capacity(elements.len());
    for (block, chunk) in elements.chunks(MAX_INPUTS).enumerate() {
        let stream = keystream_var(
            domain::KEYSTREAM,
            &[page_key.clone(), FpVar::Constant(Fr::from(block as u64))],
        )?;
        for (element, key) in chunk.iter().zip(&stream) {
            ciphertext.push(linear(
                Fr::from(0u64),
                &[(Fr::ONE, element), (Fr::ONE, key)],
            )?);
        }
    }
    Ok(ciphertext)
}

/// The digest of a ciphertext.
pub fn ciphertext_digest_var(ciphertext: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    fold_var(domain::CIPHERTEXT, ciphertext)
}

/// The leaf of a page.
///
/// **Cost**: 240.
pub fn leaf_var(
    commitment: &FpVar<Fr>,
    ciphertext_digest: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    hash_var(
        domain::PAGE_LEAF,
        &[commitment.clone(), ciphertext_digest.clone()],
    )
}

/// Commits to a page, encrypts it and answers its leaf.
pub fn sealed_leaf_var(
    elements: &[FpVar<Fr>],
    page_key: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    let ciphertext = encrypt_var(elements, page_key)?;
    leaf_var(
        &commitment_var(elements)?,
        &ciphertext_digest_var(&ciphertext)?,
    )
}
