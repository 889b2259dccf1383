//! Batches: many proofs under several keys in one multi-pairing (docs/THREATS.md V7, V8).
//!
//! Each item is multiplied by a 128-bit coefficient drawn by Fiat-Shamir from every key, instance
//! and proof of the batch, so nobody can choose proofs whose errors cancel. A batch that fails is
//! bisected until the bad item is named. Source: Bellare, Garay, Rabin, EUROCRYPT 1998 (small
//! exponents).

use super::{ForeignKey, Prepared, PreparedVerifyingKey, VerifyError, check, check_count};
use crate::field::Fr;
use crate::proof::{Proof, RawProof};
use crate::statement::{PublicInputs, Statement};
use ark_bn254::{Bn254, Fq12, G1Affine, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_ec::pairing::PairingOutput;
use ark_ec::scalar_mul::wnaf::WnafContext;
use ark_ff::Zero;
use medveil_pairing::{Fp12, final_exponentiation, many_miller_loops, miller_loops, ratios};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most proofs of one batch.
pub const MAX_BATCH: usize = 8192;

/// Proofs whose Miller loops share their squarings; chunks go to different threads.
const MILLER_CHUNK: usize = 64;

struct Item {
    key: Arc<Prepared>,
    inputs: Vec<Fr>,
    proof: RawProof,
    label: String,
}

/// Proofs to be verified together.
#[derive(Default)]
pub struct Batch(Vec<Item>);

impl Batch {
    /// An empty batch, which does not verify.
    pub fn new() -> Self {
        Batch::default()
    }

    /// Adds a proof; `label` names it in errors, such as `chunk 7`.
    pub fn push<S: Statement>(
        &mut self,
        key: &PreparedVerifyingKey<S>,
        public: &S::Public,
        proof: &Proof<S>,
        label: impl Into<String>,
    ) {
        self.0.push(Item {
            key: key.inner().clone(),
            inputs: public.to_field(),
            proof: proof.raw().clone(),
            label: label.into(),
        });
    }

    /// Adds a proof under a key of any circuit.
    pub fn push_foreign(
        &mut self,
        key: &ForeignKey,
        inputs: &[Fr],
        proof: &RawProof,
        label: impl Into<String>,
    ) {
        self.0.push(Item {
            key: key.inner().clone(),
            inputs: inputs.to_vec(),
            proof: proof.clone(),
            label: label.into(),
        });
    }

    /// How many proofs it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Verifies all of them.
    ///
    /// **Errors**: no proof or more than [`MAX_BATCH`]; an instance of the wrong length; the first
    /// bad proof by its label.
    ///
    /// **Cost**: one Miller loop a proof and two a key, one final exponentiation; with a bad proof
    /// inside at most three times that.
    pub fn verify(&self) -> Result<(), VerifyError> {
        if self.0.is_empty() || self.0.len() > MAX_BATCH {
            return Err(VerifyError::BatchSize {
                max: MAX_BATCH,
                got: self.0.len(),
            });
        }
        for item in &self.0 {
            check_count(&item.key, &item.inputs).map_err(|e| e.at(&item.label))?;
        }
        bisect(&self.0, &self.coefficients())
    }

    fn coefficients(&self) -> Vec<Fr> {
        let mut transcript = Sha256::new();
        transcript.update(b"medveil/v1/batch");
        transcript.update((self.0.len() as u64).to_le_bytes());
        for item in &self.0 {
            transcript.update(item.key.digest.0);
            for input in &item.inputs {
                transcript.update(crate::field::Felt(*input).to_bytes());
            }
            transcript.update(item.proof.to_bytes());
        }
        let seed: [u8; 32] = transcript.finalize().into();
        (0..self.0.len() as u64)
            .map(|i| coefficient(&seed, i))
            .collect()
    }
}

fn coefficient(seed: &[u8; 32], index: u64) -> Fr {
    let digest = Sha256::new()
        .chain_update(seed)
        .chain_update(index.to_le_bytes())
        .finalize();
    let mut low = [0u8; 16];
    low.copy_from_slice(&digest[..16]);
    // Zero would leave an item out; it comes up once in 2^128.
    Fr::from(u128::from_le_bytes(low).max(1))
}

/// Verifies a range; when it fails, halves it until one item is left.
fn bisect(items: &[Item], coefficients: &[Fr]) -> Result<(), VerifyError> {
    if let [item] = items {
        return check(&item.key, &item.inputs, &item.proof).map_err(|e| e.at(&item.label));
    }
    if holds(items, coefficients) {
        return Ok(());
    }
    let middle = items.len() / 2;
    bisect(&items[..middle], &coefficients[..middle])?;
    bisect(&items[middle..], &coefficients[middle..])?;
    // Both halves pass alone yet not together: impossible but for a coefficient collision, and
    // still no acceptance.
    Err(VerifyError::Invalid {
        circuit: items[0].key.circuit.clone(),
        at: String::new(),
    })
}

/// What the proofs under one key add up to.
struct KeySum {
    key: Arc<Prepared>,
    /// Coefficient of each IC point; the first is the sum of all weights.
    instance: Vec<Fr>,
    c: Vec<G1Affine>,
    weights: Vec<Fr>,
}

impl KeySum {
    fn new(key: &Arc<Prepared>) -> Self {
        KeySum {
            key: key.clone(),
            instance: vec![Fr::zero(); key.points.gamma_abc_g1.len()],
            c: Vec::new(),
            weights: Vec::new(),
        }
    }

    fn add(&mut self, item: &Item, weight: Fr) {
        self.instance[0] += weight;
        for (sum, input) in self.instance[1..].iter_mut().zip(&item.inputs) {
            *sum += weight * input;
        }
        self.c.push(item.proof.points().c);
        self.weights.push(weight);
    }
}

/// Whether the weighted product of the pairing equations of all items holds.
fn holds(items: &[Item], coefficients: &[Fr]) -> bool {
    let mut product = of_proofs(items, coefficients);
    let mut sums: BTreeMap<[u8; 32], KeySum> = BTreeMap::new();
    for (item, weight) in items.iter().zip(coefficients) {
        sums.entry(item.key.digest.0)
            .or_insert_with(|| KeySum::new(&item.key))
            .add(item, *weight);
    }
    let mut target = PairingOutput::<Bn254>::zero();
    for sum in sums.values() {
        let Some(alpha_beta) = sum.key.alpha_beta else {
            return false;
        };
        // Lengths are equal by construction, so nothing is cut off.
        let instance = G1Projective::msm_unchecked(&sum.key.points.gamma_abc_g1, &sum.instance);
        let c = G1Projective::msm_unchecked(&sum.c, &sum.weights);
        let ratios = ratios(&[instance, c]);
        let of_keys: Vec<_> = ratios.into_iter().zip(&sum.key.lines).collect();
        product = product * miller_loops(&[], &of_keys);
        target += PairingOutput::<Bn254>(alpha_beta.into()) * sum.instance[0];
    }
    final_exponentiation(product).is_some_and(|value| Fq12::from(value) == target.0)
}

/// The product of the Miller loops of A and B of all items.
fn of_proofs(items: &[Item], coefficients: &[Fr]) -> Fp12 {
    let of_chunk = |(items, weights): (&[Item], &[Fr])| {
        let window = WnafContext::new(4);
        let pair = |(item, weight): (&Item, &Fr)| {
            let points = item.proof.points();
            (window.mul(points.a.into(), weight), points.b)
        };
        let pairs: Vec<_> = items.iter().zip(weights).map(pair).collect();
        many_miller_loops(&pairs)
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        let items = items.par_chunks(MILLER_CHUNK);
        let chunks = items
            .zip(coefficients.par_chunks(MILLER_CHUNK))
            .map(of_chunk);
        chunks.reduce(|| Fp12::ONE, |product, chunk| product * chunk)
    }
    #[cfg(not(feature = "parallel"))]
    {
        let items = items.chunks(MILLER_CHUNK);
        let chunks = items.zip(coefficients.chunks(MILLER_CHUNK)).map(of_chunk);
        chunks.fold(Fp12::ONE, |product, chunk| product * chunk)
    }
}

#[cfg(test)]
mod tests;
