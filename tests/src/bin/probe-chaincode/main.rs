//! A chaincode that does what it is told, over the same service as the contract: for tests of what
//! peers and networks do with purges, key-level endorsement and large transactions, of a member
//! whose chaincode is patched, and as the floor that the contract's own cost is measured against.
//!
//! Words are separated by spaces in the first argument: `noop`, `put KEY VALUE`, `get KEY`, `delete
//! KEY`, `endorsers KEY ORG..`, `endorsed KEY`, `private COLLECTION KEY` (the value in the
//! transient map), `read COLLECTION KEY`, `hash COLLECTION KEY`, `erase COLLECTION KEY`,
//! `purge COLLECTION KEY`, `attributes`; `verify` takes a key and proofs as two more arguments.
//! Of the contract's own calls it knows one: it takes a handover and writes other keys than those
//! it was sent.

mod verification;

use anyhow::Context;
use clap::Parser;
use collections_config::{CollectionName, MspId};
use std::io::Write;
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use verifier_chaincode::shim::program::{self, Clocks, Options};
use verifier_chaincode::shim::{Invoke, PeerLedger, Space};
use verifier_chaincode::{Call, Code, ContractError, Ledger, LedgerError, StateKey};

const LABEL: &str = "medveil_probe";

/// Does what it is told. For tests only.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Option<Options>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print the label of its package.
    Label,
}

#[derive(Default)]
struct Probe(verification::Keys);

impl Probe {
    async fn run(ledger: &mut PeerLedger, words: &[&str]) -> Result<Vec<u8>, LedgerError> {
        let told = |value: Option<Vec<u8>>| value.unwrap_or_else(|| b"nothing".to_vec());
        match words {
            ["noop"] => {}
            ["put", key, value] => {
                ledger
                    .put_at(Space::PUBLIC, key, value.as_bytes().to_vec())
                    .await?
            }
            ["get", key] => return Ok(told(ledger.get_at(Space::PUBLIC, key).await?)),
            ["delete", key] => ledger.delete(Space::PUBLIC, key).await?,
            ["endorsers", key, orgs @ ..] => {
                let orgs: Vec<MspId> = orgs.iter().filter_map(|o| MspId::new(*o).ok()).collect();
                ledger.set_endorsers(Space::PUBLIC, key, &orgs).await?;
            }
            ["endorsed", key] => {
                let orgs: Vec<String> = ledger
                    .endorsers(Space::PUBLIC, key)
                    .await?
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                return Ok(orgs.join(" ").into_bytes());
            }
            ["private", collection, key] => {
                let value = ledger
                    .tx()
                    .transient
                    .get("value")
                    .cloned()
                    .unwrap_or_default();
                ledger.put_at(Space(collection), key, value).await?;
            }
            ["read", collection, key] => {
                return Ok(told(ledger.get_at(Space(collection), key).await?));
            }
            ["hash", collection, key] => {
                return Ok(
                    hex::encode(told(ledger.hash_at(Space(collection), key).await?)).into_bytes(),
                );
            }
            ["erase", collection, key] => ledger.delete(Space(collection), key).await?,
            ["purge", collection, key] => ledger.purge(Space(collection), key).await?,
            ["attributes"] => return Ok(format!("{:?}", ledger.attributes()).into_bytes()),
            _ => {
                return Err(LedgerError::Store(
                    "expected a word of the probe".to_owned(),
                ));
            }
        }
        Ok(Vec::new())
    }
}

impl Invoke for Probe {
    async fn invoke(
        &self,
        ledger: &mut PeerLedger,
        args: &[Vec<u8>],
    ) -> Result<Vec<u8>, ContractError> {
        let bad = |e: &dyn std::fmt::Display| ContractError::new(Code::BadInput, "probe", e);
        if let [word, key, items] = args
            && word == b"verify"
        {
            return self
                .0
                .verify(key, items)
                .map(|n| n.to_string().into_bytes())
                .map_err(|e| bad(&e));
        }
        if let Ok(Call::HandOverKey(handed)) = Call::from_args(args) {
            let key = StateKey::handover(handed.grant, handed.segment, handed.digest);
            let own = CollectionName::implicit(&ledger.tx().peer_msp);
            ledger
                .put_private(&own, &key, b"other keys".to_vec())
                .await?;
            return Ok(b"{}".to_vec());
        }
        let text = args
            .first()
            .map(|a| String::from_utf8_lossy(a).into_owned())
            .unwrap_or_default();
        let words: Vec<&str> = text.split(' ').collect();
        Probe::run(ledger, &words).await.map_err(|e| bad(&e))
    }

    fn verifies(&self, name: &[u8]) -> bool {
        name == b"verify"
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["noop", "verify"]]
    }

    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

fn clocks() -> Clocks {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    Clocks {
        now_ms: || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
        },
        micros: || u64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(u64::MAX),
    }
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if cli.command.is_some() {
        return Ok(writeln!(std::io::stdout(), "{LABEL}")?);
    }
    let options = cli
        .options
        .context("expected --listen and the other options; see --help")?;
    Ok(program::run(&options, Probe::default(), clocks(), "probe")?)
}
