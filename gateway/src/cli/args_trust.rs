//! Words for the side that makes trust: consortium, circuits, issuers, visas, keys, policies.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `medveil consortium ...`.
#[derive(Debug, Subcommand)]
pub enum ConsortiumCommand {
    /// Make a consortium with its organisations, ledger and identities.
    #[command(
        after_help = "Examples:\n  medveil consortium init\n  medveil consortium init --consortium my-consortium.json --groups my-groups.json"
    )]
    Init {
        /// Consortium file; without it: two hospitals, a university and an ethics board.
        #[arg(long, value_name = "FILE")]
        consortium: Option<PathBuf>,
        /// Sharing groups file.
        #[arg(long, value_name = "FILE")]
        groups: Option<PathBuf>,
    },
    /// Join this home to a Fabric network as one organisation.
    #[command(
        after_help = "Example:\n  medveil --home hospital consortium join medveil-net/joins/HospitalA.json"
    )]
    Join {
        /// The join file: `medveil net deploy` writes one for each organisation.
        file: PathBuf,
    },
    /// Write the trust file: what outsiders need, got out of band, to verify bundles.
    #[command(
        after_help = "Example:\n  medveil --as EthicsBoard consortium trust --out trust.json"
    )]
    Trust {
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// `medveil member ...`.
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// Give a person a key of their own: it reads the institution's peer, and with it the person
    /// asks (`access request --ask FILE`) without the institution's vault.
    #[command(
        after_help = "Examples:\n  medveil --as University/alice member enrol\n  medveil --as University/alice member enrol --certificate alice/msp"
    )]
    Enrol {
        /// A client identity that the institution's authority issued: an MSP folder or a wallet's
        /// file. Without it, a home that has the authority makes one under a pseudonym.
        #[arg(long, value_name = "PATH")]
        certificate: Option<PathBuf>,
        /// Take the place of an identity that is valid.
        #[arg(long)]
        renew: bool,
    },
}

/// `medveil circuit ...`.
#[derive(Debug, Subcommand)]
pub enum CircuitCommand {
    /// Propose a circuit's verifying key; makes insecure development keys where none are in the key
    /// store.
    #[command(after_help = "Example:\n  medveil --as HospitalA circuit propose eligibility-1")]
    Propose {
        /// Circuit name, such as eligibility-1 or registration-256.
        circuit: String,
    },
    /// Approve a proposed circuit for your organisation.
    Approve {
        /// Circuit name.
        circuit: String,
    },
    /// Activate a circuit that a majority approved.
    Activate {
        /// Circuit name.
        circuit: String,
    },
    /// List circuits, their key digests, approvals and state.
    List,
}

/// `medveil issuer ...`.
#[derive(Debug, Subcommand)]
pub enum IssuerCommand {
    /// Make an issuer key, or name an outside one.
    #[command(
        after_help = "Examples:\n  medveil --as University issuer init --schema affiliation --group universities\n  medveil --as EthicsBoard issuer init --schema ethics --group boards --public-key KEY_X,KEY_Y"
    )]
    Init {
        #[command(flatten)]
        issuer: IssuerName,
        /// Public key of a signer outside this program: x,y as decimal numbers or 64 hex digits.
        #[arg(long, value_name = "X,Y")]
        public_key: Option<String>,
    },
    /// Register the issuer on the ledger, proving possession of its key.
    Register {
        #[command(flatten)]
        issuer: IssuerName,
        /// For an outside key: its signature on the message that `issuer init` printed, as
        /// R8x,R8y,S.
        #[arg(long, value_name = "R8X,R8Y,S")]
        possession: Option<String>,
    },
    /// Sign a visa for a request file.
    #[command(
        after_help = "Example:\n  medveil --as EthicsBoard issuer issue --request ethics.request.json --group boards --study STUDY-7 --days 365 --out ethics.visa.json"
    )]
    Issue(IssueArgs),
    /// Revoke visas by revocation index and publish the update.
    Revoke {
        #[command(flatten)]
        issuer: IssuerName,
        /// Revocation indices (printed by `issuer issue` and `issuer list`).
        #[arg(required_unless_present = "urgent")]
        indices: Vec<u64>,
        /// Stop accepting older registry states at once; an ordinary update leaves them valid for
        /// an hour and more. Without indices: makes the updates before urgent.
        #[arg(long)]
        urgent: bool,
        /// Revoke indices that the issuer's register does not have.
        #[arg(long)]
        unlisted: bool,
        /// Only note the revocation; `issuer publish` sends it.
        #[arg(long, conflicts_with = "urgent")]
        later: bool,
    },
    /// List the visas that an issuer signed: revocation index, holder, study, dates, state.
    #[command(
        after_help = "Examples:\n  medveil --as EthicsBoard issuer list --schema ethics --group boards\n  medveil --as EthicsBoard issuer list --schema ethics --group boards --import signed-elsewhere.visa.json"
    )]
    List {
        #[command(flatten)]
        issuer: IssuerName,
        /// Add a visa that the issuer's key signed elsewhere.
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
    },
    /// List the issuers of all organisations.
    Registry,
    /// Retire an issuer of your own: no proof of a later registry takes its visas, and its key never
    /// counts again.
    #[command(
        after_help = "Example:\n  medveil --as EthicsBoard issuer retire --schema ethics --group boards"
    )]
    Retire {
        #[command(flatten)]
        issuer: IssuerName,
        /// Stop accepting older registry states at once.
        #[arg(long)]
        urgent: bool,
    },
    /// Vote to retire another organisation's issuer; a majority of votes retires it, urgently.
    VoteToRetire {
        /// The issuer's key, 16 hex digits, as `issuer registry` lists it.
        key: String,
    },
    /// Publish the revocations noted with `--later`.
    Publish {
        #[command(flatten)]
        issuer: IssuerName,
    },
}

/// Which of the organisation's issuers.
#[derive(Debug, Args)]
pub struct IssuerName {
    /// Visa schema: affiliation, ethics, terms or cohort.
    #[arg(long)]
    pub schema: String,
    /// Issuer group, as the consortium file names it.
    #[arg(long)]
    pub group: String,
}

/// `medveil issuer issue`.
#[derive(Debug, Args)]
pub struct IssueArgs {
    /// The request file that `visa request` wrote.
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// Issuer group.
    #[arg(long)]
    pub group: String,
    /// Days until the visa expires.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
    /// What the visa says, such as a role title or the name of accepted terms.
    #[arg(long)]
    pub value: Option<String>,
    /// Role of the person.
    #[arg(long)]
    pub role: Option<String>,
    /// Where the assertion comes from.
    #[arg(long)]
    pub source: Option<String>,
    /// Study that an approval is for.
    #[arg(long)]
    pub study: Option<String>,
    /// Data-use permissions, such as GRU,HMB,DS.
    #[arg(long, value_delimiter = ',')]
    pub permissions: Vec<String>,
    /// Disease code.
    #[arg(long)]
    pub disease: Option<String>,
    /// Region that the visa speaks of.
    #[arg(long)]
    pub region: Option<String>,
    /// Conditions, understood only by policies that name them.
    #[arg(long)]
    pub conditions: Option<String>,
    /// Where to write the signed visa.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `medveil visa ...`.
#[derive(Debug, Subcommand)]
pub enum VisaCommand {
    /// Make secret and blind, print the holder commitment and write a request file.
    #[command(
        after_help = "Example:\n  medveil --as University/alice visa request --schema affiliation --out affiliation.request.json"
    )]
    Request {
        /// Visa schema.
        #[arg(long)]
        schema: String,
        /// Where to write the request.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Import a signed visa into your wallet, after checking it.
    Import {
        /// The signed visa (MedVeil JSON).
        file: PathBuf,
    },
    /// List your visas.
    List,
    /// Show one visa.
    Show {
        /// Its number in `visa list`.
        number: usize,
    },
}

/// `medveil keys ...`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List proving and verifying keys of the key store.
    List,
    /// Import keys made elsewhere.
    Import {
        /// The verifying key file.
        verifying: PathBuf,
        /// The proving key file.
        proving: PathBuf,
    },
    /// Publish your organisation's key for sealed requests: everybody on a committee needs one.
    Publish {
        /// Publish another one than the first; what was sealed to those before still opens. Once:
        /// later ones name the key that they replace.
        #[arg(long)]
        rotate: bool,
        /// Publish another one in place of this key, 64 hex digits.
        #[arg(long, value_name = "KEY", conflicts_with = "rotate")]
        replaces: Option<String>,
    },
}

/// `medveil policy ...`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Compile a policy, hold it against the home's consortium, and print its root, or every
    /// problem.
    Check {
        /// Policy in YAML.
        file: PathBuf,
    },
    /// Put a policy on the ledger for a dataset of yours.
    Put {
        /// Policy in YAML.
        file: PathBuf,
        /// Dataset name.
        #[arg(long)]
        dataset: String,
        /// The dataset is not registered yet.
        #[arg(long)]
        future: bool,
    },
    /// Say what a policy asks for and what a grant reveals.
    Explain {
        /// Policy in YAML.
        file: PathBuf,
    },
}
