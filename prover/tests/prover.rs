//! Key set-up, key store and proving, over two small statements of the tests' own.
#![allow(clippy::unwrap_used)]

#[path = "prover/cache.rs"]
mod cache;
#[path = "prover/proving.rs"]
mod proving;
#[path = "prover/store.rs"]
mod store;

use ark_ff::Field;
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use medveil_circuits::field::Fr;
use medveil_circuits::statement::{
    CircuitId, PublicInputs, Statement, Synthesize, Unsatisfied, ensure,
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// Start and end of a chain.
#[derive(Clone)]
pub(crate) struct Ends {
    pub(crate) start: Fr,
    pub(crate) end: Fr,
}

impl PublicInputs for Ends {
    const LEN: usize = 2;
    fn to_field(&self) -> Vec<Fr> {
        vec![self.start, self.end]
    }
}

/// `end` is `start` after `STEPS` steps of x -> x^2 + secret. `BROKEN` drops the clause from the
/// circuit's native check only.
pub(crate) struct Chain<const STEPS: usize, const BROKEN: bool>;

pub(crate) fn chain(start: u64, secret: u64, steps: usize) -> (Ends, Fr) {
    let (start, secret) = (Fr::from(start), Fr::from(secret));
    let end = (0..steps).fold(start, |x, _| x.square() + secret);
    (Ends { start, end }, secret)
}

impl<const STEPS: usize, const BROKEN: bool> Statement for Chain<STEPS, BROKEN> {
    const CIRCUIT: CircuitId = CircuitId {
        name: if BROKEN { "test-broken" } else { "test-chain" },
        version: 1,
    };
    type Public = Ends;
    type Private = Fr;
    fn check(public: &Ends, secret: &Fr) -> Result<(), Unsatisfied> {
        let end = (0..STEPS).fold(public.start, |x, _| x.square() + secret);
        ensure(
            BROKEN || end == public.end,
            "T1",
            "the chain ends at its end",
        )
    }
}

impl<const STEPS: usize, const BROKEN: bool> Synthesize for Chain<STEPS, BROKEN> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&Ends>,
        secret: Option<&Fr>,
    ) -> Result<(), SynthesisError> {
        let missing = || SynthesisError::AssignmentMissing;
        let start = cs.new_input_variable(|| public.map(|p| p.start).ok_or_else(missing))?;
        let end = cs.new_input_variable(|| public.map(|p| p.end).ok_or_else(missing))?;
        let add = cs.new_witness_variable(|| secret.copied().ok_or_else(missing))?;
        let (mut x, mut value) = (LinearCombination::from(start), public.map(|p| p.start));
        for _ in 0..STEPS {
            let squared = value.map(|v| v.square());
            let square = cs.new_witness_variable(|| squared.ok_or_else(missing))?;
            let side = x.clone();
            cs.enforce_r1cs_constraint(|| side.clone(), || side.clone(), || square.into())?;
            x = LinearCombination::from(square) + (Fr::ONE, add);
            value = squared.zip(secret).map(|(v, s)| v + s);
        }
        cs.enforce_r1cs_constraint(|| x, || Variable::One.into(), || end.into())
    }
}

pub(crate) type Small = Chain<50, false>;

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}
