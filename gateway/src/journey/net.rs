//! Fabric networks on this machine: what `medveil net` does, on top of `fabric-net`.
//!
//! Everything here starts processes and waits for them; it blocks its thread for as long.

mod deploy;
mod error;

pub use deploy::{ContractDeployed, DeployOptions, client, deploy};
pub use error::NetworkError;

use super::consortium::{self, ConsortiumFiles, read_canonical};
use crate::progress::{Progress, Task};
use crate::startup;
use crate::step::Step;
use medveil_collections_config::{Consortium, MspId};
use medveil_custody::write_file;
use medveil_fabric_net::{
    Binaries, Layout, NetError, NetState, NetworkLock, ProcessStatus, Topology,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Orderers of a network of which nobody said how many it has.
const ORDERERS: usize = 3;

/// Shows each stage of the work until the next one begins.
fn stages(progress: &dyn Progress) -> impl FnMut(&str) + use<'_> {
    let mut stage: Option<Box<dyn Task>> = None;
    move |text: &str| {
        drop(stage.take());
        stage = Some(progress.begin(text, None));
    }
}

/// Fabric's binaries: the user's own, or those that `net install` built.
///
/// **Errors**: none there, or of a release that is not known.
pub fn binaries(own: Option<&Path>) -> Result<Binaries, NetworkError> {
    Ok(own.map_or_else(Binaries::installed, Binaries::own)?)
}

/// Fabric's programs are ready.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetInstalled {
    /// Fabric's release.
    pub version: String,
    /// The program `peer`.
    pub peer: String,
    /// The folder of all programs.
    #[serde(skip)]
    pub folder: PathBuf,
}

impl Step for NetInstalled {
    const NAME: &'static str = "net.install";
}

/// `net install`.
///
/// **Errors**: the Go client is missing, or building fails.
pub fn install(progress: &dyn Progress, own: Option<&Path>) -> Result<NetInstalled, NetworkError> {
    let found = match own {
        Some(dir) => Binaries::own(dir)?,
        None => medveil_fabric_net::install(&mut stages(progress))?,
    };
    Ok(NetInstalled {
        peer: found.program("peer").display().to_string(),
        folder: folder(&found),
        version: found.version,
    })
}

/// The folder of Fabric's programs.
fn folder(binaries: &Binaries) -> PathBuf {
    let peer = binaries.program("peer");
    peer.parent().unwrap_or(&peer).to_owned()
}

/// What kind of network `net up` makes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NetworkOptions<'a> {
    /// Consortium file; the template without it.
    pub consortium: Option<&'a Path>,
    /// Sharing groups.
    pub groups: Option<&'a Path>,
    /// Orderers; as many as the network has, or three, without it.
    pub orderers: Option<usize>,
    /// Whether a new network takes proposals of any time; one that is there keeps to what it was
    /// made with.
    pub no_time_check: bool,
}

/// A network is up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetUp {
    /// Fabric's release.
    pub fabric: String,
    pub channel: String,
    /// How many peers it has.
    pub peers: usize,
    /// How many orderers it has: four order by SmartBFT, fewer by Raft.
    pub orderers: usize,
    /// How long it took.
    pub seconds: f64,
    /// The network's folder.
    pub net: String,
}

impl Step for NetUp {
    const NAME: &'static str = "net.up";
}

/// `net up`: makes the network the first time, starts what does not run later.
///
/// **Errors**: problems of the files; something does not get ready.
pub fn up(
    progress: &dyn Progress,
    layout: &Layout,
    binaries: &Binaries,
    options: &NetworkOptions<'_>,
) -> Result<NetUp, NetworkError> {
    let begun = Instant::now();
    let lock = NetworkLock::take(layout)?;
    let is_known = layout.consortium().is_file();
    let (consortium, groups) = if is_known && options.consortium.is_none() {
        (network_consortium(layout)?, None)
    } else {
        let nonce = consortium::fresh_nonce(&mut startup::rng()?);
        let files = ConsortiumFiles::read(options.consortium, options.groups, &nonce)?;
        (files.consortium, Some(files.groups))
    };
    if is_known && network_consortium(layout)?.to_canonical() != consortium.to_canonical() {
        return Err(NetworkError::OtherConsortium);
    }
    let topology = topology(layout, &consortium, options)?;
    let state = medveil_fabric_net::up(&lock, &topology, binaries, &mut stages(progress))?;
    if let Some(groups) = groups.filter(|_| !is_known) {
        write_file(&layout.groups(), groups.as_bytes())?;
        write_file(&layout.consortium(), &consortium.to_canonical())?;
    }
    Ok(NetUp {
        peers: state.orgs.len(),
        orderers: state.orderers.len(),
        fabric: state.fabric,
        channel: state.channel,
        seconds: begun.elapsed().as_secs_f64(),
        net: layout.root().display().to_string(),
    })
}

/// What a network is made of: what is asked for, and for the rest what one that is there was made
/// with.
fn topology(
    layout: &Layout,
    consortium: &Consortium,
    options: &NetworkOptions<'_>,
) -> Result<Topology, NetworkError> {
    let made = NetState::read(layout).ok().filter(|s| s.is_joined);
    if options.no_time_check && made.as_ref().is_some_and(|s| s.is_time_checked) {
        return Err(NetworkError::TimeChecked);
    }
    let members = consortium.members().iter();
    let orgs: Vec<MspId> = members.map(|m| m.msp_id.clone()).collect();
    let has = made.as_ref().map(|s| s.orderers.len());
    let orderers = options.orderers.or(has).unwrap_or(ORDERERS);
    Ok(Topology {
        is_time_checked: made.map_or(!options.no_time_check, |s| s.is_time_checked),
        ..Topology::new(orgs, orderers, consortium::CHANNEL)?
    })
}

/// The consortium that the network was made for.
fn network_consortium(layout: &Layout) -> Result<Consortium, NetworkError> {
    let path = layout.consortium();
    if !path.is_file() {
        return Err(NetworkError::NoNetwork(layout.root().to_owned()));
    }
    Ok(read_canonical(&path)?)
}

/// Which processes of a network run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetStatus {
    pub running: usize,
    pub processes: usize,
    /// Process id by name; none where it does not run.
    #[serde(flatten)]
    pub pids: BTreeMap<String, Option<i32>>,
    /// Whether proposals 15 minutes off are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_check: Option<bool>,
    /// Each process with its port, in order.
    #[serde(skip)]
    pub process_list: Vec<ProcessStatus>,
    /// Why the network's own file could not be read.
    #[serde(skip)]
    pub damaged: Option<NetError>,
}

impl Step for NetStatus {
    const NAME: &'static str = "net.status";
}

/// `net status`.
///
/// **Errors**: no network there.
pub fn status(layout: &Layout) -> Result<NetStatus, NetworkError> {
    let process_list = medveil_fabric_net::status(layout)?;
    let (time_check, damaged) = match NetState::read(layout) {
        Ok(state) => (Some(state.is_time_checked), None),
        Err(damaged) => (None, Some(damaged)),
    };
    Ok(NetStatus {
        running: process_list.iter().filter(|s| s.pid.is_some()).count(),
        processes: process_list.len(),
        pids: process_list
            .iter()
            .map(|s| (s.name.clone(), s.pid))
            .collect(),
        time_check,
        process_list,
        damaged,
    })
}

/// What a shell needs to use Fabric's `peer` program as an organisation's administrator.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetEnvironment {
    /// Variables by name.
    #[serde(flatten)]
    pub variables: BTreeMap<String, String>,
    /// The folder of Fabric's programs.
    pub programs: String,
}

impl Step for NetEnvironment {
    const NAME: &'static str = "net.env";
}

/// `net env`.
///
/// **Errors**: no network there, or no such organisation.
pub fn env(
    layout: &Layout,
    binaries: &Binaries,
    org: &str,
) -> Result<NetEnvironment, NetworkError> {
    let msp_id = MspId::new(org)?;
    let state = NetState::read(layout)?;
    let variables = medveil_fabric_net::environment(layout, &state, &msp_id, binaries)?;
    Ok(NetEnvironment {
        variables: variables.into_iter().collect(),
        programs: folder(binaries).display().to_string(),
    })
}

/// Every process of a network has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetDown {
    /// The network's folder.
    pub net: String,
}

impl Step for NetDown {
    const NAME: &'static str = "net.down";
}

/// `net down`.
///
/// **Errors**: no network there.
pub fn down(layout: &Layout) -> Result<NetDown, NetworkError> {
    medveil_fabric_net::stop(&NetworkLock::take_existing(layout)?)?;
    Ok(NetDown {
        net: layout.root().display().to_string(),
    })
}

/// A network is removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NetCleaned {
    /// The folder that it had.
    pub net: String,
}

impl Step for NetCleaned {
    const NAME: &'static str = "net.clean";
}

/// `net clean`.
///
/// **Errors**: no network there.
pub fn clean(layout: &Layout) -> Result<NetCleaned, NetworkError> {
    medveil_fabric_net::remove(&NetworkLock::take_existing(layout)?)?;
    Ok(NetCleaned {
        net: layout.root().display().to_string(),
    })
}

#[cfg(test)]
mod tests;
