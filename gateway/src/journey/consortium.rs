//! Founding a consortium: files, organisations, ledger, Bootstrap; and the trust file for
//! outsiders.

mod error;
mod files;
mod found;
mod trust;

pub use error::ConsortiumError;
pub use files::{ConsortiumFiles, FilesError, read_canonical, read_consortium};
pub use found::found;
pub use trust::{TrustWritten, trust, trust_of};

use self::found::begun;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::session::Session;
use crate::startup::{self, Startup};
use crate::step::{Step, Transaction};
use medveil_collections_config::{Member, MspId};
use medveil_contract::Code;
use medveil_contract::call::request::GetConsortium;
use medveil_contract::call::{Bootstrap, Call};
use medveil_ledger::SystemClock;
use medveil_msp::{Certificate, Identity, MspError};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Name of the channel of an embedded ledger.
pub const CHANNEL: &str = "medveil-channel";
/// **Units**: years.
const CERTIFICATE_YEARS: u32 = 10;

/// A consortium was founded, and its ledger knows it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsortiumFounded {
    pub members: Vec<MemberLine>,
    #[serde(flatten)]
    pub transaction: Transaction,
}

/// A member of a consortium.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MemberLine {
    pub name: String,
    #[schemars(with = "String")]
    pub org: MspId,
}

impl Step for ConsortiumFounded {
    const NAME: &'static str = "consortium.init";
    const VERSION: u32 = 3;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// `consortium init`: founds a consortium in an empty home, with a ledger of its own. What an
/// interrupted run began is ended, and what is founded already stays.
///
/// A person who is asked for a passphrase is asked once: it protects every organisation's vault.
///
/// **Errors**: problems of the files; there is another consortium already; the file system refused.
pub async fn init(
    startup: Startup,
    consortium: Option<&Path>,
    groups: Option<&Path>,
) -> Result<ConsortiumFounded, ConsortiumError> {
    let mut rng = startup::rng()?;
    let files = files(&startup.home, consortium, groups, &mut rng)?;
    let keyring = Keyring::founding(startup.home.clone(), startup.passphrases.clone());
    found(&startup.home, &keyring, &files, &SystemClock, &mut rng)?;
    bootstrap(&startup.open_with(Some(keyring))?).await
}

/// The files of a consortium, checked: from paths, or from the template with the nonce that the home
/// has, or a fresh one.
///
/// **Errors**: every problem of each file; a damaged home.
pub fn files(
    home: &Home,
    consortium: Option<&Path>,
    groups: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<ConsortiumFiles, ConsortiumError> {
    let nonce = begun(home)?.map(|begun| begun.nonce().to_owned());
    let nonce = nonce.unwrap_or_else(|| fresh_nonce(rng));
    Ok(ConsortiumFiles::read(consortium, groups, &nonce)?)
}

/// What makes one consortium another than the next.
pub(super) fn fresh_nonce(rng: &mut impl RngCore) -> String {
    let mut nonce = [0u8; 16];
    rng.fill_bytes(&mut nonce);
    hex::encode(nonce)
}

/// An identity's certificate.
pub(super) fn pem(identity: &Identity) -> Result<String, MspError> {
    Ok(Certificate::from_der(&identity.creator().certificate)?.to_pem())
}

/// Writes the consortium onto its ledger; where it stands there, it stays.
///
/// **Errors**: the contract refuses.
pub async fn bootstrap(session: &Session) -> Result<ConsortiumFounded, ConsortiumError> {
    let members = session.consortium.members();
    let first = members.first().ok_or(ConsortiumError::NoMembers)?;
    let call = Call::Bootstrap(Bootstrap {
        consortium: session.consortium.to_canonical(),
    });
    let transaction = match session.submit_public(&first.msp_id, &call).await {
        Ok(committed) => Transaction::from(&committed),
        Err(e) if e.code() == Some(Code::Conflict) && is_founded(session).await? => {
            Transaction::earlier(None)
        }
        Err(e) => return Err(e.into()),
    };
    let line = |m: &Member| MemberLine {
        name: m.name.clone(),
        org: m.msp_id.clone(),
    };
    Ok(ConsortiumFounded {
        members: members.iter().map(line).collect(),
        transaction,
    })
}

/// Whether the ledger has this home's consortium.
///
/// **Errors**: the ledger cannot be read.
pub async fn is_founded(session: &Session) -> Result<bool, ConsortiumError> {
    let members = session.consortium.members();
    let first = members.first().ok_or(ConsortiumError::NoMembers)?;
    match session.ask(&first.msp_id, GetConsortium).await {
        Ok(stands) => Ok(stands.file == session.consortium),
        Err(e) if e.code().is_some() => Ok(false),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests;
