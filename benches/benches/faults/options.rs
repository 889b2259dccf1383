//! What the operator asks for.

use clap::Parser;
use std::path::PathBuf;

/// Faults under load on a real Fabric network of this machine: four organisations whose clients write
/// all the time, while processes are killed, the network is cut, a disk is full, clocks are off and
/// certificates expire. After each fault the invariants are checked. Without numbers it takes some
/// minutes.
#[derive(Clone, Debug, Parser)]
#[command(name = "faults")]
pub struct Options {
    /// The same seed tries the same faults, in the same order
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Kills: peers, orderers, contracts, clients, and several at once
    #[arg(long, default_value_t = 20)]
    pub kills: usize,
    /// Cuts of the network
    #[arg(long, default_value_t = 5)]
    pub cuts: usize,
    /// Full disks under a peer
    #[arg(long, default_value_t = 2)]
    pub disks: usize,
    /// Certificates that expire, of clients and of peers
    #[arg(long, default_value_t = 2)]
    pub expiries: usize,
    /// Clocks that are off, of clients and of contracts
    #[arg(long, default_value_t = 4)]
    pub clocks: usize,
    /// The numbers of the run whose figures are kept: 200, 50, 20, 10 and 10
    #[arg(long)]
    pub recorded: bool,
    /// Orderers: 1 or 3 (Raft), or 4 (SmartBFT)
    #[arg(long, default_value_t = 3)]
    pub orderers: usize,
    /// Only writes without proofs: no registrations, no requests for access
    #[arg(long)]
    pub no_proofs: bool,
    /// An empty folder on a small file system, for the peer whose disk is full; without it one is
    /// mounted, which takes root
    #[arg(long)]
    pub disk: Option<PathBuf>,
    /// Goes on from this file where it is there, and keeps what was done in it
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Stops after so many minutes; with a state file, the next run goes on
    #[arg(long)]
    pub minutes: Option<f64>,
    /// What clients are told while service is away
    #[arg(long)]
    pub verbose: bool,
    /// The table as JSON
    #[arg(long)]
    pub json: bool,
    /// A few of each kind, without proofs (for the tests)
    #[arg(long)]
    pub test: bool,
    /// What `cargo bench` says
    #[arg(long, hide = true)]
    pub bench: bool,
}

impl Options {
    /// The numbers of the recorded run, or few, where that is asked for.
    pub fn sized(self) -> Self {
        if self.recorded {
            return Options {
                kills: 200,
                cuts: 50,
                disks: 20,
                expiries: 10,
                clocks: 10,
                ..self
            };
        }
        if !self.test {
            return self;
        }
        Options {
            kills: 4,
            cuts: 1,
            disks: 1,
            expiries: 1,
            clocks: 2,
            no_proofs: true,
            ..self
        }
    }
}
