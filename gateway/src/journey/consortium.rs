//! Founding a consortium: files, organisations, ledger, Bootstrap; and the trust file for
//! outsiders.

mod error;
mod files;
mod trust;

pub use error::ConsortiumError;
pub use files::{ConsortiumFiles, FilesError, read_canonical, read_consortium};
pub use trust::{TrustWritten, trust, trust_of};

use crate::actor::Actor;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::session::{CHAINCODE, Session};
use crate::startup::{self, Startup};
use crate::step::{Step, Transaction};
use medveil_collections_config::{Member, MspId, Role};
use medveil_contract::call::{Bootstrap, Call};
use medveil_custody::{secret_dir, write_file};
use medveil_embedded::EmbeddedLedger;
use medveil_embedded_wire::Genesis;
use medveil_ledger::{Clock, SystemClock};
use medveil_msp::{Certificate, Founded, Identity, MspError, Validity};
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
    const VERSION: u32 = 2;
}

/// `consortium init`: founds a consortium in an empty home, with a ledger of its own.
///
/// A person who is asked for a passphrase is asked once: it protects every organisation's vault.
///
/// **Errors**: problems of the files; there is a consortium already; the file system refused.
pub async fn init(
    startup: Startup,
    consortium: Option<&Path>,
    groups: Option<&Path>,
) -> Result<ConsortiumFounded, ConsortiumError> {
    let mut rng = startup::rng()?;
    let files = files(consortium, groups, &mut rng)?;
    let keyring = Keyring::founding(startup.home.clone(), startup.passphrases.clone());
    found(&startup.home, &keyring, &files, &SystemClock, &mut rng)?;
    bootstrap(&startup.open_with(Some(keyring))?).await
}

/// The files of a consortium, checked: from paths, or from the template with a fresh nonce.
///
/// **Errors**: every problem of each file.
pub fn files(
    consortium: Option<&Path>,
    groups: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<ConsortiumFiles, ConsortiumError> {
    Ok(ConsortiumFiles::read(consortium, groups, rng)?)
}

/// Makes everything but the Bootstrap: the consortium file is written last, because it says that
/// all is there.
///
/// **Errors**: there is a consortium already; the file system refused.
pub fn found(
    home: &Home,
    keyring: &Keyring,
    files: &ConsortiumFiles,
    clock: &dyn Clock,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), ConsortiumError> {
    if home.exists() {
        return Err(ConsortiumError::Exists(home.root().to_owned()));
    }
    let ConsortiumFiles {
        consortium,
        groups,
        collections,
    } = files;
    secret_dir(home.root())?;
    let validity = Validity::years_from(clock.now_ms(), CERTIFICATE_YEARS);
    let (mut msps, mut peers) = (Vec::new(), Vec::new());
    for member in consortium.members() {
        let founded = Founded::new(&member.msp_id, validity, rng)?;
        keep(home, keyring, &member.msp_id, &founded, rng)?;
        msps.push(founded.authority.msp()?);
        peers.push(founded.peer);
    }
    let genesis = Genesis::new(CHANNEL, CHAINCODE, consortium, collections, msps);
    EmbeddedLedger::create(&home.ledger(), &genesis, &peers)?;
    write_file(&home.groups(), groups.as_bytes())?;
    write_file(&home.collections(), collections.to_json().as_bytes())?;
    Ok(write_file(&home.consortium(), &consortium.to_canonical())?)
}

/// Certificates in the open, keys in the organisation's vault.
fn keep(
    home: &Home,
    keyring: &Keyring,
    org: &MspId,
    founded: &Founded,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), ConsortiumError> {
    let vault = keyring.open_or_create(&Actor::organisation(org.clone()), rng)?;
    secret_dir(&home.root().join("msp"))?;
    secret_dir(&home.root().join("msp").join(org.as_str()))?;
    vault.put("msp-ca", &founded.authority.key().to_bytes(), rng)?;
    let authority = founded.authority.certificate().to_pem();
    write_file(&home.authority(org), authority.as_bytes())?;
    let identities = [
        (Role::Admin, &founded.admin),
        (Role::Client, &founded.client),
    ];
    for (role, identity) in identities {
        let name = format!("msp-{}", role.as_str());
        vault.put(&name, &identity.export_key()?, rng)?;
        write_file(&home.certificate(org, role), pem(identity)?.as_bytes())?;
    }
    Ok(())
}

/// An identity's certificate.
pub(super) fn pem(identity: &Identity) -> Result<String, MspError> {
    Ok(Certificate::from_der(&identity.creator().certificate)?.to_pem())
}

/// Writes the consortium onto its ledger, once.
///
/// **Errors**: the contract refuses.
pub async fn bootstrap(session: &Session) -> Result<ConsortiumFounded, ConsortiumError> {
    let members = session.consortium.members();
    let first = members.first().ok_or(ConsortiumError::NoMembers)?;
    let call = Call::Bootstrap(Bootstrap {
        consortium: session.consortium.to_canonical(),
    });
    let committed = session.submit_public(&first.msp_id, &call).await?;
    let line = |m: &Member| MemberLine {
        name: m.name.clone(),
        org: m.msp_id.clone(),
    };
    Ok(ConsortiumFounded {
        members: members.iter().map(line).collect(),
        transaction: Transaction::from(&committed),
    })
}

#[cfg(test)]
mod tests;
