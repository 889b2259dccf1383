//! A chain of Poseidon hashes over numbers of 64 bits, each of whose bits is a wire: the mixture of
//! large, small and single-bit values that the project's own statements have.

use super::{SPARE, name};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};
use medveil_circuits::domain::LINK;
use medveil_circuits::field::Fr;
use medveil_circuits::poseidon;
use medveil_circuits::poseidon::r1cs::hash_var;
use medveil_circuits::range::r1cs::enforce_bits;
use medveil_circuits::statement::{
    CircuitId, PublicInputs, Statement, Synthesize, Unsatisfied, ensure,
};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Rows of a hash of two inputs and of a range of 64 bits.
const UNIT: usize = 240 + 65;
const BITS: usize = 64;
const NAMES: [&str; 13] = [
    "poseidon-8",
    "poseidon-9",
    "poseidon-10",
    "poseidon-11",
    "poseidon-12",
    "poseidon-13",
    "poseidon-14",
    "poseidon-15",
    "poseidon-16",
    "poseidon-17",
    "poseidon-18",
    "poseidon-19",
    "poseidon-20",
];

/// At most 2^`LOG` rows.
pub struct Poseidon<const LOG: usize>;

/// The end of the chain.
#[derive(Clone)]
pub struct End(Fr);

impl PublicInputs for End {
    const LEN: usize = 1;

    fn to_field(&self) -> Vec<Fr> {
        vec![self.0]
    }
}

/// The numbers that are hashed, the first of which the chain begins with.
fn numbers(log: usize) -> impl Iterator<Item = Fr> {
    let mut random = ChaCha20Rng::seed_from_u64(3);
    let count = ((1 << log) - SPARE - 1) / UNIT;
    (0..=count).map(move |_| Fr::from(random.next_u64()))
}

impl<const LOG: usize> Poseidon<LOG> {
    /// An instance.
    pub fn public() -> End {
        let state = numbers(LOG).reduce(|state, number| poseidon::hash(LINK, &[state, number]));
        End(state.unwrap_or_default())
    }
}

impl<const LOG: usize> Statement for Poseidon<LOG> {
    const CIRCUIT: CircuitId = CircuitId {
        name: name(&NAMES, LOG),
        version: 1,
    };
    type Public = End;
    type Private = ();

    fn check(public: &End, (): &()) -> Result<(), Unsatisfied> {
        let end = Self::public();
        ensure(public.0 == end.0, "P1", "the chain ends in the input")
    }
}

impl<const LOG: usize> Synthesize for Poseidon<LOG> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&End>,
        _: Option<&()>,
    ) -> Result<(), SynthesisError> {
        let end = FpVar::new_input(cs.clone(), || {
            let missing = SynthesisError::AssignmentMissing;
            public.map(|public| public.0).ok_or(missing)
        })?;
        let mut numbers = numbers(LOG);
        let first = numbers.next().unwrap_or_default();
        let mut state = FpVar::new_witness(cs.clone(), || Ok(first))?;
        for number in numbers {
            let number = FpVar::new_witness(cs.clone(), || Ok(number))?;
            enforce_bits(&number, BITS)?;
            state = hash_var(LINK, &[state, number])?;
        }
        state.enforce_equal(&end)
    }
}
