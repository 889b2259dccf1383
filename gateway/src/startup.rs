//! Opening a home: ledger, vaults, threads, randomness. The only place that reaches for the
//! operating system's clock and randomness.

use crate::backend::embedded::EmbeddedLedger;
use crate::backend::{Clock, SystemClock};
use crate::channel::{Channel, EmbeddedChannel, FabricChannel};
use crate::custody::PassphraseSource;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Home;
use crate::office::Offices;
use crate::output::Output;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A home with its ledger open.
pub struct Opened {
    /// The desk.
    pub desk: Desk,
    ledger: Ledger,
}

/// The ledger behind a home.
enum Ledger {
    Embedded(EmbeddedLedger),
    Fabric(FabricChannel),
}

impl Opened {
    /// The embedded ledger, for what only it can tell.
    ///
    /// **Errors**: the home is joined to a Fabric network.
    pub fn embedded(&self) -> Result<&EmbeddedLedger, GatewayError> {
        match &self.ledger {
            Ledger::Embedded(ledger) => Ok(ledger),
            Ledger::Fabric(_) => Err(GatewayError::input(
                "ledger",
                "this home is joined to a Fabric network",
            )),
        }
    }

    /// The Fabric channel, where the home is joined to one.
    pub fn fabric(&self) -> Option<&FabricChannel> {
        match &self.ledger {
            Ledger::Embedded(_) => None,
            Ledger::Fabric(channel) => Some(channel),
        }
    }
}

/// A generator seeded by the operating system.
///
/// **Errors**: the system has no randomness.
pub fn rng() -> Result<ChaCha20Rng, GatewayError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut()).internal("randomness")?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

/// The threads that prove: one a core.
///
/// **Errors**: the system refuses threads.
pub fn pool() -> Result<ThreadPool, GatewayError> {
    ThreadPoolBuilder::new()
        .thread_name(|i| format!("prove-{i}"))
        .build()
        .internal("threads")
}

/// The vaults of a home; a passphrase file stands above everything else.
pub fn offices(home: &Home, passphrase_file: Option<PathBuf>) -> Offices {
    Offices::new(home.clone(), passphrase_file.map(PassphraseSource::File))
}

/// Opens a home that has a consortium.
///
/// **Errors**: none there, its ledger is in use or damaged.
pub fn open(
    home: Home,
    output: Output,
    passphrase_file: Option<PathBuf>,
) -> Result<Opened, GatewayError> {
    if !home.exists() {
        let message = format!(
            "{} holds no consortium: run `medveil consortium init` or `medveil quickstart`",
            home.root().display()
        );
        return Err(GatewayError::not_found("home", message));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (channel, ledger): (Box<dyn Channel>, _) = if home.fabric().is_file() {
        let channel = FabricChannel::open(&home, clock, rng()?)?;
        (Box::new(channel.clone()), Ledger::Fabric(channel))
    } else {
        let channel = EmbeddedChannel::open(&home.ledger(), clock, rng()?)?;
        let ledger = channel.ledger().clone();
        (Box::new(channel), Ledger::Embedded(ledger))
    };
    let offices = offices(&home, passphrase_file);
    let desk = Desk::new(home, offices, output, channel, rng()?, pool()?)?;
    Ok(Opened { desk, ledger })
}
