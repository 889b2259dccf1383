//! Joining a home to a Fabric network: one organisation's identities, its peers, and what the
//! consortium's members agreed on.

mod authorities;
mod connection;
mod identity;
mod tls_client;

pub use identity::identity;
pub use tls_client::TlsClientFiles;

use self::authorities::authorities;
use self::connection::{check_authorities, connection_profile};
use crate::backend::fabric::{OrgPeers, PeerEndpoint, Profile};
use crate::backend::{Clock, SystemClock};
use crate::custody::{secret_dir, write_file};
use crate::error::{Context, GatewayError};
use crate::home::{Actor, Home};
use crate::msp::{Certificate, Identity, Msp, MspSet};
use crate::office::Offices;
use crate::output::Step;
use collections_config::{CollectionsConfig, Consortium, MspId, Role, SharingGroups};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The value of `format`.
pub const FORMAT: &str = "medveil-join-1";
const STAGE: &str = "join";

/// What a home needs to join: `net deploy` writes one for each organisation; on another network,
/// write it by hand. Paths are relative to the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinFile {
    /// `medveil-join-1`.
    pub format: String,
    /// Channel name.
    pub channel: String,
    /// Name of the contract on the channel.
    pub chaincode: String,
    /// Hash of the header of the channel's first block, in hex.
    pub genesis: String,
    /// The organisation.
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
    /// The organisation's administrator: an MSP folder, or a wallet's file.
    pub admin: PathBuf,
    /// The organisation's client: an MSP folder, or a wallet's file.
    pub client: PathBuf,
    /// The authorities of every member, by MSP id: an MSP folder (`cacerts`, `intermediatecerts`,
    /// `crls`), or a PEM file.
    pub authorities: BTreeMap<String, PathBuf>,
    /// The consortium file.
    pub consortium: PathBuf,
    /// The sharing groups.
    pub sharing_groups: PathBuf,
}

/// An organisation that is about to join: everything read and checked, nothing written.
struct Joining {
    msp_id: MspId,
    identities: Vec<Identity>,
    authorities: Vec<Msp>,
    consortium: Consortium,
    groups: String,
    collections: CollectionsConfig,
    profile: Profile,
}

fn text(path: &Path) -> Result<String, GatewayError> {
    std::fs::read_to_string(path)
        .map_err(|e| GatewayError::not_found(STAGE, format!("{}: {e}", path.display())))
}

impl JoinFile {
    fn read(path: &Path) -> Result<Self, GatewayError> {
        let file: JoinFile = serde_json::from_str(&text(path)?)
            .map_err(|e| GatewayError::input(STAGE, format!("{}: {e}", path.display())))?;
        if file.format == FORMAT {
            Ok(file)
        } else {
            Err(GatewayError::input(
                STAGE,
                format!("{}: expected format {FORMAT}", path.display()),
            ))
        }
    }

    fn load(&self, dir: &Path, now_ms: u64) -> Result<Joining, GatewayError> {
        let msp_id = MspId::new(&*self.msp_id).input(STAGE)?;
        let consortium = Consortium::from_canonical(text(&dir.join(&self.consortium))?.as_bytes())
            .input("consortium")?;
        let groups = text(&dir.join(&self.sharing_groups))?;
        let parsed = SharingGroups::from_json(&groups, &consortium).input("sharing groups")?;
        let collections = CollectionsConfig::derive(&consortium, &parsed).input("collections")?;
        let mut known = Vec::new();
        for member in consortium.members() {
            let path = self.authorities.get(member.msp_id.as_str());
            let path = path.ok_or_else(|| {
                GatewayError::input(
                    STAGE,
                    format!("expected the authority of {}", member.msp_id),
                )
            })?;
            known.push(authorities(&member.msp_id, &dir.join(path))?);
        }
        let identities = self.identities(
            dir,
            &msp_id,
            &MspSet::new(known.iter().cloned()).input(STAGE)?,
            now_ms,
        )?;
        let mut profile = Profile::new(&self.channel, &self.chaincode, &self.genesis);
        let (peers, tls_authority) = self.peers(dir, &msp_id)?;
        let tls_client = self
            .tls_client
            .as_ref()
            .map(|files| files.load(dir, now_ms))
            .transpose()?;
        profile.put(OrgPeers {
            msp_id: self.msp_id.clone(),
            peers,
            tls_authority,
            tls_client,
        });
        Ok(Joining {
            msp_id,
            identities,
            authorities: known,
            consortium,
            groups,
            collections,
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
    ) -> Result<Vec<Identity>, GatewayError> {
        let mut identities = Vec::new();
        for (role, folder) in [(Role::Admin, &self.admin), (Role::Client, &self.client)] {
            let at = |what: &dyn std::fmt::Display| {
                GatewayError::input(STAGE, format!("{}: {what}", folder.display()))
            };
            let identity = identity(msp_id, &dir.join(folder))?;
            let member = members
                .check(identity.creator(), now_ms)
                .map_err(|e| at(&e))?;
            if member.role() != role {
                let (wanted, got) = (role.as_str(), member.role().as_str());
                return Err(at(&format_args!(
                    "expected a certificate of the role {wanted}, got one of the role {got}"
                )));
            }
            identities.push(identity);
        }
        Ok(identities)
    }
}

impl JoinFile {
    /// Reads a join file and everything that it names, as joining does; gives what it holds, for
    /// people.
    ///
    /// **Errors**: as [`join`].
    pub fn check(path: &Path) -> Result<String, GatewayError> {
        let joining = JoinFile::read(path)?.load(
            path.parent().unwrap_or(Path::new(".")),
            SystemClock.now_ms(),
        )?;
        let peers: usize = joining
            .profile
            .organisations
            .iter()
            .map(|o| o.peers.len())
            .sum();
        let authorities = joining.authorities.len();
        Ok(format!(
            "{} with {peers} peers, administrator and client, {authorities} members' authorities",
            joining.msp_id
        ))
    }

    /// Where the peers are and who certified them.
    fn peers(
        &self,
        dir: &Path,
        msp_id: &MspId,
    ) -> Result<(Vec<PeerEndpoint>, String), GatewayError> {
        let (peers, authority) = match (&self.connection_profile, &self.tls_authority) {
            (Some(path), None) if self.peers.is_empty() => {
                connection_profile(&dir.join(path), msp_id)?
            }
            (None, Some(path)) if !self.peers.is_empty() => {
                (self.peers.clone(), text(&dir.join(path))?)
            }
            _ => {
                return Err(GatewayError::input(
                    STAGE,
                    "expected either peers and tls_authority, or connection_profile",
                ));
            }
        };
        check_authorities(&authority)?;
        Ok((peers, authority))
    }
}

/// Joins a home: keys into the organisation's vault, everything else beside it. A home may be
/// joined for several organisations.
///
/// **Errors**: a file is missing or of another form; an identity that the organisation's
/// authorities did not issue, that is expired or of another role; the home belongs to another
/// network. Then nothing was written.
pub fn join(
    home: &Home,
    offices: &Offices,
    file: &Path,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Step, GatewayError> {
    let dir = file.parent().unwrap_or(Path::new("."));
    let joining = JoinFile::read(file)?.load(dir, SystemClock.now_ms())?;
    let profile = merged(home, &joining)?;
    secret_dir(home.root())?;
    let vault = offices.open_or_create(&Actor::organisation(joining.msp_id.clone()), rng)?;
    secret_dir(&home.root().join("msp"))?;
    for authority in &joining.authorities {
        secret_dir(&home.root().join("msp").join(authority.msp_id().as_str()))?;
        write_file(
            &home.authority(authority.msp_id()),
            authority.to_pem().as_bytes(),
        )?;
    }
    for identity in &joining.identities {
        vault.put(
            &format!("msp-{}", identity.role().as_str()),
            identity.export_key().input(STAGE)?.as_slice(),
            rng,
        )?;
        let certificate = Certificate::from_der(&identity.creator().certificate).internal(STAGE)?;
        write_file(
            &home.certificate(&joining.msp_id, identity.role()),
            certificate.to_pem().as_bytes(),
        )?;
    }
    write_file(&home.groups(), joining.groups.as_bytes())?;
    write_file(
        &home.collections(),
        joining.collections.to_json().as_bytes(),
    )?;
    for org in &joining.profile.organisations {
        org.keep_tls_key(&home.fabric())?;
    }
    write_file(&home.fabric(), &profile.to_json()?)?;
    // Last, because it says that all is there.
    write_file(&home.consortium(), &joining.consortium.to_canonical())?;
    let addresses: Vec<&str> = joining
        .profile
        .organisations
        .iter()
        .flat_map(|o| &o.peers)
        .map(|p| p.address.as_str())
        .collect();
    Ok(Step::new("consortium.join")
        .line(format!(
            "{} joined channel {} through {}",
            joining.msp_id,
            profile.channel,
            addresses.join(", ")
        ))
        .field("organisation", joining.msp_id.to_string())
        .field("channel", profile.channel))
}

/// The home's profile with this organisation in it.
fn merged(home: &Home, joining: &Joining) -> Result<Profile, GatewayError> {
    if !home.exists() {
        return Ok(joining.profile.clone());
    }
    if !home.fabric().is_file() {
        return Err(GatewayError::input(
            STAGE,
            format!(
                "{} holds an embedded ledger: join from another home",
                home.root().display()
            ),
        ));
    }
    let mut profile = Profile::read(&home.fabric())?;
    let known = std::fs::read(home.consortium()).internal(STAGE)?;
    let is_same =
        profile.genesis == joining.profile.genesis && known == joining.consortium.to_canonical();
    if !is_same {
        return Err(GatewayError::input(
            STAGE,
            format!("{} is joined to another network", home.root().display()),
        ));
    }
    joining
        .profile
        .organisations
        .iter()
        .for_each(|org| profile.put(org.clone()));
    Ok(profile)
}

#[cfg(test)]
mod tests;
