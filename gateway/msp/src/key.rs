//! P-256 keys and ECDSA signatures with low `s`.
//!
//! Source: FIPS 186-5, RFC 6979 (the nonce is derived, so signing needs no randomness), Fabric's
//! low-`s` rule. Signatures are DER. One library signs and checks the form of signatures, another,
//! faster one verifies them: each is a check on the other.

use super::error::MspError;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::DecodePrivateKey;
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[cfg(not(target_arch = "wasm32"))]
fn verify_der(sec1: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, sec1);
    key.verify(message, signature).map_err(|_| BadSignature)
}

/// Where the faster library is not to be had, the one that signs verifies too.
#[cfg(target_arch = "wasm32")]
fn verify_der(sec1: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    use p256::ecdsa::signature::Verifier;
    let key = VerifyingKey::from_sec1_bytes(sec1).map_err(|_| BadSignature)?;
    let signature = Signature::from_der(signature).map_err(|_| BadSignature)?;
    key.verify(message, &signature).map_err(|_| BadSignature)
}

/// Bytes of a private key.
pub const SECRET_KEY_LEN: usize = 32;
/// Longest DER signature over P-256.
const MAX_SIGNATURE: usize = 72;

/// A signature could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature could not be made")]
pub struct SignError;

/// Something that signs for a P-256 key: the key itself, or a token that never gives it out. What a
/// token behind PKCS#11 computes (`CKM_ECDSA`) is exactly [`Signer::sign_digest`]; form and low `s`
/// are seen to by whoever asks.
pub trait Signer: Send + Sync {
    fn public_key(&self) -> PublicKey;

    /// Signs a SHA-256 digest: `r` and `s`, big-endian, one after the other.
    ///
    /// **Errors**: the token refuses or is gone.
    fn sign_digest(&self, digest: &[u8; 32]) -> Result<[u8; 64], SignError>;

    /// The key itself, where it may leave: the big-endian scalar.
    fn export(&self) -> Option<Zeroizing<Vec<u8>>>;
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        SecretKey::public_key(self)
    }

    fn sign_digest(&self, digest: &[u8; 32]) -> Result<[u8; 64], SignError> {
        let signature: Signature = self.0.sign_prehash(digest).map_err(|_| SignError)?;
        Ok(signature.to_bytes().into())
    }

    fn export(&self) -> Option<Zeroizing<Vec<u8>>> {
        Some(self.to_bytes())
    }
}

/// Signs a message as Fabric wants it: over its SHA-256, with the lower of the two `s`, in DER.
///
/// **Errors**: the signer's, or what came is no signature.
pub(super) fn sign(signer: &dyn Signer, message: &[u8]) -> Result<Vec<u8>, SignError> {
    let raw = signer.sign_digest(&Sha256::digest(message).into())?;
    let signature = Signature::from_slice(&raw).map_err(|_| SignError)?;
    Ok(signature.normalize_s().to_der().as_bytes().to_vec())
}

/// A private key: zeroised when dropped, never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        loop {
            let mut bytes = Zeroizing::new([0u8; SECRET_KEY_LEN]);
            rng.fill_bytes(bytes.as_mut());
            // Fails once in 2^32 draws: zero, or not below the order.
            if let Ok(key) = SecretKey::from_bytes(bytes.as_ref()) {
                return key;
            }
        }
    }

    /// Reads a key: the big-endian scalar.
    ///
    /// **Errors**: not 32 bytes, zero, or not below the group's order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MspError> {
        if bytes.len() != SECRET_KEY_LEN {
            return Err(MspError::Key);
        }
        SigningKey::from_slice(bytes)
            .map(SecretKey)
            .map_err(|_| MspError::Key)
    }

    /// Reads a key in PKCS#8 PEM, as Fabric's tools write it.
    ///
    /// **Errors**: not one PEM block of a P-256 key.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, MspError> {
        SigningKey::from_pkcs8_pem(text)
            .map(SecretKey)
            .map_err(|_| MspError::Key)
    }

    /// The big-endian scalar.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let scalar = Zeroizing::new(<[u8; SECRET_KEY_LEN]>::from(self.0.to_bytes()));
        Zeroizing::new(scalar.to_vec())
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_key(*self.0.verifying_key())
    }

    /// Signs the SHA-256 of a message.
    ///
    /// **Errors**: the primitive failed, which it does for impossible keys only.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        sign(self, message)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    sec1: Vec<u8>,
}

impl PublicKey {
    fn from_key(key: VerifyingKey) -> Self {
        let sec1 = key.to_sec1_point(false).as_bytes().to_vec();
        PublicKey { sec1 }
    }

    /// Reads an uncompressed point.
    ///
    /// **Errors**: compressed, off the curve, or of another length.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, MspError> {
        let key = VerifyingKey::from_sec1_bytes(bytes)
            .map_err(|_| MspError::Certificate("a P-256 key"))?;
        let public = PublicKey::from_key(key);
        if public.sec1 == bytes {
            Ok(public)
        } else {
            Err(MspError::Certificate("an uncompressed P-256 key"))
        }
    }

    pub fn as_sec1(&self) -> &[u8] {
        &self.sec1
    }

    /// Whether the signature over the SHA-256 of the message is this key's, with low `s` and in its
    /// one DER form.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let parsed = self.parse_signature(signature)?;
        // The other `s` would make a second signature of the same message.
        if parsed.normalize_s() != parsed {
            return Err(BadSignature);
        }
        self.verify_parsed(message, signature)
    }

    /// Checks an authority's signature under a certificate: either `s`, because X.509 knows no rule
    /// for it and Fabric's tools sign with both.
    ///
    /// **Errors**: it is not this key's over this message, or not in its one DER form.
    pub fn verify_certificate(&self, signed: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.parse_signature(signature)?;
        self.verify_parsed(signed, signature)
    }

    fn parse_signature(&self, signature: &[u8]) -> Result<Signature, BadSignature> {
        if signature.len() > MAX_SIGNATURE {
            return Err(BadSignature);
        }
        let parsed = Signature::from_der(signature).map_err(|_| BadSignature)?;
        if parsed.to_der().as_bytes() == signature {
            Ok(parsed)
        } else {
            Err(BadSignature)
        }
    }

    fn verify_parsed(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        verify_der(&self.sec1, message, signature)
    }
}

/// The signature is not this key's over this message, or not in its one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not verify")]
pub struct BadSignature;
