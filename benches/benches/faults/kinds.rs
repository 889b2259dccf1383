//! Kinds of faults, and how many of each a run tries.

use crate::options::Options;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    KilledPeer,
    KilledOrderer,
    KilledContract,
    KilledClient,
    KilledSeveral,
    Cut,
    FullDisk,
    ClientClock,
    ContractClock,
    ClientCertificate,
    PeerCertificate,
}

impl Kind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Kind::KilledPeer => "peer killed",
            Kind::KilledOrderer => "orderer killed, the leader or another",
            Kind::KilledContract => "contract's process killed",
            Kind::KilledClient => "client killed",
            Kind::KilledSeveral => "two to all processes killed",
            Kind::Cut => "network cut",
            Kind::FullDisk => "disk of a peer full",
            Kind::ClientClock => "client's clock 14 and 16 minutes off",
            Kind::ContractClock => "contract's clock 14 or 16 minutes off",
            Kind::ClientCertificate => "client's certificate expires",
            Kind::PeerCertificate => "peer's TLS certificate expires",
        }
    }
}

const KILLS: [Kind; 5] = [
    Kind::KilledPeer,
    Kind::KilledOrderer,
    Kind::KilledContract,
    Kind::KilledClient,
    Kind::KilledSeveral,
];

/// The faults of a run in their order: the same for the same numbers and seed.
pub fn plan(options: &Options) -> Vec<Kind> {
    let spread = |kinds: &'static [Kind], n: usize| kinds.iter().copied().cycle().take(n);
    let mut plan: Vec<Kind> = spread(&KILLS, options.kills)
        .chain(spread(&[Kind::Cut], options.cuts))
        .chain(spread(&[Kind::FullDisk], options.disks))
        .chain(spread(
            &[Kind::ClientClock, Kind::ContractClock],
            options.clocks,
        ))
        .chain(spread(
            &[Kind::ClientCertificate, Kind::PeerCertificate],
            options.expiries,
        ))
        .collect();
    plan.shuffle(&mut random(options.seed, u64::MAX));
    plan
}

/// Randomness of the n-th fault: also where an earlier run ended before it.
pub fn random(seed: u64, n: u64) -> ChaCha20Rng {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    rng.set_stream(n);
    rng
}

/// One of several.
pub fn one<'a, T>(of: &'a [T], rng: &mut ChaCha20Rng) -> Option<&'a T> {
    (!of.is_empty()).then(|| &of[rng.gen_range(0..of.len())])
}
