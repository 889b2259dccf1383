//! Where the time of a proof goes, statement by statement: a table, as `RESULTS.md` has it.
//!
//! The steps are those of `Prover::prove`, each repeated alone, with a key of the store; "whole" is
//! that function itself. "First" is the first proof of a process, with opening its key. The last two
//! columns happen only where a proof does not verify: making the circuit's rows, and looking for the
//! one that does not hold.
//!
//! Times are of the processor and of one thread, so that other work beside it counts little. Of two
//! shares the second is what the step has where the engine, which alone uses more threads, takes half.
#![allow(missing_docs)]

use medveil_benches::{Visit, quick, statements};
use medveil_circuits::handover::Handover;
use medveil_circuits::proof::{Proof, RawProof};
use medveil_circuits::shape::{Assignment, Matrices};
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::handover_fixture;
use medveil_circuits::verify::{PreparedVerifyingKey, verify};
use medveil_prover::testing::{Kernels, Unchecked};
use medveil_prover::{KeyStore, Prover, ProvingKey, development_keys};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

const COLUMNS: [&str; 10] = [
    "statement",
    "constraints",
    "native check",
    "values",
    "engine",
    "verification",
    "whole",
    "first",
    "rows made",
    "row check",
];

/// Where the engine stands among a proof's steps.
const ENGINE: usize = 2;

/// What this process has used of processors: Linux counts it in hundredths of a second.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this bench needs Linux");
    // Behind the name, which may have spaces, user and system time are the twelfth and thirteenth.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|own| own.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

/// Milliseconds of a step, repeated until they can be told.
fn timed(mut step: impl FnMut()) -> f64 {
    let enough = Duration::from_millis(if quick() { 50 } else { 1500 });
    step();
    let (begun, mut runs) = (processor(), 0);
    loop {
        step();
        runs += 1;
        let used = processor() - begun;
        if used >= enough {
            return used.as_secs_f64() * 1e3 / f64::from(runs);
        }
    }
}

/// A statement's circuit and key, and what its steps need.
struct Steps<'a, S: Synthesize> {
    public: &'a S::Public,
    private: &'a S::Private,
    matrices: Matrices,
    engine: Unchecked,
    key: PreparedVerifyingKey<S>,
}

impl<'a, S: Synthesize> Steps<'a, S> {
    fn new(key: &ProvingKey<S>, public: &'a S::Public, private: &'a S::Private) -> Self {
        Steps {
            public,
            private,
            matrices: Matrices::of::<S>().expect("every circuit has a shape"),
            engine: Unchecked::new(key.zkey(), Kernels::fastest()),
            key: PreparedVerifyingKey::new(key.verifying()),
        }
    }

    fn values(&self) -> Assignment {
        Assignment::of::<S>(self.public, self.private).expect("every value is there")
    }

    /// Native check, values, engine, verification.
    fn of_a_proof(&self, rng: &mut ChaCha20Rng) -> [f64; 4] {
        let check = || S::check(self.public, self.private).expect("the statement is true");
        let values = self.values();
        let mut prove = || self.engine.prove(values.values(), rng).expect("its key");
        let points = prove();
        let verification = || {
            let raw = RawProof::from_points(points.clone()).expect("points of the groups");
            let proof = Proof::<S>::new(raw);
            verify(&self.key, self.public, &proof).expect("a proof that verifies");
        };
        [
            timed(check),
            timed(|| drop(self.values())),
            timed(|| {
                black_box(prove());
            }),
            timed(verification),
        ]
    }

    /// Rows made, row check.
    fn of_a_fault(&self) -> [f64; 2] {
        let values = self.values();
        [
            timed(|| drop(black_box(Matrices::of::<S>()))),
            timed(|| assert_eq!(self.matrices.broken(&values), None)),
        ]
    }
}

/// Prints a line a statement.
struct Table(KeyStore);

impl Visit for Table {
    fn visit<S: Synthesize>(&mut self, public: &S::Public, private: &S::Private) {
        let (verifying, proving) = development_keys::<S>().expect("every circuit can be set up");
        let digest = verifying.digest();
        self.0.save(&verifying, &proving).expect("room for keys");
        drop(proving);
        let loaded = || self.0.load_proving::<S>(digest).expect("the key is there");
        let (key, rng) = (loaded(), &mut ChaCha20Rng::seed_from_u64(1));
        let steps = Steps::new(&key, public, private);
        let parts = steps.of_a_proof(rng);
        let prover = Prover::new(key);
        let mut prove = |prover: &Prover<S>| {
            black_box(prover.prove(public, private, rng).expect("it is true"));
        };
        let whole = timed(|| prove(&prover));
        let first = timed(|| prove(&Prover::new(loaded())));
        let [made, broken] = steps.of_a_fault();

        let one: f64 = parts.iter().sum();
        let two = one - parts[ENGINE] / 2.0;
        let mut line = format!("| {} | {} ", S::CIRCUIT, steps.matrices.n_constraints());
        for (at, step) in parts.iter().enumerate() {
            let half = if at == ENGINE { step / 2.0 } else { *step };
            let (first, second) = (100.0 * step / one, 100.0 * half / two);
            line += &format!("| {step:.2} ({first:.0}, {second:.0} %) ");
        }
        say(&format!(
            "{line}| {whole:.1} | {first:.1} | {made:.1} | {broken:.1} |"
        ));
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody who reads");
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder for keys");
    let mut table = Table(KeyStore::open(folder.path()).expect("a key store"));
    say(&format!("| {} |", COLUMNS.join(" | ")));
    say(&format!("|{}", "---|".repeat(COLUMNS.len())));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.expect("a thread").install(|| match quick() {
        true => {
            let (public, private) = handover_fixture();
            table.visit::<Handover>(&public, &private);
        }
        false => statements(&mut table),
    });
}
