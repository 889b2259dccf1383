//! Which ledger was here: what organisations kept of it decides, before anything is replaced.

use crate::heads::is_signed_by_peer;
use crate::layout::{Layout, OpenError};
use crate::open::head_of;
use medveil_collections_config::MspId;
use medveil_embedded_wire::{Hash, Rules};
use medveil_msp::Certificate;

/// Refuses a ledger that organisations here know as another one: more of the heads that they kept
/// must be of it than of others, and where no head is left, more of their authorities.
///
/// **Errors**: it is another one.
pub(super) fn contradicted(layout: &Layout, anchor: &Hash, rules: &Rules) -> Result<(), OpenError> {
    let orgs = organisations(layout);
    let heads = orgs.iter().filter_map(|id| {
        let head = head_of(layout, id).ok()??;
        let other = OpenError::Head {
            msp_id: id.clone(),
            number: head.number,
            what: "has another genesis",
        };
        match head.genesis == *anchor {
            true => is_signed_by_peer(&head, id, rules).then_some(Ok(())),
            false => Some(Err(other)),
        }
    });
    let heads: Vec<_> = heads.collect();
    match heads.is_empty() {
        true => majority(orgs.iter().filter_map(|id| authority(layout, rules, id))),
        false => majority(heads.into_iter()),
    }
}

/// Those that have a folder here.
fn organisations(layout: &Layout) -> Vec<MspId> {
    let folders = std::fs::read_dir(layout.root().join("orgs"));
    let folders = folders.into_iter().flatten().flatten();
    let names = folders.filter_map(|folder| folder.file_name().into_string().ok());
    let mut orgs: Vec<MspId> = names.filter_map(|name| MspId::new(&name).ok()).collect();
    orgs.sort();
    orgs
}

/// Whether the authority that an organisation keeps is this ledger's; none where it keeps none.
fn authority(layout: &Layout, rules: &Rules, id: &MspId) -> Option<Result<(), OpenError>> {
    let kept = layout.text(&layout.authority(id)).ok()?;
    let kept = Certificate::from_pem(&kept).ok()?;
    let known = rules.msps.iter().find(|m| m.msp_id() == id);
    Some(match known.is_some_and(|m| m.root().der() == kept.der()) {
        true => Ok(()),
        false => Err(OpenError::Authority(id.clone())),
    })
}

/// Nothing against it, or more for it.
fn majority(voices: impl Iterator<Item = Result<(), OpenError>>) -> Result<(), OpenError> {
    let (mut balance, mut against) = (0i64, None);
    for voice in voices {
        balance += if voice.is_ok() { 1 } else { -1 };
        against = against.or(voice.err());
    }
    match against {
        Some(error) if balance <= 0 => Err(error),
        _ => Ok(()),
    }
}
