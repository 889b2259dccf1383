//! Pages of a registration in circuit: commitment, page key, encryption, leaf, block root.

use super::{ColumnVar, Cs, Instance, RegistrationPrivate, RowsVar, Var, pack, packed_flags, sum, witness, zero};
use crate::dataset::{BLOCK_COLUMNS, BLOCK_PAGES, KEY_SLOTS};
use crate::domain;
use crate::field::Fr;
use crate::page::{CELL_BITS, CELLS_PER_ELEMENT, PSEUDONYM_BITS, PSEUDONYMS_PER_ELEMENT};
use crate::poseidon::r1cs::{fold_var, hash_var, keystream_var};
use crate::range::r1cs::linear;
use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::SynthesisError;

// G7, G8, G10. Pages commit, encrypt under keys of the committed vector at their absolute positions, and hash to the block root.
pub(super) fn enforce(
    cs: &Cs,
    instance: &Instance,
    columns: &[ColumnVar],
    rows: &RowsVar,
    cells: &[Vec<Var>],
    private: Option<&RegistrationPrivate>,
) -> Result<(), SynthesisError> {
    let keys = key_vector(cs, instance, private)?;
    let mut contents = vec![packed_flags(rows)?, pack(&rows.pseudonym, PSEUDONYM_BITS, PSEUDONYMS_PER_ELEMENT)?];
    for column in cells {
        contents.push(pack(column, CELL_BITS, CELLS_PER_ELEMENT)?);
    }
    let mut leaves = Vec::with_capacity(16);
    for (i, mut elements) in contents.into_iter().enumerate() {
        elements.push(witness(cs, private.map(|p| p.salts[i]))?);
        let key = if i < 2 { keys[i].clone() } else { select_key(&keys, &columns[i - 2].slot)? };
        let position = position(instance, i)?;
        let page_key = hash_var(domain::PAGE_KEY, &[key, instance.segment.clone(), instance.chunk_index.clone(), position])?;
        leaves.push(leaf(&elements, &page_key)?);
    }
    debug_assert_eq!(leaves.len(), BLOCK_PAGES);
    leaves.resize(16, zero());
    hash_var(domain::BLOCK, &leaves)?.enforce_equal(&instance.block_root)
}

fn key_vector(cs: &Cs, instance: &Instance, private: Option<&RegistrationPrivate>) -> Result<Vec<Var>, SynthesisError> {
    let mut keys = (0..KEY_SLOTS).map(|i| witness(cs, private.map(|p| p.keys.keys[i]))).collect::<Result<Vec<_>, _>>()?;
    keys.push(witness(cs, private.map(|p| p.keys.blind))?);
    hash_var(domain::KEY_VECTOR, &keys)?.enforce_equal(&instance.key_commitment)?;
    keys.truncate(KEY_SLOTS);
    Ok(keys)
}

/// The key of a slot given by four bits; slot 15 does not exist.
fn select_key(keys: &[Var], slot: &[Boolean<Fr>]) -> Result<Var, SynthesisError> {
    let bits: Vec<Var> = slot.iter().cloned().map(Var::from).collect();
    // Halve the list bit by bit; the missing sixteenth key is refused before its place is filled.
    let all_ones = (&bits[0] * &bits[1]) * (&bits[2] * &bits[3]);
    all_ones.enforce_equal(&zero())?;
    let mut layer: Vec<Var> = keys.to_vec();
    layer.push(zero());
    for bit in &bits {
        let pick = |pair: &[Var]| -> Result<Var, SynthesisError> {
            let difference = linear(Fr::ZERO, &[(Fr::ONE, &pair[1]), (-Fr::ONE, &pair[0])])?;
            sum(&[pair[0].clone(), bit * &difference])
        };
        layer = layer.chunks(2).map(pick).collect::<Result<_, _>>()?;
    }
    layer.into_iter().next().ok_or(SynthesisError::Unsatisfiable)
}

fn position(instance: &Instance, page: usize) -> Result<Var, SynthesisError> {
    match page {
        0 | 1 => Ok(FpVar::Constant(Fr::from(page as u64))),
        column => linear(Fr::from(column as u64), &[(Fr::from(BLOCK_COLUMNS as u64), &instance.block_index)]),
    }
}

fn leaf(elements: &[Var], page_key: &Var) -> Result<Var, SynthesisError> {
    let commitment = fold_var(domain::PAGE, elements)?;
    let mut ciphertext = Vec::with_capacity(elements.len());
    for (b, chunk) in elements.chunks(16).enumerate() {
        let stream = keystream_var(domain::KEYSTREAM, &[page_key.clone(), FpVar::Constant(Fr::from(b as u64))])?;
        for (element, pad) in chunk.iter().zip(stream) {
            ciphertext.push(sum(&[element.clone(), pad])?);
        }
    }
    let digest = fold_var(domain::CIPHERTEXT, &ciphertext)?;
    hash_var(domain::PAGE_LEAF, &[commitment, digest])
}
