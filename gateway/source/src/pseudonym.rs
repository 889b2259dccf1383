//! Pseudonyms: 120 bits per patient and lineage, from the holder's master key.
//!
//! Source: HKDF-SHA-256 (RFC 5869). The master key never leaves its holder; without it a pseudonym
//! says nothing about the identity, and two lineages of one holder share none. Reading the same
//! source again gives the same pseudonyms. It is not 0: 0 is padding.

use super::index::RowIndex;
use super::records::Records;
use hkdf::Hkdf;
use medveil_circuits::ids::LineageId;
use sha2::Sha256;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// A subject inside one lineage: 120 bits, never 0.
pub type Pseudonym = u128;

pub const PSEUDONYM_BITS: u32 = 120;

/// A subject over all lineages of a holder: the holder's own, never published.
pub type Subject = u128;

/// The key that gives one lineage's pseudonyms, and remembers whose they are. **Security**:
/// zeroised when dropped; no `Debug`.
pub struct PseudonymKey {
    lineage: Zeroizing<[u8; 32]>,
    /// Gives the same subject in every lineage.
    holder: Zeroizing<[u8; 32]>,
    /// Names files without telling what they hold.
    files: Zeroizing<[u8; 32]>,
    /// None where nobody will ask whose a pseudonym is.
    seen: Option<Mutex<Seen>>,
}

/// Pseudonyms with their subjects. **Memory**: 32 bytes each, and 6 to 11 to find one.
struct Seen {
    places: RowIndex,
    pairs: Records,
}

impl Seen {
    fn new() -> Self {
        Seen {
            places: RowIndex::default(),
            pairs: Records::new(2 * size_of::<u128>()),
        }
    }

    fn half(pairs: &Records, number: u32, at: usize) -> u128 {
        let (halves, _) = pairs.get(number as usize).as_chunks::<16>();
        halves
            .get(at)
            .map_or(0, |bytes| u128::from_le_bytes(*bytes))
    }

    fn find(&self, pseudonym: Pseudonym) -> Option<Subject> {
        let first = |number| Self::half(&self.pairs, number, 0);
        let number = self.places.find(pseudonym, first)?;
        Some(Self::half(&self.pairs, number, 1))
    }

    /// Remembers a pseudonym that is not there yet. One behind 2^32 others has no subject then.
    fn insert(&mut self, pseudonym: Pseudonym, subject: Subject) {
        let number = u32::try_from(self.pairs.len()).ok();
        let Some(number) = number.filter(|number| *number < u32::MAX) else {
            return;
        };
        let at = self.pairs.push();
        let (halves, _) = self.pairs.get_mut(at).as_chunks_mut::<16>();
        for (half, value) in halves.iter_mut().zip([pseudonym, subject]) {
            *half = value.to_le_bytes();
        }
        let first = |number| Self::half(&self.pairs, number, 0);
        self.places.insert(pseudonym, number, first);
    }
}

impl PseudonymKey {
    /// The key of a lineage, from the holder's master key.
    pub fn derive(master: &[u8; 32], lineage: LineageId) -> Self {
        let info = [b"lineage/".as_slice(), &lineage.felt().to_bytes()].concat();
        let hkdf = Hkdf::<Sha256>::new(Some(b"medveil/v1/pseudonym"), master);
        let (mut key, mut holder) = (Zeroizing::new([0u8; 32]), Zeroizing::new([0u8; 32]));
        expand(&hkdf, &info, key.as_mut());
        expand(&hkdf, b"holder", holder.as_mut());
        let mut files = Zeroizing::new([0u8; 32]);
        expand(&hkdf, b"files", files.as_mut());
        PseudonymKey {
            lineage: key,
            holder,
            files,
            seen: Some(Mutex::new(Seen::new())),
        }
    }

    /// A key that does not remember whose its pseudonyms are.
    #[must_use]
    pub fn forgetful(self) -> Self {
        PseudonymKey { seen: None, ..self }
    }

    /// The pseudonym of an identity within a name space (`fhir`, `csv`).
    pub fn pseudonym(&self, space: &str, identity: &str) -> Pseudonym {
        let pseudonym = Self::of(&self.lineage, space, identity);
        if let Some(seen) = &self.seen {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.find(pseudonym).is_none() {
                seen.insert(pseudonym, Self::of(&self.holder, space, identity));
            }
        }
        pseudonym
    }

    /// The same, of somebody who is only asked about.
    pub(crate) fn pseudonym_of(&self, space: &str, identity: &str) -> Pseudonym {
        Self::of(&self.lineage, space, identity)
    }

    /// Who a pseudonym that this key gave is, over all lineages of the holder.
    pub fn subject(&self, pseudonym: Pseudonym) -> Option<Subject> {
        let seen = self.seen.as_ref()?.lock();
        seen.unwrap_or_else(PoisonError::into_inner).find(pseudonym)
    }

    /// A keyed digest of a file, from its SHA-256: without the key nobody can try which file it was.
    pub fn file_digest(&self, sha256: &[u8; 32]) -> [u8; 32] {
        let mut digest = [0u8; 32];
        let hkdf = Hkdf::<Sha256>::new(None, self.files.as_ref());
        expand(&hkdf, sha256, &mut digest);
        digest
    }

    fn of(key: &Zeroizing<[u8; 32]>, space: &str, identity: &str) -> u128 {
        let hkdf = Hkdf::<Sha256>::new(None, key.as_ref());
        // Zero comes up once in 2^120; the counter is for form's sake.
        for counter in 0u8..=255 {
            let info = [
                b"subject/",
                [counter].as_slice(),
                space.as_bytes(),
                b"\0",
                identity.as_bytes(),
            ]
            .concat();
            let mut bytes = [0u8; 16];
            expand(&hkdf, &info, &mut bytes[..15]);
            let pseudonym = u128::from_le_bytes(bytes);
            if pseudonym != 0 {
                return pseudonym;
            }
        }
        1
    }
}

/// Fills `out`, which is far below HKDF's limit of 8,160 bytes, so that this cannot fail.
fn expand(hkdf: &Hkdf<Sha256>, info: &[u8], out: &mut [u8]) {
    let done = hkdf.expand(info, out);
    debug_assert!(done.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_circuits::field::Felt;
    use std::collections::BTreeSet;

    #[test]
    fn file_digests_are_keyed_and_the_same_in_every_lineage() {
        let key = |master: u8, lineage: u64| {
            PseudonymKey::derive(&[master; 32], LineageId::new(Felt::from_u64(lineage)))
        };
        let digest = key(1, 1).file_digest(&[3; 32]);
        assert_eq!(digest, key(1, 2).file_digest(&[3; 32]));
        assert!(digest != key(2, 1).file_digest(&[3; 32]) && digest != [3; 32]);
        assert_ne!(digest, key(1, 1).file_digest(&[4; 32]));
    }

    #[test]
    fn every_subject_of_many_is_remembered() {
        let key = PseudonymKey::derive(&[1; 32], LineageId::new(Felt::from_u64(1)));
        let names: Vec<String> = (0..9_000).map(|i| format!("p{i}")).collect();
        let pseudonyms: Vec<_> = names
            .iter()
            .map(|name| key.pseudonym("csv", name))
            .collect();
        for (name, pseudonym) in names.iter().zip(pseudonyms) {
            assert_eq!(key.pseudonym("csv", name), pseudonym);
            let subject = PseudonymKey::of(&key.holder, "csv", name);
            assert_eq!(key.subject(pseudonym), Some(subject));
        }
    }

    #[test]
    fn p3_pseudonyms_are_stable_keyed_and_per_lineage() {
        let key = |master: u8, lineage: u64| {
            PseudonymKey::derive(&[master; 32], LineageId::new(Felt::from_u64(lineage)))
        };
        let one = key(1, 1).pseudonym("fhir", "Patient/1");
        assert_eq!(one, key(1, 1).pseudonym("fhir", "Patient/1"));
        let all = BTreeSet::from([
            one,
            key(1, 2).pseudonym("fhir", "Patient/1"),
            key(2, 1).pseudonym("fhir", "Patient/1"),
            key(1, 1).pseudonym("csv", "Patient/1"),
            key(1, 1).pseudonym("fhir", "Patient/2"),
            key(1, 1).pseudonym("", "fhir\0Patient/1"),
        ]);
        let [a, b] = [1, 2].map(|lineage| {
            let key = key(1, lineage);
            key.subject(key.pseudonym("fhir", "Patient/1"))
        });
        let forgetful = key(1, 1).forgetful();
        assert_eq!(one, forgetful.pseudonym("fhir", "Patient/1"));
        assert!(forgetful.subject(one).is_none() && key(1, 1).subject(one).is_none());
        assert!(
            a.is_some() && a == b && a != Some(one),
            "one subject over lineages"
        );
        assert!(all.len() >= 5 && all.iter().all(|p| *p > 0 && *p < 1 << PSEUDONYM_BITS));
    }
}
