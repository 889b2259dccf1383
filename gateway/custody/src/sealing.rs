//! Bodies that several organisations may open: the body is sealed once, under a key of its own, and
//! that key is wrapped for each of them by HPKE (RFC 9180, base mode) with X25519, HKDF-SHA-256 and
//! ChaCha20-Poly1305.
//!
//! Bodies are padded to a power of two: their length says little. HPKE's base mode does not
//! authenticate the sender, and a body may be sealed so that two keys open it differently: whoever
//! opens one compares its SHA-256 with the digest that the sender is bound to.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305 as Cipher, KeyInit};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Shortest padded body.
///
/// **Units**: bytes.
pub const LEAST_PADDED: usize = 1024;
/// Longest padded body.
///
/// **Units**: bytes.
pub const MOST_PADDED: usize = 1024 * 1024;
/// Longest body: four bytes hold its length.
///
/// **Units**: bytes.
pub const MAX_BODY: usize = MOST_PADDED - LENGTH;

const LENGTH: usize = 4;
const ENCAPSULATED: usize = 32;
const AEAD_TAG: usize = 16;
const INFO: &[u8] = b"medveil/v2/body-key";
/// A body's key seals one body, so its nonce is constant.
const NONCE: [u8; 12] = [0; 12];

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Why a body cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The bytes are no usable key.
    #[error("sealing key: expected 32 bytes of an x25519 key that is not of small order")]
    Key,
    #[error("body: expected at most {MAX_BODY} bytes, got {0}")]
    TooLong(usize),
    /// The bytes are no sealed body, or no wrapped key.
    #[error("sealed body: expected a padded body with its tag, and a wrapped key of 80 bytes")]
    Format,
    /// Another key, another context, or changed bytes.
    #[error("sealed body: does not open with this key and context")]
    Refused,
}

/// An organisation's published key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// Checks a published key.
    ///
    /// **Errors**: not 32 bytes, or zero. Other keys of small order are refused when wrapping.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealingError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| SealingError::Key)?;
        if bytes == [0u8; 32] {
            Err(SealingError::Key)
        } else {
            Ok(SealingKey(bytes))
        }
    }

    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// The key that unwraps bodies' keys. **Security**: zeroised when dropped; no `Debug`.
pub struct SealingSecret(Zeroizing<[u8; 32]>);

impl SealingSecret {
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut ikm = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(ikm.as_mut());
        let (secret, _) = X25519HkdfSha256::derive_keypair(ikm.as_ref());
        SealingSecret(Zeroizing::new(secret.to_bytes().into()))
    }

    /// Reads a stored key.
    ///
    /// **Errors**: not 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealingError> {
        bytes
            .try_into()
            .map(|b| SealingSecret(Zeroizing::new(b)))
            .map_err(|_| SealingError::Key)
    }

    /// The 32 bytes, for a vault.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The key to publish.
    ///
    /// **Errors**: the stored bytes are no key.
    pub fn public(&self) -> Result<SealingKey, SealingError> {
        SealingKey::from_bytes(&X25519HkdfSha256::sk_to_pk(&self.inner()?).to_bytes())
    }

    fn inner(&self) -> Result<PrivateKey, SealingError> {
        PrivateKey::from_bytes(self.0.as_ref()).map_err(|_| SealingError::Key)
    }
}

/// The key of one body. **Security**: zeroised when dropped; no `Debug`.
pub struct BodyKey(Zeroizing<[u8; 32]>);

impl BodyKey {
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut key = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(key.as_mut());
        BodyKey(key)
    }

    /// A key that was derived for one body.
    pub fn derived(key: Zeroizing<[u8; 32]>) -> Self {
        BodyKey(key)
    }

    /// Seals the one body of this key; `context` is authenticated.
    ///
    /// **Errors**: the body is too long.
    pub fn seal(self, context: &[u8], body: &[u8]) -> Result<(Vec<u8>, WrappingKey), SealingError> {
        let padded = pad(body)?;
        let payload = Payload {
            msg: &padded,
            aad: context,
        };
        let sealed = self.cipher().encrypt(&NONCE.into(), payload);
        let sealed = sealed.map_err(|_| SealingError::TooLong(body.len()))?;
        Ok((sealed, WrappingKey(self)))
    }

    /// Opens a body.
    ///
    /// **Errors**: another key or context, changed bytes, or bytes of another form.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let padded = sealed.len().checked_sub(AEAD_TAG);
        let fits = |n: &usize| n.is_power_of_two() && (LEAST_PADDED..=MOST_PADDED).contains(n);
        padded.filter(fits).ok_or(SealingError::Format)?;
        let payload = Payload {
            msg: sealed,
            aad: context,
        };
        let padded = self.cipher().decrypt(&NONCE.into(), payload);
        unpad(
            &padded
                .map(Zeroizing::new)
                .map_err(|_| SealingError::Refused)?,
        )
    }

    /// Takes the key out of its wrap.
    ///
    /// **Errors**: another key or context, changed bytes, or bytes of another form.
    pub fn unwrap(
        secret: &SealingSecret,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<Self, SealingError> {
        let (encapsulated, ciphertext) = wrapped
            .split_at_checked(ENCAPSULATED)
            .ok_or(SealingError::Format)?;
        let encapsulated =
            Encapsulated::from_bytes(encapsulated).map_err(|_| SealingError::Format)?;
        let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret.inner()?,
            &encapsulated,
            INFO,
            ciphertext,
            context,
        );
        let key = Zeroizing::new(key.map_err(|_| SealingError::Refused)?);
        let key: [u8; 32] = key
            .as_slice()
            .try_into()
            .map_err(|_| SealingError::Format)?;
        Ok(BodyKey(Zeroizing::new(key)))
    }

    fn cipher(&self) -> Cipher {
        Cipher::new((&*self.0).into())
    }
}

/// The key of a body that is sealed: all that it can do is to be wrapped.
pub struct WrappingKey(BodyKey);

impl WrappingKey {
    /// Wraps the key for one organisation; `context` is authenticated.
    ///
    /// **Errors**: the key is of small order.
    pub fn wrap(
        &self,
        to: &SealingKey,
        context: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, SealingError> {
        let key = PublicKey::from_bytes(&to.0).map_err(|_| SealingError::Key)?;
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &key,
                INFO,
                self.0.0.as_ref(),
                context,
                &mut Bridge(rng),
            )
            .map_err(|_| SealingError::Key)?;
        Ok([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
    }
}

/// Length as four little-endian bytes, the body, zeros up to a power of two.
fn pad(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    if body.len() > MAX_BODY {
        return Err(SealingError::TooLong(body.len()));
    }
    let len = padded_len(body.len());
    let mut padded = Zeroizing::new(Vec::with_capacity(len));
    padded.extend_from_slice(&(body.len() as u32).to_le_bytes());
    padded.extend_from_slice(body);
    padded.resize(len, 0);
    Ok(padded)
}

fn padded_len(body: usize) -> usize {
    (LENGTH + body).next_power_of_two().max(LEAST_PADDED)
}

fn unpad(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (len, rest) = padded
        .split_first_chunk::<LENGTH>()
        .ok_or(SealingError::Format)?;
    let body = rest
        .get(..u32::from_le_bytes(*len) as usize)
        .ok_or(SealingError::Format)?;
    let canonical =
        padded_len(body.len()) == padded.len() && rest[body.len()..].iter().all(|b| *b == 0);
    if canonical {
        Ok(Zeroizing::new(body.to_vec()))
    } else {
        Err(SealingError::Format)
    }
}

/// Lets a generator of one version of the randomness traits serve the other.
struct Bridge<'a, R>(&'a mut R);

impl<R: RngCore> TryRng for Bridge<'_, R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl<R: RngCore + CryptoRng> TryCryptoRng for Bridge<'_, R> {}

#[cfg(test)]
mod tests;
