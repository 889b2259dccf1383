//! Runs the contract inside a program: a consortium of two, its Bootstrap, and a query.
//!
//! `cargo run -p medveil-embedded --example run_contract`

use medveil_collections_config::{CollectionsConfig, Consortium, MspId};
use medveil_contract::call::{Bootstrap, Call, Query};
use medveil_embedded::{EmbeddedLedger, Options};
use medveil_embedded_wire::Genesis;
use medveil_ledger::{Clock, SystemClock, Transaction};
use medveil_msp::{Founded, Identity, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::error::Error;
use std::io::Write;
use std::sync::Arc;

const CONSORTIUM: &str = r#"{"format":"medveil-consortium-1","name":"Two clinics",
    "nonce":"000102030405060708090a0b0c0d0e0f","issuers":[],
    "members":[{"msp_id":"ClinicA","name":"Clinic A"},{"msp_id":"ClinicB","name":"Clinic B"}]}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let (mut rng, clock) = (ChaCha20Rng::from_seed(seed), SystemClock);
    let consortium = Consortium::from_json(CONSORTIUM)?;
    let collections = CollectionsConfig::from_json("[]")?;
    let validity = Validity::years_from(clock.now_ms(), 1);
    let orgs: Vec<MspId> = consortium
        .members()
        .iter()
        .map(|m| m.msp_id.clone())
        .collect();
    let mut founded = Vec::new();
    for org in &orgs {
        founded.push(Founded::new(org, validity, &mut rng)?);
    }
    let authorities: Result<Vec<_>, _> = founded.iter().map(|f| f.authority.msp()).collect();
    let genesis = Genesis::new("demo", "medveil", &consortium, &collections, authorities?);
    let admins: Vec<Arc<Identity>> = founded.iter().map(|f| Arc::new(f.admin.clone())).collect();
    let peers: Vec<Identity> = founded.into_iter().map(|f| f.peer).collect();

    let folder = tempfile::tempdir()?;
    EmbeddedLedger::create(folder.path(), &genesis, &peers)?;
    let options = Options::new(Arc::new(clock), rng, true);
    let ledger = EmbeddedLedger::open(folder.path(), options)?;
    let admin = ledger.client(admins[0].clone())?;
    let bootstrap = Call::Bootstrap(Bootstrap {
        consortium: consortium.to_canonical(),
    });
    let committed = admin.submit(&Transaction::call(bootstrap.to_args(), orgs))?;
    let day = admin.evaluate(&Transaction::query(Query::GetDay.to_args()))?;
    let mut out = std::io::stdout();
    writeln!(out, "block {}: {}", committed.block, committed.tx_id)?;
    writeln!(out, "{}", String::from_utf8_lossy(&day))?;
    Ok(())
}
