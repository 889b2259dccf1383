//! Heads that organisations keep: whether their peer signed them, and whether a chain holds them.

use super::layout::OpenError;
use medveil_collections_config::{MspId, Role};
use medveil_embedded_wire::{Hash, Head, Rules};
use medveil_msp::Certificate;

/// Whether a peer of the organisation signed a head. Its certificate may have expired since.
pub fn is_signed_by_peer(head: &Head, msp_id: &MspId, rules: &Rules) -> bool {
    // A moment at which the certificate is valid by its own words.
    let certificate = Certificate::from_der(&head.signer.certificate).ok();
    let at_ms = certificate.map(|c| c.first_valid_ms());
    let member = at_ms.and_then(|at_ms| rules.msps.check(&head.signer, at_ms).ok());
    let message = Head::message(&head.genesis, head.number, &head.hash);
    head.signer.msp_id == *msp_id
        && member
            .is_some_and(|m| m.role() == Role::Peer && m.verify(&message, &head.signature).is_ok())
}

/// A chain as far as heads are compared with it.
pub(super) struct Hashes<'a> {
    pub(super) anchor: &'a Hash,
    pub(super) rules: &'a Rules,
    /// Of every block.
    pub(super) blocks: &'a [Hash],
}

impl Hashes<'_> {
    /// The head that an organisation kept must be signed by its peer, and a block of this chain.
    pub(super) fn check(&self, msp_id: &MspId, head: &Head) -> Result<(), OpenError> {
        let refuse = |what| {
            Err(OpenError::Head {
                msp_id: msp_id.clone(),
                number: head.number,
                what,
            })
        };
        if !is_signed_by_peer(head, msp_id, self.rules) {
            return Err(OpenError::Unsigned(msp_id.clone()));
        }
        if head.genesis != *self.anchor {
            return refuse("has another genesis");
        }
        let number = usize::try_from(head.number).ok();
        match number.and_then(|n| self.blocks.get(n)) {
            Some(hash) if *hash == head.hash => Ok(()),
            Some(_) => refuse("has another block there"),
            None => refuse("is shorter"),
        }
    }
}
