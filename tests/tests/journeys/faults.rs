//! F: processes of the network are killed while two organisations submit, and afterwards nothing
//! that was acknowledged is missing (I1), no transaction counts twice (I2, I5), and all peers agree
//! (I4).

use crate::world::{Kind, Net, World, org, wait};
use medveil_collections_config::{MspId, Role};
use medveil_custody::PassphraseSource;
use medveil_fabric_wire::{Recorded, WholeBlock};
use medveil_gateway::Session;
use medveil_gateway::journey::keys;
use medveil_gateway::journey::policy::{self, PutOptions};
use medveil_gateway::startup::Startup;
use medveil_gateway::{Classify, Kind as ErrorKind};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");
pub const ORGS: [&str; 4] = ["HospitalA", "HospitalB", "University", "EthicsBoard"];
/// A change of leader takes Fabric's own time: 11 s by Raft, up to 45 s by SmartBFT, and more where a
/// busy machine makes it change again.
const BOUND: Duration = Duration::from_secs(300);

/// One organisation that puts a policy for one dataset after the other until it is told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    failed: Arc<Mutex<Vec<(ErrorKind, String)>>>,
    thread: JoinHandle<Vec<String>>,
}

impl Load {
    fn start(world: &World, holder: &'static str) -> Self {
        let (stop, done, failed) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
            Arc::<Mutex<Vec<_>>>::default(),
        );
        let (home, passphrase, file) = (
            world.home(),
            world.path("passphrase"),
            world.path("policy.yaml"),
        );
        let (stopped, counted, told) = (stop.clone(), done.clone(), failed.clone());
        let thread = std::thread::spawn(move || {
            let startup = Startup {
                passphrases: Some(PassphraseSource::File(passphrase)).into(),
                ..Startup::new(home)
            };
            let session = startup.open().unwrap();
            let mut acknowledged = Vec::new();
            for i in 0.. {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                match wait(policy::put(
                    &session,
                    &org(holder),
                    &file,
                    PutOptions {
                        dataset: &format!("load-{i}"),
                        future: true,
                    },
                )) {
                    Ok(put) => {
                        acknowledged.extend(put.transaction.tx_id);
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(e) => {
                        told.lock().unwrap().push((e.kind(), e.to_string()));
                        std::thread::sleep(Duration::from_millis(200));
                    }
                }
            }
            acknowledged
        });
        Load {
            stop,
            done,
            failed,
            thread,
        }
    }

    /// Waits until it got some more through.
    fn goes_on(&self) {
        let (begun, before) = (Instant::now(), self.done.load(Ordering::SeqCst));
        while self.done.load(Ordering::SeqCst) < before + 3 {
            assert!(
                begun.elapsed() < BOUND,
                "nothing gets through any more: {:?}",
                self.failed.lock().unwrap().last()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(self) -> (Vec<String>, Vec<(ErrorKind, String)>) {
        self.stop.store(true, Ordering::SeqCst);
        let acknowledged = self.thread.join().unwrap();
        (
            acknowledged,
            std::mem::take(&mut self.failed.lock().unwrap()),
        )
    }
}

/// Every block of an organisation's own peer.
fn chain(world: &World, session: &Session, msp: &MspId) -> Vec<WholeBlock> {
    let identity = session.identity(msp, Role::Client).unwrap();
    let client = world.client();
    wait(async {
        let last = client.height(&identity).await.unwrap() - 1;
        let mut blocks = client.blocks(&identity, 0, Some(last)).await.unwrap();
        let mut all = Vec::new();
        while let Some(block) = blocks.next().await.unwrap() {
            all.push(block);
        }
        all
    })
}

/// I1, I2, I4, I5 and a clean audit. Gives how many calls are valid.
fn check_invariants(world: &World, acknowledged: &[String]) -> usize {
    let session = world.session();
    let mut chains: Vec<Vec<WholeBlock>> = Vec::new();
    let begun = Instant::now();
    loop {
        chains.clear();
        chains.extend(ORGS.iter().map(|name| chain(world, &session, &org(name))));
        if chains.iter().all(|c| c.len() == chains[0].len()) {
            break;
        }
        assert!(begun.elapsed() < BOUND, "a peer does not catch up");
        std::thread::sleep(Duration::from_millis(200));
    }
    let verdicts = |c: &[WholeBlock]| {
        c.iter()
            .map(|b| (b.hash(), b.verdicts()))
            .collect::<Vec<_>>()
    };
    assert!(
        chains.iter().all(|c| verdicts(c) == verdicts(&chains[0])),
        "I4: peers agree on blocks and verdicts"
    );
    let mut valid = BTreeSet::new();
    for block in &chains[0] {
        for (bytes, verdict) in block.transactions.iter().zip(block.verdicts()) {
            if let (Some((_, tx_id)), 0) = (Recorded::target(bytes), verdict.code) {
                assert!(valid.insert(tx_id), "I2: a transaction counts once");
            }
        }
    }
    let lost: Vec<&String> = acknowledged
        .iter()
        .filter(|tx| !valid.contains(*tx))
        .collect();
    assert!(lost.is_empty(), "I1: acknowledged and lost: {lost:?}");
    for name in ORGS {
        let client = session.identity(&org(name), Role::Client).unwrap();
        let settled = wait(session.ledger().settle(&client)).unwrap();
        assert!(
            settled.is_empty(),
            "nothing is left on its way: {settled:?}"
        );
    }
    world.audit();
    valid.len()
}

/// Kills things under load and brings them back.
fn under_load(world: &World, faults: impl FnOnce(&Load, &Load)) {
    std::fs::write(world.path("policy.yaml"), POLICY).unwrap();
    {
        let session = world.session();
        for name in ["HospitalA", "HospitalB"] {
            wait(keys::publish(&session, &org(name), keys::Publication::Any)).unwrap();
        }
    }
    let (a, b) = (
        Load::start(world, "HospitalA"),
        Load::start(world, "HospitalB"),
    );
    a.goes_on();
    b.goes_on();
    faults(&a, &b);
    let (mut acknowledged, mut failed) = (Vec::new(), Vec::new());
    for load in [a, b] {
        let (good, bad) = load.end();
        acknowledged.extend(good);
        failed.extend(bad);
    }
    let valid = check_invariants(world, &acknowledged);
    eprintln!(
        "{} acknowledged, {} failed, {valid} valid calls on the chain",
        acknowledged.len(),
        failed.len()
    );
    for (kind, text) in failed {
        assert!(
            matches!(
                kind,
                ErrorKind::NotFound | ErrorKind::Internal | ErrorKind::Refused
            ),
            "{text}"
        );
    }
}

/// Whoever orders first is killed, and both go on.
fn the_leader_dies(net: &Net, a: &Load, b: &Load) {
    let leader = medveil_fabric_net::leader(&net.state()).unwrap();
    net.kill(&format!("orderer{leader}"));
    a.goes_on();
    b.goes_on();
}

/// Processes are killed at moments that the seed chooses, so that each step of a submit is hit
/// sooner or later; some while another one is down. `MEDVEIL_FAULTS` asks for more of them.
fn at_any_moment(net: &Net, a: &Load, b: &Load, seed: u64) {
    let rounds = std::env::var("MEDVEIL_FAULTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(10);
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    let names: Vec<String> = net
        .state()
        .processes()
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    for round in 0..rounds {
        std::thread::sleep(Duration::from_millis(rng.gen_range(0..400)));
        let victims: BTreeSet<&String> = (0..rng.gen_range(1..=2))
            .map(|_| &names[rng.gen_range(0..names.len())])
            .collect();
        eprintln!("seed {seed}, round {round}: {victims:?}");
        victims.iter().for_each(|name| net.kill(name));
        std::thread::sleep(Duration::from_millis(rng.gen_range(0..1500)));
        net.restart();
        a.goes_on();
        b.goes_on();
    }
}

#[test]
fn f_processes_of_a_raft_network_are_killed_under_load() {
    let world = World::with_orderers(Kind::Fabric, 3);
    let net = world.net();
    under_load(&world, |a, b| {
        the_leader_dies(net, a, b);
        net.restart();
        // Another organisation's peer, which is also the gateway of its own clients: others go on
        // without it.
        net.kill("peer-HospitalB");
        a.goes_on();
        net.restart();
        b.goes_on();
        // One's own contract: its clients are told so, everybody else goes on.
        net.kill("chaincode-HospitalA");
        b.goes_on();
        net.restart();
        a.goes_on();
        // The peer of the clients themselves.
        net.kill("peer-HospitalA");
        b.goes_on();
        net.restart();
        a.goes_on();
        at_any_moment(net, a, b, 11);
        // Everything at once.
        for (name, ..) in net.state().processes() {
            net.kill(&name);
        }
        net.restart();
        a.goes_on();
        b.goes_on();
    });
}

#[test]
fn f_the_leader_of_a_smartbft_network_is_killed_under_load() {
    let world = World::with_orderers(Kind::Fabric, 4);
    let net = world.net();
    under_load(&world, |a, b| {
        the_leader_dies(net, a, b);
    });
}
