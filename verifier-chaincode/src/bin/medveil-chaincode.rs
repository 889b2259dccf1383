//! One organisation's contract process: `medveil-chaincode` serves the contract to that
//! organisation's own peers.

use circuits::field::Digest;
use clap::{Parser, Subcommand};
use collections_config::CollectionsConfig;
use std::io::Write;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use verifier_chaincode::shim::label;
use verifier_chaincode::shim::program::{self, Clocks, Options, ProgramError};
use verifier_chaincode::{CONTRACT_DIGEST, Contract, ContractConfig};

/// Serves the MedVeil contract to one organisation's Fabric peers, as a service with mutual TLS.
#[derive(Parser)]
#[command(
    name = "medveil-chaincode",
    version,
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "Exit codes: 0 ended when asked to, 1 internal error, 2 bad usage or input, 3 the package is of another build."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Option<Options>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the label that a package for this build must have.
    Label,
    /// Print the digest of this build's sources.
    Digest,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match (cli.command, cli.options) {
        (Some(Command::Label), _) => print(&label()),
        (Some(Command::Digest), _) => print(CONTRACT_DIGEST),
        (None, Some(options)) => run(&options),
        (None, None) => Err(ProgramError::Input(
            "expected --listen and the other options; see --help".to_owned(),
        )),
    };
    let Err(error) = ended else {
        return ExitCode::SUCCESS;
    };
    let _ = writeln!(std::io::stderr(), "medveil-chaincode: {error}");
    ExitCode::from(match error {
        ProgramError::Input(_) => 2,
        ProgramError::Label { .. } => 3,
        ProgramError::Serve(_) | ProgramError::System(_) => 1,
    })
}

fn print(text: &str) -> Result<(), ProgramError> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn run(options: &Options) -> Result<(), ProgramError> {
    options.check_label(&label())?;
    let what = format!("medveil-chaincode: contract {}", &CONTRACT_DIGEST[..16]);
    program::run(options, contract(options)?, clocks(), &what)
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

fn contract(options: &Options) -> Result<Contract, ProgramError> {
    let input =
        |option: &str, e: &dyn std::fmt::Display| ProgramError::Input(format!("{option}: {e}"));
    let collections = program::file(&options.collections)?;
    let collections = std::str::from_utf8(&collections).map_err(|e| input("--collections", &e))?;
    let config = ContractConfig {
        msp_id: options.msp()?,
        consortium_digest: Digest::from_hex(&options.consortium_digest)
            .map_err(|e| input("--consortium-digest", &e))?,
        collections: CollectionsConfig::from_json(collections)
            .map_err(|e| input("--collections", &e))?,
        allow_insecure_dev_keys: options.allow_insecure_dev_keys,
        chaincode_name: options.chaincode_name.clone(),
    };
    Contract::new(config).map_err(|e| input("--chaincode-name", &e))
}
