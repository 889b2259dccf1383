//! Where the audit has its blocks from: the own peer, and of the other members' peers one that
//! answers.

use super::Source;
use crate::backend::BackendError;
use crate::backend::fabric::FabricClient;
use crate::msp::Identity;
use collections_config::MspId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What Fabric's `qscc` says of a block that a peer does not have (yet).
const NO_BLOCK: &str = "no such block number";

/// Peers that blocks are read from.
pub(super) struct Sources<'a> {
    client: &'a FabricClient,
    identity: &'a Identity,
    /// Other members, the one that answered last in front.
    others: VecDeque<MspId>,
    /// Members whose peers signed blocks.
    pub(super) asked: BTreeSet<MspId>,
    /// Members whose peers did not, with the last reason.
    pub(super) silent: BTreeMap<MspId, String>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        client: &'a FabricClient,
        identity: &'a Identity,
        others: VecDeque<MspId>,
    ) -> Self {
        Sources {
            client,
            identity,
            others,
            asked: BTreeSet::new(),
            silent: BTreeMap::new(),
        }
    }

    /// A block as the own peer and another member's sign it; none where no other member's peer has
    /// it yet.
    ///
    /// **Errors**: the own peer does not answer, or no other member's does.
    pub(super) fn block(&mut self, number: u64) -> Result<Option<Vec<Source>>, BackendError> {
        let own = self.identity.msp_id().clone();
        let mut held = vec![(own.clone(), self.signed(number, &own)?)];
        self.asked.insert(own);
        let (mut is_behind, mut last) = (false, None);
        for _ in 0..self.others.len() {
            let Some(peer) = self.others.front().cloned() else {
                break;
            };
            match self.signed(number, &peer) {
                Ok(bytes) => {
                    self.asked.insert(peer.clone());
                    held.push((peer, bytes));
                    return Ok(Some(held));
                }
                Err(e) => {
                    is_behind |= e.to_string().contains(NO_BLOCK);
                    self.silent.insert(peer, e.to_string());
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

    fn signed(&self, number: u64, peer: &MspId) -> Result<Vec<u8>, BackendError> {
        self.client
            .block_on(self.client.signed_block(self.identity, number, peer))
    }
}
