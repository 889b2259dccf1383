//! Words for measuring proofs.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `medveil bench ...`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Prove the same circuits with this engine, ark-groth16, gnark, snarkjs and snarkrs, in turns;
    /// write a table, CSV, JSON and a page with plots.
    Peers(PeersArgs),
    /// One linked engine, as `bench peers` starts it.
    #[command(hide = true)]
    PeerWorker(WorkerArgs),
}

/// `medveil bench peers`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  medveil bench peers\n  medveil bench peers --sizes 12 --circuits dense --threads 1 --rounds 3\n  medveil bench peers --peers medveil,ark-groth16,gnark --to before\n  medveil bench peers --circuits eligibility-1,eligibility-4,registration-16\n  medveil bench peers --full --rapidsnark ~/rapidsnark/prover\n\nEvery peer has the same circuit, witness and key, but gnark, which makes a key of its own; its solving is reported apart. Each round every peer makes one proof; every proof is verified. Each peer is a process of its own, and all have the same processors (Linux; elsewhere the same number of threads). Peers that are not linked are brought by go, npm and cargo; who cannot be had is left out, and the answer says why. Without --full it takes 10 to 20 minutes on 2 processors that do nothing else; with it, hours. A release build on a quiet machine gives numbers worth keeping; ratios say more than times."
)]
pub struct PeersArgs {
    /// Circuits: dense, poseidon (both of every size), eligibility-1, eligibility-4,
    /// registration-16.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "dense,poseidon"
    )]
    pub circuits: Vec<String>,
    /// Sizes, as logarithms of the number of constraints: 8 to 20; without it 14,16.
    #[arg(long, value_delimiter = ',', value_name = "N")]
    pub sizes: Vec<u32>,
    /// Numbers of threads; without it 1 and all processors.
    #[arg(long, value_delimiter = ',', value_name = "N")]
    pub threads: Vec<usize>,
    /// Proofs of each peer, after one that warms up.
    #[arg(long, value_name = "N", default_value_t = 9)]
    pub rounds: usize,
    /// Proofs of snarkjs, which takes long.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub slow_rounds: usize,
    /// Peers: medveil, medveil-portable, ark-groth16, gnark, snarkjs, snarkrs, rapidsnark; without
    /// it all that can be had.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub peers: Vec<String>,
    /// Every size from 2^12 to 2^20 (snarkjs to 2^18).
    #[arg(long, conflicts_with = "sizes")]
    pub full: bool,
    /// Your own build of rapidsnark's `prover`, started anew for each proof.
    #[arg(long, value_name = "PATH")]
    pub rapidsnark: Option<PathBuf>,
    /// Keep keys and peers in this folder; without it in the user's cache.
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// The folder for peers.csv, peers.json and peers.html.
    #[arg(long, value_name = "DIR", default_value = "medveil-peers")]
    pub to: PathBuf,
    /// Stop a peer that does not answer within so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub bound: u64,
}

/// `medveil bench peer-worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// The engine.
    pub engine: String,
    /// The folder of circuit, witness and key.
    pub folder: PathBuf,
}
