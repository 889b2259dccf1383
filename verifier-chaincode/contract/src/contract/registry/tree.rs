//! The one root: leaves in batches, past roots as keys of their own.

use super::budget::HOUR_MS;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError};
use crate::ledger::Ledger;
use crate::model::{IssuerEntry, LeafBatch, PastRoot, RegistryHead};
use crate::state_key::StateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::IssuerRoot;
use medveil_circuits::registry::{self, BATCH};

/// How long a past root stays acceptable by the clocks of two transactions, each of which may be
/// off by a quarter of an hour: one hour at least, two at most.
///
/// **Units**: milliseconds.
pub const PAST_ROOT_MS: u64 = 90 * 60 * 1000;

/// Where the leaf of an issuer's place stands, with those of its batch.
pub(in crate::contract) fn leaves_key(slot: u16) -> StateKey {
    StateKey::registry_leaves(slot / BATCH as u16)
}

impl PastRoot {
    fn counts(&self, head: &RegistryHead, now_ms: u64) -> bool {
        self.version >= head.oldest && now_ms <= self.superseded_at_ms.saturating_add(PAST_ROOT_MS)
    }
}

impl RegistryHead {
    /// Whether a proof about a root before this one may count still: one that is made now, or one
    /// that was made while that root counted and is not old yet.
    pub(super) fn has_past(&self, now_ms: u64, affirm_after_hours: u32) -> bool {
        let fresh_ms = u64::from(affirm_after_hours) * HOUR_MS;
        let until_ms = self
            .since_ms
            .saturating_add(PAST_ROOT_MS.saturating_add(fresh_ms));
        self.version > 0 && self.version > self.oldest && now_ms <= until_ms
    }

    /// Voids every root before this one.
    pub(super) fn void_past(&mut self) {
        self.oldest = self.version;
    }

    /// Puts an issuer's leaf into its batch, and the new root in force.
    pub(super) async fn set_leaf<L: Ledger>(
        &mut self,
        view: &mut View<'_, L>,
        issuer: &IssuerEntry,
        effects: &mut Effects,
    ) -> Result<(), ContractError> {
        let place = usize::from(issuer.slot);
        let (batch, within) = (place / BATCH, place % BATCH);
        let key = leaves_key(issuer.slot);
        let known = view.find::<LeafBatch>(&key).await?;
        let mut leaves = known.unwrap_or(LeafBatch { leaves: vec![] });
        set(&mut leaves.leaves, within, issuer.leaf().hash())?;
        set(
            &mut self.batches,
            batch,
            registry::batch_root(&leaves.leaves),
        )?;
        effects.put(key, &leaves);
        let past = PastRoot {
            version: self.version,
            superseded_at_ms: view.tx().timestamp_ms,
        };
        effects.put(StateKey::registry_past(self.root), &past);
        self.root = registry::root_of_batches(&self.batches);
        self.version += 1;
        // An update whose clock is behind does not shorten what others may still make urgent.
        self.since_ms = self.since_ms.max(view.tx().timestamp_ms);
        Ok(())
    }
}

/// Sets what stands at a place, or right after the last one.
fn set(list: &mut Vec<Felt>, at: usize, value: Felt) -> Result<(), ContractError> {
    match list.len() {
        n if at < n => list[at] = value,
        n if at == n => list.push(value),
        _ => {
            let message = "an issuer's place leaves a gap";
            return Err(ContractError::new(Code::Internal, "registry", message));
        }
    }
    Ok(())
}

impl<L: Ledger> View<'_, L> {
    pub(in crate::contract) async fn registry_head(
        &mut self,
    ) -> Result<RegistryHead, ContractError> {
        self.need(&StateKey::registry_head()).await
    }

    /// The number of a root that a proof may speak of now; none of another. Reads the head, so that
    /// whatever is endorsed on it dies with the next update.
    pub(in crate::contract) async fn accepted_root(
        &mut self,
        root: IssuerRoot,
    ) -> Result<Option<u64>, ContractError> {
        let head = self.registry_head().await?;
        let past: Option<PastRoot> = self.find(&StateKey::registry_past(root)).await?;
        let now = self.tx().timestamp_ms;
        if head.root == root {
            return Ok(Some(head.version));
        }
        Ok(past
            .filter(|past| past.counts(&head, now))
            .map(|past| past.version))
    }
}
