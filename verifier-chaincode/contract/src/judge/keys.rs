//! The statements this build can verify, and their prepared keys by digest.

use super::JudgeError;
use medveil_circuits::field::Digest;
use medveil_circuits::statement::{PublicInputs, Statement};
use medveil_circuits::verify::{AnyVerifyingKey, PreparedVerifyingKey, Provenance};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most prepared keys kept.
const MAX_CACHED: usize = 64;

macro_rules! statements {
    ($($statement:ty),* $(,)?) => {
        /// Every circuit this build can verify, as `name/vN`.
        pub fn known_circuits() -> Vec<String> {
            vec![$(<$statement as Statement>::CIRCUIT.to_string()),*]
        }

        /// That a key is for a circuit of this build and has its number of inputs.
        ///
        /// **Errors**: an unknown circuit, or another number of inputs.
        pub fn check_known(key: &AnyVerifyingKey) -> Result<(), JudgeError> {
            $(if key.circuit() == <$statement as Statement>::CIRCUIT.to_string() {
                let (expected, got) = (<$statement as Statement>::Public::LEN, key.n_inputs());
                let message = || format!("{}: expected {expected} public inputs, got {got}", key.circuit());
                return if expected == got { Ok(()) } else { Err(JudgeError::Key(message())) };
            })*
            Err(JudgeError::Key("expected a circuit that this build knows".to_owned()))
        }

        fn prepare(key: AnyVerifyingKey) -> Result<Arc<dyn Any + Send + Sync>, JudgeError> {
            $(if key.circuit() == <$statement as Statement>::CIRCUIT.to_string() {
                let typed = key.into_typed::<$statement>()?;
                return Ok(Arc::new(PreparedVerifyingKey::<$statement>::new(&typed)));
            })*
            Err(JudgeError::Key("expected a circuit that this build knows".to_owned()))
        }
    };
}

statements! {
    medveil_circuits::eligibility::Eligibility<1>,
    medveil_circuits::eligibility::Eligibility<4>,
    medveil_circuits::claim::ClaimChunk<16>,
    medveil_circuits::claim::ClaimChunk<256>,
    medveil_circuits::claim::ClaimFinal,
    medveil_circuits::handover::Handover,
    medveil_circuits::registration::Registration<16>,
    medveil_circuits::registration::Registration<256>,
}

/// A prepared key with what it says of itself.
#[derive(Clone)]
pub struct PreparedKey {
    circuit: String,
    digest: Digest,
    provenance: Provenance,
    prepared: Arc<dyn Any + Send + Sync>,
}

impl PreparedKey {
    /// Decodes, lints and prepares a key.
    ///
    /// **Errors**: not a sound key of a known circuit.
    pub fn parse(bytes: &[u8]) -> Result<Self, JudgeError> {
        let key = AnyVerifyingKey::parse(bytes)?;
        check_known(&key)?;
        let (circuit, digest, provenance) =
            (key.circuit().to_owned(), key.digest(), key.provenance());
        Ok(PreparedKey {
            circuit,
            digest,
            provenance,
            prepared: prepare(key)?,
        })
    }

    /// Circuit, as `name/vN`.
    pub fn circuit(&self) -> &str {
        &self.circuit
    }
    /// SHA-256 of the key's bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Where it comes from.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}

/// Prepared keys by digest. Preparing costs a pairing; a digest never changes its meaning.
#[derive(Default)]
pub struct KeyCache(Mutex<BTreeMap<Digest, PreparedKey>>);

impl KeyCache {
    /// The prepared key of these bytes, whose digest the caller has checked.
    ///
    /// **Errors**: not a sound key of a known circuit.
    pub fn prepare(&self, digest: Digest, bytes: &[u8]) -> Result<PreparedKey, JudgeError> {
        if let Some(key) = self.lock().get(&digest) {
            return Ok(key.clone());
        }
        let key = PreparedKey::parse(bytes)?;
        let mut cached = self.lock();
        if cached.len() >= MAX_CACHED {
            cached.clear();
        }
        cached.insert(key.digest(), key.clone());
        Ok(key)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Digest, PreparedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keys that one judgement uses: one a circuit.
#[derive(Clone, Default)]
pub struct KeyRing(BTreeMap<String, PreparedKey>);

impl KeyRing {
    /// Adds a key; a later one of the same circuit takes its place.
    pub fn insert(&mut self, key: PreparedKey) {
        self.0.insert(key.circuit.clone(), key);
    }

    /// The key of a statement.
    ///
    /// **Errors**: the ring has none.
    pub fn get<S: Statement>(&self) -> Result<&PreparedVerifyingKey<S>, JudgeError> {
        let name = S::CIRCUIT.to_string();
        let key = self
            .0
            .get(&name)
            .and_then(|key| key.prepared.downcast_ref());
        key.ok_or_else(|| JudgeError::Key(format!("expected a key of {name}")))
    }

    /// Digest of a statement's key.
    ///
    /// **Errors**: the ring has none.
    pub fn digest<S: Statement>(&self) -> Result<Digest, JudgeError> {
        self.get::<S>().map(PreparedVerifyingKey::digest)
    }

    /// Circuit names and key digests, in order of name.
    pub fn digests(&self) -> Vec<(String, Digest)> {
        self.0
            .values()
            .map(|key| (key.circuit.clone(), key.digest))
            .collect()
    }
}
