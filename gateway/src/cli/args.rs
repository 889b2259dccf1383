//! The words of the command line. Help texts teach by example.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

pub use super::args_bench::{BenchCommand, PeersArgs};
pub use super::args_data::{
    AccessCommand, ClaimCommand, DatasetCommand, ExtendArgs, ProveArgs, ReportArgs, RequestArgs,
    SchemaCommand, Unit,
};
pub use super::args_groth16::{
    Exported, Groth16Command, PowersCommand, R1csCommand, WtnsCommand, ZkeyCommand,
};
pub use super::args_net::{DoctorArgs, NetArgs, NetCommand};
pub use super::args_trust::{
    CircuitCommand, ConsortiumCommand, IssueArgs, IssuerCommand, IssuerName, KeysCommand,
    MemberCommand, PolicyCommand, VisaCommand,
};
use super::error::EXIT_CODES;
use crate::passphrases::PassphraseFile;

/// Share medical data over a permissioned ledger: prove eligibility, register datasets, hand over
/// keys, publish claims, verify, audit.
#[derive(Debug, Parser)]
#[command(
    name = "medveil",
    version,
    propagate_version = true,
    after_help = footer()
)]
pub struct Cli {
    /// The folder that holds everything: ledger, organisations, people, keys.
    #[arg(
        long,
        global = true,
        env = "MEDVEIL_HOME",
        hide_env_values = true,
        default_value = "medveil-home",
        value_name = "DIR"
    )]
    pub home: PathBuf,
    /// Print JSON Lines on standard output; progress goes to standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// Act as this organisation, or as one of its people: ORG or ORG/NAME.
    #[arg(
        long = "as",
        global = true,
        value_name = "ORG[/NAME]",
        env = "MEDVEIL_AS",
        hide_env_values = true
    )]
    pub actor: Option<String>,
    /// Read passphrases from this file (first line); as NAME=FILE that of one organisation or
    /// person alone. May be given for each.
    #[arg(long, global = true, value_name = "[NAME=]FILE")]
    pub passphrase_file: Vec<PassphraseFile>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

fn footer() -> String {
    let start = "medveil quickstart\n  medveil quickstart --source ./bundles --home ./demo";
    format!("Start with:\n  {start}\n\n{EXIT_CODES}")
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the three journeys on a ledger of your own: sharing, eligibility and delivery, claims;
    /// then audit it.
    Quickstart(QuickstartArgs),
    /// Make a consortium.
    #[command(subcommand)]
    Consortium(ConsortiumCommand),
    /// Propose, approve and activate circuits; list what is active.
    #[command(subcommand)]
    Circuit(CircuitCommand),
    /// Be an issuer of visas: keys, registration, issuing, revoking.
    #[command(subcommand)]
    Issuer(IssuerCommand),
    /// Be one of an organisation's people, with a key of your own.
    #[command(subcommand)]
    Member(MemberCommand),
    /// Be a holder of visas: ask for one, import it, look at them.
    #[command(subcommand)]
    Visa(VisaCommand),
    /// Proving and verifying keys of circuits; the published key of an organisation.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Check, put and explain the access policy of a dataset.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Propose a schema for a source, and check that they fit.
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Inspect, commit, register, store and read datasets.
    #[command(subcommand)]
    Dataset(DatasetCommand),
    /// Ask for access, decide, hand over keys, confirm delivery, close.
    #[command(subcommand)]
    Access(AccessCommand),
    /// Prove, publish, list and export claims about registered datasets.
    #[command(subcommand)]
    Claim(ClaimCommand),
    /// Verify an exported claim; needs no ledger and no home.
    Verify(VerifyArgs),
    /// Look at the ledger, move its day, audit it.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Derive and check private data collections.
    #[command(subcommand)]
    Collections(CollectionsCommand),
    /// Run a real Fabric network on this machine.
    Net(NetArgs),
    /// Prove and verify any circuit, in the files of snarkjs and circom.
    #[command(subcommand)]
    Groth16(Groth16Command),
    /// Look at proving keys of any circuit, and check them.
    #[command(subcommand)]
    Zkey(ZkeyCommand),
    /// Look at circuits; write those of this program.
    #[command(subcommand)]
    R1cs(R1csCommand),
    /// Check witnesses of any circuit.
    #[command(subcommand)]
    Wtns(WtnsCommand),
    /// Look at powers of tau.
    #[command(subcommand)]
    Powersoftau(PowersCommand),
    /// Measure proofs beside other provers; needs no ledger and no home.
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// `medveil quickstart`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  medveil quickstart\n  medveil quickstart --source ./fhir-bundles\n  medveil quickstart --source visits.csv --schema visits.schema.json --json\n  medveil net install && medveil net up && medveil net deploy && medveil quickstart --ledger fabric"
)]
pub struct QuickstartArgs {
    /// A FHIR R4 Bundle, a folder of them, or a CSV file; without it, 300 synthetic patients.
    #[arg(long, value_name = "PATH")]
    pub source: Option<PathBuf>,
    /// The dataset schema; needed for CSV, a default ships for FHIR.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// The ledger: `embedded`, files of this machine; or `fabric`, the network that `medveil net`
    /// brought up.
    #[arg(long, value_enum, default_value_t = LedgerKind::Embedded)]
    pub ledger: LedgerKind,
    /// The folder of the Fabric network.
    #[arg(
        long,
        env = "MEDVEIL_NET",
        hide_env_values = true,
        default_value = "medveil-net",
        value_name = "DIR"
    )]
    pub net: PathBuf,
}

/// Which ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LedgerKind {
    /// Files of this machine.
    Embedded,
    /// A Fabric network.
    Fabric,
}

/// `medveil verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  medveil verify claim.bundle.json --trust trust.json\n  medveil verify claim.bundle.json"
)]
pub struct VerifyArgs {
    /// The bundle.
    pub bundle: PathBuf,
    /// The trust file, got out of band; without it the answer says `anchored: false`.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
}

/// `medveil ledger ...`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Move the ledger's day forward to today (commands that need it do so themselves).
    Tick,
    /// List blocks: number, transactions, hash.
    Blocks {
        /// Start at this block.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most this many blocks.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Print the contract's events.
    Events {
        /// Start at this block.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Keep the listener's place in this file: the next run goes on from there.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// Wait for what comes.
        #[arg(long)]
        follow: bool,
        /// Print each block too.
        #[arg(long)]
        blocks: bool,
    },
    /// Show one transaction: who called what, its writes, its endorsers.
    Tx {
        /// Transaction id, 64 hex digits.
        id: String,
    },
    /// Follow to their end the transactions that an earlier command left on their way to a Fabric
    /// network (later commands do so themselves).
    Outbox,
    /// Replay the whole ledger and re-verify every public proof.
    Audit,
    /// Mend a damaged embedded ledger: from what is whole of it, and from a copy where one is named.
    Repair {
        /// A copy of this ledger's folder or of a home with it, such as a backup or another
        /// organisation's. Only what signatures and hashes vouch for is taken.
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
    },
}

/// `medveil collections ...`.
#[derive(Debug, Subcommand)]
pub enum CollectionsCommand {
    /// Print the collections configuration of a consortium and its sharing groups.
    Derive {
        /// Consortium file; default: the one of this home.
        #[arg(long, value_name = "FILE")]
        consortium: Option<PathBuf>,
        /// Sharing groups file; default: the one of this home.
        #[arg(long, value_name = "FILE")]
        groups: Option<PathBuf>,
    },
    /// Check a collections configuration, and an upgrade of it; every problem is printed.
    Check {
        /// The configuration (JSON).
        file: PathBuf,
        /// The configuration that is to replace it.
        #[arg(long, value_name = "FILE")]
        next: Option<PathBuf>,
    },
}
