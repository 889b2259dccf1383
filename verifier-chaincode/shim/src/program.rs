//! The frame of a chaincode's program: its options, its certificates, how it starts and ends.

use crate::invoke::Invoke;
use crate::operations::start_logging;
use crate::server::{Build, Serving, ShimError, bind, label_of};
use crate::tls::Tls;
use clap::Args;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};

/// Options of every chaincode's program.
#[derive(Clone, Debug, Args)]
pub struct ServiceOptions {
    /// Where to listen.
    #[arg(long, env = "CHAINCODE_SERVER_ADDRESS", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// The package id, as `peer lifecycle chaincode queryinstalled` prints it.
    #[arg(long, env = "CORE_CHAINCODE_ID_NAME", value_name = "LABEL:HASH")]
    pub package_id: String,
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
    /// The TLS certificates that this organisation's own peers show (PEM, any number): each has
    /// places here that nobody else can take. Without it everybody of the authority is alike.
    #[arg(long, env = "MEDVEIL_PEER_CERT", value_name = "FILE")]
    pub peer_cert: Option<PathBuf>,
}

/// The program's clocks; a chaincode itself gets none.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// Milliseconds since 1970.
    pub now_ms: fn() -> u64,
    /// Microseconds of a clock that never goes back.
    pub micros: fn() -> u64,
}

impl Clocks {
    /// The clocks of this machine.
    pub fn system() -> Self {
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        Clocks {
            now_ms: || {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
            },
            micros: || u64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(u64::MAX),
        }
    }
}

/// Any error that says why an option cannot be used.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a program ends.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    #[error("expected --listen and the other options; see --help")]
    NoOptions,
    #[error("{option}")]
    Option {
        option: &'static str,
        source: BoxError,
    },
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "package: expected the label {expected} of this build, got {got}: this process would run another contract than approved"
    )]
    Label { expected: String, got: String },
    #[error(transparent)]
    Serve(#[from] ShimError),
    /// The system refused threads or signals.
    #[error("system")]
    System(#[from] std::io::Error),
}

impl ProgramError {
    pub fn option(option: &'static str, source: impl Into<BoxError>) -> Self {
        ProgramError::Option {
            option,
            source: source.into(),
        }
    }

    /// 2 for bad usage or input, 3 for a package of another build, 1 otherwise.
    pub fn exit_code(&self) -> u8 {
        match self {
            ProgramError::NoOptions | ProgramError::Option { .. } | ProgramError::File { .. } => 2,
            ProgramError::Label { .. } => 3,
            ProgramError::Serve(_) | ProgramError::System(_) => 1,
        }
    }
}

/// Longest file of the options: certificates and a key.
///
/// **Units**: bytes.
const LONGEST: u64 = 1 << 20;

/// Reads a file of the options, of at most 1 MiB.
///
/// **Errors**: it cannot be read, or is longer.
pub fn file(path: &Path) -> Result<Vec<u8>, ProgramError> {
    let error = |source| ProgramError::File {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(error)?;
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(error)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(error(ErrorKind::FileTooLarge.into())),
        false => Ok(bytes),
    }
}

impl ServiceOptions {
    /// Refuses a package of another label.
    ///
    /// **Errors**: the label is another one.
    pub fn check_label(&self, expected: &str) -> Result<(), ProgramError> {
        let got = label_of(&self.package_id);
        if got == expected {
            return Ok(());
        }
        Err(ProgramError::Label {
            expected: expected.to_owned(),
            got: got.to_owned(),
        })
    }

    fn serving(&self, build: Build, clocks: Clocks) -> Result<Serving, ProgramError> {
        let log = start_logging(&self.log).map_err(|e| ProgramError::option("--log", e))?;
        Ok(Serving {
            address: self.listen,
            package_id: self.package_id.clone(),
            build,
            tls: Tls {
                certificate: file(&self.tls_cert)?,
                key: file(&self.tls_key)?,
                client_authority: file(&self.client_ca)?,
                own_peers: self.peer_cert.as_deref().map(file).transpose()?,
            },
            now_ms: (!self.no_time_check).then_some(clocks.now_ms),
            micros: clocks.micros,
            operations: self.operations,
            log: Some(log),
        })
    }
}

/// Serves until the process is asked to end; says so on standard error once it listens, beginning
/// with `what`.
///
/// **Errors**: a file is missing or not usable, the address is in use, or the system refuses
/// threads.
pub fn run(
    options: &ServiceOptions,
    chaincode: impl Invoke,
    build: Build,
    clocks: Clocks,
    what: &str,
) -> Result<(), ProgramError> {
    let serving = options.serving(build, clocks)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let stop = stop()?;
        let bound = bind(serving, Arc::new(chaincode)).await?;
        let _ = writeln!(std::io::stderr(), "{what} listens on {}", options.listen);
        if options.peer_cert.is_none() {
            tracing::warn!("without --peer-cert no place is kept for this organisation's peers");
        }
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
