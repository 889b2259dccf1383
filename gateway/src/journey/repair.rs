//! `ledger repair`: the operator's decision on a damaged embedded ledger.

use crate::classify::{Classify, Kind, kind_of_open, kind_of_own_file};
use crate::home::Home;
use crate::modes;
use crate::outfile;
use crate::session::{SessionError, agreed};
use crate::startup::{check_ledger, rng};
use crate::step::Step;
use medveil_embedded::{EmbeddedLedger, Options, RepairError, Repaired};
use medveil_embedded_wire::Genesis;
use medveil_ledger::{BoxError, SystemClock};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a ledger was not mended.
#[derive(Debug, thiserror::Error)]
pub enum LedgerRepairError {
    /// The ledger is on peers.
    #[error(
        "this home uses peers of a Fabric network: they keep the ledger, and fetch from each other what they lost"
    )]
    Fabric,
    #[error(transparent)]
    Repair(#[from] RepairError),
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The repair itself was stopped.
    #[error("repair: stopped")]
    Stopped(#[source] BoxError),
}

impl Classify for LedgerRepairError {
    fn kind(&self) -> Kind {
        match self {
            LedgerRepairError::Fabric => Kind::Input,
            LedgerRepairError::Session(e) => e.kind(),
            LedgerRepairError::Stopped(_) => Kind::Internal,
            LedgerRepairError::Repair(e) => match e {
                RepairError::Open(e) => kind_of_open(e),
                RepairError::NoSource { .. }
                | RepairError::Foreign { .. }
                | RepairError::Contradicts { .. } => Kind::Damaged,
                RepairError::NoCopy(_) => Kind::NotFound,
                RepairError::Io { source, .. } => kind_of_own_file(source),
            },
        }
    }
}

/// A ledger that is in order, after a repair where one was needed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerRepaired {
    /// Blocks of the ledger.
    pub height: u64,
    /// What was mended, in order; none where nothing was damaged.
    pub mended: Vec<MendedLine>,
    /// Private values that are nowhere any more.
    pub lost: Vec<LostValue>,
}

/// Something that was mended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MendedLine {
    /// `chain`, or an organisation.
    pub place: String,
    pub what: String,
}

/// A private value that is lost.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LostValue {
    /// The organisation that held it.
    pub org: String,
    pub collection: String,
    /// Hash of its key, in hex.
    pub key: String,
}

impl Step for LedgerRepaired {
    const NAME: &'static str = "ledger.repair";
}

impl From<Repaired> for LedgerRepaired {
    fn from(repaired: Repaired) -> Self {
        let mended = repaired.mended.into_iter().map(|m| MendedLine {
            place: m.place,
            what: m.what,
        });
        let lost = repaired
            .lost
            .into_iter()
            .map(|(org, collection, key)| LostValue {
                org: org.to_string(),
                collection,
                key: hex::encode(key),
            });
        LedgerRepaired {
            height: repaired.height,
            mended: mended.collect(),
            lost: lost.collect(),
        }
    }
}

/// Mends the embedded ledger of a home, with what a copy has where one is named: nobody's vault is
/// needed. The home's consortium, collections and authorities say which ledger it is.
///
/// **Errors**: the home uses Fabric; no ledger, in use; another ledger than the home's; something
/// cannot be mended with what is there.
pub async fn repair(home: &Home, from: Option<&Path>) -> Result<LedgerRepaired, LedgerRepairError> {
    if home.fabric().is_file() {
        return Err(LedgerRepairError::Fabric);
    }
    modes::check(home).map_err(SessionError::from)?;
    check_ledger(home)?;
    outfile::sweep(home);
    let (known, from) = (home.clone(), from.map(ledger_in));
    let options = Options::new(Arc::new(SystemClock), rng()?, true);
    let work = move || {
        let is_it = |genesis: &Genesis| Ok(agreed::check_with(&known, genesis)?);
        EmbeddedLedger::repair(&known.ledger(), from.as_deref(), &is_it, options)
    };
    let done = tokio::task::spawn_blocking(work).await;
    let repaired = done.map_err(|e| LedgerRepairError::Stopped(e.into()))??;
    Ok(LedgerRepaired::from(repaired))
}

/// The ledger's folder in a copy of a home, or the copy itself.
fn ledger_in(copy: &Path) -> PathBuf {
    let inner = Home::new(copy).ledger();
    match inner.is_dir() {
        true => inner,
        false => copy.to_owned(),
    }
}
