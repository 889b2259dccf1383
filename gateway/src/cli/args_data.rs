//! Words for the side that shares and uses data: datasets and access.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `medveil schema ...`.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Propose a schema: types, ranges, signs of numbers, order of dates, each with its evidence.
    #[command(after_help = "Example:\n  medveil schema draft visits.csv --out visits.schema.json")]
    Draft {
        /// Tables (CSV, Parquet, workbooks) or FHIR: a file or a folder.
        source: PathBuf,
        /// A setting of the schema's `source`, such as `encoding=latin1` or `delimiter=;`.
        #[arg(long, value_name = "WORD=VALUE", value_parser = setting)]
        set: Vec<(String, String)>,
        /// Write the schema here; without it, it is printed.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the schema and the queries that ship for OMOP CDM 5.4, cut to the tables that a source has.
    #[command(
        after_help = "Examples:\n  medveil schema omop ./cdm\n  medveil schema omop postgresql://reader@db.example.org/ehr --out ."
    )]
    Omop {
        /// A folder of CSV or Parquet files, each named as its table, or the address of a PostgreSQL
        /// database; its password comes from PGPASSWORD or a password file.
        source: String,
        /// Folder for omop.schema.json and omop.sql; without it that of the tables, or this one.
        #[arg(long, value_name = "DIR", value_parser = folder)]
        out: Option<PathBuf>,
    },
    /// Read a whole source and list everything that does not fit its schema, with the word that
    /// would mend it.
    Check {
        /// The source.
        source: PathBuf,
        /// Dataset schema.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
        /// Views (SQL on FHIR) that make tables of FHIR: a file or a folder.
        #[arg(long, value_name = "PATH")]
        views: Option<PathBuf>,
    },
}

/// A folder, which standard output is not.
fn folder(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("two files are written: expected a folder".to_owned()),
        text => Ok(PathBuf::from(text)),
    }
}

/// A word and its value.
fn setting(text: &str) -> Result<(String, String), String> {
    let (word, value) = text
        .split_once('=')
        .ok_or("expected WORD=VALUE, such as encoding=latin1")?;
    Ok((word.to_owned(), value.to_owned()))
}

/// `medveil dataset ...`.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Read a source and say what a dataset of it would hold; writes nothing.
    Inspect {
        /// FHIR (R4, R4B, R5: Bundles, bulk exports) or tables (CSV): a file or a folder.
        source: PathBuf,
        /// Views (SQL on FHIR) that make tables of FHIR: a file or a folder.
        #[arg(long, value_name = "PATH")]
        views: Option<PathBuf>,
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
        /// FHIR (R4, R4B, R5: Bundles, bulk exports) or tables (CSV): a file or a folder.
        source: PathBuf,
        /// Views (SQL on FHIR) that make tables of FHIR: a file or a folder.
        #[arg(long, value_name = "PATH")]
        views: Option<PathBuf>,
        /// Name of the dataset.
        #[arg(long)]
        name: String,
        /// Sharing group that stores the encrypted pages.
        #[arg(long)]
        group: String,
        /// A loss of the reading that may stand: `skipped` files, `subjects` that are not known,
        /// `column:NAME` of which no value is left.
        #[arg(long, value_name = "LOSS")]
        accept: Vec<String>,
        /// Dataset schema.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
    },
    /// Register the committed dataset: roots, counts and proofs go on the ledger.
    Register {
        /// Name of the dataset.
        #[arg(long)]
        name: String,
        /// Register criteria that cannot be compared with claims whose people this home does not
        /// know.
        #[arg(long)]
        uncompared: bool,
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
    /// Read what a holder said of its reading: files, versions, what was left out and why. Its root
    /// stands in the registration and in what `verify` prints.
    #[command(
        after_help = "Examples:\n  medveil --as HospitalA dataset report --name diabetes\n  medveil --as HospitalA dataset report --name diabetes --part whole --part column:age --out for-auditor.json\n  medveil --as University/alice dataset report --grant ID\n  medveil dataset report --check for-auditor.json"
    )]
    Report(ReportArgs),
    /// List registered datasets.
    List,
}

/// `medveil dataset report`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("whose").required(true).args(["name", "grant", "check"])))]
pub struct ReportArgs {
    /// Your own dataset's: all of it.
    #[arg(long)]
    pub name: Option<String>,
    /// A granted dataset's (grant = request id): the whole and the columns of the grant.
    #[arg(long, value_name = "ID")]
    pub grant: Option<String>,
    /// A report that somebody gave you: checks every part against the root.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["part", "out"])]
    pub check: Option<PathBuf>,
    /// Only this part: `whole`, `files` or `column:NAME`; may stand several times.
    #[arg(long, value_name = "PART")]
    pub part: Vec<String>,
    /// Write the open parts here, with the salts that let anybody check them.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `medveil access ...`.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Prove eligibility and ask for access.
    #[command(
        after_help = "Examples:\n  medveil --as University/alice access request --dataset HospitalA/cohort --study STUDY-7 --purpose research --letter letter.pdf\n  medveil --as University/alice access request --dataset HospitalA/cohort --study STUDY-7 --check\n  medveil --as University/alice access request --dataset HospitalA/cohort --study STUDY-7 --ask ask.json"
    )]
    Request(RequestArgs),
    /// Ask for further columns of a granted dataset; the grant runs on, whatever is decided.
    #[command(
        after_help = "Example:\n  medveil --as University/alice access extend ID --columns hba1c,bmi --letter why.txt"
    )]
    Extend(ExtendArgs),
    /// Prove eligibility anew for a request or a grant, against today's registry: keeps a grant's
    /// lease running.
    Affirm {
        /// Request id.
        id: String,
        /// Write it here for the institution to submit, and send nothing.
        #[arg(long, value_name = "FILE")]
        ask: Option<PathBuf>,
    },
    /// Submit, as the institution, what one of its people wrote with `--ask`.
    #[command(
        after_help = "Example:\n  medveil --as University/alice access request --dataset HospitalA/cohort --study STUDY-7 --ask ask.json\n  medveil --as University access submit ask.json"
    )]
    Submit {
        /// The file.
        file: PathBuf,
    },
    /// List access requests: those that wait for you, those that you made, and all others.
    List,
    /// Show one request; those who decide also open its study and letter.
    Show {
        /// Request id.
        id: String,
        /// Write the letter here.
        #[arg(long, value_name = "FILE")]
        letter_out: Option<PathBuf>,
    },
    /// Decide as a member of the data access committee, on what `access show` opened.
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
        /// Vote without having opened the request.
        #[arg(long)]
        unseen: bool,
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
        /// Write the statement's witness here (`.wtns`), and prove nothing. It holds the keys of
        /// all columns in the clear.
        #[arg(long, value_name = "FILE")]
        witness: Option<PathBuf>,
    },
    /// Close a grant.
    Close {
        /// Request id.
        id: String,
    },
}

/// `medveil access request`.
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// Dataset (lineage id, or HOLDER/NAME).
    #[arg(long, value_name = "ID")]
    pub dataset: String,
    /// Study; those who decide see it, everybody else its salted hash.
    #[arg(long)]
    pub study: String,
    /// Purpose (public).
    #[arg(long)]
    pub purpose: Option<String>,
    /// Disease code (public).
    #[arg(long)]
    pub disease: Option<String>,
    /// Region (public).
    #[arg(long)]
    pub region: Option<String>,
    /// Columns or column groups to ask for; default: all.
    #[arg(long, value_delimiter = ',')]
    pub columns: Vec<String>,
    /// A letter to those who decide, sealed to their published keys: any file up to 1 MiB.
    #[arg(long, value_name = "FILE")]
    pub letter: Option<PathBuf>,
    /// Media type of the letter, where its name does not say it.
    #[arg(long, value_name = "TYPE", requires = "letter")]
    pub letter_type: Option<String>,
    /// Try everything and send nothing: which clause fails, which visa is missing, whether the
    /// period's request is used up, what would be revealed and to whom.
    #[arg(long)]
    pub check: bool,
    /// Write the request here for the institution to submit, and send nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub ask: Option<PathBuf>,
    /// Write the statement's witness here (`.wtns`), and send nothing. It holds your secret and every
    /// visa in the clear.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "ask"])]
    pub witness: Option<PathBuf>,
}

/// `medveil access extend`.
#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// The grant.
    pub id: String,
    /// Columns or column groups to ask for.
    #[arg(long, value_delimiter = ',', required = true)]
    pub columns: Vec<String>,
    /// A letter to those who decide.
    #[arg(long, value_name = "FILE")]
    pub letter: Option<PathBuf>,
    /// Media type of the letter, where its name does not say it.
    #[arg(long, value_name = "TYPE", requires = "letter")]
    pub letter_type: Option<String>,
    /// Write the request here for the institution to submit, and send nothing.
    #[arg(long, value_name = "FILE")]
    pub ask: Option<PathBuf>,
    /// Write the statement's witness here (`.wtns`), and send nothing. It holds your secret and every
    /// visa in the clear.
    #[arg(long, value_name = "FILE", conflicts_with = "ask")]
    pub witness: Option<PathBuf>,
}

/// `medveil claim ...`.
#[derive(Debug, Subcommand)]
pub enum ClaimCommand {
    /// Prove a claim about a registered dataset of yours.
    #[command(
        after_help = "Examples:\n  medveil --as HospitalA claim prove --dataset diabetes --where \"has_t2dm = TRUE AND age BETWEEN 40 AND 65\" --at-least 60 --unit subjects\n  medveil --as HospitalA claim prove --dataset diabetes --where \"hba1c >= 6.5\" --largest"
    )]
    Prove(ProveArgs),
    /// Publish a proven claim on the ledger.
    Publish {
        /// The claim's id, as `claim prove` printed it.
        id: String,
        /// Also next to claims of yours whose rows this home does not have.
        #[arg(long)]
        uncompared: bool,
    },
    /// Discard a proven claim that was not published.
    Discard {
        /// The claim's id.
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

/// `medveil claim prove`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("kind").required(true).args(["at_least", "largest"])))]
pub struct ProveArgs {
    /// Name of the dataset.
    #[arg(long)]
    pub dataset: String,
    /// Cohort expression, a subset of SQL WHERE.
    #[arg(long = "where", value_name = "SQL")]
    pub query: String,
    /// At least this many.
    #[arg(long, value_name = "K")]
    pub at_least: Option<u64>,
    /// The largest permitted number that holds.
    #[arg(long)]
    pub largest: bool,
    /// What is counted: rows or subjects.
    #[arg(long, value_enum, default_value_t = Unit::Subjects)]
    pub unit: Unit,
    /// Also next to claims of yours whose rows this home does not have.
    #[arg(long)]
    pub uncompared: bool,
    /// Write the witness of the statement about the sum of all chunks here (`.wtns`), and prove
    /// nothing. It holds what was counted, that of a chunk every row, in the clear.
    #[arg(long, value_name = "FILE")]
    pub witness: Option<PathBuf>,
    /// The witness of this chunk's statement instead, the first being 0.
    #[arg(long, value_name = "N", requires = "witness")]
    pub chunk: Option<usize>,
}

/// What a claim counts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Unit {
    Rows,
    Subjects,
}
