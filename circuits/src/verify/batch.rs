//! Batches: many proofs under several keys in one multi-pairing (CHECKLIST V7, V8).
//!
//! Each item is multiplied by a 128-bit coefficient drawn by Fiat-Shamir from every key, instance and proof of the batch, so nobody can choose proofs
//! whose errors cancel. A batch that fails is bisected until the bad item is named. Source: Bellare, Garay, Rabin, EUROCRYPT 1998 (small exponents).

use super::{Prepared, PreparedVerifyingKey, VerifyError, check, instance_point};
use crate::field::Fr;
use crate::proof::{Proof, RawProof};
use crate::statement::{PublicInputs, Statement};
use ark_bn254::{Bn254, G1Projective};
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{PrimeField, Zero};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most proofs of one batch.
pub const MAX_BATCH: usize = 8192;

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
    pub fn push<S: Statement>(&mut self, key: &PreparedVerifyingKey<S>, public: &S::Public, proof: &Proof<S>, label: impl Into<String>) {
        self.0.push(Item { key: key.inner().clone(), inputs: public.to_field(), proof: proof.raw().clone(), label: label.into() });
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
    /// **Errors**: no proof or more than [`MAX_BATCH`]; an instance of the wrong length; the first bad proof by its label.
    ///
    /// **Cost**: one Miller loop a proof and two a key, one final exponentiation.
    pub fn verify(&self) -> Result<(), VerifyError> {
        if self.0.is_empty() || self.0.len() > MAX_BATCH {
            return Err(VerifyError::BatchSize { max: MAX_BATCH, got: self.0.len() });
        }
        let mut points = Vec::with_capacity(self.0.len());
        for item in &self.0 {
            points.push(instance_point(&item.key, &item.inputs).map_err(|e| e.at(&item.label))?);
        }
        let coefficients = self.coefficients();
        bisect(&self.0, &points, &coefficients)
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
        (0..self.0.len() as u64).map(|i| coefficient(&seed, i)).collect()
    }
}

fn coefficient(seed: &[u8; 32], index: u64) -> Fr {
    let digest = Sha256::new().chain_update(seed).chain_update(index.to_le_bytes()).finalize();
    let mut low = [0u8; 16];
    low.copy_from_slice(&digest[..16]);
    // Zero would leave an item out; it comes up once in 2^128.
    Fr::from(u128::from_le_bytes(low).max(1))
}

/// Verifies a range; when it fails, halves it until one item is left.
fn bisect(items: &[Item], points: &[G1Projective], coefficients: &[Fr]) -> Result<(), VerifyError> {
    if let [item] = items {
        return check(&item.key, &item.inputs, &item.proof).map_err(|e| e.at(&item.label));
    }
    if holds(items, points, coefficients) {
        return Ok(());
    }
    let middle = items.len() / 2;
    bisect(&items[..middle], &points[..middle], &coefficients[..middle])?;
    bisect(&items[middle..], &points[middle..], &coefficients[middle..])?;
    // Both halves pass alone yet not together: impossible but for a coefficient collision, and still no acceptance.
    Err(VerifyError::Invalid { circuit: items[0].key.circuit.clone(), at: String::new() })
}

struct KeySum {
    key: Arc<Prepared>,
    instance: G1Projective,
    c: G1Projective,
    weight: Fr,
}

fn holds(items: &[Item], points: &[G1Projective], coefficients: &[Fr]) -> bool {
    let mut left: Vec<G1Projective> = Vec::with_capacity(items.len() + 2);
    let mut right: Vec<<Bn254 as Pairing>::G2Prepared> = Vec::with_capacity(items.len() + 2);
    let mut sums: BTreeMap<[u8; 32], KeySum> = BTreeMap::new();
    for ((item, point), weight) in items.iter().zip(points).zip(coefficients) {
        let proof = item.proof.points();
        left.push(proof.a.mul_bigint(weight.into_bigint()));
        right.push(proof.b.into());
        let sum = sums.entry(item.key.digest.0).or_insert_with(|| KeySum {
            key: item.key.clone(),
            instance: G1Projective::zero(),
            c: G1Projective::zero(),
            weight: Fr::zero(),
        });
        sum.instance += point.mul_bigint(weight.into_bigint());
        sum.c += proof.c.mul_bigint(weight.into_bigint());
        sum.weight += weight;
    }
    let mut target = PairingOutput::<Bn254>::zero();
    for sum in sums.values() {
        left.push(sum.instance);
        right.push(sum.key.ark.gamma_g2_neg_pc.clone());
        left.push(sum.c);
        right.push(sum.key.ark.delta_g2_neg_pc.clone());
        target += PairingOutput::<Bn254>(sum.key.ark.alpha_g1_beta_g2) * sum.weight;
    }
    let left = G1Projective::normalize_batch(&left);
    Bn254::final_exponentiation(Bn254::multi_miller_loop(left, right)).is_some_and(|value| value == target)
}
