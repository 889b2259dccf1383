//! The desk: one home, its ledger, its actors. Every journey starts here.

use crate::backend::{Committed, Settled};
use crate::channel::{Channel, Private};
use crate::error::{Context, GatewayError};
use crate::home::{Actor, Home};
use crate::msp::{Certificate, Identity, SecretKey};
use crate::office::Offices;
use crate::output::{Output, Step};
use circuits::field::Digest;
use collections_config::{CollectionsConfig, Consortium, MspId, Role};
use prover::KeyStore;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::sync::Arc;
use verifier_chaincode::call::{Call, Parties, Query};

/// Name under which the contract is installed.
pub const CHAINCODE: &str = "medveil";

/// One home, opened.
pub struct Desk {
    /// Where everything lies.
    pub home: Home,
    /// Vaults of the actors.
    pub offices: Offices,
    /// Where progress goes.
    pub output: Output,
    /// The consortium.
    pub consortium: Consortium,
    /// Its collections.
    pub collections: CollectionsConfig,
    /// Proving and verifying keys.
    pub keys: KeyStore,
    /// Threads that prove.
    pub pool: ThreadPool,
    /// Digests of matrices that this process computed.
    pub(crate) matrices: RefCell<BTreeMap<String, Digest>>,
    /// Development keys that this process made itself.
    pub(crate) development: RefCell<BTreeMap<String, Digest>>,
    channel: Box<dyn Channel>,
    rng: RefCell<ChaCha20Rng>,
}

impl Desk {
    /// Joins the parts; the random generator is seeded by the binary.
    pub fn new(
        home: Home,
        offices: Offices,
        output: Output,
        channel: Box<dyn Channel>,
        rng: ChaCha20Rng,
        pool: ThreadPool,
    ) -> Result<Self, GatewayError> {
        let consortium = std::fs::read(home.consortium()).not_found("consortium")?;
        let consortium = Consortium::from_canonical(&consortium).input("consortium")?;
        let collections = std::fs::read_to_string(home.collections()).not_found("collections")?;
        let collections = CollectionsConfig::from_json(&collections).input("collections")?;
        let keys = KeyStore::open(&home.key_store()).internal("key store")?;
        Ok(Desk {
            home,
            offices,
            output,
            consortium,
            collections,
            keys,
            pool,
            matrices: RefCell::default(),
            development: RefCell::default(),
            channel,
            rng: RefCell::new(rng),
        })
    }

    /// The random generator of this process.
    pub fn rng(&self) -> RefMut<'_, ChaCha20Rng> {
        self.rng.borrow_mut()
    }

    /// The ledger.
    pub fn channel(&self) -> &dyn Channel {
        self.channel.as_ref()
    }

    /// Today by the ledger's clock.
    pub fn today(&self) -> circuits::ids::Day {
        circuits::ids::Day::of_millis(self.channel.now_ms())
    }

    /// An organisation's signing identity in a role; its key comes out of the organisation's vault.
    ///
    /// **Errors**: no such organisation here, or its vault does not open.
    pub fn identity(&self, org: &MspId, role: Role) -> Result<Arc<Identity>, GatewayError> {
        let name = role.as_str();
        let path = self.home.certificate(org, role);
        let text = std::fs::read_to_string(&path).not_found("identity")?;
        let certificate = Certificate::from_pem(&text).input("identity")?;
        let vault = self.offices.open(&Actor::organisation(org.clone()))?;
        let key = SecretKey::from_bytes(&vault.get(&format!("msp-{name}"))?).input("identity")?;
        Identity::new(org.clone(), &certificate, key)
            .map(Arc::new)
            .input("identity")
    }

    /// Submits a call as an organisation, at the peers that the contract's own rule asks for.
    ///
    /// **Errors**: as [`Channel::submit`].
    pub fn submit(
        &self,
        org: &MspId,
        call: &Call,
        private: Private,
        parties: &Parties<'_>,
    ) -> Result<Committed, GatewayError> {
        let role = match call.role() {
            verifier_chaincode::identity::Role::Admin => Role::Admin,
            _ => Role::Client,
        };
        let rule = call.endorsement(parties).internal("endorsers")?;
        let endorsers = rule.alternatives(
            std::slice::from_ref(org),
            &self.consortium,
            &self.collections,
        );
        if endorsers.iter().any(Vec::is_empty) {
            return Err(GatewayError::not_found(
                "endorsers",
                "no set of organisations satisfies the endorsement rule",
            ));
        }
        let identity = self.identity(org, role)?;
        self.settle(identity.clone())?;
        self.channel.submit(identity, call, private, endorsers)
    }

    /// Follows to its end what an earlier process left on its way, and says what became of it: it
    /// could be what the next call repeats.
    ///
    /// **Errors**: as [`Channel::settle`].
    pub(crate) fn settle(&self, identity: Arc<Identity>) -> Result<(), GatewayError> {
        let settled = self.channel.settle(identity)?;
        if !settled.is_empty() {
            self.output.step(&settled_step(&settled));
        }
        Ok(())
    }

    /// Evaluates a query as an organisation, at its own peer, and reads the JSON.
    ///
    /// **Errors**: as [`Channel::evaluate`]; an answer of another shape.
    pub fn query<T: DeserializeOwned>(
        &self,
        org: &MspId,
        query: &Query,
    ) -> Result<T, GatewayError> {
        let bytes = self.query_bytes(org, query)?;
        serde_json::from_slice(&bytes).internal("query")
    }

    /// Evaluates a query as an organisation, at its own peer.
    ///
    /// **Errors**: as [`Channel::evaluate`].
    pub fn query_bytes(&self, org: &MspId, query: &Query) -> Result<Vec<u8>, GatewayError> {
        self.channel
            .evaluate(self.identity(org, Role::Client)?, query)
    }
}

/// What became of transactions that were on their way.
pub(crate) fn settled_step(settled: &[Settled]) -> Step {
    let mut step = Step::new("ledger.outbox");
    let mut all = Vec::new();
    for Settled {
        tx_id,
        function,
        verdict,
    } in settled
    {
        let fate = verdict.map_or(
            "refused by the ordering service".to_owned(),
            |(block, _, name)| format!("{name} in block {block}"),
        );
        step = step.line(format!(
            "transaction {tx_id} ({function}) of an earlier process: {fate}"
        ));
        all.push(json!({"tx_id": tx_id, "function": function, "block": verdict.map(|v| v.0), "code": verdict.map(|v| v.2),
            "validation_code": verdict.map(|v| v.1)}));
    }
    step.field("settled", all)
}
