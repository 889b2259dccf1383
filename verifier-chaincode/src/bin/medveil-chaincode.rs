//! One organisation's contract process: `medveil-chaincode` serves the contract to that organisation's own peers.

use circuits::field::Digest;
use clap::{Args, Parser, Subcommand};
use collections_config::{CollectionsConfig, MspId};
use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};
use verifier_chaincode::shim::{Serving, Tls, label, serve};
use verifier_chaincode::{CONTRACT_DIGEST, Contract, ContractConfig};

/// Serves the MedVeil contract to one organisation's Fabric peers, as a service with mutual TLS.
#[derive(Parser)]
#[command(name = "medveil-chaincode", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "Exit codes: 0 ended when asked to, 1 internal error, 2 bad usage or input, 3 the package is of another build.")]
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

#[derive(Args)]
struct Options {
    /// Where to listen.
    #[arg(long, env = "CHAINCODE_SERVER_ADDRESS", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The package id, as `peer lifecycle chaincode queryinstalled` prints it.
    #[arg(long, env = "CORE_CHAINCODE_ID_NAME", value_name = "LABEL:HASH")]
    package_id: String,
    /// The organisation that runs this process.
    #[arg(long, env = "MEDVEIL_MSP_ID", value_name = "MSP")]
    msp_id: String,
    /// SHA-256 of the consortium file; any other consortium is refused.
    #[arg(long, env = "MEDVEIL_CONSORTIUM_DIGEST", value_name = "HEX")]
    consortium_digest: String,
    /// The collections file, as the chaincode was approved with.
    #[arg(long, env = "MEDVEIL_COLLECTIONS", value_name = "FILE")]
    collections: PathBuf,
    /// The name of the chaincode on its channel.
    #[arg(long, env = "MEDVEIL_CHAINCODE_NAME", default_value = "medveil", value_name = "NAME")]
    chaincode_name: String,
    /// Accept keys of a single-party set-up. For evaluation only: whoever made them can forge proofs.
    #[arg(long, env = "MEDVEIL_ALLOW_INSECURE_DEV_KEYS")]
    allow_insecure_dev_keys: bool,
    /// Take proposals of any time. For tests that move the day only: whoever asks would choose it.
    #[arg(long)]
    no_time_check: bool,
    /// This service's certificate (PEM).
    #[arg(long, env = "MEDVEIL_TLS_CERT", value_name = "FILE")]
    tls_cert: PathBuf,
    /// Its private key (PEM).
    #[arg(long, env = "MEDVEIL_TLS_KEY", value_name = "FILE")]
    tls_key: PathBuf,
    /// The authority of the peers' TLS certificates (PEM); nobody else gets in.
    #[arg(long, env = "MEDVEIL_CLIENT_CA", value_name = "FILE")]
    client_ca: PathBuf,
}

/// Why the process ends, with its exit code.
struct Failed(u8, String);

fn input(what: &str) -> impl Fn(&dyn Display) -> Failed + '_ {
    move |error| Failed(2, format!("{what}: {error}"))
}

fn file(path: &Path) -> Result<Vec<u8>, Failed> {
    std::fs::read(path).map_err(|e| Failed(2, format!("{}: {e}", path.display())))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match (cli.command, cli.options) {
        (Some(Command::Label), _) => print(&label()),
        (Some(Command::Digest), _) => print(CONTRACT_DIGEST),
        (None, Some(options)) => run(&options),
        (None, None) => Err(Failed(2, "expected --listen and the other options; see --help".to_owned())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(code, message)) => {
            let _ = writeln!(std::io::stderr(), "medveil-chaincode: {message}");
            ExitCode::from(code)
        }
    }
}

fn print(text: &str) -> Result<(), Failed> {
    writeln!(std::io::stdout(), "{text}").map_err(|e| Failed(1, e.to_string()))
}

fn run(options: &Options) -> Result<(), Failed> {
    let (served, _) = options.package_id.rsplit_once(':').unwrap_or((&options.package_id, ""));
    if served != label() {
        let message = format!(
            "package: expected the label {} of this build, got {served}: this process would run another contract than approved",
            label()
        );
        return Err(Failed(3, message));
    }
    let (serving, contract) = (serving(options)?, Arc::new(contract(options)?));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| Failed(1, e.to_string()))?;
    let (address, digest) = (serving.address, &CONTRACT_DIGEST[..16]);
    let _ = writeln!(std::io::stderr(), "medveil-chaincode: contract {digest} of {} listens on {address}", options.msp_id);
    let served = runtime.block_on(async {
        let stop = stop().map_err(|e| Failed(1, e.to_string()))?;
        serve(serving, contract, stop).await.map_err(|e| Failed(1, e.to_string()))
    });
    // What still runs after the bound is not waited for.
    runtime.shutdown_background();
    served
}

fn serving(options: &Options) -> Result<Serving, Failed> {
    Ok(Serving {
        address: options.listen,
        package_id: options.package_id.clone(),
        msp_id: MspId::new(&*options.msp_id).map_err(|e| input("--msp-id")(&e))?,
        tls: Tls { certificate: file(&options.tls_cert)?, key: file(&options.tls_key)?, client_authority: file(&options.client_ca)? },
        now_ms: (!options.no_time_check).then_some(now_ms),
    })
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn contract(options: &Options) -> Result<Contract, Failed> {
    let collections = file(&options.collections)?;
    let collections = std::str::from_utf8(&collections).map_err(|e| input("--collections")(&e))?;
    let config = ContractConfig {
        msp_id: MspId::new(&*options.msp_id).map_err(|e| input("--msp-id")(&e))?,
        consortium_digest: Digest::from_hex(&options.consortium_digest).map_err(|e| input("--consortium-digest")(&e))?,
        collections: CollectionsConfig::from_json(collections).map_err(|e| input("--collections")(&e))?,
        allow_insecure_dev_keys: options.allow_insecure_dev_keys,
        chaincode_name: options.chaincode_name.clone(),
    };
    Contract::new(config).map_err(|e| input("--chaincode-name")(&e))
}

/// Ready when the process is asked to end.
fn stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
