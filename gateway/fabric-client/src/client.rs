//! One network as its clients see it: connections, signatures to check against, and the calls.

use super::failure::Failure;
use super::outbox::Outbox;
use super::peer::PeerConnection;
use super::profile::Profile;
use super::words::{has_no_contract, is_busy};
use medveil_collections_config::{CollectionsConfig, MspId};
use medveil_fabric_wire::Expected;
use medveil_fabric_wire::{ProposedTransaction, Target, propose};
use medveil_ledger::{Clock, Entropy, LedgerError, Transaction};
use medveil_msp::{Identity, MspSet};
use prost::Message;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a client waits its turn.
const BUSY: Duration = Duration::from_secs(60);

/// What a client knows of a network.
pub struct Network {
    /// Channel, contract and the peers of the organisations that act here.
    pub profile: Profile,
    /// The authorities of all members.
    pub msps: MspSet,
    pub collections: CollectionsConfig,
    /// Transactions on their way.
    pub outbox: Outbox,
    pub clock: Arc<dyn Clock>,
    /// Told once where a transaction takes unusually long.
    pub notify: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Network {
    /// What a recorded transaction must match.
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
    /// The chain's length as this process knows it, and for each peer the number of blocks that it
    /// was last seen to have.
    pub(super) height: Mutex<(u64, BTreeMap<MspId, u64>)>,
}

impl FabricClient {
    /// A client; nothing is connected yet.
    pub fn new(network: Network, rng: impl Entropy + 'static) -> Self {
        FabricClient {
            network,
            rng: Mutex::new(Box::new(rng)),
            connections: Mutex::default(),
            turned: Mutex::default(),
            height: Mutex::default(),
        }
    }

    /// What the client knows of the network.
    pub fn network(&self) -> &Network {
        &self.network
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
                    if failure.is_unreachable()
                        || (peers > 1 && has_no_contract(own.as_str(), failure)) =>
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
        Err(Failure::unreachable("no answer"))
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
    ) -> Result<ProposedTransaction, LedgerError> {
        self.propose_to(identity, &self.network.profile.chaincode, transaction)
    }

    /// A signed proposal for a chaincode.
    pub(super) fn propose_to(
        &self,
        identity: &Identity,
        chaincode: &str,
        transaction: &Transaction,
    ) -> Result<ProposedTransaction, LedgerError> {
        let nonce = self.nonce();
        let target = Target {
            channel: &self.network.profile.channel,
            chaincode,
        };
        let now_ms = self.network.clock.now_ms();
        propose(identity, target, transaction, nonce, now_ms)
            .map_err(|e| LedgerError::Identity(e.into()))
    }
}
