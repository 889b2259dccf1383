//! Rounds: in each, every peer makes one proof, and each round begins with another peer, so that
//! what slows the machine for a while slows all of them.

mod run;

use crate::circuit::{Circuit, Kind, SIZES};
use crate::error::PeersError;
use crate::inputs::prepare;
use crate::machine::Machine;
use crate::peer::{Had, Peer, Places};
use crate::report::{LeftOut, PeerInfo, Report};
use crate::session::Cpus;
use std::time::Duration;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Options {
    pub circuits: Vec<Circuit>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// How many proofs each peer makes.
    pub rounds: usize,
    /// How many a peer makes that takes long.
    pub slow_rounds: usize,
    pub peers: Vec<Peer>,
    pub places: Places,
    /// Longest time for one answer of a peer.
    pub bound: Duration,
    /// The command line, for the report.
    pub command: String,
    /// The day, for the report.
    pub day: String,
}

/// Most rounds.
const MAX_ROUNDS: usize = 1000;

/// Hears how far a run is.
pub trait Watch {
    /// So many of so many proofs are made; this comes next.
    fn at(&self, what: &str, done: u64, total: u64);
    /// Something that is said once.
    fn note(&self, text: &str);
}

/// The circuits of kinds and sizes, each once.
pub fn circuits(kinds: &[Kind], sizes: &[u32]) -> Vec<Circuit> {
    let mut circuits = Vec::new();
    for kind in kinds {
        let sizes: &[u32] = if kind.is_sized() { sizes } else { &[0] };
        for log in sizes {
            let circuit = Circuit {
                kind: *kind,
                log: *log,
            };
            if !circuits.contains(&circuit) {
                circuits.push(circuit);
            }
        }
    }
    circuits
}

impl Options {
    fn check(&self, cpus: &Cpus) -> Result<Vec<Cpus>, PeersError> {
        let wrong = |expected: &str, got: String| PeersError::Options {
            expected: expected.to_owned(),
            got,
        };
        if self.circuits.is_empty() || self.threads.is_empty() || self.peers.is_empty() {
            let expected = "a circuit, a number of threads and a peer";
            return Err(wrong(expected, "none".to_owned()));
        }
        let sizes = |kind| match kind {
            Kind::Poseidon => SIZES.start() + 1..=*SIZES.end(),
            _ => SIZES,
        };
        for circuit in self.circuits.iter().filter(|c| c.kind.is_sized()) {
            let sizes = sizes(circuit.kind);
            if !sizes.contains(&circuit.log) {
                let expected = format!(
                    "{} of 2^{} to 2^{}",
                    circuit.kind,
                    sizes.start(),
                    sizes.end()
                );
                return Err(wrong(&expected, format!("2^{}", circuit.log)));
            }
        }
        for rounds in [self.rounds, self.slow_rounds] {
            if !(1..=MAX_ROUNDS).contains(&rounds) {
                return Err(wrong(
                    &format!("1 to {MAX_ROUNDS} rounds"),
                    rounds.to_string(),
                ));
            }
        }
        let some = |count: &usize| {
            let expected = format!(
                "1 to {} threads, as many as there are processors",
                cpus.count()
            );
            let some = cpus.first(*count);
            some.ok_or_else(|| wrong(&expected, count.to_string()))
        };
        self.threads.iter().map(some).collect()
    }

    fn rounds_of(&self, peer: Peer) -> usize {
        match peer.is_slow() {
            true => self.slow_rounds.min(self.rounds),
            false => self.rounds,
        }
    }

    /// Proofs of one circuit on one number of threads, warm-ups included.
    fn proofs(&self, had: &[Had]) -> u64 {
        let proofs = had.iter().map(|had| self.rounds_of(had.peer) as u64 + 1);
        proofs.sum()
    }
}

/// Compares peers. A peer that fails is in the report with its failure.
///
/// **Cost**: minutes; the more, the larger the circuits.
///
/// **Errors**: options that cannot be met; the cache cannot be written.
pub fn compare(options: &Options, watch: &dyn Watch) -> Result<Report, PeersError> {
    let threads = options.check(&Cpus::all())?;
    let machine = Machine::here();
    let (mut had, mut left_out) = (Vec::new(), Vec::new());
    for peer in &options.peers {
        watch.at(&format!("getting {peer}"), 0, 1);
        match Had::get(*peer, &options.places) {
            Ok(peer) => had.push(peer),
            Err(why) => {
                watch.note(&format!("{peer} is left out: {why}"));
                let peer = peer.to_string();
                left_out.push(LeftOut { peer, why });
            }
        }
    }
    let runs = options.circuits.len() * threads.len();
    let (each, mut done) = (options.proofs(&had), 0);
    let total = each * runs as u64;
    let mut report = Report {
        day: options.day.clone(),
        command: options.command.clone(),
        machine,
        rounds: options.rounds,
        slow_rounds: options.slow_rounds.min(options.rounds),
        peers: had.iter().map(|had| PeerInfo::of(had.peer)).collect(),
        left_out,
        runs: Vec::new(),
    };
    for circuit in &options.circuits {
        watch.at(&format!("{circuit}: circuit, witness and key"), done, total);
        let inputs =
            prepare(*circuit, &options.places.cache).ok_or_else(|| PeersError::Options {
                expected: "a circuit that there is".to_owned(),
                got: circuit.to_string(),
            })??;
        for cpus in &threads {
            let run = run::Run {
                options,
                circuit: *circuit,
                inputs: &inputs,
                cpus,
            };
            let begun = done;
            report.runs.push(run.run(&had, &|what: &str, made| {
                watch.at(what, begun + made, total);
            }));
            done += each;
        }
    }
    Ok(report)
}
