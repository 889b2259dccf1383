//! A client of a home of its own: one whose clock is off, or whose certificate is another.

use crate::network::Network;
use crate::{org, wait};
use anyhow::{Context, Result, ensure};
use medveil_fabric_client::FabricClient;
use medveil_gateway::classify::Classify;
use medveil_gateway::home::Home;
use medveil_gateway::journey::join::{self, JoinFile};
use medveil_gateway::journey::policy::{self, PutOptions};
use medveil_gateway::progress::Quiet;
use medveil_gateway::session::SessionParts;
use medveil_gateway::startup;
use medveil_gateway::{Kind, Session};
use medveil_ledger::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock that is off.
///
/// **Units**: milliseconds.
pub struct Off(pub i64);

impl Clock for Off {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms().saturating_add_signed(self.0)
    }
}

/// A client of one organisation.
pub struct Visitor<'a> {
    network: &'a Network,
    org: String,
    name: String,
    home: Home,
    /// Writes that were acknowledged.
    pub acknowledged: Vec<String>,
}

impl<'a> Visitor<'a> {
    /// Joins a new home; with a certificate of its own where a folder is given.
    ///
    /// **Errors**: the identity is refused.
    pub fn new(network: &'a Network, org: &str, client: Option<&Path>) -> Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("visitor-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let visitor = Visitor {
            home: network.home(&name),
            network,
            org: org.to_owned(),
            name,
            acknowledged: Vec::new(),
        };
        visitor.join(client)?;
        Ok(visitor)
    }

    /// Joins again, as an operator does whose certificate is a new one.
    ///
    /// **Errors**: the identity is refused.
    pub fn join(&self, client: Option<&Path>) -> Result<()> {
        let given = self.network.layout().join(&org(&self.org)?);
        let mut file: JoinFile = serde_json::from_str(&std::fs::read_to_string(&given)?)?;
        if let Some(client) = client {
            file.client = Some(client.to_owned());
        }
        // Beside the other, whose paths it has.
        let own: PathBuf = given.with_file_name(format!("{}.json", self.name));
        std::fs::write(&own, serde_json::to_string(&file)?)?;
        let keyring = self.network.keyring(&self.home);
        join::join(&self.home, &keyring, &own, &mut startup::rng()?)?;
        Ok(())
    }

    fn session(&self, clock: Arc<dyn Clock>) -> Result<Session> {
        let network = startup::network(&self.home, clock, Arc::new(|_: &str| {}))?;
        Ok(Session::new(SessionParts {
            person: None,
            home: self.home.clone(),
            keyring: self.network.keyring(&self.home),
            ledger: Arc::new(FabricClient::new(network, startup::rng()?)),
            progress: Arc::new(Quiet),
            rng: startup::rng()?,
            pool: startup::pool()?,
        })?)
    }

    /// Writes something that nobody wrote; gives the kind of error where it is not acknowledged.
    ///
    /// **Errors**: the home does not open.
    pub fn write(&mut self, number: u64, clock: Arc<dyn Clock>) -> Result<Result<(), Kind>> {
        let session = self.session(clock)?;
        let options = PutOptions {
            dataset: &format!("{}-{number}", self.name),
            future: true,
        };
        let file = self.network.path("policy.yaml");
        match wait(policy::put(&session, &org(&self.org)?, &file, options)) {
            Ok(put) => {
                let tx_id = put.transaction.tx_id.context("a transaction")?;
                self.acknowledged.push(tx_id);
                Ok(Ok(()))
            }
            Err(e) => Ok(Err(e.kind())),
        }
    }

    /// As [`Visitor::write`], where it must be acknowledged.
    pub fn writes(&mut self, number: u64, clock: Arc<dyn Clock>, when: &str) -> Result<()> {
        let kind = self.write(number, clock)?.err();
        ensure!(
            kind.is_none(),
            "{when}: a write was not acknowledged ({kind:?})"
        );
        Ok(())
    }

    /// As [`Visitor::write`], where it must be refused.
    pub fn is_refused(&mut self, number: u64, clock: Arc<dyn Clock>, when: &str) -> Result<Kind> {
        let kind = self.write(number, clock)?.err();
        kind.with_context(|| format!("{when}: a write was acknowledged"))
    }
}
