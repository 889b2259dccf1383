//! One network as its clients see it: connections, signatures to check against, and the calls.

use super::outbox::Outbox;
use super::peer::{Failure, PeerConnection};
use super::profile::Profile;
use super::proposal::{Flight, Target, propose};
use super::query::{is_busy, refusal};
use super::recorded::Expected;
use crate::backend::{BackendError, Clock, Entropy, Transaction};
use crate::msp::{Identity, MspSet};
use collections_config::{CollectionsConfig, MspId};
use prost::Message;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tonic::Code;

/// How long a client waits its turn.
const BUSY: Duration = Duration::from_secs(60);

/// What a client knows of a network.
pub struct Network {
    /// Channel, contract and the peers of the organisations that act here.
    pub profile: Profile,
    /// The authorities of all members.
    pub msps: MspSet,
    /// The collections.
    pub collections: CollectionsConfig,
    /// Transactions on their way.
    pub outbox: Outbox,
    /// The clock of proposals.
    pub clock: Arc<dyn Clock>,
}

impl Network {
    /// What a recorded transaction of this network must be of.
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            channel: &self.profile.channel,
            chaincode: &self.profile.chaincode,
            msps: &self.msps,
        }
    }
}

/// A Fabric network as this process's organisations use it.
pub struct FabricClient {
    pub(super) network: Network,
    rng: Mutex<Box<dyn Entropy>>,
    connections: Mutex<BTreeMap<MspId, PeerConnection>>,
    /// How often an organisation's connection was given up: where in its list of peers the next
    /// one is looked for.
    turned: Mutex<BTreeMap<MspId, usize>>,
    /// The chain's length as this process knows it, and the peers that were seen to have it all.
    pub(super) height: Mutex<(u64, BTreeMap<MspId, u64>)>,
    runtime: tokio::runtime::Runtime,
}

/// Whether this organisation's peer answered that it could not run the contract: a refusal is the
/// contract's own word and stays.
fn has_no_contract(own: &MspId, failure: &Failure) -> bool {
    let said_by_own = failure.details.iter().all(|(msp, _)| msp == own.as_str());
    let is_refusal = failure
        .details
        .iter()
        .any(|(_, message)| refusal(message).is_some())
        || refusal(&failure.message).is_some();
    let code = matches!(
        failure.code,
        Code::Aborted | Code::FailedPrecondition | Code::Internal | Code::Unknown
    );
    code && said_by_own && !is_refusal && failure.text().contains("chaincode")
}

impl FabricClient {
    /// A client; nothing is connected yet.
    ///
    /// **Errors**: the system refuses threads.
    pub fn new(network: Network, rng: impl Entropy + 'static) -> Result<Self, BackendError> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| BackendError::Read(e.to_string()))?;
        Ok(FabricClient {
            network,
            rng: Mutex::new(Box::new(rng)),
            connections: Mutex::default(),
            turned: Mutex::default(),
            height: Mutex::default(),
            runtime,
        })
    }

    /// What the client knows of the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Runs a call to its end on this thread.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Calls the gateway service of an organisation's own peers. Where the one that was connected
    /// is gone, or has no contract to ask, the next that answers is asked: every call may be
    /// repeated, because nothing is ordered twice under one transaction id.
    pub(super) async fn call<Q, A>(
        &self,
        own: &MspId,
        method: &'static str,
        request: Q,
    ) -> Result<A, Failure>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let peers = self
            .network
            .profile
            .org(own)
            .map_or(1, |org| org.peers.len());
        let mut answer = self.peer(own).await?.call(method, request.clone()).await;
        // A connection may have been dead for long: one try more than there are peers.
        for _ in 0..peers {
            match &answer {
                Err(failure)
                    if failure.is_unreachable() || (peers > 1 && has_no_contract(own, failure)) =>
                {
                    self.forget(own);
                    answer = self.peer(own).await?.call(method, request.clone()).await;
                }
                _ => break,
            }
        }
        answer
    }

    /// As [`FabricClient::call`]; waits its turn where a contract has as many calls to verify as it
    /// takes.
    pub(super) async fn call_when_free<Q, A>(
        &self,
        own: &MspId,
        method: &'static str,
        request: Q,
    ) -> Result<A, Failure>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let begun = Instant::now();
        for round in 0.. {
            match self.call(own, method, request.clone()).await {
                Err(failure) if is_busy(&failure) && begun.elapsed() < BUSY => {
                    // Those who wait must not all come back at once.
                    let spread = u64::from(self.nonce()[0]) % 16;
                    tokio::time::sleep(Duration::from_millis((8 << round.min(5)) + spread)).await;
                }
                answer => return answer,
            }
        }
        Err(Failure::unreachable("no answer".to_owned()))
    }

    /// The connection to an organisation's own peers: the first that answers.
    pub(super) async fn peer(&self, own: &MspId) -> Result<PeerConnection, Failure> {
        let known = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(own)
            .cloned();
        if let Some(connection) = known {
            return Ok(connection);
        }
        let org = self.network.profile.org(own);
        let org = org.ok_or_else(|| {
            Failure::unreachable(format!("this home does not know the peers of {own}"))
        })?;
        let from = self
            .turned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(own)
            .copied()
            .unwrap_or(0);
        let connection = PeerConnection::connect(org, from % org.peers.len().max(1)).await?;
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(own.clone(), connection.clone());
        Ok(connection)
    }

    /// Forgets a connection that failed: the next call looks for a peer that answers, which may
    /// have less of the chain.
    pub(super) fn forget(&self, own: &MspId) {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(own);
        self.height
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .remove(own);
        *self
            .turned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(own.clone())
            .or_default() += 1;
    }

    pub(super) fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0u8; 24];
        self.rng
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut nonce);
        nonce
    }

    /// A signed proposal for the contract.
    pub(super) fn propose(
        &self,
        identity: &Identity,
        transaction: &Transaction,
    ) -> Result<Flight, BackendError> {
        self.propose_to(identity, &self.network.profile.chaincode, transaction)
    }

    /// A signed proposal for a chaincode.
    pub(super) fn propose_to(
        &self,
        identity: &Identity,
        chaincode: &str,
        transaction: &Transaction,
    ) -> Result<Flight, BackendError> {
        let nonce = self.nonce();
        let target = Target {
            channel: &self.network.profile.channel,
            chaincode,
        };
        let failed =
            |e: super::proposal::ProposalError| BackendError::Read(format!("proposal: {e}"));
        propose(
            identity,
            target,
            transaction,
            nonce,
            self.network.clock.now_ms(),
        )
        .map_err(failed)
    }
}
