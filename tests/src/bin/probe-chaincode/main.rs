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

use clap::Parser;
use medveil_collections_config::error_chain;
use medveil_contract::{Call, StateKey};
use medveil_shim::program::{self, Clocks, ProgramError, ServiceOptions};
use medveil_shim::{Build, Invoke, PeerError, PeerLedger, Refusal, Space};
use medveil_verifier_chaincode::Options;
use std::io::Write;
use std::process::ExitCode;

const LABEL: &str = "medveil_probe";
const BUILD: Build = Build {
    prefix: "medveil",
    version: env!("CARGO_PKG_VERSION"),
    digest: "",
};

/// Does what it is told. For tests only.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    contract: Option<Options>,
    #[command(flatten)]
    service: Option<ServiceOptions>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print the label of its package.
    Label,
}

struct Probe {
    keys: verification::Keys,
    /// The implicit collection of the organisation that runs this process.
    own: String,
}

impl Probe {
    async fn run(ledger: &mut PeerLedger, words: &[&str]) -> Result<Vec<u8>, PeerError> {
        let told = |value: Option<Vec<u8>>| value.unwrap_or_else(|| b"nothing".to_vec());
        match words {
            ["noop"] => {}
            ["put", key, value] => {
                ledger
                    .put(Space::PUBLIC, key, value.as_bytes().to_vec())
                    .await?
            }
            ["get", key] => return Ok(told(ledger.get(Space::PUBLIC, key).await?)),
            ["delete", key] => ledger.delete(Space::PUBLIC, key).await?,
            ["endorsers", key, orgs @ ..] => {
                ledger.set_endorsers(Space::PUBLIC, key, orgs).await?;
            }
            ["endorsed", key] => {
                let orgs = ledger.endorsers(Space::PUBLIC, key).await?;
                return Ok(orgs.join(" ").into_bytes());
            }
            ["private", collection, key] => {
                let value = ledger.take_transient().remove("value");
                let value = value.unwrap_or_default();
                ledger.put(Space(collection), key, value).await?;
            }
            ["read", collection, key] => {
                return Ok(told(ledger.get(Space(collection), key).await?));
            }
            ["hash", collection, key] => {
                let hash = ledger.hash(Space(collection), key).await?;
                return Ok(hex::encode(told(hash.map(Vec::from))).into_bytes());
            }
            ["erase", collection, key] => ledger.delete(Space(collection), key).await?,
            ["purge", collection, key] => ledger.purge(Space(collection), key).await?,
            ["attributes"] => return Ok(format!("{:?}", ledger.attributes()).into_bytes()),
            _ => {
                return Err(PeerError::Refused(
                    "expected a word of the probe".to_owned(),
                ));
            }
        }
        Ok(Vec::new())
    }
}

impl Invoke for Probe {
    async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        if let [word, key, items] = args
            && word == b"verify"
        {
            let n = self.keys.verify(key, items).map_err(|e| bad(&e))?;
            return Ok(n.to_string().into_bytes());
        }
        if let Ok(Call::HandOverKey(handed)) = Call::from_args(args) {
            let key = StateKey::handover(handed.grant, handed.segment, handed.digest);
            let written = ledger.put(Space(&self.own), key.as_str(), b"other keys".to_vec());
            written.await.map_err(|e| bad(&e))?;
            return Ok(b"{}".to_vec());
        }
        let text = args
            .first()
            .map(|a| String::from_utf8_lossy(a).into_owned())
            .unwrap_or_default();
        let words: Vec<&str> = text.split(' ').collect();
        Probe::run(ledger, &words).await.map_err(|e| bad(&e))
    }

    fn needs_turn(&self, name: &[u8]) -> bool {
        name == b"verify"
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["noop", "verify"]]
    }
}

fn bad(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::bad_input(format_args!("probe: {error}"))
}

fn main() -> ExitCode {
    let Err(error) = run(Cli::parse()) else {
        return ExitCode::SUCCESS;
    };
    let _ = writeln!(std::io::stderr(), "probe: {}", error_chain(&error));
    ExitCode::from(error.exit_code())
}

fn run(cli: Cli) -> Result<(), ProgramError> {
    if cli.command.is_some() {
        return Ok(writeln!(std::io::stdout(), "{LABEL}")?);
    }
    let (Some(contract), Some(service)) = (cli.contract, cli.service) else {
        return Err(ProgramError::NoOptions);
    };
    let what = format!("probe of {}", contract.msp_id);
    let probe = Probe {
        keys: verification::Keys::default(),
        own: format!("_implicit_org_{}", contract.msp_id),
    };
    program::run(&service, probe, BUILD, Clocks::system(), &what)
}
