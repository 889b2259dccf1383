//! The frame of a chaincode's program: its options, its certificates, how it starts and ends.
//!
//! Shared by the contract's program and by probes of a network, so that both are deployed in the
//! same way.

use super::{Invoke, Serving, ShimError, Tls, bind, start_logging};
use clap::Args;
use collections_config::MspId;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Options of every chaincode's program.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen.
    #[arg(long, env = "CHAINCODE_SERVER_ADDRESS", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// The package id, as `peer lifecycle chaincode queryinstalled` prints it.
    #[arg(long, env = "CORE_CHAINCODE_ID_NAME", value_name = "LABEL:HASH")]
    pub package_id: String,
    /// The organisation that runs this process.
    #[arg(long, env = "MEDVEIL_MSP_ID", value_name = "MSP")]
    pub msp_id: String,
    /// SHA-256 of the consortium file; any other consortium is refused.
    #[arg(long, env = "MEDVEIL_CONSORTIUM_DIGEST", value_name = "HEX")]
    pub consortium_digest: String,
    /// The collections file, as the chaincode was approved with.
    #[arg(long, env = "MEDVEIL_COLLECTIONS", value_name = "FILE")]
    pub collections: PathBuf,
    /// The name of the chaincode on its channel.
    #[arg(
        long,
        env = "MEDVEIL_CHAINCODE_NAME",
        default_value = "medveil",
        value_name = "NAME"
    )]
    pub chaincode_name: String,
    /// Accept keys of a single-party set-up. For evaluation only: whoever made them can forge
    /// proofs.
    #[arg(long, env = "MEDVEIL_ALLOW_INSECURE_DEV_KEYS")]
    pub allow_insecure_dev_keys: bool,
    /// Take proposals of any time. For tests that move the day only: whoever asks would choose it.
    #[arg(long)]
    pub no_time_check: bool,
    /// Where /healthz, /metrics, /version and /logspec are answered, without TLS; nowhere without
    /// it.
    #[arg(long, env = "MEDVEIL_OPERATIONS", value_name = "ADDRESS:PORT")]
    pub operations: Option<SocketAddr>,
    /// What is logged: a level, or target=level pairs. Never arguments and never private values.
    #[arg(long, env = "MEDVEIL_LOG", default_value = "info", value_name = "SPEC")]
    pub log: String,
    /// This service's certificate (PEM).
    #[arg(long, env = "MEDVEIL_TLS_CERT", value_name = "FILE")]
    pub tls_cert: PathBuf,
    /// Its private key (PEM).
    #[arg(long, env = "MEDVEIL_TLS_KEY", value_name = "FILE")]
    pub tls_key: PathBuf,
    /// The authority of the peers' TLS certificates (PEM): whoever holds a certificate of it gets
    /// in, and nobody else.
    #[arg(long, env = "MEDVEIL_CLIENT_CA", value_name = "FILE")]
    pub client_ca: PathBuf,
}

/// The program's clocks: the contract itself gets none.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// Milliseconds since 1970.
    pub now_ms: fn() -> u64,
    /// Microseconds of a clock that never goes back.
    pub micros: fn() -> u64,
}

/// Why a program ends.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// An option or a file that cannot be used.
    #[error("{0}")]
    Input(String),
    /// The package is of another build.
    #[error(
        "package: expected the label {expected} of this build, got {got}: this process would run another contract than approved"
    )]
    Label {
        /// This build's label.
        expected: String,
        /// The package's.
        got: String,
    },
    /// Serving failed.
    #[error(transparent)]
    Serve(#[from] ShimError),
    /// The system refused threads or signals.
    #[error("system: {0}")]
    System(#[from] std::io::Error),
}

/// Reads a file of the options.
///
/// **Errors**: it cannot be read.
pub fn file(path: &Path) -> Result<Vec<u8>, ProgramError> {
    std::fs::read(path).map_err(|e| ProgramError::Input(format!("{}: {e}", path.display())))
}

impl Options {
    /// The organisation.
    ///
    /// **Errors**: no MSP id.
    pub fn msp(&self) -> Result<MspId, ProgramError> {
        MspId::new(&*self.msp_id).map_err(|e| ProgramError::Input(format!("--msp-id: {e}")))
    }

    /// Refuses a package of another label.
    ///
    /// **Errors**: the label is another one.
    pub fn check_label(&self, expected: &str) -> Result<(), ProgramError> {
        let (got, _) = self
            .package_id
            .rsplit_once(':')
            .unwrap_or((&self.package_id, ""));
        if got == expected {
            return Ok(());
        }
        Err(ProgramError::Label {
            expected: expected.to_owned(),
            got: got.to_owned(),
        })
    }

    fn serving(&self, clocks: Clocks) -> Result<Serving, ProgramError> {
        let log =
            start_logging(&self.log).map_err(|e| ProgramError::Input(format!("--log: {e}")))?;
        Ok(Serving {
            address: self.listen,
            package_id: self.package_id.clone(),
            msp_id: self.msp()?,
            tls: Tls {
                certificate: file(&self.tls_cert)?,
                key: file(&self.tls_key)?,
                client_authority: file(&self.client_ca)?,
            },
            now_ms: (!self.no_time_check).then_some(clocks.now_ms),
            micros: clocks.micros,
            operations: self.operations,
            log: Some(log),
        })
    }
}

/// Serves until the process is asked to end; `what` is told once it listens.
///
/// **Errors**: a file is missing or not usable, the address is in use, or the system refuses
/// threads.
pub fn run(
    options: &Options,
    contract: impl Invoke,
    clocks: Clocks,
    what: &str,
) -> Result<(), ProgramError> {
    let serving = options.serving(clocks)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let stop = stop()?;
        let bound = bind(serving, Arc::new(contract)).await?;
        let _ = writeln!(
            std::io::stderr(),
            "{what} of {} listens on {}",
            options.msp_id,
            options.listen
        );
        bound.serve(stop).await.map_err(ProgramError::from)
    });
    // What still runs after the bound is not waited for.
    runtime.shutdown_background();
    served
}

/// Ready when the process is asked to end.
fn stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
