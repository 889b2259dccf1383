//! Verification alone, at a peer: keys and proofs that know nothing of the contract, of any number
//! of public inputs and in batches of any size.

use medveil_circuits::field::Felt;
use medveil_circuits::proof::{PROOF_BYTES, Proof};
use medveil_circuits::testing::Inputs;
use medveil_circuits::verify::{AnyVerifyingKey, Batch, PreparedVerifyingKey};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

type Failure = Box<dyn std::error::Error>;

/// A prepared key, whatever its number of inputs.
trait Verifier: Send + Sync {
    /// Each item is the inputs and then the proof.
    fn verify(&self, items: &[u8]) -> Result<usize, Failure>;
}

impl<const N: usize> Verifier for PreparedVerifyingKey<Inputs<N>> {
    fn verify(&self, items: &[u8]) -> Result<usize, Failure> {
        let mut batch = Batch::new();
        for (i, item) in items.chunks(N * 32 + PROOF_BYTES).enumerate() {
            let (inputs, proof) = item
                .split_at_checked(N * 32)
                .ok_or("expected whole items")?;
            let inputs = inputs
                .chunks(32)
                .map(|b| Ok(Felt::from_bytes(b)?.0))
                .collect::<Result<Vec<_>, Failure>>()?;
            let inputs = inputs
                .try_into()
                .map_err(|_| "expected the key's number of inputs")?;
            batch.push(
                self,
                &Inputs(inputs),
                &Proof::from_bytes(proof)?,
                i.to_string(),
            );
        }
        batch.verify()?;
        Ok(batch.len())
    }
}

fn prepare(bytes: &[u8]) -> Result<Arc<dyn Verifier>, Failure> {
    let key = AnyVerifyingKey::parse(bytes)?;
    fn into_verifier<const N: usize>(key: AnyVerifyingKey) -> Result<Arc<dyn Verifier>, Failure> {
        Ok(Arc::new(PreparedVerifyingKey::<Inputs<N>>::new(
            &key.into_typed()?,
        )))
    }
    match key.n_inputs() {
        1 => into_verifier::<1>(key),
        8 => into_verifier::<8>(key),
        16 => into_verifier::<16>(key),
        32 => into_verifier::<32>(key),
        64 => into_verifier::<64>(key),
        n => Err(format!("expected 1, 8, 16, 32 or 64 inputs, got {n}").into()),
    }
}

/// Keys by their bytes: as the contract does, each is checked and prepared once.
#[derive(Default)]
pub struct Keys(Mutex<BTreeMap<Vec<u8>, Arc<dyn Verifier>>>);

impl Keys {
    /// Verifies all items under a key; gives how many there were.
    pub fn verify(&self, key: &[u8], items: &[u8]) -> Result<usize, Failure> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned();
        let prepared = match known {
            Some(prepared) => prepared,
            None => {
                let prepared = prepare(key)?;
                self.0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(key.to_vec(), prepared.clone());
                prepared
            }
        };
        prepared.verify(items)
    }
}
