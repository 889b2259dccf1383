//! Where the audit has its blocks from: the own peer, and of the other members' peers one that
//! answers.

use super::expected::Source;
use medveil_collections_config::{MspId, error_chain};
use medveil_ledger::{LedgerError, SignedBlocks};
use medveil_msp::Identity;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Peers that blocks are read from.
pub(super) struct Sources<'a> {
    blocks: &'a dyn SignedBlocks,
    auditor: &'a Arc<Identity>,
    /// Other members, the one that answered last in front.
    others: VecDeque<MspId>,
    /// Members whose peers signed blocks.
    pub(super) asked: BTreeSet<MspId>,
    /// Members whose peers did not, with the last reason.
    pub(super) silent: BTreeMap<MspId, String>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        blocks: &'a dyn SignedBlocks,
        auditor: &'a Arc<Identity>,
        others: VecDeque<MspId>,
    ) -> Self {
        Sources {
            blocks,
            auditor,
            others,
            asked: BTreeSet::new(),
            silent: BTreeMap::new(),
        }
    }

    /// A block as the own peer and another member's sign it; none where no other member's peer has
    /// it yet.
    ///
    /// **Errors**: the own peer does not answer, or no other member's does.
    pub(super) async fn block(&mut self, number: u64) -> Result<Option<Vec<Source>>, LedgerError> {
        let own = self.auditor.msp_id().clone();
        let mut held = vec![(own.clone(), self.signed_blocks(number, &own).await?)];
        self.asked.insert(own);
        let (mut is_behind, mut last) = (false, None);
        for _ in 0..self.others.len() {
            let Some(peer) = self.others.front().cloned() else {
                break;
            };
            match self.signed_blocks(number, &peer).await {
                Ok(bytes) => {
                    self.asked.insert(peer.clone());
                    held.push((peer, bytes));
                    return Ok(Some(held));
                }
                Err(e) => {
                    is_behind |= self.is_behind(number, &peer).await;
                    self.silent.insert(peer, error_chain(&e));
                    last = Some(e);
                    self.others.rotate_left(1);
                }
            }
        }
        match last {
            Some(e) if !is_behind => Err(e),
            Some(_) => Ok(None),
            None => Ok(Some(held)),
        }
    }

    async fn signed_blocks(&self, number: u64, peer: &MspId) -> Result<Vec<u8>, LedgerError> {
        self.blocks.signed_block(self.auditor, number, peer).await
    }

    /// Whether a peer that gave no block says itself that it does not have it yet.
    async fn is_behind(&self, number: u64, peer: &MspId) -> bool {
        let height = self.blocks.height_at(self.auditor, peer).await;
        height.is_ok_and(|height| height <= number)
    }
}
