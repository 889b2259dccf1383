//! Reads what the contract told the world, from the first block on.
//!
//! `cargo run -p medveil-gateway --example read_events -- medveil-home HospitalA`

use medveil_collections_config::{MspId, Role};
use medveil_gateway::home::Home;
use medveil_gateway::startup::Startup;
use medveil_gateway::streams::Shown;
use medveil_ledger::{Listen, Notice};
use std::error::Error;
use std::io::Write;
use tokio_stream::StreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let home = args.next().ok_or("expected HOME ORG")?;
    let org = MspId::new(args.next().ok_or("expected HOME ORG")?)?;
    let session = Startup::new(Home::new(home)).open()?;
    let client = session.identity(&org, Role::Client)?;
    let mut notices = session.ledger().notices(&client, Listen::default());
    let mut out = std::io::stdout();
    while let Some(notice) = notices.next().await {
        if let Notice::Event(event) = notice? {
            let payload = String::from_utf8_lossy(&event.payload);
            let line = format!("{} {} {payload}", event.block, event.name);
            writeln!(out, "{}", Shown::line(&line).as_str())?;
        }
    }
    Ok(())
}
