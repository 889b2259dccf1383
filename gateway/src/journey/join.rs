//! Joining a home to a Fabric network: one organisation's identities, its peers, and what the
//! consortium's members agreed on.

mod authorities;
mod connection;
mod error;
mod identity;
mod tls_client;

pub use connection::ConnectionError;
pub use error::JoinError;
pub use identity::{IdentityError, identity};
pub use tls_client::{TlsClientError, TlsClientFiles};

use self::authorities::{at, authorities};
use self::connection::{check_authorities, connection_profile};
use super::consortium::{ConsortiumFiles, pem, read_canonical};
use crate::actor::Actor;
use crate::home::Home;
use crate::infile;
use crate::keyring::Keyring;
use crate::modes;
use crate::step::{Step, count};
use medveil_collections_config::{MspId, Role};
use medveil_custody::{secret_dir, write_file};
use medveil_fabric_client::{OrgPeers, PeerEndpoint, Profile};
use medveil_ledger::{Clock, SystemClock};
use medveil_msp::{Identity, Msp, MspSet};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The value of `format`.
pub const FORMAT: &str = "medveil-join-1";

/// What a home needs to join: `net deploy` writes one for each organisation; on another network,
/// write it by hand. Paths are relative to the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinFile {
    /// `medveil-join-1`.
    pub format: String,
    pub channel: String,
    /// Name of the contract on the channel.
    pub chaincode: String,
    /// Hash of the header of the channel's first block, in hex.
    pub genesis: String,
    pub msp_id: String,
    /// Its peers; the first that answers is used. Here and below, or in a connection profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerEndpoint>,
    /// The authority of their TLS certificates (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_authority: Option<PathBuf>,
    /// A common connection profile (JSON or YAML) that says both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_profile: Option<PathBuf>,
    /// What the client shows peers that ask for its TLS certificate
    /// (`peer.tls.clientAuthRequired`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client: Option<TlsClientFiles>,
    /// The organisation's administrator: an MSP folder, or a wallet's file. Both or neither: a
    /// home of one person has neither, and `member enrol` brings the person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<PathBuf>,
    /// The organisation's client: an MSP folder, or a wallet's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<PathBuf>,
    /// The authorities of every member, by MSP id: an MSP folder (`cacerts`, `intermediatecerts`,
    /// `crls`), or a PEM file.
    pub authorities: BTreeMap<String, PathBuf>,
    pub consortium: PathBuf,
    pub sharing_groups: PathBuf,
}

/// An organisation that is about to join: everything read and checked, nothing written.
struct Joining {
    msp_id: MspId,
    identities: Vec<Identity>,
    authorities: Vec<Msp>,
    files: ConsortiumFiles,
    profile: Profile,
}

impl Joining {
    fn addresses(&self) -> Vec<String> {
        let peers = self.profile.organisations.iter().flat_map(|o| &o.peers);
        peers.map(|p| p.address.clone()).collect()
    }
}

/// What a join file was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinSummary {
    pub org: MspId,
    /// `host:port` of each peer.
    pub peers: Vec<String>,
    /// Administrator and client; or none, for a home of one person.
    pub has_identities: bool,
    /// Members whose authorities it names.
    pub authorities: usize,
}

impl fmt::Display for JoinSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (org, authorities) = (&self.org, self.authorities);
        let peers = count(self.peers.len() as u64, "peer");
        let identities = match self.has_identities {
            true => "administrator and client",
            false => "no identities (`medveil member enrol` brings a person's)",
        };
        write!(
            f,
            "{org} with {peers}, {identities}, {authorities} members' authorities"
        )
    }
}

fn text(path: &Path) -> Result<String, JoinError> {
    infile::text(path).map_err(|source| JoinError::File {
        path: path.to_owned(),
        source,
    })
}

impl JoinFile {
    /// Reads a join file and everything that it names, as joining does.
    ///
    /// **Errors**: as [`join`].
    pub fn check(path: &Path) -> Result<JoinSummary, JoinError> {
        let joining = JoinFile::load_all(path)?;
        Ok(JoinSummary {
            peers: joining.addresses(),
            org: joining.msp_id,
            has_identities: !joining.identities.is_empty(),
            authorities: joining.authorities.len(),
        })
    }

    fn load_all(path: &Path) -> Result<Joining, JoinError> {
        let dir = path.parent().unwrap_or(Path::new("."));
        JoinFile::read(path)?.load(dir, SystemClock.now_ms())
    }

    fn read(path: &Path) -> Result<Self, JoinError> {
        let text = text(path).map_err(|e| match e {
            JoinError::File { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                JoinError::NoFile { path, source }
            }
            other => other,
        })?;
        let path = path.to_owned();
        match serde_json::from_str::<JoinFile>(&text) {
            Err(source) => Err(JoinError::Json { path, source }),
            Ok(file) if file.format == FORMAT => Ok(file),
            Ok(file) => Err(JoinError::Format {
                path,
                got: file.format,
            }),
        }
    }

    fn load(&self, dir: &Path, now_ms: u64) -> Result<Joining, JoinError> {
        let msp_id = MspId::new(&*self.msp_id)?;
        let consortium = read_canonical(&dir.join(&self.consortium))?;
        let files = ConsortiumFiles::with_groups(consortium, &dir.join(&self.sharing_groups))?;
        let mut known = Vec::new();
        for member in files.consortium.members() {
            let path = self.authorities.get(member.msp_id.as_str());
            let path = path.ok_or_else(|| JoinError::NoAuthority(member.msp_id.clone()))?;
            known.push(authorities(&member.msp_id, &dir.join(path))?);
        }
        let members = MspSet::new(known.iter().cloned()).map_err(JoinError::Members)?;
        let identities = self.identities(dir, &msp_id, &members, now_ms)?;
        let mut profile = Profile::new(&self.channel, &self.chaincode, &self.genesis);
        let (peers, tls_authority) = self.peers(dir, &msp_id)?;
        let tls_client = self
            .tls_client
            .as_ref()
            .map(|files| files.load(dir, now_ms));
        profile.put(OrgPeers {
            msp_id: self.msp_id.clone(),
            peers,
            tls_authority,
            tls_client: tls_client.transpose()?,
        });
        Ok(Joining {
            msp_id,
            identities,
            authorities: known,
            files,
            profile,
        })
    }

    /// The administrator and the client, as the network's peers will judge them.
    fn identities(
        &self,
        dir: &Path,
        msp_id: &MspId,
        members: &MspSet,
        now_ms: u64,
    ) -> Result<Vec<Identity>, JoinError> {
        let (admin, client) = match (&self.admin, &self.client) {
            (Some(admin), Some(client)) => (admin, client),
            (None, None) => return Ok(Vec::new()),
            _ => return Err(JoinError::OneIdentity),
        };
        let mut identities = Vec::new();
        for (role, folder) in [(Role::Admin, admin), (Role::Client, client)] {
            let identity = identity(msp_id, &dir.join(folder))?;
            let member = members
                .check(identity.creator(), now_ms)
                .map_err(at(folder))?;
            if member.role() != role {
                return Err(JoinError::Role {
                    path: folder.clone(),
                    wanted: role.as_str(),
                    got: member.role().as_str(),
                });
            }
            identities.push(identity);
        }
        Ok(identities)
    }

    /// Where the peers are and who certified them.
    fn peers(&self, dir: &Path, msp_id: &MspId) -> Result<(Vec<PeerEndpoint>, String), JoinError> {
        let (peers, authority) = match (&self.connection_profile, &self.tls_authority) {
            (Some(path), None) if self.peers.is_empty() => {
                connection_profile(&dir.join(path), msp_id)?
            }
            (None, Some(path)) if !self.peers.is_empty() => {
                (self.peers.clone(), text(&dir.join(path))?)
            }
            _ => return Err(JoinError::Peers),
        };
        check_authorities(&authority)?;
        Ok((peers, authority))
    }
}

/// A home acts for an organisation on a Fabric network from now on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsortiumJoined {
    #[schemars(with = "String")]
    pub organisation: MspId,
    pub channel: String,
    /// `host:port` of the organisation's peers.
    pub peers: Vec<String>,
}

impl Step for ConsortiumJoined {
    const NAME: &'static str = "consortium.join";
}

/// Joins a home: keys into the organisation's vault, everything else beside it. A home may be
/// joined for several organisations.
///
/// **Errors**: a file is missing or of another form; an identity that the organisation's
/// authorities did not issue, that is expired or of another role; the home belongs to another
/// network. Then nothing was written.
pub fn join(
    home: &Home,
    keyring: &Keyring,
    file: &Path,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<ConsortiumJoined, JoinError> {
    let joining = JoinFile::load_all(file)?;
    let profile = merge_profile(home, &joining)?;
    secret_dir(home.root())?;
    modes::check(home)?;
    keep(home, keyring, &joining, rng)?;
    let files = &joining.files;
    write_file(&home.groups(), files.groups.as_bytes())?;
    let collections = files.collections.to_json();
    write_file(&home.collections(), collections.as_bytes())?;
    for org in &joining.profile.organisations {
        org.keep_tls_key(&home.fabric())?;
    }
    write_file(&home.fabric(), &profile.to_json())?;
    // Last, because it says that all is there.
    write_file(&home.consortium(), &files.consortium.to_canonical())?;
    Ok(ConsortiumJoined {
        peers: joining.addresses(),
        organisation: joining.msp_id,
        channel: profile.channel,
    })
}

/// Identities and authorities of who joins.
fn keep(
    home: &Home,
    keyring: &Keyring,
    joining: &Joining,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), JoinError> {
    secret_dir(&home.root().join("msp"))?;
    for authority in &joining.authorities {
        secret_dir(&home.root().join("msp").join(authority.msp_id().as_str()))?;
        let path = home.authority(authority.msp_id());
        write_file(&path, authority.to_pem().as_bytes())?;
    }
    if joining.identities.is_empty() {
        return Ok(());
    }
    let vault = keyring.open_or_create(&Actor::organisation(joining.msp_id.clone()), rng)?;
    for identity in &joining.identities {
        let name = format!("msp-{}", identity.role().as_str());
        let key = identity.export_key().map_err(JoinError::Keep)?;
        vault.put(&name, &key, rng)?;
        let certificate = pem(identity).map_err(JoinError::Keep)?;
        let path = home.certificate(&joining.msp_id, identity.role());
        write_file(&path, certificate.as_bytes())?;
    }
    Ok(())
}

/// The home's profile with this organisation in it.
fn merge_profile(home: &Home, joining: &Joining) -> Result<Profile, JoinError> {
    if !home.exists() {
        return Ok(joining.profile.clone());
    }
    if !home.fabric().is_file() {
        return Err(JoinError::Embedded(home.root().to_owned()));
    }
    let mut profile = Profile::read(&home.fabric())?;
    let is_same = profile.genesis == joining.profile.genesis
        && text(&home.consortium())?.as_bytes() == joining.files.consortium.to_canonical();
    if !is_same {
        return Err(JoinError::OtherNetwork(home.root().to_owned()));
    }
    for org in &joining.profile.organisations {
        profile.put(org.clone());
    }
    Ok(profile)
}

#[cfg(test)]
mod tests;
