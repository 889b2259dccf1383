//! How each fault is made, and ended.

use crate::kinds::{Kind, one};
use crate::load::Load;
use crate::network::{FULL, Network, within};
use crate::relay::Cut;
use crate::{ORGS, certificates, clocks};
use anyhow::{Context, Result, ensure};
use medveil_benches::quick;
use medveil_fabric_net::leader;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha20Rng;
use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

/// Makes a fault and ends it again: when this comes back, everything runs that should. Gives when
/// ending it began.
///
/// **Errors**: the fault did not do what it does, or cannot be ended.
pub fn inject(
    kind: Kind,
    network: &Network,
    load: &mut Load,
    rng: &mut ChaCha20Rng,
) -> Result<Instant> {
    pause(rng, 0..400);
    match kind {
        Kind::KilledPeer => kill(network, &[format!("peer-{}", any_org(rng))], rng),
        Kind::KilledOrderer => kill(network, &[an_orderer(network, rng)?], rng),
        Kind::KilledContract => kill(network, &[format!("chaincode-{}", any_org(rng))], rng),
        Kind::KilledClient => {
            let names = load.names();
            let ended = Instant::now();
            load.kill(network, one(&names, rng).context("a client")?)?;
            Ok(ended)
        }
        Kind::KilledSeveral => {
            let mut names = processes(network)?;
            names.shuffle(rng);
            // Sometimes everything, as in a power cut.
            let n = if rng.gen_ratio(1, 4) {
                names.len()
            } else {
                rng.gen_range(2..5)
            };
            kill(network, &names[..n.min(names.len())], rng)
        }
        Kind::Cut => cut(network, rng),
        Kind::FullDisk => fill(network, load),
        Kind::ClientClock => clocks::of_a_client(network, load),
        Kind::ContractClock => clocks::of_a_contract(network, load, rng),
        Kind::ClientCertificate => certificates::of_a_client(network, load, rng),
        Kind::PeerCertificate => certificates::of_a_peer(network, load, rng),
    }
}

pub fn any_org(rng: &mut ChaCha20Rng) -> &'static str {
    ORGS[rng.gen_range(0..ORGS.len())]
}

/// Waits for a time that the seed chooses.
///
/// **Units**: milliseconds.
fn pause(rng: &mut ChaCha20Rng, range: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(rng.gen_range(within(range))));
}

fn processes(network: &Network) -> Result<Vec<String>> {
    let processes = network.state()?.processes().into_iter();
    Ok(processes.map(|(name, ..)| name).collect())
}

/// The one that leads, every second time.
fn an_orderer(network: &Network, rng: &mut ChaCha20Rng) -> Result<String> {
    let state = network.state()?;
    let any = rng.gen_range(0..state.orderers.len());
    // A change of leader takes Fabric's own time: not in the tests, where the journeys have one.
    let leads = rng.gen_bool(0.5) && !quick();
    let leader = leads.then(|| leader(&state)).flatten();
    Ok(format!("orderer{}", leader.unwrap_or(any)))
}

fn kill(network: &Network, names: &[String], rng: &mut ChaCha20Rng) -> Result<Instant> {
    for name in names {
        network.kill(name)?;
    }
    eprintln!("  killed {}", names.join(", "));
    pause(rng, 0..2000);
    restore(network)
}

/// Starts what does not run, as an operator does.
fn restore(network: &Network) -> Result<Instant> {
    let begun = Instant::now();
    network.restart()?;
    Ok(begun)
}

/// A peer, an orderer, the leader, or half of everything hears nothing of the rest for a while.
fn cut(network: &Network, rng: &mut ChaCha20Rng) -> Result<Instant> {
    let inside = match rng.gen_range(0..3) {
        0 => vec![format!("peer-{}", any_org(rng))],
        1 => vec![an_orderer(network, rng)?],
        _ => {
            let mut names = processes(network)?;
            names.retain(|name| name.starts_with("peer") || name.starts_with("orderer"));
            names.shuffle(rng);
            names.truncate(names.len() / 2);
            names
        }
    };
    let cut = Cut {
        inside: inside.into_iter().collect(),
        spares_clients: rng.gen_bool(0.5),
        resets: rng.gen_bool(0.5),
    };
    network.relays.cut(Some(cut.clone()));
    pause(rng, 1000..12_000);
    let held = network.relays.cut(None);
    eprintln!("  {cut:?}: held up {held} times");
    ensure!(held > 0, "a cut through which nothing would have gone");
    // One that gave up while it heard nothing is started again.
    restore(network)
}

/// A peer's disk is full until it fails or a while has passed; then there is room again.
fn fill(network: &Network, load: &mut Load) -> Result<Instant> {
    let ballast = network.disk().join("ballast");
    fill_up(&ballast)?;
    let peer = format!("peer-{FULL}");
    let begun = Instant::now();
    let before = load.total(FULL);
    let patience = Duration::from_millis(within(8000..20_000).end);
    while network.is_alive(&peer)? && begun.elapsed() < patience {
        // What it writes goes on filling the last block.
        let _ = fill_up(&ballast);
        std::thread::sleep(Duration::from_millis(200));
    }
    let through = load.total(FULL) - before;
    let state = if network.is_alive(&peer)? {
        "stayed up"
    } else {
        "ended"
    };
    eprintln!("  {peer} {state}; its clients got {through} writes through on a full disk");
    std::fs::remove_file(&ballast).context("the ballast")?;
    restore(network)
}

fn fill_up(path: &std::path::Path) -> Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    for size in [1 << 20, 4096, 64] {
        let bytes = vec![0; size];
        // The system's own answer ends it.
        let full = std::iter::from_fn(|| Some(file.write_all(&bytes)))
            .take(1 << 14)
            .find_map(Result::err);
        let full = full.context("a disk that does not get full: it is no small one")?;
        let is_full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].contains(&full.kind());
        ensure!(is_full, "a full disk, and not: {full}");
    }
    Ok(())
}

/// One of the organisations but for those that are spared.
pub fn org_but(spared: &[&str], rng: &mut ChaCha20Rng) -> &'static str {
    let others: Vec<&'static str> = ORGS.into_iter().filter(|o| !spared.contains(o)).collect();
    one(&others, rng).copied().unwrap_or(ORGS[0])
}
