//! What a home keeps of its consortium beside the ledger must be what the ledger began with: both are
//! read, and where they differ nothing is done with either.

use super::{Session, SessionError};
use crate::home::Home;
use crate::infile;
use medveil_collections_config::{CollectionsConfig, MspId, Role, SharingGroups};
use medveil_contract::Code;
use medveil_contract::call::request::GetConsortium;
use medveil_embedded::{EmbeddedLedger, OpenError};
use medveil_embedded_wire::{Genesis, GenesisError};
use medveil_msp::{Certificate, Creator, Identity, MspSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const CONSORTIUM: &str = "not the consortium file that this home's ledger began with: put it back from a backup, or from another member who has the same (`medveil ledger repair` says whether the ledger is what was changed)";
const COLLECTIONS: &str =
    "not the collections that this home's ledger began with: put them back from a backup";
const GROUPS: &str =
    "not the sharing groups that this home's collections come from: put them back from a backup";
const AUTHORITY: &str = "not the authority that this home's ledger began with: put it back from a backup, or from authority.pem in the organisation's folder of the ledger";
const CERTIFICATE: &str =
    "not a certificate of its organisation and role: put it back from a backup";
const ON_FABRIC: &str = "not the consortium file that the network's ledger has: put it back from a backup, or from another member's home";
const GONE: &str = "gone: put it back from a backup";

/// The files of a home with a ledger of its own must be there and agree with it.
///
/// **Errors**: the first that is gone or does not.
pub(crate) fn check(home: &Home) -> Result<(), SessionError> {
    let gone = |path| SessionError::Differs { path, what: GONE };
    let Some(genesis) = EmbeddedLedger::genesis_at(&home.ledger())? else {
        return Err(gone(home.ledger()));
    };
    let members = genesis.msps.iter().map(|msp| home.authority(msp.msp_id()));
    let files = [home.consortium(), home.collections()];
    if let Some(path) = files.into_iter().chain(members).find(|path| !path.exists()) {
        return Err(gone(path));
    }
    check_with(home, &genesis)
}

/// The files that a home has must be those of a ledger that begins so.
///
/// **Errors**: the first that is not; a file cannot be read.
pub(crate) fn check_with(home: &Home, genesis: &Genesis) -> Result<(), SessionError> {
    same(home.consortium(), &genesis.consortium, CONSORTIUM)?;
    let collections = genesis.collections().map_err(of_genesis)?.to_json();
    same(home.collections(), collections.as_bytes(), COLLECTIONS)?;
    let groups = read(&home.groups())?;
    if groups.is_some_and(|kept| !are_groups(&kept, genesis)) {
        let (path, what) = (home.groups(), GROUPS);
        return Err(SessionError::Differs { path, what });
    }
    check_members(home, genesis)
}

/// Whether the collections of the ledger follow from these sharing groups.
fn are_groups(kept: &[u8], genesis: &Genesis) -> bool {
    let derived = || {
        let consortium = genesis.consortium().ok()?;
        let groups = SharingGroups::from_json(std::str::from_utf8(kept).ok()?, &consortium).ok()?;
        CollectionsConfig::derive(&consortium, &groups).ok()
    };
    derived().is_some_and(|derived| derived.to_canonical() == genesis.collections)
}

/// Certificates of organisations must be theirs.
fn check_members(home: &Home, genesis: &Genesis) -> Result<(), SessionError> {
    for msp in &genesis.msps {
        let path = home.authority(msp.msp_id());
        same(path, msp.root().to_pem().as_bytes(), AUTHORITY)?;
    }
    let msps = MspSet::new(genesis.msps.iter().cloned())?;
    for org in msps.ids() {
        for role in [Role::Admin, Role::Client] {
            let path = home.certificate(org, role);
            let kept = read(&path)?;
            if kept.is_some_and(|kept| !is_certificate(&kept, org, role, &msps)) {
                let what = CERTIFICATE;
                return Err(SessionError::Differs { path, what });
            }
        }
    }
    Ok(())
}

fn of_genesis(error: GenesisError) -> SessionError {
    OpenError::from(error).with_advice().into()
}

fn same(path: PathBuf, known: &[u8], what: &'static str) -> Result<(), SessionError> {
    match read(&path)? {
        Some(kept) if kept != known => Err(SessionError::Differs { path, what }),
        _ => Ok(()),
    }
}

/// The bytes of a file; none where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, SessionError> {
    match infile::bytes(path, infile::LONGEST_TEXT) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SessionError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Whether bytes are a certificate that the organisation's authority signed for this role, in the
/// form that this program writes. It may have expired.
fn is_certificate(pem: &[u8], org: &MspId, role: Role, msps: &MspSet) -> bool {
    let text = std::str::from_utf8(pem).ok();
    let Some(certificate) = text.and_then(|text| Certificate::from_pem(text).ok()) else {
        return false;
    };
    let creator = Creator {
        msp_id: org.clone(),
        certificate: certificate.der().to_vec(),
    };
    let member = msps.check(&creator, certificate.first_valid_ms());
    certificate.to_pem().as_bytes() == pem && member.is_ok_and(|member| member.role() == role)
}

impl Session {
    /// The consortium file of a home on Fabric must be the one that the ledger has, where it has one
    /// already; asked once a session, before something is sent or told to outsiders. One with a
    /// ledger of its own was compared when it was opened.
    ///
    /// **Errors**: it is another one; the ledger cannot be read.
    pub(crate) async fn check_agreed(&self, identity: &Arc<Identity>) -> Result<(), SessionError> {
        if self.network.is_none() || self.is_agreed.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.ask_as(identity, GetConsortium).await {
            // Nobody founded it there yet.
            Err(e) if e.code() == Some(Code::NotFound) => return Ok(()),
            Err(e) => return Err(e),
            Ok(stands) if stands.file != self.consortium => {
                let (path, what) = (self.home.consortium(), ON_FABRIC);
                return Err(SessionError::Differs { path, what });
            }
            Ok(_) => self.is_agreed.store(true, Ordering::Relaxed),
        }
        Ok(())
    }
}
