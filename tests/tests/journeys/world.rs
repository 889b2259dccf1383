//! A consortium in a folder of its own, on either ledger, with every circuit that a test names
//! active.

use crate::shared_keys;
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use medveil_custody::{PassphraseSource, write_secret_file};
use medveil_fabric_client::FabricClient;
use medveil_fabric_net::{Binaries, Layout, NetState, NetworkLock};
use medveil_gateway::Session;
use medveil_gateway::home::Home;
use medveil_gateway::journey::net::{DeployOptions, NetworkOptions};
use medveil_gateway::journey::{audit, circuit, consortium, join, net};
use medveil_gateway::keyring::Keyring;
use medveil_gateway::progress::Quiet;
use medveil_gateway::startup::{self, Startup};
use medveil_ledger::SystemClock;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Runs a journey to its end.
pub fn wait<F: Future>(journey: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    RUNTIME.block_on(journey)
}

/// Which ledger a scenario runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Files of this machine.
    Embedded,
    /// Peers and orderers of this machine.
    Fabric,
}

/// One scenario, two ledgers.
#[macro_export]
macro_rules! on_both {
    ($($scenario:ident),* $(,)?) => {
        $(mod $scenario {
            #[test]
            fn on_embedded() {
                super::super::$scenario($crate::world::Kind::Embedded);
            }
            #[test]
            fn on_fabric() {
                super::super::$scenario($crate::world::Kind::Fabric);
            }
        })*
    };
}

/// Networks take memory and cores, and mostly wait: two at a time.
static NETWORKS: Semaphore = Semaphore::const_new(2);

/// A network that leaves nothing behind.
pub struct Net {
    layout: Layout,
    _place: SemaphorePermit<'static>,
}

impl Net {
    /// A network of the template consortium with the contract deployed.
    pub fn new(root: &Path, orderers: usize) -> Self {
        Net::deployed(Net::bare(root, orderers, false))
    }

    fn deployed(net: Net) -> Self {
        let options = DeployOptions {
            program: Some(&program("medveil-chaincode")),
            groups: None,
            refuse_dev_keys: false,
        };
        let deployed = wait(net::deploy(&Quiet, &net.layout, &binaries(), &options)).unwrap();
        assert!(
            deployed.bootstrap_block.is_some(),
            "the consortium is on the channel"
        );
        net
    }

    /// A network of the template consortium without a contract.
    fn bare(root: &Path, orderers: usize, no_time_check: bool) -> Self {
        let net = Net {
            layout: Layout::new(root),
            _place: wait(NETWORKS.acquire()).unwrap(),
        };
        net::install(&Quiet, own_binaries().as_deref()).unwrap();
        let options = NetworkOptions {
            consortium: None,
            groups: None,
            orderers: Some(orderers),
            no_time_check,
        };
        net::up(&Quiet, &net.layout, &binaries(), &options).unwrap();
        net
    }

    /// A network of the template consortium whose chaincode is another program; nothing is called.
    pub fn with_program(root: &Path, chaincode: &str) -> Self {
        let net = Net::bare(root, 1, false);
        let (consortium, collections) = net.consortium();
        let deployment = medveil_fabric_net::Deployment {
            program: program(chaincode),
            chaincode: "medveil",
            consortium: &consortium.to_canonical(),
            collections: &collections,
            allow_insecure_dev_keys: true,
        };
        let lock = NetworkLock::take(&net.layout).unwrap();
        medveil_fabric_net::deploy(&lock, &binaries(), &deployment, &mut |_| {}).unwrap();
        net
    }

    /// Consortium and collections.
    pub fn consortium(&self) -> (Consortium, CollectionsConfig) {
        let consortium =
            Consortium::from_canonical(&std::fs::read(self.layout.consortium()).unwrap()).unwrap();
        let groups = std::fs::read_to_string(self.layout.groups()).unwrap();
        let groups = SharingGroups::from_json(&groups, &consortium).unwrap();
        let collections = CollectionsConfig::derive(&consortium, &groups).unwrap();
        (consortium, collections)
    }

    /// Ports and processes.
    pub fn state(&self) -> NetState {
        NetState::read(&self.layout).unwrap()
    }

    /// Ends a process at once, as a power cut would: `orderer0`, `peer-HospitalA`,
    /// `chaincode-HospitalA`.
    pub fn kill(&self, name: &str) {
        let (_, running, _) = self
            .state()
            .processes()
            .into_iter()
            .find(|(n, ..)| n == name)
            .unwrap();
        let (running, begun) = (running.unwrap(), Instant::now());
        kill(running.pid as u32);
        // Its threads end one after the other.
        while running.is_alive() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{name} does not end"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts what does not run.
    pub fn restart(&self) {
        let lock = NetworkLock::take_existing(&self.layout).unwrap();
        medveil_fabric_net::start(&lock, &binaries(), &mut |_| {}).unwrap();
    }

    /// One organisation runs another program in its contract's place, under the same package;
    /// `None` brings the contract back.
    pub fn patch(&self, msp: &str, chaincode: Option<&str>) {
        self.kill(&format!("chaincode-{msp}"));
        let path = self.layout.state();
        let mut state: NetState =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        state.contract.as_mut().unwrap().program =
            program(chaincode.unwrap_or("medveil-chaincode"));
        std::fs::write(&path, serde_json::to_string(&state).unwrap()).unwrap();
        self.restart();
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for name in ["peer-HospitalA", "chaincode-HospitalA"] {
                let log = std::fs::read_to_string(self.layout.log(name)).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(5).collect();
                eprintln!("{name}: {tail:#?}");
            }
        }
        let _ = NetworkLock::take_existing(&self.layout)
            .and_then(|lock| medveil_fabric_net::remove(&lock));
    }
}

/// Fabric's own binaries where `MEDVEIL_FABRIC` names them, as for `medveil net`.
fn own_binaries() -> Option<PathBuf> {
    std::env::var_os("MEDVEIL_FABRIC").map(PathBuf::from)
}

pub fn binaries() -> Binaries {
    net::binaries(own_binaries().as_deref()).unwrap()
}

/// A program of this workspace, beside the test's own.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join(name);
    assert!(
        path.is_file(),
        "{} is not built: run the tests of the whole workspace",
        path.display()
    );
    path
}

/// Ends a process at once, and waits until it is gone.
pub fn kill(pid: u32) {
    assert!(
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
    let stat = format!("/proc/{pid}/stat");
    while std::fs::read_to_string(&stat).is_ok_and(|s| {
        !s.rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    }) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A home and the folder that it lies in.
pub struct World {
    net: Option<Net>,
    folder: TempDir,
}

impl World {
    /// Founds the template consortium.
    pub fn new(kind: Kind) -> Self {
        Self::with_orderers(kind, 1)
    }

    /// Founds the template consortium on a network of so many orderers.
    pub fn with_orderers(kind: Kind, orderers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let net = (kind == Kind::Fabric).then(|| Net::new(&folder.path().join("net"), orderers));
        World { net, folder }.founded()
    }

    /// Founds the template consortium on a network that takes proposals of any time.
    pub fn without_time_check() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let net = Some(Net::deployed(Net::bare(
            &folder.path().join("net"),
            1,
            true,
        )));
        World { net, folder }.founded()
    }

    /// A home of one organisation alone, on the same network.
    pub fn only(&self, name: &str) -> World {
        let world = World {
            net: None,
            folder: tempfile::tempdir().unwrap(),
        };
        write_secret_file(&world.path("passphrase"), b"correct horse battery").unwrap();
        join::join(
            &world.home(),
            &world.keyring(),
            &self.net().layout().join(&org(name)),
            &mut startup::rng().unwrap(),
        )
        .unwrap();
        world
    }

    fn founded(self) -> Self {
        let world = self;
        write_secret_file(&world.path("passphrase"), b"correct horse battery").unwrap();
        let mut rng = startup::rng().unwrap();
        if let Some(net) = &world.net {
            for name in ["HospitalA", "HospitalB", "University", "EthicsBoard"] {
                join::join(
                    &world.home(),
                    &world.keyring(),
                    &net.layout().join(&org(name)),
                    &mut rng,
                )
                .unwrap();
            }
            return world;
        }
        let files = consortium::files(&world.home(), None, None, &mut rng).unwrap();
        consortium::found(
            &world.home(),
            &world.keyring(),
            &files,
            &SystemClock,
            &mut rng,
        )
        .unwrap();
        wait(consortium::bootstrap(&world.session())).unwrap();
        world
    }

    /// Whether it runs on a network.
    pub fn has_net(&self) -> bool {
        self.net.is_some()
    }

    /// The network, where there is one.
    pub fn net(&self) -> &Net {
        self.net.as_ref().unwrap()
    }

    /// A path beside the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> Home {
        Home::new(self.path("home"))
    }

    /// Every folder in which something private could lie in the open: the home, and the disks and
    /// logs of peers and orderers.
    pub fn disks(&self) -> Vec<PathBuf> {
        let net = self.net.as_ref().map(|n| n.layout().root().to_owned());
        std::iter::once(self.home().root().to_owned())
            .chain(net)
            .collect()
    }

    /// Re-verifies the whole ledger.
    pub fn audit(&self) {
        let audited = match &self.net {
            None => wait(audit::audit_home(&self.home())).unwrap(),
            Some(_) => wait(audit::audit(&self.session(), &org("EthicsBoard"))).unwrap(),
        };
        assert!(audited.valid > 5);
    }

    fn passphrase(&self) -> Option<PassphraseSource> {
        Some(PassphraseSource::File(self.path("passphrase")))
    }

    pub fn keyring(&self) -> Keyring {
        Keyring::new(self.home(), self.passphrase())
    }

    /// Opens the home anew, as a process does.
    pub fn session(&self) -> Session {
        let startup = Startup {
            passphrases: self.passphrase().into(),
            ..Startup::new(self.home())
        };
        startup.open().unwrap()
    }

    /// A client of the network that the home is joined to, for what only Fabric can tell.
    pub fn client(&self) -> FabricClient {
        let notify = std::sync::Arc::new(|_: &str| {});
        let network = startup::network(&self.home(), std::sync::Arc::new(SystemClock), notify);
        FabricClient::new(network.unwrap(), startup::rng().unwrap())
    }

    /// Proposes, approves and activates a circuit.
    pub fn activate(&self, session: &Session, name: &str) {
        let first = org("HospitalA");
        let propose = || wait(circuit::propose(session, &first, name)).unwrap();
        shared_keys::with(name, &self.home().key_store(), propose);
        for approver in ["HospitalB", "University"] {
            wait(circuit::approve(session, &org(approver), name)).unwrap();
        }
        wait(circuit::activate(session, &first, name)).unwrap();
    }
}

pub fn org(name: &str) -> MspId {
    MspId::new(name).unwrap()
}
