//! Faults under load on real Fabric, as figures: what was acknowledged, lost, doubled, and how long
//! service was away, for each kind of fault.
//!
//! `cargo bench -p medveil-benches --bench faults -- --help`; the programs beside it are built
//! first: `cargo build --release --workspace`, and `medveil net install`.
#![allow(missing_docs)]

mod certificates;
mod check;
mod clocks;
mod inject;
mod kinds;
mod load;
mod network;
mod options;
mod relay;
mod requests;
mod tally;
mod visitor;
mod worker;

use anyhow::{Context, Result, ensure};
use check::Chain;
use clap::Parser;
use kinds::{Kind, plan, random};
use load::Load;
use medveil_collections_config::MspId;
use medveil_gateway::journey::keys;
use network::Network;
use options::Options;
use std::io::Write;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tally::Tally;
use tokio::runtime::Runtime;

pub const ORGS: [&str; 4] = ["HospitalA", "HospitalB", "University", "EthicsBoard"];
pub const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");
/// After so long without an acknowledged write, service is taken not to come back.
pub const LIMIT: Duration = Duration::from_secs(300);
/// So many faults apart, the whole ledger is audited.
const AUDIT: usize = 10;

pub fn org(name: &str) -> Result<MspId> {
    MspId::new(name).context("an MSP id")
}

/// Runs a journey to its end.
pub fn wait<F: Future>(journey: F) -> F::Output {
    static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| Runtime::new().ok());
    match RUNTIME.as_ref() {
        Some(runtime) => runtime.block_on(journey),
        None => panic!("the system refuses threads"),
    }
}

fn main() -> Result<ExitCode> {
    if let Some(job) = worker::job()? {
        worker::run(&job)?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options::parse().sized();
    let mut tally = Tally::open(&options)?;
    let ended = run(&options, &mut tally);
    tally.keep(options.state.as_deref())?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&tally)?)?;
    } else {
        writeln!(out, "{}", tally.table()?)?;
    }
    ended?;
    let harm = tally.harm();
    ensure!(harm == (0, 0), "writes lost and doubled: {harm:?} (I1, I2)");
    Ok(ExitCode::SUCCESS)
}

/// Tries what is left of the plan.
fn run(options: &Options, tally: &mut Tally) -> Result<()> {
    let (begun, before) = (Instant::now(), tally.seconds);
    let plan = plan(options);
    if tally.done >= plan.len() {
        return Ok(());
    }
    tally.starts += 1;
    let network = Network::new(options.orderers, options.disk.as_deref())?;
    for name in ["HospitalA", "HospitalB"] {
        wait(keys::publish(
            &network.session(name)?,
            &org(name)?,
            keys::Publication::Any,
        ))?;
    }
    let with_proofs = !options.no_proofs;
    if with_proofs {
        requests::found(&network)?;
    }
    let mut load = Load::start(&network, with_proofs)?;
    let mut chain = Chain::new(&network)?;
    let minutes = options.minutes.map(|m| Duration::from_secs_f64(m * 60.0));
    for (n, kind) in plan.iter().enumerate().skip(tally.done) {
        if minutes.is_some_and(|limit| begun.elapsed() > limit) {
            break;
        }
        match cannot(*kind, &network) {
            Some(why) => {
                tally.not_tried.insert(*kind, why);
            }
            None => one_fault(*kind, n, options, &network, &mut load, &mut chain, tally)?,
        }
        tally.done = n + 1;
        tally.seconds = before + begun.elapsed().as_secs_f64();
        tally.keep(options.state.as_deref())?;
        if tally.done.is_multiple_of(AUDIT) {
            load.proves()?;
            check::audit(&network)?;
        }
    }
    load.proves()?;
    check::audit(&network)?;
    check::shows_nothing(&network)?;
    eprintln!("{} valid transactions on the chain", chain.valid());
    Ok(())
}

/// Why a kind of fault cannot be tried here, where it cannot.
fn cannot(kind: Kind, network: &Network) -> Option<String> {
    match kind {
        Kind::FullDisk => network.no_disk.clone(),
        Kind::ContractClock => {
            let library = network::program(clocks::LIBRARY);
            library.err().map(|why| format!("{why:#}"))
        }
        _ => None,
    }
}

/// One fault, until service is back and the invariants were seen to hold.
fn one_fault(
    kind: Kind,
    n: usize,
    options: &Options,
    network: &Network,
    load: &mut Load,
    chain: &mut Chain,
    tally: &mut Tally,
) -> Result<()> {
    load.begin();
    let begun = Instant::now();
    let rng = &mut random(options.seed, n as u64);
    let named = || format!("seed {}, fault {n}: {}", options.seed, kind.words());
    let ended = inject::inject(kind, network, load, rng).with_context(named)?;
    let lasted = ended - begun;
    load.goes_on().with_context(named)?;
    let back = ended.elapsed();
    let stall = load.stall();
    let found = chain.check(load).with_context(named)?;
    eprintln!(
        "{}: {:.1} s, back after {:.1} s, stall {:.1} s; {} acknowledged, {} lost, {} twice",
        named(),
        lasted.as_secs_f64(),
        back.as_secs_f64(),
        stall.as_secs_f64(),
        found.acknowledged,
        found.lost,
        found.duplicates
    );
    tally.add(kind, found, back, stall);
    if options.verbose {
        let told = load.each(|heard| std::mem::take(&mut heard.told));
        told.iter()
            .flatten()
            .for_each(|words| eprintln!("  told: {words}"));
    }
    for failures in load.each(|heard| std::mem::take(&mut heard.failures)) {
        for (kind, n) in failures {
            *tally.failures.entry(kind).or_default() += n;
        }
    }
    Ok(())
}
