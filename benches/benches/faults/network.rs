//! Four organisations on real Fabric, behind relays, in a folder that goes with this.

use crate::relay::Relays;
use crate::{ORGS, org, wait};
use anyhow::{Context, Result, bail};
use medveil_benches::quick;
use medveil_custody::{PassphraseSource, write_file, write_secret_file};
use medveil_fabric_net::{Binaries, Layout, NetState, NetworkLock, Topology};
use medveil_gateway::Session;
use medveil_gateway::home::Home;
use medveil_gateway::journey::net::DeployOptions;
use medveil_gateway::journey::{consortium, join, net};
use medveil_gateway::keyring::Keyring;
use medveil_gateway::progress::Quiet;
use medveil_gateway::startup::{self, Startup};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Whose peer has a disk of its own, which is filled.
pub const FULL: &str = "HospitalB";
/// Size of that disk: a peer's share of the ledger in a hundred faults is about 150 MiB.
///
/// **Units**: MiB.
const DISK: u32 = 768;

/// A program that is built beside this one.
pub fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here.parent().and_then(Path::parent).map(|p| p.join(name));
    let path = path.filter(|p| p.is_file());
    path.with_context(|| format!("{name} is not built beside this bench: run cargo build first"))
}

pub struct Network {
    layout: Layout,
    folder: TempDir,
    binaries: Binaries,
    pub relays: Relays,
    made: Instant,
    /// Why the peer of [`FULL`] has no disk of its own, where it has none.
    pub no_disk: Option<String>,
}

impl Drop for Network {
    fn drop(&mut self) {
        self.relays.cut(None);
        // Nothing of it is needed any more: it ends at once.
        let processes = self.state().map(|s| s.processes()).unwrap_or_default();
        for (name, ..) in processes {
            let _ = self.kill(&name);
        }
        let stopped =
            NetworkLock::take_existing(&self.layout).and_then(|l| medveil_fabric_net::stop(&l));
        if self.no_disk.is_none() {
            let _ = Command::new("umount").arg(self.disk()).status();
        }
        if stopped.is_ok() {
            let _ = NetworkLock::take_existing(&self.layout)
                .and_then(|lock| medveil_fabric_net::remove(&lock));
        }
    }
}

impl Network {
    /// Makes the network with the contract on it, and a home for each organisation.
    ///
    /// **Errors**: programs are missing, or something does not get ready.
    pub fn new(orderers: usize, disk: Option<&Path>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let layout = Layout::new(&folder.path().join("net"));
        let own = std::env::var_os("MEDVEIL_FABRIC").map(PathBuf::from);
        let binaries = net::binaries(own.as_deref())?;
        let nowhere = Home::new(folder.path().join("none"));
        let files = consortium::files(&nowhere, None, None, &mut startup::rng()?)?;
        let members = files.consortium.members().iter();
        let topology = Topology {
            is_relayed: true,
            ..Topology::new(
                members.map(|m| m.msp_id.clone()).collect(),
                orderers,
                "medveil-channel",
            )?
        };
        let (mut relays, mut no_disk) = (None, None);
        let lock = NetworkLock::take(&layout)?;
        // The first stage begins when ports are known, before anything listens.
        medveil_fabric_net::up(&lock, &topology, &binaries, &mut |_| {
            if relays.is_none() {
                no_disk = own_disk(&layout, disk).err().map(|e| format!("{e:#}"));
                relays = Some(Relays::new(&layout));
            }
        })?;
        drop(lock);
        write_file(&layout.groups(), files.groups.as_bytes())?;
        write_file(&layout.consortium(), &files.consortium.to_canonical())?;
        let relays = relays.context("the network began no stage")??;
        let network = Network {
            layout,
            folder,
            binaries,
            relays,
            made: Instant::now(),
            no_disk,
        };
        network.deploy()?;
        network.found()?;
        Ok(network)
    }

    fn deploy(&self) -> Result<()> {
        let options = DeployOptions {
            program: Some(&program("medveil-chaincode")?),
            groups: None,
            refuse_dev_keys: false,
        };
        wait(net::deploy(&Quiet, &self.layout, &self.binaries, &options))?;
        Ok(())
    }

    /// A home for each organisation.
    fn found(&self) -> Result<()> {
        write_secret_file(&self.path("passphrase"), b"correct horse battery")?;
        for name in ORGS {
            let file = self.layout.join(&org(name)?);
            let home = self.home(name);
            join::join(&home, &self.keyring(&home), &file, &mut startup::rng()?)?;
        }
        Ok(())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How long ago it was made.
    pub fn age(&self) -> Duration {
        self.made.elapsed()
    }

    /// Homes, disks and logs.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn home(&self, name: &str) -> Home {
        Home::new(self.path(&format!("home-{name}")))
    }

    pub fn keyring(&self, home: &Home) -> Keyring {
        let passphrase = Some(PassphraseSource::File(self.path("passphrase")));
        Keyring::new(home.clone(), passphrase)
    }

    /// Opens an organisation's home, as a process does.
    pub fn session(&self, name: &str) -> Result<Session> {
        open(self.home(name), &self.path("passphrase"))
    }

    pub fn state(&self) -> Result<NetState> {
        Ok(NetState::read(&self.layout)?)
    }

    /// Ends a process at once, as a power cut would.
    pub fn kill(&self, name: &str) -> Result<()> {
        let processes = self.state()?.processes();
        let running = processes.into_iter().find(|(n, ..)| n == name);
        let running = running.and_then(|(_, running, _)| running);
        let running = running.with_context(|| format!("{name} does not run"))?;
        if let Some(pid) = Pid::from_raw(running.pid) {
            // One that has ended by itself is as dead.
            let _ = kill_process(pid, Signal::KILL);
        }
        let begun = Instant::now();
        while running.is_alive() {
            if begun.elapsed() > Duration::from_secs(20) {
                bail!("{name} does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub fn is_alive(&self, name: &str) -> Result<bool> {
        let processes = self.state()?.processes();
        let of = |(n, running, _): &(String, Option<medveil_fabric_net::Running>, u16)| {
            n == name && running.is_some_and(|r| r.is_alive())
        };
        Ok(processes.iter().any(of))
    }

    /// Starts what does not run.
    pub fn restart(&self) -> Result<()> {
        let lock = NetworkLock::take_existing(&self.layout)?;
        medveil_fabric_net::start(&lock, &self.binaries, &mut |_| {})?;
        Ok(())
    }

    /// One organisation's contract runs as this program, under the same package.
    pub fn run_contract(&self, name: &str, program: &Path) -> Result<()> {
        self.kill(&format!("chaincode-{name}"))?;
        let mut state = self.state()?;
        let contract = state.contract.as_mut().context("a contract")?;
        contract.program = program.to_owned();
        std::fs::write(self.layout.state(), serde_json::to_string(&state)?)?;
        self.restart()
    }

    /// The disk that is filled.
    pub fn disk(&self) -> PathBuf {
        data(&self.layout)
    }
}

/// Opens a home.
pub fn open(home: Home, passphrase: &Path) -> Result<Session> {
    let startup = Startup {
        passphrases: Some(PassphraseSource::File(passphrase.to_owned())).into(),
        ..Startup::new(home)
    };
    Ok(startup.open()?)
}

fn data(layout: &Layout) -> PathBuf {
    layout.root().join("data").join(format!("peer-{FULL}"))
}

/// Gives a peer a small disk: the given one, or one in memory where this user may mount it.
fn own_disk(layout: &Layout, given: Option<&Path>) -> Result<()> {
    let place = data(layout);
    std::fs::create_dir_all(place.parent().context("a folder")?)?;
    if let Some(given) = given {
        let used = std::fs::read_dir(given)?.next().is_some();
        anyhow::ensure!(!used, "{} is not empty", given.display());
        return Ok(std::os::unix::fs::symlink(given, &place)?);
    }
    std::fs::create_dir(&place)?;
    let output = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={DISK}m,mode=700")])
        .arg("medveil-faults")
        .arg(&place)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    anyhow::ensure!(
        output.status.success(),
        "no disk may be mounted here ({said}); --disk names an empty folder on a small one"
    );
    Ok(())
}

/// Milliseconds that a run of one of each kind waits in place of a longer time.
pub fn within(range: std::ops::Range<u64>) -> std::ops::Range<u64> {
    if quick() {
        range.start..(range.start + (range.end - range.start) / 4).max(range.start + 1)
    } else {
        range
    }
}
