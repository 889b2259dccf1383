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
use benches::quick;
use gateway::custody::{PassphraseSource, write_secret_file};
use gateway::home::Home;
use gateway::office::Offices;
use gateway::output::Output;
use gateway::service::local::LocalDataset;
use gateway::service::{circuit, dataset, join};
use gateway::startup;
use load::{Args, EVALUATIONS, SUBMISSIONS, evaluations, loads, submissions};
use stage::{ORGS, Stage, org};
use std::io::Write;
use verifier_chaincode::call::{Call, Query};

const SCHEMA: &str = include_str!("../../../tests/tests/journeys/visits.schema.json");

fn print(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn noop(n: usize) -> Result<()> {
    let stage = Stage::probe()?;
    let (channel, identity) = stage.channel()?;
    print(EVALUATIONS)?;
    let args = vec![b"noop".to_vec()];
    evaluations(
        "no-op chaincode",
        channel.client(),
        &identity,
        args.clone(),
        n,
    )?;
    print(SUBMISSIONS)?;
    for (in_flight, calls) in loads() {
        submissions(
            "no-op chaincode",
            channel.client(),
            &identity,
            &vec![args.clone(); calls],
            in_flight,
        )?;
    }
    verification::alone(channel.client(), &identity)
}

/// Registrations with a real proof each, made before anything is measured.
fn registrations(stage: &Stage, n: usize) -> Result<Vec<Args>> {
    let path = |name: &str| stage.folder.path().join(name);
    let home = Home::new(path("home"));
    write_secret_file(&path("passphrase"), b"correct horse battery")?;
    let offices = Offices::new(
        home.clone(),
        Some(PassphraseSource::File(path("passphrase"))),
    );
    for name in ORGS {
        join::join(
            &home,
            &offices,
            &stage.layout.join(&org(name)?),
            &mut startup::rng()?,
        )?;
    }
    let opened = startup::open(home, Output::new(true), Some(path("passphrase")))?;
    let (desk, holder) = (&opened.desk, org("HospitalA")?);
    circuit::propose(desk, &holder, "registration-16")?;
    circuit::approve(desk, &org("HospitalB")?, "registration-16")?;
    circuit::approve(desk, &org("University")?, "registration-16")?;
    circuit::activate(desk, &holder, "registration-16")?;
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
        dataset::commit(
            desk,
            &holder,
            &path("rows.csv"),
            Some(&path("rows.schema.json")),
            &name,
            "research",
        )?;
        calls.push(
            Call::RegisterDataset(LocalDataset::new(desk, &holder, &name)?.registration()?)
                .to_args(),
        );
    }
    Ok(calls)
}

fn contract(n: usize) -> Result<()> {
    let stage = Stage::contract()?;
    let (channel, identity) = stage.channel()?;
    let client = channel.client();
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
