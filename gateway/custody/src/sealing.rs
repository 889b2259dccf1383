//! Letters sealed to an organisation: HPKE (RFC 9180, base mode) with X25519, HKDF-SHA-256 and
//! ChaCha20-Poly1305.
//!
//! A researcher's letter travels through the ledger's private collections, so endorsers see
//! ciphertext only. Letters are padded to whole blocks: their length says little. HPKE's base mode
//! does not authenticate the sender; the transaction's signature does, and the letter's SHA-256 is
//! bound by the eligibility proof.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Longest letter.
///
/// **Units**: bytes.
pub const MAX_LETTER: usize = 64 * 1024;
/// Letters are padded to a multiple of this.
///
/// **Units**: bytes.
pub const PADDING: usize = 1024;

const VERSION: u8 = 1;
const ENCAPSULATED: usize = 32;
const AEAD_TAG: usize = 16;
const INFO: &[u8] = b"medveil/v1/letter";

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Why a letter cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The bytes are no usable key.
    #[error("letter key: expected 32 bytes of an x25519 key that is not of small order")]
    Key,
    #[error("letter: expected at most {MAX_LETTER} bytes, got {0}")]
    TooLong(usize),
    /// The bytes are no sealed letter.
    #[error("sealed letter: expected version 1 and a whole number of blocks")]
    Format,
    /// Another key, another context, or changed bytes.
    #[error("sealed letter: does not open with this key and context")]
    Refused,
}

/// An organisation's published letter key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetterKey([u8; 32]);

impl LetterKey {
    /// Checks a published key.
    ///
    /// **Errors**: not 32 bytes, or zero. Other keys of small order are refused when sealing.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealingError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| SealingError::Key)?;
        if bytes == [0u8; 32] {
            Err(SealingError::Key)
        } else {
            Ok(LetterKey(bytes))
        }
    }

    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// The key that opens letters. **Security**: zeroised when dropped; no `Debug`.
pub struct LetterSecret(Zeroizing<[u8; 32]>);

impl LetterSecret {
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut ikm = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(ikm.as_mut());
        let (secret, _) = X25519HkdfSha256::derive_keypair(ikm.as_ref());
        LetterSecret(Zeroizing::new(secret.to_bytes().into()))
    }

    /// Reads a stored key.
    ///
    /// **Errors**: not 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealingError> {
        bytes
            .try_into()
            .map(|b| LetterSecret(Zeroizing::new(b)))
            .map_err(|_| SealingError::Key)
    }

    /// The 32 bytes, for a vault.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The key to publish.
    ///
    /// **Errors**: the stored bytes are no key.
    pub fn public(&self) -> Result<LetterKey, SealingError> {
        LetterKey::from_bytes(&X25519HkdfSha256::sk_to_pk(&self.inner()?).to_bytes())
    }

    fn inner(&self) -> Result<PrivateKey, SealingError> {
        PrivateKey::from_bytes(self.0.as_ref()).map_err(|_| SealingError::Key)
    }
}

/// Seals a letter. `context` is authenticated, and the letter opens with no other one. A letter of
/// a request is bound to its consortium only: the request's id holds the letter's digest, so the
/// letter comes first.
///
/// **Errors**: the letter is too long, or the key is of small order.
pub fn seal(
    to: &LetterKey,
    context: &[u8],
    letter: &[u8],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, SealingError> {
    let key = PublicKey::from_bytes(&to.0).map_err(|_| SealingError::Key)?;
    let padded = pad(letter)?;
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &key,
            INFO,
            &padded,
            context,
            &mut Bridge(rng),
        )
        .map_err(|_| SealingError::Key)?;
    Ok([&[VERSION], encapsulated.to_bytes().as_slice(), &ciphertext].concat())
}

/// Opens a sealed letter.
///
/// **Errors**: another key or context, changed bytes, or bytes of another form.
pub fn open(
    secret: &LetterSecret,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let body = sealed
        .strip_prefix(&[VERSION])
        .ok_or(SealingError::Format)?;
    let (encapsulated, ciphertext) = body
        .split_at_checked(ENCAPSULATED)
        .ok_or(SealingError::Format)?;
    let blocks = ciphertext
        .len()
        .checked_sub(AEAD_TAG)
        .ok_or(SealingError::Format)?;
    if blocks == 0 || blocks % PADDING != 0 || blocks > MAX_LETTER + PADDING {
        return Err(SealingError::Format);
    }
    let encapsulated = Encapsulated::from_bytes(encapsulated).map_err(|_| SealingError::Format)?;
    let padded = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.inner()?,
        &encapsulated,
        INFO,
        ciphertext,
        context,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealingError::Refused)?;
    unpad(&padded)
}

/// Length as four little-endian bytes, the letter, zeros up to whole blocks.
fn pad(letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    if letter.len() > MAX_LETTER {
        return Err(SealingError::TooLong(letter.len()));
    }
    let len = (4 + letter.len()).next_multiple_of(PADDING);
    let mut padded = Zeroizing::new(Vec::with_capacity(len));
    padded.extend_from_slice(&(letter.len() as u32).to_le_bytes());
    padded.extend_from_slice(letter);
    padded.resize(len, 0);
    Ok(padded)
}

fn unpad(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (len, rest) = padded
        .split_first_chunk::<4>()
        .ok_or(SealingError::Format)?;
    let letter = rest
        .get(..u32::from_le_bytes(*len) as usize)
        .ok_or(SealingError::Format)?;
    let canonical = (4 + letter.len()).next_multiple_of(PADDING) == padded.len()
        && rest[letter.len()..].iter().all(|b| *b == 0);
    if canonical {
        Ok(Zeroizing::new(letter.to_vec()))
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
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    fn setup() -> (LetterSecret, LetterKey, ChaCha20Rng) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let secret = LetterSecret::generate(&mut rng);
        let key = secret.public().unwrap();
        (secret, key, rng)
    }

    #[test]
    fn letters_open_with_their_key_and_context_only() {
        let (secret, key, mut rng) = setup();
        let sealed = seal(&key, b"request 1", b"Dear committee", &mut rng).unwrap();
        assert_eq!(
            open(&secret, b"request 1", &sealed).unwrap().as_slice(),
            b"Dear committee"
        );
        assert_eq!(
            open(&secret, b"request 2", &sealed),
            Err(SealingError::Refused)
        );
        assert_eq!(
            open(&LetterSecret::generate(&mut rng), b"request 1", &sealed),
            Err(SealingError::Refused)
        );
        assert_ne!(
            seal(&key, b"request 1", b"Dear committee", &mut rng).unwrap(),
            sealed
        );
        let stored = LetterSecret::from_bytes(secret.to_bytes().as_ref()).unwrap();
        assert!(stored.public().unwrap() == key && open(&stored, b"request 1", &sealed).is_ok());
    }

    #[test]
    fn p1_lengths_are_padded_and_content_is_not_visible() {
        let (_, key, mut rng) = setup();
        let len =
            |n: usize, rng: &mut ChaCha20Rng| seal(&key, b"", &vec![b'x'; n], rng).unwrap().len();
        assert_eq!(len(0, &mut rng), len(1020, &mut rng));
        assert_eq!(len(1021, &mut rng), len(2000, &mut rng));
        let sealed = seal(&key, b"", b"CANARY-4711", &mut rng).unwrap();
        assert!(!sealed.windows(6).any(|w| w == b"CANARY"));
    }

    #[test]
    fn b6_changed_and_cut_letters_are_refused() {
        let (secret, key, mut rng) = setup();
        let sealed = seal(&key, b"c", b"text", &mut rng).unwrap();
        for at in (0..sealed.len()).step_by(7).chain(0..40) {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(open(&secret, b"c", &bad).is_err(), "byte {at}");
            assert!(open(&secret, b"c", &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(
            open(&secret, b"c", &[sealed.as_slice(), b"x"].concat()),
            Err(SealingError::Format)
        );
    }

    #[test]
    fn b6_bad_keys_and_long_letters_are_refused() {
        let (_, key, mut rng) = setup();
        assert_eq!(LetterKey::from_bytes(&[0; 32]), Err(SealingError::Key));
        assert_eq!(LetterKey::from_bytes(&[1; 31]), Err(SealingError::Key));
        let mut one = [0u8; 32];
        one[0] = 1;
        let small = LetterKey::from_bytes(&one).unwrap();
        assert_eq!(seal(&small, b"", b"x", &mut rng), Err(SealingError::Key));
        assert_eq!(
            seal(&key, b"", &vec![0; MAX_LETTER + 1], &mut rng),
            Err(SealingError::TooLong(MAX_LETTER + 1))
        );
        assert!(seal(&key, b"", &vec![0; MAX_LETTER], &mut rng).is_ok());
    }
}
