//! A proving key and the verifying key that it belongs to.

use crate::zkey::Zkey;
use medveil_circuits::field::Digest;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{AnyVerifyingKey, KeyError, VerifyingKey};

/// A proving key of statement `S`, tied to its verifying key.
pub struct ProvingKey<S> {
    verifying: VerifyingKey<S>,
    zkey: Zkey,
}

impl<S: Synthesize> ProvingKey<S> {
    /// Ties a proving key to the verifying key inside it.
    ///
    /// **Errors**: the verifying key is another circuit's, or the proving key holds another one.
    pub(crate) fn new(verifying: AnyVerifyingKey, zkey: Zkey) -> Result<Self, KeyError> {
        let verifying = verifying.into_typed::<S>()?;
        if !verifying.any().has_points(&zkey.verifying()) {
            return Err(KeyError::Format(
                "the verifying key that this proving key holds",
            ));
        }
        Ok(ProvingKey { verifying, zkey })
    }

    /// The verifying key it belongs to.
    pub fn verifying(&self) -> &VerifyingKey<S> {
        &self.verifying
    }

    /// Digest of the verifying key it belongs to.
    pub fn verifying_digest(&self) -> Digest {
        self.verifying.digest()
    }

    /// The key's file.
    pub fn zkey(&self) -> &Zkey {
        &self.zkey
    }

    pub(crate) fn into_parts(self) -> (VerifyingKey<S>, Zkey) {
        (self.verifying, self.zkey)
    }
}
