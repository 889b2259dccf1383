//! A channel of a Fabric network.

use super::{Channel, Private};
use crate::backend::fabric::{FabricClient, Network, Outbox, Profile};
use crate::backend::{Clock, Committed, Entropy, Settled, Transaction};
use crate::error::{Context, GatewayError};
use crate::home::Home;
use crate::msp::{Identity, Msp, MspSet};
use collections_config::{CollectionsConfig, Consortium, MspId};
use std::sync::Arc;
use verifier_chaincode::call::{Call, Query};

/// A channel of a Fabric network, through the peers of the organisations that act here.
#[derive(Clone)]
pub struct FabricChannel(Arc<FabricClient>);

impl FabricChannel {
    /// A channel; nothing is connected yet.
    ///
    /// **Errors**: the system refuses threads.
    pub fn new(network: Network, rng: impl Entropy + 'static) -> Result<Self, GatewayError> {
        Ok(FabricChannel(Arc::new(FabricClient::new(network, rng)?)))
    }

    /// The channel that a home was joined to.
    ///
    /// **Errors**: a file of the home is missing or of another form.
    pub fn open(
        home: &Home,
        clock: Arc<dyn Clock>,
        rng: impl Entropy + 'static,
    ) -> Result<Self, GatewayError> {
        let profile = Profile::read(&home.fabric())?;
        let consortium =
            Consortium::from_canonical(&std::fs::read(home.consortium()).not_found("consortium")?)
                .input("consortium")?;
        let collections = std::fs::read_to_string(home.collections()).not_found("collections")?;
        let collections = CollectionsConfig::from_json(&collections).input("collections")?;
        let mut msps = Vec::new();
        for member in consortium.members() {
            let pem =
                std::fs::read_to_string(home.authority(&member.msp_id)).not_found("authority")?;
            msps.push(Msp::from_pem(member.msp_id.clone(), &pem).input("authority")?);
        }
        let msps = MspSet::new(msps).input("authority")?;
        let outbox = Outbox::new(home.outbox());
        Self::new(
            Network {
                profile,
                msps,
                collections,
                outbox,
                clock,
            },
            rng,
        )
    }

    /// The client itself, for what only it can tell.
    pub fn client(&self) -> &FabricClient {
        &self.0
    }
}

impl Channel for FabricChannel {
    fn submit(
        &self,
        signer: Arc<Identity>,
        call: &Call,
        private: Private,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, GatewayError> {
        let transaction = Transaction {
            args: call.to_args(),
            transient: private.transient,
            endorsers: Vec::new(),
            expected: private.expected,
        };
        Ok(self
            .0
            .block_on(self.0.submit(&signer, transaction, endorsers))?)
    }

    fn evaluate(&self, signer: Arc<Identity>, query: &Query) -> Result<Vec<u8>, GatewayError> {
        Ok(self.0.block_on(
            self.0
                .evaluate(&signer, &Transaction::query(query.to_args())),
        )?)
    }

    fn confirm(
        &self,
        signer: Arc<Identity>,
        query: &Query,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, GatewayError> {
        Ok(self.0.block_on(
            self.0
                .confirm(&signer, Transaction::query(query.to_args()), at),
        )?)
    }

    fn settle(&self, signer: Arc<Identity>) -> Result<Vec<Settled>, GatewayError> {
        Ok(self.0.block_on(self.0.settle(&signer))?)
    }

    fn now_ms(&self) -> u64 {
        self.0.network().clock.now_ms()
    }

    fn envelope(&self, signer: Arc<Identity>, tx_id: &str) -> Result<Vec<u8>, GatewayError> {
        Ok(self.0.block_on(self.0.transaction(&signer, tx_id))?.0)
    }
}
