//! The contract on real Fabric peers, next to a chaincode that does nothing: time to the first transaction, latency, calls a second with real
//! proofs, verification in endorsement, memory. Prints tables in Markdown.
//!
//! Needs the programs beside it: `cargo build --release` (or `cargo build` with `--profile test`) and `medveil net install` come first. The two
//! chaincodes run one after the other, on networks of one shape: 4 organisations, 3 Raft orderers, blocks every 100 ms.
#![allow(missing_docs)]

use anyhow::{Context, Result};
use benches::quick;
use collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use fabric_net::{Binaries, Deployment, Layout, NetState};
use gateway::backend::Transaction;
use gateway::backend::fabric::FabricClient;
use gateway::channel::FabricChannel;
use gateway::custody::{PassphraseSource, write_secret_file};
use gateway::home::Home;
use gateway::msp::Identity;
use gateway::office::Offices;
use gateway::output::Output;
use gateway::service::local::LocalDataset;
use gateway::service::{circuit, dataset, join, net};
use gateway::startup;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use verifier_chaincode::call::{Call, Query};

const SCHEMA: &str = include_str!("../../tests/tests/journeys/visits.schema.json");
const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];

fn print(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn org(name: &str) -> Result<MspId> {
    MspId::new(name).context("an MSP id")
}

fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here.parent().and_then(|p| p.parent()).context("a target folder")?.join(name);
    anyhow::ensure!(path.is_file(), "{} is not built: run cargo build first", path.display());
    Ok(path)
}

/// A network that leaves nothing behind.
struct Stage {
    layout: Layout,
    folder: TempDir,
    /// From nothing until peers and orderers are ready, and from there until the chaincode can be called.
    seconds: [f64; 2],
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fabric_net::clean(&self.layout);
    }
}

impl Stage {
    fn new(deploy: impl FnOnce(&Layout, &Binaries) -> Result<()>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let layout = Layout::new(&folder.path().join("net"));
        let binaries = net::binaries(None)?;
        let begun = Instant::now();
        let wish = net::Wish { consortium: None, groups: None, orderers: 3, no_time_check: false };
        net::up(&Output::new(true), &layout, &binaries, &wish)?;
        let up = begun.elapsed().as_secs_f64();
        let mut stage = Stage { layout, folder, seconds: [up, 0.0] };
        deploy(&stage.layout, &binaries)?;
        stage.seconds[1] = begun.elapsed().as_secs_f64() - up;
        Ok(stage)
    }

    fn contract() -> Result<Self> {
        let program = program("medveil-chaincode")?;
        Stage::new(|layout, binaries| {
            let wish = net::DeployWish { program: Some(&program), groups: None, refuse_dev_keys: false };
            net::deploy(&Output::new(true), layout, binaries, &wish)?;
            Ok(())
        })
    }

    fn noop() -> Result<Self> {
        let program = program("probe-chaincode")?;
        Stage::new(|layout, binaries| {
            let (consortium, collections) = members(layout)?;
            let consortium = consortium.to_canonical();
            let deployment = Deployment {
                program,
                chaincode: "medveil",
                consortium: &consortium,
                collections: &collections,
                allow_insecure_dev_keys: true,
            };
            fabric_net::deploy(layout, binaries, &deployment, &mut |_| {})?;
            Ok(())
        })
    }

    fn channel(&self) -> Result<(FabricChannel, Identity)> {
        let (consortium, collections) = members(&self.layout)?;
        let channel = net::channel(&self.layout, &NetState::read(&self.layout)?, &consortium, collections)?;
        let identity = join::identity(&org("HospitalA")?, &self.layout.user(&org("HospitalA")?, "User1").join("msp"))?;
        Ok((channel, identity))
    }

    /// Resident memory of each process.
    fn memory(&self) -> Result<()> {
        print("\n| process | resident memory, MiB |\n|---|---|")?;
        for (name, running, _) in NetState::read(&self.layout)?.processes() {
            let pid = running.map_or(0, |r| r.pid);
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
            let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
            print(&format!("| {name} | {:.0} |", kib / 1024.0))?;
        }
        Ok(())
    }
}

fn members(layout: &Layout) -> Result<(Consortium, CollectionsConfig)> {
    let consortium = Consortium::from_canonical(&std::fs::read(layout.consortium())?)?;
    let groups = SharingGroups::from_json(&std::fs::read_to_string(layout.groups())?, &consortium)?;
    let collections = CollectionsConfig::derive(&consortium, &groups)?;
    Ok((consortium, collections))
}

/// Runs every call, so many at a time; gives each one's time, and the whole's.
fn run(calls: &[Vec<Vec<u8>>], in_flight: usize, call: impl Fn(Transaction) -> Result<()> + Sync) -> Result<(Vec<Duration>, Duration)> {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let worker = || {
        let mut times = Vec::new();
        while let Some(args) = calls.get(next.fetch_add(1, Ordering::Relaxed)) {
            let begun = Instant::now();
            call(Transaction::query(args.clone()))?;
            times.push(begun.elapsed());
        }
        Ok::<_, anyhow::Error>(times)
    };
    let times = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..in_flight).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|w| w.join().map_err(|_| anyhow::anyhow!("a worker stopped"))?).collect::<Result<Vec<_>>>()
    })?;
    Ok((times.concat(), begun.elapsed()))
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
}

fn evaluations(what: &str, client: &FabricClient, identity: &Identity, args: Vec<Vec<u8>>, n: usize) -> Result<f64> {
    let (times, _) = run(&vec![args; n], 1, |t| Ok(client.block_on(client.evaluate(identity, &t)).map(drop)?))?;
    let ms = median(times);
    print(&format!("| {what} | {n} | {ms:.2} |"))?;
    Ok(ms)
}

fn submissions(what: &str, client: &FabricClient, identity: &Identity, calls: &[Vec<Vec<u8>>], in_flight: usize) -> Result<()> {
    let endorsers = vec![MAJORITY.into_iter().map(org).collect::<Result<Vec<_>>>()?];
    let (times, whole) = run(calls, in_flight, |t| Ok(client.block_on(client.submit(identity, t, endorsers.clone())).map(drop)?))?;
    let rps = calls.len() as f64 / whole.as_secs_f64();
    print(&format!("| {what} | {in_flight} | {} | {:.0} | {rps:.1} |", calls.len(), median(times)))
}

/// Calls in flight and how many calls are made.
fn loads() -> Vec<(usize, usize)> {
    if quick() { vec![(1, 1), (2, 2)] } else { vec![(1, 20), (32, 64), (128, 128)] }
}

const SUBMISSIONS: &str = "\n| submitted call | in flight | calls | median, ms | calls a second |\n|---|---|---|---|---|";
const EVALUATIONS: &str = "\n| evaluated call | calls | median, ms |\n|---|---|---|";

fn noop(n: usize) -> Result<()> {
    let stage = Stage::noop()?;
    let (channel, identity) = stage.channel()?;
    print(EVALUATIONS)?;
    let args = vec![b"noop".to_vec()];
    evaluations("no-op chaincode", channel.client(), &identity, args.clone(), n)?;
    print(SUBMISSIONS)?;
    for (in_flight, calls) in loads() {
        submissions("no-op chaincode", channel.client(), &identity, &vec![args.clone(); calls], in_flight)?;
    }
    Ok(())
}

/// Registrations with a real proof for each 16 rows, made before anything is measured.
fn registrations(stage: &Stage, rows: usize, n: usize, name: &str) -> Result<Vec<Vec<Vec<u8>>>> {
    let path = |name: &str| stage.folder.path().join(name);
    let home = Home::new(path("home"));
    write_secret_file(&path("passphrase"), b"correct horse battery")?;
    let offices = Offices::new(home.clone(), Some(PassphraseSource::File(path("passphrase"))));
    let is_new = !home.exists();
    for name in ["HospitalA", "HospitalB", "University", "EthicsBoard"] {
        join::join(&home, &offices, &stage.layout.join(&org(name)?), &mut startup::rng()?)?;
    }
    let opened = startup::open(home, Output::new(true), Some(path("passphrase")))?;
    let (desk, holder) = (&opened.desk, org("HospitalA")?);
    if is_new {
        circuit::propose(desk, &holder, "registration-16")?;
        circuit::approve(desk, &org("HospitalB")?, "registration-16")?;
        circuit::approve(desk, &org("University")?, "registration-16")?;
        circuit::activate(desk, &holder, "registration-16")?;
    }
    let lines: String = (0..rows).map(|i| format!("p{i},{},5.4,no\n", 30 + i % 50)).collect();
    std::fs::write(path("rows.csv"), format!("patient,age,sugar,smoker\n{lines}"))?;
    std::fs::write(path("rows.schema.json"), SCHEMA)?;
    let mut calls = Vec::new();
    for i in 0..n {
        let name = format!("{name}-{i}");
        dataset::commit(desk, &holder, &path("rows.csv"), Some(&path("rows.schema.json")), &name, "research")?;
        calls.push(Call::RegisterDataset(LocalDataset::new(desk, &holder, &name)?.registration()?).to_args());
    }
    Ok(calls)
}

fn contract(n: usize) -> Result<()> {
    let stage = Stage::contract()?;
    let (channel, identity) = stage.channel()?;
    let client = channel.client();
    print("\n| from nothing, binaries there | s |\n|---|---|")?;
    print(&format!("| 4 peers and 3 Raft orderers ready | {:.1} |", stage.seconds[0]))?;
    print(&format!("| contract deployed and first transaction committed, after that | {:.1} |", stage.seconds[1]))?;
    print(EVALUATIONS)?;
    evaluations("contract: metadata, no ledger read", client, &identity, Query::GetMetadata.to_args(), n)?;
    evaluations("contract: GetDay", client, &identity, Query::GetDay.to_args(), n)?;
    for rows in [16, 32, 64] {
        let call = registrations(&stage, rows, 1, &format!("size-{rows}"))?;
        let what = format!("contract: RegisterDataset, {} proofs verified, at one peer", rows / 16);
        evaluations(&what, client, &identity, call.concat(), n.div_ceil(10))?;
    }
    let total: usize = loads().iter().map(|(_, calls)| calls).sum();
    let calls = registrations(&stage, 16, total, "load")?;
    print(SUBMISSIONS)?;
    let mut rest = calls.as_slice();
    for (in_flight, n) in loads() {
        let (now, later) = rest.split_at(n.min(rest.len()));
        submissions("contract: RegisterDataset, a real proof each, verified by 3 peers", client, &identity, now, in_flight)?;
        rest = later;
    }
    stage.memory()
}

fn main() -> Result<()> {
    let n = if quick() { 3 } else { 300 };
    noop(n)?;
    contract(n)
}
