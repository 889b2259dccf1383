//! Words for the side that shares and uses data: datasets and access.

use clap::{ArgGroup, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `medveil dataset ...`.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Read a source and say what a dataset of it would hold; writes nothing.
    Inspect {
        /// A FHIR R4 Bundle, a folder of them, or a CSV file.
        source: PathBuf,
        /// Dataset schema.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
    },
    /// Read a source, encrypt its pages and prove that they are well formed; nothing leaves your
    /// folder.
    #[command(
        after_help = "Example:\n  medveil --as HospitalA dataset commit ./bundles --name diabetes --group hospitals"
    )]
    Commit {
        /// A FHIR R4 Bundle, a folder of them, or a CSV file.
        source: PathBuf,
        /// Name of the dataset.
        #[arg(long)]
        name: String,
        /// Sharing group that stores the encrypted pages.
        #[arg(long)]
        group: String,
        /// Dataset schema.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
    },
    /// Register the committed dataset: roots, counts and proofs go on the ledger.
    Register {
        /// Name of the dataset.
        #[arg(long)]
        name: String,
    },
    /// Store the encrypted pages in the group's private data collection.
    Store {
        /// Name of the dataset.
        #[arg(long)]
        name: String,
    },
    /// Read, decrypt and check a dataset that you were granted.
    Read {
        /// Grant (= request id).
        #[arg(long, value_name = "ID")]
        grant: String,
        /// Write the rows here as CSV instead of printing the first ones.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List registered datasets.
    List,
}

/// `medveil access ...`.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Prove eligibility and ask for access.
    #[command(
        after_help = "Example:\n  medveil --as University/alice access request --dataset ID --study STUDY-7 --purpose research --letter letter.txt"
    )]
    Request {
        /// Dataset (lineage id, or HOLDER/NAME).
        #[arg(long, value_name = "ID")]
        dataset: String,
        /// Study; only its salted hash leaves this machine.
        #[arg(long)]
        study: String,
        /// Purpose (public).
        #[arg(long)]
        purpose: Option<String>,
        /// Disease code (public).
        #[arg(long)]
        disease: Option<String>,
        /// Region (public).
        #[arg(long)]
        region: Option<String>,
        /// Columns or column groups to ask for; default: all.
        #[arg(long, value_delimiter = ',')]
        columns: Vec<String>,
        /// A letter to the holder, sealed to its published key.
        #[arg(long, value_name = "FILE")]
        letter: Option<PathBuf>,
    },
    /// List access requests.
    List,
    /// Show one request; the holder also reads its letter.
    Show {
        /// Request id.
        id: String,
    },
    /// Decide as a member of the data access committee.
    #[command(group(ArgGroup::new("decision").required(true).args(["approve", "reject"])))]
    Decide {
        /// Request id.
        id: String,
        /// Vote yes.
        #[arg(long)]
        approve: bool,
        /// Vote no.
        #[arg(long)]
        reject: bool,
    },
    /// Hand the column keys of a granted request to its recipient.
    Handover {
        /// Request id.
        id: String,
    },
    /// Prove on the ledger that the right keys were delivered.
    Confirm {
        /// Request id.
        id: String,
    },
    /// Close a grant.
    Close {
        /// Request id.
        id: String,
    },
}

/// `medveil claim ...`.
#[derive(Debug, Subcommand)]
pub enum ClaimCommand {
    /// Prove a claim about a registered dataset of yours.
    #[command(
        group(ArgGroup::new("kind").required(true).args(["at_least", "largest"])),
        after_help = "Examples:\n  medveil --as HospitalA claim prove --dataset diabetes --where \"has_t2dm = TRUE AND age BETWEEN 40 AND 65\" --at-least 60 --unit subjects\n  medveil --as HospitalA claim prove --dataset diabetes --where \"hba1c >= 6.5\" --largest"
    )]
    Prove {
        /// Name of the dataset.
        #[arg(long)]
        dataset: String,
        /// Cohort expression, a subset of SQL WHERE.
        #[arg(long = "where", value_name = "SQL")]
        query: String,
        /// At least this many.
        #[arg(long, value_name = "K")]
        at_least: Option<u64>,
        /// The largest permitted number that holds.
        #[arg(long)]
        largest: bool,
        /// What is counted: rows or subjects.
        #[arg(long, value_enum, default_value_t = Unit::Subjects)]
        unit: Unit,
    },
    /// Publish a proven claim on the ledger.
    Publish {
        /// The claim's id, as `claim prove` printed it.
        id: String,
    },
    /// List published claims.
    List,
    /// Export a published claim as one file that anyone can verify offline.
    Bundle {
        /// The claim's id.
        id: String,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What a claim counts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Unit {
    Rows,
    Subjects,
}
