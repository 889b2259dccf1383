//! Words for Fabric networks on this machine.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `medveil net ...`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  medveil net install\n  medveil net up && medveil net deploy && medveil quickstart --ledger fabric\n  medveil net down\n\nFor development and evaluation; a production network is run by its operators."
)]
pub struct NetArgs {
    /// The folder that holds the network.
    #[arg(
        long,
        global = true,
        env = "MEDVEIL_NET",
        hide_env_values = true,
        default_value = "medveil-net",
        value_name = "DIR"
    )]
    pub net: PathBuf,
    /// Fabric's own binaries (3.1 or 2.5) in place of those that `net install` builds.
    #[arg(
        long,
        global = true,
        env = "MEDVEIL_FABRIC",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub binaries: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: NetCommand,
}

/// What to do with a network.
#[derive(Debug, Subcommand)]
pub enum NetCommand {
    /// Build Fabric's programs with the Go client, once; or check those of --binaries.
    Install,
    /// Make a network the first time; start what does not run later.
    Up {
        /// Consortium file, whose members become the organisations; without it: two hospitals, a
        /// university and an ethics board.
        #[arg(long, value_name = "FILE")]
        consortium: Option<PathBuf>,
        /// Sharing groups file.
        #[arg(long, value_name = "FILE")]
        groups: Option<PathBuf>,
        /// Orderers: 1 or 3 by Raft, 4 by SmartBFT; without it 3, or as many as the network has.
        #[arg(long, value_name = "N")]
        orderers: Option<usize>,
        /// Make a network that takes proposals of any time, for tests that move the day; peers and
        /// contracts otherwise refuse what is 15 minutes off.
        #[arg(long)]
        no_time_check: bool,
    },
    /// Deploy the contract to every organisation, or upgrade it to the next definition.
    Deploy {
        /// The contract's program; without it `medveil-chaincode` beside this one.
        #[arg(long, value_name = "FILE")]
        chaincode: Option<PathBuf>,
        /// Sharing groups that replace those deployed.
        #[arg(long, value_name = "FILE")]
        groups: Option<PathBuf>,
        /// Refuse keys of a single-party set-up, as production must.
        #[arg(long)]
        refuse_dev_keys: bool,
    },
    /// Say which processes run and where.
    Status,
    /// Print the environment in which Fabric's own `peer` program works as an organisation's
    /// administrator: `eval "$(medveil net env HospitalA)"`.
    Env {
        /// The organisation's MSP id.
        #[arg(value_name = "ORG")]
        org: String,
    },
    /// Say what this application needs of an operator's own configuration; without a file, look at
    /// the network of this folder.
    Doctor(DoctorArgs),
    /// Stop every process; what is on disk stays.
    Down,
    /// Stop every process and remove the network.
    Clean,
}

/// `medveil net doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A peer's core.yaml; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub core: Vec<PathBuf>,
    /// An orderer's orderer.yaml; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub orderer: Vec<PathBuf>,
    /// Lines NAME=VALUE that stand above those files, as in the processes' environment.
    #[arg(long, value_name = "FILE")]
    pub env: Option<PathBuf>,
    /// The channel's configuration block, as `peer channel fetch config` writes it.
    #[arg(long, value_name = "BLOCK")]
    pub channel: Option<PathBuf>,
    /// A join file, with the identities, peers and connection profile that it names.
    #[arg(long, value_name = "FILE")]
    pub join: Option<PathBuf>,
}
