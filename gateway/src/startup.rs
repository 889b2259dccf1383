//! Opening a home: ledger, keyring, threads, randomness. The only place that reaches for the
//! operating system's randomness.

use crate::actor::Actor;
use crate::home::Home;
use crate::infile;
use crate::keyring::Keyring;
use crate::modes;
use crate::passphrases::Passphrases;
use crate::progress::{Progress, Quiet};
use crate::session::{Session, SessionError, SessionParts, agreed};
use medveil_collections_config::{CollectionsConfig, Consortium};
use medveil_embedded::{Layout, SharedLedger, medveil_contract};
use medveil_fabric_client::{FabricClient, Network, Outbox, Profile};
use medveil_ledger::{Clock, Ledger, SystemClock};
use medveil_msp::{Msp, MspSet};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How a home is opened.
pub struct Startup {
    pub home: Home,
    pub progress: Arc<dyn Progress>,
    /// Where the caller said the passphrases are.
    pub passphrases: Passphrases,
    /// The person who acts, where one does.
    pub person: Option<Actor>,
}

impl Startup {
    /// Quietly, with passphrases from where they usually come.
    pub fn new(home: Home) -> Self {
        Startup {
            home,
            progress: Arc::new(Quiet),
            passphrases: Passphrases::default(),
            person: None,
        }
    }

    /// The keyring of the home.
    pub fn keyring(&self) -> Keyring {
        Keyring::new(self.home.clone(), self.passphrases.clone())
    }

    /// Opens a home that has a consortium.
    ///
    /// **Errors**: none there, or a file of it is damaged or contradicts its ledger. The ledger
    /// itself is opened by the first call that needs it.
    pub fn open(self) -> Result<Session, SessionError> {
        self.open_with(None)
    }

    /// As [`Startup::open`], with vaults that are open already.
    ///
    /// **Errors**: as [`Startup::open`].
    pub fn open_with(self, keyring: Option<Keyring>) -> Result<Session, SessionError> {
        if !self.home.exists() {
            return Err(SessionError::NoConsortium(self.home.root().to_owned()));
        }
        modes::check(&self.home)?;
        if !self.home.fabric().is_file() {
            agreed::check(&self.home)?;
        }
        let keyring = keyring.unwrap_or_else(|| self.keyring());
        Session::new(SessionParts {
            ledger: ledger(&self.home, &self.progress)?,
            keyring,
            progress: self.progress,
            person: self.person,
            rng: rng()?,
            pool: pool()?,
            home: self.home,
        })
    }
}

/// The consortium of a home; none where there is none.
///
/// **Errors**: its file is damaged or contradicts the home's ledger.
pub fn consortium(home: &Home) -> Result<Option<Consortium>, SessionError> {
    if !home.exists() {
        return Ok(None);
    }
    modes::check(home)?;
    if !home.fabric().is_file() {
        agreed::check(home)?;
    }
    let path = home.consortium();
    let bytes = infile::bytes(&path, infile::LONGEST_TEXT)
        .map_err(|source| SessionError::File { path, source })?;
    Ok(Some(Consortium::from_canonical(&bytes)?))
}

/// The ledger that a home is joined to, or its own.
fn ledger(home: &Home, progress: &Arc<dyn Progress>) -> Result<Arc<dyn Ledger>, SessionError> {
    let progress = progress.clone();
    if home.fabric().is_file() {
        let notify = Arc::new(move |text: &str| progress.note(text));
        let network = network(home, Arc::new(SystemClock), notify)?;
        return Ok(Arc::new(FabricClient::new(network, rng()?)));
    }
    check_ledger(home)?;
    let on_wait = Arc::new(move |path: &Path| {
        let path = path.display();
        progress.note(&format!("waiting for another process that uses {path}"));
    });
    let contract = medveil_contract(true);
    let root = home.ledger();
    let ledger = SharedLedger::new(&root, Arc::new(SystemClock), rng()?, contract, on_wait);
    Ok(Arc::new(ledger))
}

/// A home that has a consortium and uses no network has had a ledger: it was there first.
///
/// **Errors**: it is gone.
pub(crate) fn check_ledger(home: &Home) -> Result<(), SessionError> {
    let layout = Layout::new(home.ledger());
    let is_gone = home.exists() && !home.fabric().is_file() && !layout.exists();
    match is_gone && !layout.lost_chain() {
        true => Err(SessionError::Gone(home.ledger())),
        false => Ok(()),
    }
}

/// The network that a home was joined to.
///
/// **Errors**: a file of the home is missing or of another form.
pub fn network(
    home: &Home,
    clock: Arc<dyn Clock>,
    notify: Arc<dyn Fn(&str) + Send + Sync>,
) -> Result<Network, SessionError> {
    let read =
        |path: PathBuf| infile::text(&path).map_err(|source| SessionError::own_file(path, source));
    let consortium = Consortium::from_canonical(read(home.consortium())?.as_bytes())?;
    let mut msps = Vec::new();
    for member in consortium.members() {
        let pem = read(home.authority(&member.msp_id))?;
        msps.push(Msp::from_pem(member.msp_id.clone(), &pem)?);
    }
    Ok(Network {
        profile: Profile::read(&home.fabric())?,
        msps: MspSet::new(msps)?,
        collections: CollectionsConfig::from_json(&read(home.collections())?)?,
        outbox: Outbox::new(home.outbox()),
        clock,
        notify,
    })
}

/// A generator seeded by the operating system.
///
/// **Errors**: the system has no randomness.
pub fn rng() -> Result<ChaCha20Rng, SessionError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut())
        .map_err(|e| SessionError::System("the system has no randomness", e.into()))?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

/// The threads that prove: one a core.
///
/// **Errors**: the system refuses threads.
pub fn pool() -> Result<ThreadPool, SessionError> {
    pool_of(None)
}

/// So many threads that prove, or one a core.
///
/// **Errors**: as [`pool`].
pub fn pool_of(threads: Option<usize>) -> Result<ThreadPool, SessionError> {
    let builder = ThreadPoolBuilder::new().thread_name(|i| format!("prove-{i}"));
    builder
        .num_threads(threads.unwrap_or_default())
        .build()
        .map_err(|e| SessionError::System("the system refuses threads", e.into()))
}
