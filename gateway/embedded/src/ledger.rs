//! An open ledger, and what a process brings to it.

use super::contract::host;
use super::faults::{Faults, NoFaults};
use super::layout::LockedHome;
use super::ordering::Ordering;
use super::peer::Peer;
use super::simulator::Chaincode;
use medveil_collections_config::MspId;
use medveil_embedded_wire::{Genesis, Hash, Rules};
use medveil_ledger::{BoxError, Clock, Entropy};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Makes the contract that one organisation's peer runs.
pub type MakeChaincode =
    Arc<dyn Fn(&Genesis, &MspId) -> Result<Arc<dyn Chaincode>, BoxError> + Send + Sync>;

/// The MedVeil contract for every organisation.
pub fn medveil_contract(allow_insecure_dev_keys: bool) -> MakeChaincode {
    Arc::new(move |genesis, msp_id| host(genesis, msp_id, allow_insecure_dev_keys))
}

/// What a process brings to a ledger.
pub struct Options {
    pub clock: Arc<dyn Clock>,
    /// Randomness for transaction ids.
    pub rng: Box<dyn Entropy>,
    pub chaincode: MakeChaincode,
    /// A test's plan to stop the process.
    pub faults: Arc<dyn Faults>,
}

impl Options {
    /// The usual: every organisation runs the MedVeil contract, and nothing is made to fail.
    pub fn new(
        clock: Arc<dyn Clock>,
        rng: impl Entropy + 'static,
        allow_insecure_dev_keys: bool,
    ) -> Self {
        let chaincode = medveil_contract(allow_insecure_dev_keys);
        Options {
            clock,
            rng: Box::new(rng),
            chaincode,
            faults: Arc::new(NoFaults),
        }
    }
}

/// What an open ledger holds.
pub(crate) struct Inner {
    pub(crate) genesis: Genesis,
    pub(crate) anchor: Hash,
    pub(crate) rules: Arc<Rules>,
    pub(crate) peers: BTreeMap<MspId, Peer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Mutex<Box<dyn Entropy>>,
    pub(crate) faults: Arc<dyn Faults>,
    pub(crate) ordering: Ordering,
    pub(crate) _lock: LockedHome,
}

/// An open embedded ledger. Clones share it; the folder is free again when the last one is dropped.
#[derive(Clone)]
pub struct EmbeddedLedger(pub(crate) Arc<Inner>);

impl EmbeddedLedger {
    pub fn genesis(&self) -> &Genesis {
        &self.0.genesis
    }

    /// What the clock of peers and clients says.
    ///
    /// **Units**: milliseconds since 1970.
    pub fn clock_ms(&self) -> u64 {
        self.0.clock.now_ms()
    }

    /// Hash of the genesis: what a trust file pins.
    pub fn anchor(&self) -> &Hash {
        &self.0.anchor
    }

    /// The rules that blocks are judged by.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.0.rules
    }

    /// One organisation's peer.
    pub fn peer(&self, msp_id: &MspId) -> Option<&Peer> {
        self.0.peers.get(msp_id)
    }
}
