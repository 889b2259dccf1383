//! One home, opened: its consortium, keyring, key store and ledger. Every journey starts here.
//!
//! A session is shared between threads and tasks: nothing in it is borrowed for the length of a
//! journey. What it keeps of its consortium is compared with the ledger in `agreed`. Reads of the ledger are in `reads`, proving is in `proving` and, of statements that come
//! one after the other, in `streaming`, kept proofs of interrupted work in `drafts`, locks of work
//! under way in `locks`.

pub(crate) mod agreed;
mod drafts;
mod error;
mod locks;
mod network;
mod people;
mod proving;
mod rates;
mod reads;
mod streaming;

pub use drafts::{Draft, DraftSeed};
pub use error::SessionError;
pub use locks::WorkLock;
pub use network::HomeNetwork;
pub use people::PERSON_KEY;
pub use proving::{Proven, ProvingError};
pub use rates::ProvingRates;
pub use reads::reply_to;
pub use streaming::{Item, Portions};

use crate::actor::Actor;
use crate::home::Home;
use crate::infile;
use crate::keyring::Keyring;
use crate::outfile;
use crate::progress::Progress;
use medveil_circuits::eligibility::consortium_id;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{ConsortiumId, Day};
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, Role};
use medveil_contract::call::{Call, Parties};
use medveil_ledger::{
    Committed, ExpectedWrite, Ledger, LedgerError, Settled, Transaction, Transient,
};
use medveil_msp::{Certificate, Identity, SecretKey};
use medveil_prover::KeyStore;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Name under which the contract is installed.
pub const CHAINCODE: &str = "medveil";

/// The private side of a call: what only its endorsers see, and what they must write for it.
#[derive(Default)]
pub struct Private {
    pub transient: Transient,
    /// Private values that the call must write.
    pub expected: Vec<ExpectedWrite>,
}

/// What a session is made of.
pub struct SessionParts {
    pub home: Home,
    pub keyring: Keyring,
    pub ledger: Arc<dyn Ledger>,
    pub progress: Arc<dyn Progress>,
    /// The person who acts, where one does.
    pub person: Option<Actor>,
    pub rng: ChaCha20Rng,
    /// Threads that prove.
    pub pool: ThreadPool,
}

/// One home, opened.
pub struct Session {
    pub home: Home,
    pub keyring: Keyring,
    pub progress: Arc<dyn Progress>,
    pub consortium: Consortium,
    pub collections: CollectionsConfig,
    /// Proving and verifying keys.
    pub keys: Arc<KeyStore>,
    /// Threads that prove.
    pub pool: Arc<ThreadPool>,
    ledger: Arc<dyn Ledger>,
    person: Option<Actor>,
    /// The network that the home is joined to, where it is joined to one.
    network: Option<HomeNetwork>,
    rng: Mutex<ChaCha20Rng>,
    /// Digests of matrices that this process computed, by circuit.
    matrices: Mutex<BTreeMap<String, Digest>>,
    /// Whether the ledger was asked for the consortium file, and has this one.
    is_agreed: AtomicBool,
    /// Transactions of earlier processes whose end this session learned.
    settled: Mutex<Vec<Settled>>,
}

impl Session {
    /// Joins the parts and reads the consortium's files.
    ///
    /// **Errors**: a file of the home is missing or of another form.
    pub fn new(parts: SessionParts) -> Result<Self, SessionError> {
        outfile::sweep(&parts.home);
        let (consortium, collections) = read_consortium(&parts.home)?;
        let folder = parts.home.key_store();
        if !folder.exists() {
            medveil_custody::secret_dir(&folder)?;
        }
        let keys = KeyStore::open(&folder)?;
        let network = HomeNetwork::of(&parts.home)?;
        Ok(Session {
            home: parts.home,
            keyring: parts.keyring,
            progress: parts.progress,
            consortium,
            collections,
            keys: Arc::new(keys),
            pool: Arc::new(parts.pool),
            ledger: parts.ledger,
            person: parts.person,
            network,
            rng: Mutex::new(parts.rng),
            matrices: Mutex::default(),
            is_agreed: AtomicBool::default(),
            settled: Mutex::default(),
        })
    }

    /// A generator for one piece of work, seeded by this session's.
    pub fn rng(&self) -> ChaCha20Rng {
        let mut seed = Zeroizing::new([0u8; 32]);
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        rng.fill_bytes(seed.as_mut());
        ChaCha20Rng::from_seed(*seed)
    }

    pub fn ledger(&self) -> &dyn Ledger {
        self.ledger.as_ref()
    }

    /// A ledger's error as a user of this home needs it: where no peer answers, it says which
    /// network the home belongs to.
    pub fn ledger_error(&self, error: LedgerError) -> SessionError {
        match (&self.network, error) {
            (Some(network), source @ LedgerError::Unreachable(_)) => SessionError::Unreachable {
                network: network.clone(),
                source,
            },
            (_, other) => SessionError::Ledger(other),
        }
    }

    /// Today by the ledger's clock.
    pub fn today(&self) -> Day {
        Day::of_millis(self.ledger.now_ms())
    }

    pub fn consortium_id(&self) -> ConsortiumId {
        consortium_id(&self.consortium.to_canonical())
    }

    /// An organisation's signing identity in a role; its key comes out of the organisation's vault.
    /// Whatever other organisations see is signed so.
    ///
    /// **Errors**: no such organisation here, or its vault does not open.
    pub fn identity(&self, org: &MspId, role: Role) -> Result<Arc<Identity>, SessionError> {
        let path = self.home.certificate(org, role);
        let text = infile::text(&path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => SessionError::NoIdentity {
                org: org.clone(),
                here: self.organisations_here(),
            },
            _ => SessionError::File { path, source },
        })?;
        let certificate = Certificate::from_pem(&text)?;
        let vault = self.keyring.open(&Actor::organisation(org.clone()))?;
        let secret = vault.get(&format!("msp-{}", role.as_str()))?;
        let key = SecretKey::from_bytes(&secret)?;
        Ok(Arc::new(Identity::new(org.clone(), &certificate, key)?))
    }

    /// The organisations whose identities this home has.
    pub fn organisations_here(&self) -> Vec<MspId> {
        let members = self.consortium.members().iter().map(|m| m.msp_id.clone());
        let is_here = |org: &MspId| self.home.certificate(org, Role::Client).is_file();
        members.filter(is_here).collect()
    }

    /// The digest of a circuit's matrices, where this session computed it.
    pub(crate) fn known_matrices(&self, circuit: &str) -> Option<Digest> {
        let known = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(circuit).copied()
    }

    /// Remembers a digest of matrices.
    pub(crate) fn remember_matrices(&self, circuit: String, digest: Digest) {
        let mut known = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(circuit, digest);
    }

    /// Submits a call as an organisation, at the peers that the contract's own rule asks for.
    ///
    /// **Errors**: the stage that failed.
    pub async fn submit(
        &self,
        org: &MspId,
        call: &Call,
        private: Private,
        parties: &Parties<'_>,
    ) -> Result<Committed, SessionError> {
        use medveil_contract::identity::Role as Needed;
        let role = match call.role() {
            Needed::Admin => Role::Admin,
            Needed::Client | Needed::Peer | Needed::Orderer => Role::Client,
        };
        let rule = call.endorsement(parties)?;
        let own = std::slice::from_ref(org);
        let endorsers = rule.alternatives(own, &self.consortium, &self.collections);
        if endorsers.iter().any(Vec::is_empty) {
            return Err(SessionError::NoEndorsers);
        }
        let identity = self.identity(org, role)?;
        self.check_agreed(&identity).await?;
        self.settle(&identity).await?;
        let transaction = Transaction {
            args: call.to_args(),
            transient: private.transient,
            expected: private.expected,
            endorsers: Vec::new(),
        };
        let submitted = self.ledger.submit(&identity, transaction, endorsers).await;
        submitted.map_err(|e| self.ledger_error(e))
    }

    /// Submits a call without private arguments that concerns no other party.
    ///
    /// **Errors**: the stage that failed.
    pub async fn submit_public(&self, org: &MspId, call: &Call) -> Result<Committed, SessionError> {
        let (private, parties) = (Private::default(), Parties::default());
        self.submit(org, call, private, &parties).await
    }

    /// Follows to its end what an earlier process left on its way: it could be what the next call
    /// repeats.
    ///
    /// **Errors**: one has no verdict in time.
    pub async fn settle(&self, identity: &Arc<Identity>) -> Result<(), SessionError> {
        let settled = self.ledger.settle(identity).await;
        let settled = settled.map_err(|e| self.ledger_error(e))?;
        let mut all = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(settled);
        Ok(())
    }

    /// What became of transactions that earlier processes left, as far as nobody was told yet.
    pub fn take_settled(&self) -> Vec<Settled> {
        let mut all = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *all)
    }
}

fn read_consortium(home: &Home) -> Result<(Consortium, CollectionsConfig), SessionError> {
    let read = |path: std::path::PathBuf| {
        infile::bytes(&path, infile::LONGEST_TEXT)
            .map_err(|source| SessionError::own_file(path, source))
    };
    let consortium = Consortium::from_canonical(&read(home.consortium())?)?;
    let collections = String::from_utf8_lossy(&read(home.collections())?).into_owned();
    Ok((consortium, CollectionsConfig::from_json(&collections)?))
}
