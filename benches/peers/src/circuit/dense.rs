//! Rows that are products of random sums of several wires, so that no value is small and no point of
//! A and B is missing but by chance.

use super::{SPARE, name};
use ark_ff::{One, UniformRand};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use medveil_circuits::field::Fr;
use medveil_circuits::statement::{CircuitId, PublicInputs, Statement, Synthesize, Unsatisfied};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Public inputs.
const INPUTS: usize = 8;
/// Wires of a sum.
const TERMS: usize = 3;
const NAMES: [&str; 13] = [
    "dense-8", "dense-9", "dense-10", "dense-11", "dense-12", "dense-13", "dense-14", "dense-15",
    "dense-16", "dense-17", "dense-18", "dense-19", "dense-20",
];

/// A little below 2^`LOG` rows.
pub struct Dense<const LOG: usize>;

/// The values that everything else follows from.
#[derive(Clone)]
pub struct Inputs([Fr; INPUTS]);

impl PublicInputs for Inputs {
    const LEN: usize = INPUTS;

    fn to_field(&self) -> Vec<Fr> {
        self.0.to_vec()
    }
}

impl<const LOG: usize> Dense<LOG> {
    /// An instance.
    pub fn public() -> Inputs {
        let random = &mut ChaCha20Rng::seed_from_u64(1);
        Inputs([(); INPUTS].map(|()| Fr::rand(random)))
    }
}

impl<const LOG: usize> Statement for Dense<LOG> {
    const CIRCUIT: CircuitId = CircuitId {
        name: name(&NAMES, LOG),
        version: 1,
    };
    type Public = Inputs;
    type Private = ();

    /// Every instance has its wires.
    fn check(_: &Inputs, (): &()) -> Result<(), Unsatisfied> {
        Ok(())
    }
}

impl<const LOG: usize> Synthesize for Dense<LOG> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&Inputs>,
        _: Option<&()>,
    ) -> Result<(), SynthesisError> {
        let mut wires = Wires {
            variables: vec![Variable::One],
            values: public.map(|_| vec![Fr::one()]),
            random: ChaCha20Rng::seed_from_u64(2),
        };
        for at in 0..INPUTS {
            let value = public.and_then(|public| public.0.get(at).copied());
            let missing = SynthesisError::AssignmentMissing;
            let variable = cs.new_input_variable(|| value.ok_or(missing))?;
            wires.push(variable, value);
        }
        for row in 0..(1 << LOG) - SPARE {
            // Each input stands in a row.
            let first = (row < INPUTS).then_some(row + 1);
            let ((a, left), (b, right)) = (wires.sum(first), wires.sum(None));
            let value = left.zip(right).map(|(left, right)| left * right);
            let missing = SynthesisError::AssignmentMissing;
            let product = cs.new_witness_variable(|| value.ok_or(missing))?;
            wires.push(product, value);
            cs.enforce_r1cs_constraint(|| a, || b, || product.into())?;
        }
        Ok(())
    }
}

/// All wires so far.
struct Wires {
    variables: Vec<Variable>,
    values: Option<Vec<Fr>>,
    random: ChaCha20Rng,
}

impl Wires {
    fn push(&mut self, variable: Variable, value: Option<Fr>) {
        self.variables.push(variable);
        if let Some((values, value)) = self.values.as_mut().zip(value) {
            values.push(value);
        }
    }

    /// A random sum of different wires, the first of which may be given, and its value.
    fn sum(&mut self, first: Option<usize>) -> (LinearCombination<Fr>, Option<Fr>) {
        let mut places: Vec<usize> = first.into_iter().collect();
        while places.len() < TERMS {
            let place = self.random.gen_range(0..self.variables.len());
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let terms: Vec<(Fr, usize)> = places
            .into_iter()
            .map(|place| (Fr::rand(&mut self.random), place))
            .collect();
        let value = self.values.as_ref().map(|values| {
            let product = |(k, place): &(Fr, usize)| *k * values[*place];
            terms.iter().map(product).sum()
        });
        let terms = terms
            .into_iter()
            .map(|(k, place)| (k, self.variables[place]));
        (LinearCombination(terms.collect()), value)
    }
}
