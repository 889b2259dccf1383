//! Fabric networks on this machine: what `medveil net` does, on top of `fabric-net`.

use super::consortium;
use super::join::{self, JoinFile};
use crate::backend::SystemClock;
use crate::backend::fabric::{Network, OrgPeers, Outbox, PeerEndpoint, Profile, WholeBlock};
use crate::channel::{Channel, FabricChannel, Private};
use crate::custody::write_file;
use crate::desk::CHAINCODE;
use crate::error::{Context, ErrorKind, GatewayError};
use crate::msp::{Certificate, Msp, MspSet};
use crate::output::{Output, Step};
use collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use fabric_net::{Binaries, Deployment, Held, Layout, NetError, NetState, OrgState, Topology};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verifier_chaincode::call::{Bootstrap, Call, Parties};

/// The contract's program, beside this one.
const CONTRACT: &str = "medveil-chaincode";
/// Orderers of a network of which nobody said how many it has.
const ORDERERS: usize = 3;

impl From<NetError> for GatewayError {
    fn from(error: NetError) -> Self {
        let kind = match &error {
            NetError::Missing(_) => ErrorKind::NotFound,
            NetError::Input(_) => ErrorKind::Input,
            NetError::Io { .. } | NetError::Program { .. } | NetError::Timeout { .. } => {
                ErrorKind::Internal
            }
        };
        GatewayError::new(kind, "net", error)
    }
}

/// Tells on standard error what goes on.
fn say(output: &Output) -> impl FnMut(&str) {
    let output = *output;
    move |text: &str| drop(output.spinner(text))
}

/// Fabric's binaries: the user's own, or those that `net install` built.
///
/// **Errors**: none there, or of a release that is not known.
pub fn binaries(own: Option<&Path>) -> Result<Binaries, GatewayError> {
    Ok(own.map_or_else(Binaries::installed, Binaries::own)?)
}

/// `net install`.
///
/// **Errors**: the Go client is missing, or building fails.
pub fn install(output: &Output, own: Option<&Path>) -> Result<Step, GatewayError> {
    let found = match own {
        Some(dir) => Binaries::own(dir)?,
        None => fabric_net::install(&mut say(output))?,
    };
    let peer = found.program("peer");
    Ok(Step::new("net.install")
        .line(format!(
            "Fabric {} is ready: {}",
            found.version,
            peer.parent().unwrap_or(&peer).display()
        ))
        .field("version", found.version.clone())
        .field("peer", peer.display().to_string()))
}

/// What `net up` is asked for.
pub struct Wish<'a> {
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

/// `net up`: makes the network the first time, starts what does not run later.
///
/// **Errors**: problems of the files; something does not get ready.
pub fn up(
    output: &Output,
    layout: &Layout,
    binaries: &Binaries,
    wish: &Wish<'_>,
) -> Result<Step, GatewayError> {
    let begun = std::time::Instant::now();
    let held = Held::take(layout)?;
    let known = layout.consortium().is_file();
    let (consortium, groups) = if known && wish.consortium.is_none() {
        (kept(layout)?, None)
    } else {
        let (consortium, groups, _) =
            consortium::files(wish.consortium, wish.groups, &mut crate::startup::rng()?)?;
        (consortium, Some(groups))
    };
    if known && std::fs::read(layout.consortium()).internal("net")? != consortium.to_canonical() {
        return Err(GatewayError::input(
            "net",
            "the network was made for another consortium: run `medveil net clean` first",
        ));
    }
    let state = held.up(
        &topology(layout, &consortium, wish)?,
        binaries,
        &mut say(output),
    )?;
    if let Some(groups) = groups.filter(|_| !known) {
        write_file(&layout.groups(), groups.as_bytes()).internal("net")?;
        write_file(&layout.consortium(), &consortium.to_canonical()).internal("net")?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let orderers = format!(
        "{} orderers ({})",
        state.orderers.len(),
        if state.orderers.len() == 4 {
            "SmartBFT"
        } else {
            "Raft"
        }
    );
    Ok(Step::new("net.up")
        .line(format!(
            "Fabric {} with {} peers and {orderers} is up in {seconds:.1} s: {}",
            state.fabric,
            state.orgs.len(),
            layout.root().display()
        ))
        .field("fabric", state.fabric)
        .field("channel", state.channel)
        .field("peers", state.orgs.len())
        .field("orderers", state.orderers.len())
        .field("seconds", seconds))
}

/// What a network is made of: what is asked for, and for the rest what one that is there was made
/// with.
fn topology(
    layout: &Layout,
    consortium: &Consortium,
    wish: &Wish<'_>,
) -> Result<Topology, GatewayError> {
    let made = NetState::read(layout).ok().filter(|s| s.is_joined);
    if wish.no_time_check && made.as_ref().is_some_and(|s| s.is_time_checked) {
        let message = "the network was made with peers that check clocks: run `medveil net clean` before --no-time-check";
        return Err(GatewayError::input("net", message));
    }
    let orgs: Vec<MspId> = consortium
        .members()
        .iter()
        .map(|m| m.msp_id.clone())
        .collect();
    let orderers = wish
        .orderers
        .or_else(|| made.as_ref().map(|s| s.orderers.len()))
        .unwrap_or(ORDERERS);
    let is_time_checked = made.map_or(!wish.no_time_check, |s| s.is_time_checked);
    Ok(Topology {
        is_time_checked,
        ..Topology::new(orgs, orderers, consortium::CHANNEL)?
    })
}

fn kept(layout: &Layout) -> Result<Consortium, GatewayError> {
    let bytes = std::fs::read(layout.consortium());
    let bytes = bytes.map_err(|_| {
        GatewayError::not_found("net", "no network is here yet: run `medveil net up`")
    })?;
    Consortium::from_canonical(&bytes).input("consortium")
}

/// What `net deploy` is asked for.
pub struct DeployWish<'a> {
    /// The contract's program; beside this one without it.
    pub program: Option<&'a Path>,
    /// Sharing groups that replace those of before.
    pub groups: Option<&'a Path>,
    /// Whether keys of a single-party set-up are refused.
    pub refuse_dev_keys: bool,
}

/// `net deploy`: the contract for every organisation, and `Bootstrap`; an upgrade where one is
/// deployed already.
///
/// **Errors**: the network is not up; the collections cannot replace those deployed; a program
/// fails; the contract refuses.
pub fn deploy(
    output: &Output,
    layout: &Layout,
    binaries: &Binaries,
    wish: &DeployWish<'_>,
) -> Result<Step, GatewayError> {
    let held = Held::take(layout)?;
    let consortium = kept(layout)?;
    let groups =
        std::fs::read_to_string(wish.groups.map_or_else(|| layout.groups(), Path::to_owned))
            .not_found("sharing groups")?;
    let parsed = SharingGroups::from_json(&groups, &consortium).input("sharing groups")?;
    let collections = CollectionsConfig::derive(&consortium, &parsed).input("collections")?;
    let deployment = Deployment {
        program: program(wish.program)?,
        chaincode: CHAINCODE,
        consortium: &consortium.to_canonical(),
        collections: &collections,
        allow_insecure_dev_keys: !wish.refuse_dev_keys,
    };
    let deployed = held.deploy(binaries, &deployment, &mut say(output))?;
    write_file(&layout.groups(), groups.as_bytes()).internal("net")?;
    let state = NetState::read(layout)?;
    let block = bootstrap(layout, &state, &consortium, collections)?;
    joins(layout, &state, &consortium)?;
    let what = if deployed.was_there {
        "was deployed before"
    } else {
        "is deployed"
    };
    Ok(Step::new("net.deploy")
        .line(format!(
            "the contract {what}: definition {}, package {}",
            deployed.sequence, deployed.package_id
        ))
        .line(format!(
            "  join a home: medveil --home HOME consortium join {}",
            layout.join(&consortium.members()[0].msp_id).display()
        ))
        .field("package_id", deployed.package_id)
        .field("sequence", deployed.sequence)
        .field("bootstrap_block", block))
}

fn program(given: Option<&Path>) -> Result<PathBuf, GatewayError> {
    match given {
        Some(path) => Ok(std::path::absolute(path).input("net")?),
        None => Ok(std::env::current_exe()
            .internal("net")?
            .with_file_name(CONTRACT)),
    }
}

/// The channel as this machine's organisations use it, without a home.
///
/// **Errors**: a file of the network is missing or of another form.
pub fn channel(
    layout: &Layout,
    state: &NetState,
    consortium: &Consortium,
    collections: CollectionsConfig,
) -> Result<FabricChannel, GatewayError> {
    let mut profile = Profile::new(&state.channel, CHAINCODE, &genesis(layout)?);
    let mut msps = Vec::new();
    for (member, org) in consortium.members().iter().zip(&state.orgs) {
        let read = |path: PathBuf| {
            std::fs::read_to_string(&path)
                .map_err(|e| GatewayError::not_found("net", format!("{}: {e}", path.display())))
        };
        let root = Certificate::from_pem(&read(layout.authority(&member.msp_id))?).input("net")?;
        msps.push(Msp::new(member.msp_id.clone(), root).input("net")?);
        let tls_authority = read(layout.tls_authority(&member.msp_id))?;
        profile.put(OrgPeers {
            msp_id: org.msp_id.clone(),
            peers: local(org),
            tls_authority,
            tls_client: None,
        });
    }
    let msps = MspSet::new(msps).input("net")?;
    let outbox = Outbox::new(layout.root().join("outbox"));
    FabricChannel::new(
        Network {
            profile,
            msps,
            collections,
            outbox,
            clock: Arc::new(SystemClock),
        },
        crate::startup::rng()?,
    )
}

/// An organisation's peer on this machine.
fn local(org: &OrgState) -> Vec<PeerEndpoint> {
    vec![PeerEndpoint {
        address: format!("127.0.0.1:{}", org.peer_port),
        tls_name: Some("localhost".to_owned()),
    }]
}

fn genesis(layout: &Layout) -> Result<String, GatewayError> {
    let block =
        WholeBlock::read(&std::fs::read(layout.genesis()).not_found("net")?).input("net")?;
    Ok(hex::encode(block.hash()))
}

/// Writes the consortium onto the channel, once; gives its block, or none where it was there.
fn bootstrap(
    layout: &Layout,
    state: &NetState,
    consortium: &Consortium,
    collections: CollectionsConfig,
) -> Result<Option<u64>, GatewayError> {
    let Some(first) = consortium.members().first() else {
        return Ok(None);
    };
    let admin = join::identity(
        &first.msp_id,
        &layout.user(&first.msp_id, "Admin").join("msp"),
    )?;
    let call = Call::Bootstrap(Bootstrap {
        consortium: consortium.to_canonical(),
    });
    let rule = call
        .endorsement(&Parties::default())
        .internal("endorsers")?;
    let endorsers = rule.alternatives(
        std::slice::from_ref(&first.msp_id),
        consortium,
        &collections,
    );
    let channel = channel(layout, state, consortium, collections)?;
    match channel.submit(Arc::new(admin), &call, Private::default(), endorsers) {
        Ok(committed) => Ok(Some(committed.block)),
        Err(e) if e.message().starts_with("conflict: ") => Ok(None),
        Err(e) => Err(e),
    }
}

/// A join file for each organisation.
fn joins(layout: &Layout, state: &NetState, consortium: &Consortium) -> Result<(), GatewayError> {
    let authorities = consortium
        .members()
        .iter()
        .map(|m| (m.msp_id.to_string(), layout.authority(&m.msp_id)));
    for (member, org) in consortium.members().iter().zip(&state.orgs) {
        let msp = &member.msp_id;
        let file = JoinFile {
            format: join::FORMAT.to_owned(),
            channel: state.channel.clone(),
            chaincode: CHAINCODE.to_owned(),
            genesis: genesis(layout)?,
            msp_id: msp.to_string(),
            peers: local(org),
            tls_authority: Some(layout.tls_authority(msp)),
            connection_profile: None,
            tls_client: None,
            admin: layout.user(msp, "Admin").join("msp"),
            client: layout.user(msp, "User1").join("msp"),
            authorities: authorities.clone().collect(),
            consortium: layout.consortium(),
            sharing_groups: layout.groups(),
        };
        let path = layout.join(msp);
        std::fs::create_dir_all(path.parent().unwrap_or(layout.root())).internal("net")?;
        write_file(
            &path,
            serde_json::to_string_pretty(&file)
                .internal("net")?
                .as_bytes(),
        )
        .internal("net")?;
    }
    Ok(())
}

/// `net status`.
///
/// **Errors**: no network there.
pub fn status(layout: &Layout) -> Result<Step, GatewayError> {
    let standing = fabric_net::status(layout)?;
    let running = standing.iter().filter(|s| s.pid.is_some()).count();
    let mut step = Step::new("net.status")
        .field("running", running)
        .field("processes", standing.len());
    for s in &standing {
        let how = s
            .pid
            .map_or("does not run".to_owned(), |pid| format!("runs as {pid}"));
        step = step
            .line(format!("{:<24} port {:<6} {how}", s.name, s.port))
            .field(&s.name, s.pid);
    }
    match NetState::read(layout) {
        Ok(state) => {
            let checks = if state.is_time_checked {
                "refused"
            } else {
                "taken: made with --no-time-check"
            };
            step = step
                .line(format!("proposals 15 minutes off are {checks}"))
                .field("time_check", state.is_time_checked);
        }
        Err(damaged) => step = step.line(damaged.to_string()),
    }
    Ok(step.line(format!("{running} of {} processes run", standing.len())))
}

/// `net env`: lines for a shell, and the folder of Fabric's programs on its path.
///
/// **Errors**: no network there, or no such organisation.
pub fn env(layout: &Layout, binaries: &Binaries, org: &str) -> Result<Step, GatewayError> {
    let msp_id = MspId::new(org).input("net")?;
    let variables = fabric_net::environment(layout, &NetState::read(layout)?, &msp_id, binaries)?;
    let quoted = |text: &str| text.replace('\'', "'\\''");
    let mut step = Step::new("net.env");
    for (key, value) in &variables {
        step = step
            .line(format!("export {key}='{}'", quoted(value)))
            .field(key, value.clone());
    }
    let peer = binaries.program("peer");
    let folder = peer.parent().unwrap_or(&peer).display().to_string();
    Ok(step
        .line(format!("export PATH='{}':\"$PATH\"", quoted(&folder)))
        .field("programs", folder))
}

/// `net down`.
///
/// **Errors**: no network there.
pub fn down(layout: &Layout) -> Result<Step, GatewayError> {
    fabric_net::down(layout)?;
    Ok(Step::new("net.down")
        .line("every process has ended; `medveil net up` goes on from what is on disk"))
}

/// `net clean`.
///
/// **Errors**: no network there.
pub fn clean(layout: &Layout) -> Result<Step, GatewayError> {
    fabric_net::clean(layout)?;
    Ok(Step::new("net.clean").line(format!("{} is removed", layout.root().display())))
}
