//! The program `medveil-chaincode`.

use clap::{Parser, Subcommand};
use medveil_collections_config::error_chain;
use medveil_shim::log_lines::one_line;
use medveil_shim::program::{self, Clocks, ProgramError, ServiceOptions};
use medveil_verifier_chaincode::{BUILD, CONTRACT_DIGEST, Options, label};
use std::io::Write;
use std::process::ExitCode;

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
    contract: Option<Options>,
    #[command(flatten)]
    service: Option<ServiceOptions>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the label that a package for this build must have.
    Label,
    /// Print the digest of this build's sources.
    Digest,
}

fn main() -> ExitCode {
    if let Err(error) = forbid_dumps() {
        let said = "medveil-chaincode: memory dumps of this process stay possible";
        let _ = writeln!(std::io::stderr(), "{said}: {error}");
    }
    let cli = Cli::parse();
    let ended = match (cli.command, cli.contract, cli.service) {
        (Some(Command::Label), ..) => print(&label()),
        (Some(Command::Digest), ..) => print(CONTRACT_DIGEST),
        (None, Some(contract), Some(service)) => run(&contract, &service),
        (None, ..) => Err(ProgramError::NoOptions),
    };
    let Err(error) = ended else {
        return ExitCode::SUCCESS;
    };
    let _ = writeln!(
        std::io::stderr(),
        "medveil-chaincode: {}",
        one_line(&error_chain(&error))
    );
    ExitCode::from(error.exit_code())
}

fn print(text: &str) -> Result<(), ProgramError> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Tells the system to make no memory dumps of this process: calls carry private arguments, and it
/// holds a key. `medveil net` finds the processes of its networks by what the system tells of them,
/// which it tells nobody of a process that nobody may look into: such a one has the limit alone.
fn forbid_dumps() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if std::env::var_os("MEDVEIL_NET_PROCESS").is_none() {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

fn run(contract: &Options, service: &ServiceOptions) -> Result<(), ProgramError> {
    service.check_label(&label())?;
    let what = format!(
        "medveil-chaincode: contract {} of {}",
        &CONTRACT_DIGEST[..16],
        contract.msp_id
    );
    let chaincode = contract.chaincode()?;
    program::run(service, chaincode, BUILD, Clocks::system(), &what)
}
