//! One network as its clients see it: connections, signatures to check against, and the calls.

use super::peer::{Failure, PeerConnection};
use super::profile::Profile;
use super::proposal::{Flight, Target, propose};
use crate::backend::{BackendError, Clock, Entropy, Transaction};
use crate::msp::{Identity, MspSet};
use collections_config::{CollectionsConfig, MspId};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// What a client knows of a network.
pub struct Network {
    /// Channel, contract and the peers of the organisations that act here.
    pub profile: Profile,
    /// The authorities of all members.
    pub msps: MspSet,
    /// The collections.
    pub collections: CollectionsConfig,
    /// The clock of proposals.
    pub clock: Arc<dyn Clock>,
}

/// A Fabric network as this process's organisations use it.
pub struct FabricClient {
    pub(super) network: Network,
    rng: Mutex<Box<dyn Entropy>>,
    connections: Mutex<BTreeMap<MspId, PeerConnection>>,
    /// The chain's length as this process knows it, and the peers that were seen to have it all.
    pub(super) height: Mutex<(u64, BTreeMap<MspId, u64>)>,
    runtime: tokio::runtime::Runtime,
}

impl FabricClient {
    /// A client; nothing is connected yet.
    ///
    /// **Errors**: the system refuses threads.
    pub fn new(network: Network, rng: impl Entropy + 'static) -> Result<Self, BackendError> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().map_err(|e| BackendError::Read(e.to_string()))?;
        Ok(FabricClient { network, rng: Mutex::new(Box::new(rng)), connections: Mutex::default(), height: Mutex::default(), runtime })
    }

    /// What the client knows of the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Runs a call to its end on this thread.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The connection to an organisation's own peers.
    pub(super) async fn peer(&self, msp_id: &MspId) -> Result<PeerConnection, BackendError> {
        let known = self.connections.lock().unwrap_or_else(PoisonError::into_inner).get(msp_id).cloned();
        if let Some(connection) = known {
            return Ok(connection);
        }
        let org = self.network.profile.org(msp_id);
        let org = org.ok_or_else(|| BackendError::Unreachable(format!("this home does not know the peers of {msp_id}")))?;
        let connection = PeerConnection::connect(org).await.map_err(|e| BackendError::Unreachable(e.text()))?;
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).insert(msp_id.clone(), connection.clone());
        Ok(connection)
    }

    /// Forgets a connection that failed: the next call looks for a peer that answers.
    pub(super) fn forget(&self, msp_id: &MspId, failure: &Failure) {
        if failure.is_unreachable() {
            self.connections.lock().unwrap_or_else(PoisonError::into_inner).remove(msp_id);
        }
    }

    /// A signed proposal for the contract.
    pub(super) fn propose(&self, identity: &Identity, transaction: &Transaction) -> Result<Flight, BackendError> {
        self.propose_to(identity, &self.network.profile.chaincode, transaction)
    }

    /// A signed proposal for a chaincode.
    pub(super) fn propose_to(&self, identity: &Identity, chaincode: &str, transaction: &Transaction) -> Result<Flight, BackendError> {
        let mut nonce = [0u8; 24];
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut nonce);
        let target = Target { channel: &self.network.profile.channel, chaincode };
        let failed = |e: super::proposal::ProposalError| BackendError::Read(format!("proposal: {e}"));
        propose(identity, target, transaction, nonce, self.network.clock.now_ms()).map_err(failed)
    }
}
