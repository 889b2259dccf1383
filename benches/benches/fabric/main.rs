//! The contract on real Fabric peers, next to a chaincode that does nothing: time to the first
//! transaction, latency, calls a second with real proofs, verification in endorsement, memory.
//! Prints tables in Markdown.
//!
//! Needs the programs beside it: `cargo build --release` (or `cargo build` with `--profile test`)
//! and `medveil net install` come first. The two chaincodes run one after the other, on networks of
//! one shape: 4 organisations, 3 Raft orderers, blocks every 100 ms.
#![allow(missing_docs)]

mod load;
mod stage;
mod verification;

use anyhow::Result;
use load::{Args, EVALUATIONS, SUBMISSIONS, evaluations, loads, submissions};
use medveil_benches::quick;
use medveil_contract::call::{Call, Query};
use medveil_custody::{PassphraseSource, write_secret_file};
use medveil_gateway::home::Home;
use medveil_gateway::journey::dataset::{self, CommitOptions, LocalDataset};
use medveil_gateway::journey::{circuit, join};
use medveil_gateway::keyring::Keyring;
use medveil_gateway::startup::{self, Startup};
use stage::{ORGS, Stage, org};
use std::io::Write;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

const SCHEMA: &str = include_str!("../../../tests/tests/journeys/visits.schema.json");

/// Runs a call to its end.
pub fn wait<F: Future>(call: F) -> F::Output {
    static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| Runtime::new().ok());
    match RUNTIME.as_ref() {
        Some(runtime) => runtime.block_on(call),
        None => panic!("the system refuses threads"),
    }
}

fn print(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn noop(n: usize) -> Result<()> {
    let stage = Stage::probe()?;
    let (client, identity) = stage.client()?;
    print(EVALUATIONS)?;
    let args = vec![b"noop".to_vec()];
    evaluations("no-op chaincode", &client, &identity, args.clone(), n)?;
    print(SUBMISSIONS)?;
    for (in_flight, calls) in loads() {
        submissions(
            "no-op chaincode",
            &client,
            &identity,
            &vec![args.clone(); calls],
            in_flight,
        )?;
    }
    verification::alone(&client, &identity)
}

/// Registrations with a real proof each, made before anything is measured.
fn registrations(stage: &Stage, n: usize) -> Result<Vec<Args>> {
    let path = |name: &str| stage.folder.path().join(name);
    let home = Home::new(path("home"));
    write_secret_file(&path("passphrase"), b"correct horse battery")?;
    let passphrase = Some(PassphraseSource::File(path("passphrase")));
    let keyring = Keyring::new(home.clone(), passphrase.clone());
    for name in ORGS {
        join::join(
            &home,
            &keyring,
            &stage.layout.join(&org(name)?),
            &mut startup::rng()?,
        )?;
    }
    let startup = Startup {
        passphrases: passphrase.into(),
        ..Startup::new(home)
    };
    let (session, holder) = (&startup.open()?, org("HospitalA")?);
    let name = "registration-16";
    wait(circuit::propose(session, &holder, name))?;
    wait(circuit::approve(session, &org("HospitalB")?, name))?;
    wait(circuit::approve(session, &org("University")?, name))?;
    wait(circuit::activate(session, &holder, name))?;
    let lines: String = (0..16)
        .map(|i| format!("p{i},{},5.4,no\n", 30 + i % 50))
        .collect();
    std::fs::write(
        path("rows.csv"),
        format!("patient,age,sugar,smoker\n{lines}"),
    )?;
    std::fs::write(path("rows.schema.json"), SCHEMA)?;
    let mut calls = Vec::new();
    for i in 0..n {
        let name = format!("load-{i}");
        let options = CommitOptions {
            source: &path("rows.csv"),
            views: None,
            accept: &[],
            schema: Some(&path("rows.schema.json")),
            name: &name,
            group: "research",
        };
        wait(dataset::commit(session, &holder, &options))?;
        let local = LocalDataset::new(session, &holder, &name)?;
        calls.push(Call::RegisterDataset(local.registration()?).to_args());
    }
    Ok(calls)
}

fn contract(n: usize) -> Result<()> {
    let stage = Stage::contract()?;
    let (client, identity) = stage.client()?;
    let client = &client;
    print("\n| from nothing, binaries there | s |\n|---|---|")?;
    print(&format!(
        "| 4 peers and 3 Raft orderers ready | {:.1} |",
        stage.seconds[0]
    ))?;
    print(&format!(
        "| contract deployed and first transaction committed, after that | {:.1} |",
        stage.seconds[1]
    ))?;
    print(EVALUATIONS)?;
    evaluations(
        "contract: metadata, no ledger read",
        client,
        &identity,
        Query::GetMetadata.to_args(),
        n,
    )?;
    evaluations(
        "contract: GetDay",
        client,
        &identity,
        Query::GetDay.to_args(),
        n,
    )?;
    let total: usize = loads().iter().map(|(_, calls)| calls).sum();
    let calls = registrations(&stage, total)?;
    print(SUBMISSIONS)?;
    let mut rest = calls.as_slice();
    for (in_flight, n) in loads() {
        let (now, later) = rest.split_at(n.min(rest.len()));
        submissions(
            "contract: RegisterDataset, a real proof each, verified by 3 peers",
            client,
            &identity,
            now,
            in_flight,
        )?;
        rest = later;
    }
    print("\n| process | resident memory after these calls, MiB |\n|---|---|")?;
    stage
        .memory()?
        .iter()
        .try_for_each(|(name, mib)| print(&format!("| {name} | {mib:.0} |")))?;
    verification::within_the_contract(&stage, client, &identity)?;
    print("\n| contract's process | resident memory after batches, MiB |\n|---|---|")?;
    let contracts = stage
        .memory()?
        .into_iter()
        .filter(|(name, _)| name.starts_with("chaincode-HospitalA"));
    contracts
        .into_iter()
        .try_for_each(|(name, mib)| print(&format!("| {name} | {mib:.0} |")))
}

fn main() -> Result<()> {
    let n = if quick() { 3 } else { 300 };
    noop(n)?;
    contract(n)
}
