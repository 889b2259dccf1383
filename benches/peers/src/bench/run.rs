//! One circuit on one number of threads.

use super::Options;
use crate::circuit::Circuit;
use crate::inputs::Inputs;
use crate::peer::{Had, Peer};
use crate::protocol::{Done, Made, Order, Step};
use crate::report::{BATCH, Measured, RunReport};
use crate::session::{Cpus, Session};
use crate::spread::Spread;
use std::time::Duration;

/// Longest time for loading, in which gnark makes a key of its own.
const LOAD: Duration = Duration::from_secs(3600);

/// How often many proofs are verified together.
const BATCHES: usize = 5;

pub struct Run<'a> {
    pub options: &'a Options,
    pub circuit: Circuit,
    pub inputs: &'a Inputs,
    pub cpus: &'a Cpus,
}

/// A peer in this run, with what it did.
struct Racer {
    peer: Peer,
    session: Result<Session, String>,
    load: Option<Done>,
    first: Option<f64>,
    prove: Vec<f64>,
    solve: Vec<f64>,
    verify: Vec<f64>,
    batch: Vec<f64>,
}

impl Run<'_> {
    pub fn run(&self, had: &[Had], at: &dyn Fn(&str, u64)) -> RunReport {
        let name = match self.cpus.count() {
            1 => format!("{}, 1 thread", self.circuit),
            n => format!("{}, {n} threads", self.circuit),
        };
        let domain = self.inputs.domain();
        let mut racers = Vec::new();
        for had in had
            .iter()
            .filter(|had| domain.ilog2() <= had.peer.largest())
        {
            at(&format!("{name}: {} loads", had.peer), 0);
            racers.push(self.begin(had));
        }
        let (mut made, rounds) = (0, self.options.rounds);
        // Round 0 warms up.
        for round in 0..=rounds {
            for place in 0..racers.len() {
                let place = (place + round) % racers.len();
                let Some(racer) = racers.get_mut(place) else {
                    continue;
                };
                if round > self.options.rounds_of(racer.peer) {
                    continue;
                }
                at(&format!("{name}: {}", racer.peer), made);
                self.prove(racer, round > 0);
                made += 1;
            }
        }
        for _ in 0..rounds {
            let verifies = racers.iter_mut().filter(|racer| racer.peer.verifies());
            verifies.for_each(|racer| self.verify(racer));
        }
        for _ in 0..BATCHES {
            let verifies = racers
                .iter_mut()
                .filter(|racer| racer.peer.verifies_batches());
            verifies.for_each(|racer| self.batch(racer));
        }
        RunReport::new(
            self.circuit,
            self.inputs,
            self.cpus.count(),
            racers.into_iter().map(Racer::measured).collect(),
        )
    }

    fn begin(&self, had: &Had) -> Racer {
        let cache = &self.options.places.cache;
        let program = had.program_for(self.inputs, cache);
        let log = cache.join(format!("{}.log", had.peer));
        let mut racer = Racer {
            peer: had.peer,
            session: Session::start(&program, self.cpus, &log).map_err(|e| e.to_string()),
            load: None,
            first: None,
            prove: Vec::new(),
            solve: Vec::new(),
            verify: Vec::new(),
            batch: Vec::new(),
        };
        racer.load = racer.order(Order::of(Step::Load), LOAD);
        // A set-up needs more memory than a proof: who made one begins again without it.
        if let Some(setup) = racer.load.as_ref().and_then(|load| load.setup_ms) {
            racer.session = Session::start(&program, self.cpus, &log).map_err(|e| e.to_string());
            let load = racer.order(Order::of(Step::Load), LOAD);
            racer.load = load.map(|load| Done {
                setup_ms: Some(setup),
                ..load
            });
        }
        racer
    }

    fn prove(&self, racer: &mut Racer, counts: bool) {
        let Some(done) = racer.order(Order::of(Step::Prove), self.options.bound) else {
            return;
        };
        match done.made {
            Some(Made::Proof(proof)) => {
                let inputs = self.inputs;
                if let Err(error) = inputs.verifying.verify(&inputs.public, &proof) {
                    return racer.fail(format!("made a proof that does not hold: {error}"));
                }
            }
            Some(Made::Verified) if !racer.peer.has_the_key() => {}
            _ => return racer.fail("says that its proof holds, and does not show it".to_owned()),
        }
        if counts {
            racer.prove.push(done.ms);
            racer.solve.extend(done.solve_ms);
        } else {
            racer.first = Some(done.ms);
        }
    }

    fn verify(&self, racer: &mut Racer) {
        let done = racer.order(Order::of(Step::Verify), self.options.bound);
        racer.verify.extend(done.map(|done| done.ms));
    }

    fn batch(&self, racer: &mut Racer) {
        let order = Order {
            step: Step::Batch,
            proofs: Some(BATCH),
        };
        let done = racer.order(order, self.options.bound);
        racer.batch.extend(done.map(|done| done.ms));
    }
}

impl Racer {
    /// Gives an order; a peer that fails once is asked no more.
    fn order(&mut self, order: Order, bound: Duration) -> Option<Done> {
        match self.session.as_mut().ok()?.order(order, bound) {
            Ok(done) => Some(done),
            Err(error) => {
                self.fail(error.to_string());
                None
            }
        }
    }

    fn fail(&mut self, why: String) {
        self.session = Err(why);
    }

    fn measured(self) -> Measured {
        let peak = self.session.as_ref().ok().and_then(Session::peak_memory);
        Measured {
            peer: self.peer.to_string(),
            error: self.session.err(),
            prove: Spread::of(&self.prove),
            solve: Spread::of(&self.solve),
            verify: Spread::of(&self.verify),
            batch: Spread::of(&self.batch).map(|spread| spread.over(BATCH)),
            load_ms: self.load.as_ref().map(|done| done.ms),
            first_ms: self.first,
            setup_ms: self.load.and_then(|done| done.setup_ms),
            peak_bytes: peak,
            bytes_per_constraint: None,
            over_ark: None,
            over_gnark: None,
        }
    }
}
