//! Parts of a report sealed under slot keys, and opened again. Source: SPEC, "Reading report".

use super::{Part, Report, ReportError};
use borsh::{BorshDeserialize, BorshSerialize};
use hkdf::Hkdf;
use medveil_circuits::dataset::{FIRST_COLUMN_SLOT, SegmentKeys};
use medveil_circuits::field::{Digest, Felt, Fr};
use medveil_circuits::handover::SlotKeys;
use medveil_circuits::ids::SegmentId;
use medveil_circuits::schema::Schema;
use medveil_contract::call::transient::{SealedPart, SealedReading};
use medveil_contract::judge::reading::{FILES, FIRST_COLUMN, MAX_SEALED, SALT_BYTES, commitment};
use medveil_custody::sealing::BodyKey;
use rand::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Slot of the flags page, which every grant has.
const FLAGS_SLOT: usize = 0;
const INFO: &[u8] = b"medveil reading part 1";

/// A part as its holder keeps it.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
pub struct OwnPart {
    pub salt: [u8; SALT_BYTES],
    /// Canonical JSON.
    pub content: Vec<u8>,
    /// SHA-256 of what is sealed.
    pub sealed: Digest,
}

/// The slot whose key opens a part; none opens that about files.
fn slot_of(index: usize, schema: &Schema) -> Option<usize> {
    let Some(column) = index.checked_sub(FIRST_COLUMN) else {
        return (index != FILES).then_some(FLAGS_SLOT);
    };
    let column = schema.columns().get(column)?;
    let group = column.group.as_deref().unwrap_or(&column.name);
    let slot = schema.slots().iter().position(|name| *name == group)?;
    Some(FIRST_COLUMN_SLOT + slot)
}

fn key_of(slot: Fr, segment: SegmentId, index: usize) -> BodyKey {
    let slot = Zeroizing::new(Felt(slot).to_bytes());
    let info = [
        INFO,
        &segment.felt().to_bytes(),
        &(index as u32).to_le_bytes(),
    ]
    .concat();
    let mut key = Zeroizing::new([0u8; 32]);
    // 32 bytes are far below HKDF's limit, so that this cannot fail.
    let done = Hkdf::<Sha256>::new(None, slot.as_ref()).expand(&info, key.as_mut());
    debug_assert!(done.is_ok());
    BodyKey::derived(key)
}

/// Seals a report: what everybody in the sharing group stores, and what the holder keeps.
///
/// **Errors**: a part that is too long.
pub fn sealed(
    report: &Report,
    schema: &Schema,
    keys: &SegmentKeys,
    segment: SegmentId,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(SealedReading, Vec<OwnPart>), ReportError> {
    let (mut parts, mut own) = (Vec::new(), Vec::new());
    for (index, content) in report.parts.iter().enumerate() {
        let mut salt = [0u8; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let sealed = match slot_of(index, schema) {
            None => Vec::new(),
            Some(slot) => {
                let too_long = || ReportError::TooLong {
                    part: Part::read(index, content).map_or(String::new(), |part| part.name()),
                };
                let body = [salt.as_slice(), content].concat();
                let sealed = key_of(keys.keys[slot], segment, index).seal(&[], &body);
                let sealed = sealed.map(|(sealed, _)| sealed);
                let fits = |sealed: &Vec<u8>| sealed.len() <= MAX_SEALED;
                sealed.ok().filter(fits).ok_or_else(too_long)?
            }
        };
        own.push(OwnPart {
            salt,
            sealed: Digest::of(&sealed),
            content: content.clone(),
        });
        parts.push(SealedPart {
            commitment: commitment(&salt, content),
            sealed,
        });
    }
    Ok((SealedReading { parts }, own))
}

/// The parts that known slot keys open, by place; each opens its commitment.
///
/// **Errors**: a part that its own slot's key does not open, or that opens to something else.
pub fn opened(
    report: &SealedReading,
    schema: &Schema,
    slots: &SlotKeys,
    segment: SegmentId,
) -> Result<Vec<(usize, OwnPart)>, ReportError> {
    let mut parts = Vec::new();
    for (index, part) in report.parts.iter().enumerate() {
        let slot = slot_of(index, schema).and_then(|slot| slots.get(slot).copied().flatten());
        let Some(slot) = slot else { continue };
        let body = key_of(slot, segment, index).open(&[], &part.sealed);
        let body = body.map_err(|source| ReportError::Sealed { index, source })?;
        let refuse = || ReportError::Commitment { index };
        let (salt, content) = body.split_first_chunk().ok_or_else(refuse)?;
        if commitment(salt, content) != part.commitment {
            return Err(refuse());
        }
        parts.push((
            index,
            OwnPart {
                salt: *salt,
                sealed: Digest::of(&part.sealed),
                content: content.to_vec(),
            },
        ));
    }
    Ok(parts)
}
