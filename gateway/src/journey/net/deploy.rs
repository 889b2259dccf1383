//! `net deploy`: the contract for every organisation, `Bootstrap`, and a join file for each.

use super::{NetworkError, network_consortium, stages};
use crate::infile;
use crate::journey::consortium::ConsortiumFiles;
use crate::journey::join::{self, JoinFile};
use crate::progress::Progress;
use crate::session::CHAINCODE;
use crate::startup;
use crate::step::Step;
use medveil_collections_config::{CollectionsConfig, Consortium};
use medveil_contract::Code;
use medveil_contract::call::{Bootstrap, Call, Parties};
use medveil_custody::write_file;
use medveil_fabric_client::{FabricClient, Network, OrgPeers, Outbox, PeerEndpoint, Profile};
use medveil_fabric_net::{Binaries, Deployment, Layout, NetState, NetworkLock, OrgState};
use medveil_fabric_wire::WholeBlock;
use medveil_ledger::{LedgerError, SystemClock, Transaction};
use medveil_msp::{Certificate, Msp, MspSet};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest first block of a channel.
///
/// **Units**: bytes.
const LONGEST_BLOCK: u64 = 64 << 20;
/// The contract's program, beside this one.
const CONTRACT: &str = "medveil-chaincode";

/// What `net deploy` deploys.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeployOptions<'a> {
    /// The contract's program; beside this one without it.
    pub program: Option<&'a Path>,
    /// Sharing groups that replace those of before.
    pub groups: Option<&'a Path>,
    /// Whether keys of a single-party set-up are refused.
    pub refuse_dev_keys: bool,
}

/// The contract is deployed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ContractDeployed {
    pub package_id: String,
    /// Sequence of its definition.
    pub sequence: u64,
    /// Whether this definition was deployed before.
    pub was_there: bool,
    /// The block that made the consortium known; none where it was known before.
    pub bootstrap_block: Option<u64>,
    /// The join file of each organisation.
    pub joins: Vec<String>,
}

impl Step for ContractDeployed {
    const NAME: &'static str = "net.deploy";
}

/// `net deploy`: the contract for every organisation, and `Bootstrap`; an upgrade where one is
/// deployed already.
///
/// **Errors**: the network is not up; the collections cannot replace those deployed; a program
/// fails; the contract refuses.
pub async fn deploy(
    progress: &dyn Progress,
    layout: &Layout,
    binaries: &Binaries,
    options: &DeployOptions<'_>,
) -> Result<ContractDeployed, NetworkError> {
    // The network stays this command's until the end.
    let lock = NetworkLock::take(layout)?;
    let groups = options
        .groups
        .map_or_else(|| layout.groups(), Path::to_owned);
    let files = ConsortiumFiles::with_groups(network_consortium(layout)?, &groups)?;
    let deployment = Deployment {
        program: program(options.program)?,
        chaincode: CHAINCODE,
        consortium: &files.consortium.to_canonical(),
        collections: &files.collections,
        allow_insecure_dev_keys: !options.refuse_dev_keys,
    };
    let deployed = medveil_fabric_net::deploy(&lock, binaries, &deployment, &mut stages(progress))?;
    write_file(&layout.groups(), files.groups.as_bytes())?;
    let state = NetState::read(layout)?;
    Ok(ContractDeployed {
        package_id: deployed.package_id,
        sequence: deployed.sequence,
        was_there: deployed.was_there,
        bootstrap_block: bootstrap(layout, &state, &files).await?,
        joins: joins(layout, &state, &files.consortium)?,
    })
}

fn program(given: Option<&Path>) -> Result<PathBuf, NetworkError> {
    let (path, found) = match given {
        Some(path) => (path, std::path::absolute(path)),
        None => (
            Path::new(CONTRACT),
            std::env::current_exe().map(|me| me.with_file_name(CONTRACT)),
        ),
    };
    found.map_err(file(path))
}

fn file(path: &Path) -> impl Fn(io::Error) -> NetworkError + '_ {
    move |source| NetworkError::File {
        path: path.to_owned(),
        source,
    }
}

fn text(path: &Path) -> Result<String, NetworkError> {
    infile::text(path).map_err(file(path))
}

/// The channel as this machine's organisations use it, without a home.
///
/// **Errors**: a file of the network is missing or of another form.
pub fn client(
    layout: &Layout,
    state: &NetState,
    consortium: &Consortium,
    collections: CollectionsConfig,
) -> Result<FabricClient, NetworkError> {
    let mut profile = Profile::new(&state.channel, CHAINCODE, &genesis(layout)?);
    let mut msps = Vec::new();
    for (member, org) in consortium.members().iter().zip(&state.orgs) {
        let pem = text(&layout.authority(&member.msp_id))?;
        let root = Certificate::from_pem(&pem);
        let msp = root.and_then(|root| Msp::new(member.msp_id.clone(), root));
        msps.push(msp.map_err(|source| NetworkError::Authority {
            org: member.msp_id.clone(),
            source,
        })?);
        profile.put(OrgPeers {
            msp_id: org.msp_id.clone(),
            peers: local(org),
            tls_authority: text(&layout.tls_authority(&member.msp_id))?,
            tls_client: None,
        });
    }
    let network = Network {
        profile,
        msps: MspSet::new(msps).map_err(NetworkError::Members)?,
        collections,
        outbox: Outbox::new(layout.root().join("outbox")),
        clock: Arc::new(SystemClock),
        notify: Arc::new(|_| ()),
    };
    Ok(FabricClient::new(network, startup::rng()?))
}

/// An organisation's peer on this machine.
fn local(org: &OrgState) -> Vec<PeerEndpoint> {
    vec![PeerEndpoint {
        address: format!("127.0.0.1:{}", org.peer_port),
        tls_name: Some("localhost".to_owned()),
    }]
}

/// Hash of the channel's first block, in hex.
fn genesis(layout: &Layout) -> Result<String, NetworkError> {
    let path = layout.genesis();
    let bytes = infile::bytes(&path, LONGEST_BLOCK).map_err(file(&path))?;
    let block = WholeBlock::read(&bytes);
    let block = block.map_err(|source| NetworkError::Block { path, source })?;
    Ok(hex::encode(block.hash()))
}

/// Writes the consortium onto the channel, once; gives its block, or none where it was there.
async fn bootstrap(
    layout: &Layout,
    state: &NetState,
    files: &ConsortiumFiles,
) -> Result<Option<u64>, NetworkError> {
    let consortium = &files.consortium;
    let Some(first) = consortium.members().first().map(|m| &m.msp_id) else {
        return Ok(None);
    };
    let folder = layout.user(first, "Admin").join("msp");
    let admin = join::identity(first, &folder)?;
    let call = Call::Bootstrap(Bootstrap {
        consortium: consortium.to_canonical(),
    });
    let rule = call.endorsement(&Parties::default())?;
    let own = std::slice::from_ref(first);
    let endorsers = rule.alternatives(own, consortium, &files.collections);
    let client = client(layout, state, consortium, files.collections.clone())?;
    let transaction = Transaction::call(call.to_args(), Vec::new());
    match client.submit(&admin, transaction, endorsers).await {
        Ok(committed) => Ok(Some(committed.block)),
        Err(e) => was_there(e),
    }
}

/// The contract refuses a second consortium as a conflict: then one is there.
fn was_there(error: LedgerError) -> Result<Option<u64>, NetworkError> {
    if error.code() == Some(Code::Conflict) {
        return Ok(None);
    }
    Err(error.into())
}

/// Writes a join file for each organisation; gives their paths.
fn joins(
    layout: &Layout,
    state: &NetState,
    consortium: &Consortium,
) -> Result<Vec<String>, NetworkError> {
    let network = JoinFile {
        format: join::FORMAT.to_owned(),
        channel: state.channel.clone(),
        chaincode: CHAINCODE.to_owned(),
        genesis: genesis(layout)?,
        msp_id: String::new(),
        peers: Vec::new(),
        tls_authority: None,
        connection_profile: None,
        tls_client: None,
        admin: None,
        client: None,
        authorities: authorities(layout, consortium),
        consortium: layout.consortium(),
        sharing_groups: layout.groups(),
    };
    let mut written = Vec::new();
    for (member, org) in consortium.members().iter().zip(&state.orgs) {
        let msp = &member.msp_id;
        let join_file = JoinFile {
            msp_id: msp.to_string(),
            peers: local(org),
            tls_authority: Some(layout.tls_authority(msp)),
            admin: Some(layout.user(msp, "Admin").join("msp")),
            client: Some(layout.user(msp, "User1").join("msp")),
            ..network.clone()
        };
        let path = layout.join(msp);
        let folder = path.parent().unwrap_or(layout.root());
        std::fs::create_dir_all(folder).map_err(file(folder))?;
        write_file(&path, serde_json::to_string_pretty(&join_file)?.as_bytes())?;
        written.push(path.display().to_string());
    }
    Ok(written)
}

fn authorities(layout: &Layout, consortium: &Consortium) -> BTreeMap<String, PathBuf> {
    let members = consortium.members().iter().map(|m| &m.msp_id);
    members
        .map(|msp| (msp.to_string(), layout.authority(msp)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_collections_config::MspId;
    use medveil_contract::ContractError;

    #[test]
    fn a_consortium_that_is_there_is_known_by_the_refusals_code() {
        let refused = |code| LedgerError::Refused {
            tx_id: "ab".to_owned(),
            peer: MspId::new("HospitalA").unwrap(),
            error: ContractError::new(code, "conflict", "conflict: a text decides nothing"),
        };
        assert_eq!(was_there(refused(Code::Conflict)).unwrap(), None);
        assert!(was_there(refused(Code::Forbidden)).is_err());
        let gone = LedgerError::Unreachable("conflict: ".into());
        assert!(was_there(gone).is_err());
    }
}
