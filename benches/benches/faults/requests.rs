//! Real registrations and requests: a hospital commits, registers and stores a dataset, and a
//! researcher asks for it, each with its proofs. Whatever of it is private holds a word that is
//! looked for afterwards.

use crate::network::Network;
use crate::worker::{Said, failed, say};
use crate::{ORGS, org, wait};
use anyhow::{Context, Result};
use medveil_circuits::visa::VisaTexts;
use medveil_gateway::Session;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::access::{self, AccessOptions};
use medveil_gateway::journey::dataset::{self, CommitOptions};
use medveil_gateway::journey::issuer::{Assertion, Issuer};
use medveil_gateway::journey::policy::{self, PutOptions};
use medveil_gateway::journey::visa::{self, RequestFile};
use medveil_gateway::journey::{circuit, claim, join};
use medveil_gateway::startup;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Stands in everything that is private.
pub const CANARY: &str = "canary-of-faults";
const CIRCUITS: [&str; 2] = ["registration-16", "eligibility-4"];
const SCHEMA: &str = include_str!("../../../tests/tests/journeys/visits.schema.json");

fn alice() -> Result<Actor> {
    Ok(Actor::person(org("University")?, "alice")?)
}

fn study() -> String {
    format!("{CANARY}-study")
}

/// A home of all four organisations with the circuits active and a researcher who has both visas.
/// Making the circuits' development keys takes a while the first time.
pub fn found(network: &Network) -> Result<()> {
    let home = network.home("requests");
    for name in ORGS {
        let file = network.layout().join(&org(name)?);
        join::join(&home, &network.keyring(&home), &file, &mut startup::rng()?)?;
    }
    let kept = kept_keys();
    copy(&kept, &home.key_store())?;
    let session = &network.session("requests")?;
    for name in CIRCUITS {
        wait(circuit::propose(session, &org(ORGS[0])?, name))?;
        for approver in &ORGS[1..3] {
            wait(circuit::approve(session, &org(approver)?, name))?;
        }
        wait(circuit::activate(session, &org(ORGS[0])?, name))?;
    }
    copy(&home.key_store(), &kept)?;
    let folder = network.path("requests");
    std::fs::create_dir(&folder)?;
    let role = VisaTexts {
        role: Some("researcher".into()),
        ..VisaTexts::default()
    };
    give_visa(
        session,
        &folder,
        ("University", "affiliation", "universities"),
        role,
    )?;
    let study = VisaTexts {
        study: Some(study()),
        ..VisaTexts::default()
    };
    give_visa(session, &folder, ("EthicsBoard", "ethics", "boards"), study)?;
    let rows: String = (0..4)
        .map(|i| format!("{CANARY}-{i},{},5.4,no\n", 40 + i))
        .collect();
    let rows = format!("patient,age,sugar,smoker\n{rows}");
    std::fs::write(folder.join("visits.csv"), rows)?;
    std::fs::write(folder.join("visits.schema.json"), SCHEMA)?;
    std::fs::write(folder.join("letter.txt"), format!("{CANARY}: please"))?;
    Ok(())
}

fn give_visa(
    session: &Session,
    folder: &Path,
    (issuer, schema, group): (&str, &str, &str),
    texts: VisaTexts,
) -> Result<()> {
    let issuer = Issuer::new(session, &org(issuer)?, schema, group)?;
    issuer.init(None)?;
    wait(issuer.register(None))?;
    let (asked, signed) = (folder.join("visa.request"), folder.join("visa.json"));
    visa::request(session, &alice()?, schema, &asked)?;
    let assertion = Assertion {
        days: 30,
        permissions: texts.study.iter().map(|_| "GRU".to_owned()).collect(),
        texts,
        disease: None,
    };
    wait(issuer.issue(&RequestFile::read(&asked)?, &assertion, &signed))?;
    wait(visa::import(session, &alice()?, &signed))?;
    std::fs::remove_file(asked)?;
    Ok(std::fs::remove_file(signed)?)
}

/// Development keys of earlier runs of the same circuits: their pins name the folder.
fn kept_keys() -> PathBuf {
    let pins = Sha256::digest(include_bytes!("../../../circuits/pins/circuits.txt"));
    let name: String = pins[..8].iter().map(|b| format!("{b:02x}")).collect();
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fault-keys-{name}"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let names = |folder: &Path| -> BTreeSet<_> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|e| e.file_name()).collect()
    };
    std::fs::create_dir_all(to)?;
    for name in &names(from) - &names(to) {
        // Whole under its own name, whoever else does the same.
        let partial = tempfile::NamedTempFile::new_in(to)?;
        std::fs::copy(from.join(&name), partial.path())?;
        partial.persist(to.join(&name))?;
    }
    Ok(())
}

/// One dataset and a request for it. What a killed process did of it is done.
pub fn one(session: &Session, folder: &Path, policy: &Path, number: u64) -> Result<(), Said> {
    let holder = org(ORGS[0]).map_err(|e| Said::broken(&e))?;
    let alice = alice().map_err(|e| Said::broken(&e))?;
    let name = &format!("study-{number}");
    let options = PutOptions {
        dataset: name,
        future: true,
    };
    let put = wait(policy::put(session, &holder, policy, options)).map_err(|e| failed(&e))?;
    acknowledged(put.transaction.tx_id)?;
    let (source, schema) = (folder.join("visits.csv"), folder.join("visits.schema.json"));
    let options = CommitOptions {
        source: &source,
        views: None,
        accept: &[],
        schema: Some(&schema),
        name,
        group: "research",
    };
    wait(dataset::commit(session, &holder, &options)).map_err(|e| failed(&e))?;
    let registered = wait(claim::register_dataset(session, &holder, name, false));
    acknowledged(registered.map_err(|e| failed(&e))?.transaction.tx_id)?;
    wait(dataset::store(session, &holder, name)).map_err(|e| failed(&e))?;
    let options = AccessOptions {
        dataset: format!("{}/{name}", ORGS[0]),
        study: study(),
        purpose: Some("research".into()),
        disease: None,
        region: None,
        columns: vec!["age".into()],
        letter: Some(folder.join("letter.txt")),
        letter_type: None,
    };
    let asked = wait(access::request(session, &alice, &options)).map_err(|e| failed(&e))?;
    acknowledged(Some(asked.tx_id))
}

fn acknowledged(tx_id: Option<String>) -> Result<(), Said> {
    // What was there before is told without its transaction, where the ledger does not say it.
    let Some(tx_id) = tx_id else {
        return Ok(());
    };
    say(&Said::Part { tx_id })
        .context("a line")
        .map_err(|e| Said::broken(&e))
}
