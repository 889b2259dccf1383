//! The embedded ledger: the contract over files of one machine, with Fabric's rules, for
//! evaluation, tests and teaching.
//!
//! Every organisation is an object of its own with its own folder, key, state and private store.
//! They execute and sign; the ordering below validates and stores, and holds no organisation's key.
//! Layout of the folder:
//!
//! ```text
//! lock                      one process at a time
//! chain                     genesis and blocks; appending and syncing is the commit point
//! orgs/MSP/authority.pem    the organisation's certificate authority
//! orgs/MSP/peer.pem, .key   its peer: endorses and signs heads (mode 0600, no passphrase)
//! orgs/MSP/state.redb       public state, private hashes, verdicts, the signed head
//! orgs/MSP/private.redb     private values of collections it is a member of
//! ```
//!
//! Not here: several machines, channels or chaincodes; private data that expires; configuration
//! changes. Rolling back the whole folder cannot be seen. Never for production: that is what Fabric
//! is for.

mod chain;
mod client;
mod contract;
mod faults;
mod format;
mod genesis;
mod home;
mod order;
mod peer;
mod query;
mod simulator;
mod stores;
mod validate;

pub use chain::{Chain, ChainError};
pub use client::{EmbeddedBackend, Prepared};
pub use contract::{hosted, poll_ready};
pub use faults::{Fault, Faults, NoFaults, WritePoint};
pub(crate) use format::sha256;
pub use format::{
    Action, Block, BlockHeader, CollectionSet, Endorsement, Envelope, Event, FormatError, Hash,
    HashedRead, HashedWrite, Head, MAX_ENVELOPE, PrivateWrite, Proposal, Read, ReadWriteSet,
    ValidationCode, Version, Write,
};
pub use genesis::{Genesis, GenesisError};
pub use home::{Layout, LockedHome, OpenError};
pub(crate) use order::screen_all;
pub use order::{OrderError, Ordered};
pub use peer::{Answer, Ask, EndorseError, Peer, TIME_WINDOW_MS, Transient, context, execute};
pub use query::{BlockView, Events, TransactionView};
pub use simulator::{Chaincode, Mode, Outcome, Simulator};
pub use stores::{
    Memory, PrivateSnapshot, PrivateStore, StateDump, StateReader, StateSnapshot, StateStore,
    StoreError, TxRecord, Versioned,
};
pub use validate::{Rejected, Rules, Screened, Updates, resolve};

use crate::backend::{Clock, Entropy};
use crate::msp::Identity;
use collections_config::MspId;
use order::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Makes the contract that one organisation's peer runs.
pub type MakeChaincode = Box<dyn Fn(&Genesis, &MspId) -> Result<Arc<dyn Chaincode>, String>>;

/// The MedVeil contract for every organisation.
pub fn medveil_contract(allow_insecure_dev_keys: bool) -> MakeChaincode {
    Box::new(move |genesis, msp_id| hosted(genesis, msp_id, allow_insecure_dev_keys))
}

/// What a process brings to a ledger.
pub struct Options {
    /// The clock of peers and clients.
    pub clock: Arc<dyn Clock>,
    /// Randomness for transaction ids.
    pub rng: Box<dyn Entropy>,
    /// The contract of each organisation.
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

pub(crate) struct Inner {
    genesis: Genesis,
    anchor: Hash,
    rules: Arc<Rules>,
    peers: BTreeMap<MspId, Peer>,
    clock: Arc<dyn Clock>,
    rng: Mutex<Box<dyn Entropy>>,
    faults: Arc<dyn Faults>,
    ordering: Ordering,
    _lock: LockedHome,
}

/// An open embedded ledger. Clones share it; the folder is free again when the last one is dropped.
#[derive(Clone)]
pub struct EmbeddedLedger(Arc<Inner>);

impl EmbeddedLedger {
    /// The ledger as one identity uses it.
    ///
    /// **Errors**: the identity's organisation is not on the channel, or its certificate is not
    /// that organisation's.
    pub fn backend(
        &self,
        identity: Arc<Identity>,
    ) -> Result<EmbeddedBackend, crate::msp::MspError> {
        self.0
            .rules
            .msps
            .check(identity.creator(), self.0.clock.now_ms())?;
        Ok(EmbeddedBackend::new(self.0.clone(), identity))
    }

    /// The channel's genesis.
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

    /// Orders envelopes, as many in one block as fit, and gives each its verdict.
    ///
    /// **Errors**: an envelope or its private values are not acceptable, or the ledger failed; then
    /// open it anew.
    pub fn order(&self, prepared: Vec<Prepared>) -> Result<Vec<Ordered>, OrderError> {
        self.0.order(prepared)
    }
}

#[cfg(test)]
pub(crate) mod tests;
