//! The circuit reading of Poseidon.
//!
//! Three constraints for each S-box whose input is not a constant; everything linear goes straight
//! into linear combinations, by the tables of `tables`, so the partial rounds never touch the other
//! lanes. 240 constraints for 2 inputs, 609 for 16; constant inputs save those of the first round.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::fields::fp::{AllocatedFp, FpVar};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};

use super::params::{FULL_ROUNDS, MAX_INPUTS, Params, params};
use super::tables::tables;
use crate::domain::Tag;
use crate::field::Fr;

/// What an S-box gave.
#[derive(Clone, Copy)]
enum Lane {
    Constant(Fr),
    Variable(Variable),
}

/// A sum of coefficients times lanes, plus a constant.
struct Sum {
    terms: Vec<(Fr, Variable)>,
    constant: Fr,
}

impl Sum {
    fn of(constant: Fr) -> Self {
        Sum {
            terms: Vec::new(),
            constant,
        }
    }

    fn plus(mut self, coefficients: &[Fr], lanes: &[Lane]) -> Self {
        self.terms.reserve(lanes.len() + 1);
        for (coefficient, lane) in coefficients.iter().zip(lanes) {
            match lane {
                Lane::Constant(value) => self.constant += *coefficient * value,
                Lane::Variable(variable) => self.terms.push((*coefficient, *variable)),
            }
        }
        self
    }

    fn finish(mut self) -> LinearCombination<Fr> {
        if self.constant != Fr::ZERO {
            self.terms.push((self.constant, Variable::One));
        }
        LinearCombination(self.terms)
    }
}

/// Hands out S-box inputs in the order in which the native permutation met them.
struct Circuit {
    cs: ConstraintSystemRef<Fr>,
    trace: Option<std::vec::IntoIter<Fr>>,
}

impl Circuit {
    /// `x^5` of a linear combination.
    fn sbox(
        &mut self,
        input: impl FnOnce() -> LinearCombination<Fr>,
    ) -> Result<Lane, SynthesisError> {
        let value = self.trace.as_mut().and_then(Iterator::next);
        let x = self.cs.new_lc(input)?;
        let square = value.map(|v| v.square());
        let fourth = square.map(|v| v.square());
        let fifth = fourth.zip(value).map(|(a, b)| a * b);
        let square = self.product(x, x, square)?;
        let fourth = self.product(square, square, fourth)?;
        Ok(Lane::Variable(self.product(fourth, x, fifth)?))
    }

    fn product(
        &self,
        a: Variable,
        b: Variable,
        value: Option<Fr>,
    ) -> Result<Variable, SynthesisError> {
        let out = self
            .cs
            .new_witness_variable(|| value.ok_or(SynthesisError::AssignmentMissing))?;
        self.cs
            .enforce_r1cs_constraint(|| a.into(), || b.into(), || out.into())?;
        Ok(out)
    }

    /// The first layer: constants stay constants.
    fn first_layer(
        &mut self,
        inputs: &[FpVar<Fr>],
        constants: &[Fr],
    ) -> Result<Vec<Lane>, SynthesisError> {
        let mut lanes = Vec::with_capacity(inputs.len());
        for (input, constant) in inputs.iter().zip(constants) {
            lanes.push(match input {
                FpVar::Constant(value) => {
                    self.trace.as_mut().and_then(Iterator::next);
                    Lane::Constant(super::sbox(*value + constant))
                }
                FpVar::Var(allocated) => self.sbox(|| {
                    let terms = vec![(Fr::ONE, allocated.variable), (*constant, Variable::One)];
                    LinearCombination(terms)
                })?,
            });
        }
        Ok(lanes)
    }

    fn layer(
        &mut self,
        matrix: &[Vec<Fr>],
        lanes: &[Lane],
        constants: &[Fr],
    ) -> Result<Vec<Lane>, SynthesisError> {
        matrix
            .iter()
            .zip(constants)
            .map(|(row, constant)| self.sbox(|| Sum::of(*constant).plus(row, lanes).finish()))
            .collect()
    }

    /// The partial rounds and the S-boxes of the full round after them.
    fn middle(
        &mut self,
        params: &Params,
        lanes: &[Lane],
        constants: &[Fr],
    ) -> Result<Vec<Lane>, SynthesisError> {
        // Made where combinations are, which values of a proof are not.
        let tables = || tables(lanes.len());
        let mut outputs: Vec<Lane> = Vec::with_capacity(params.offsets.len());
        for (round, offset) in params.offsets.iter().enumerate() {
            let output = self.sbox(|| {
                let (row, before) = (&tables().rows[round], &tables().impulse[..round]);
                let history: Vec<Fr> = before.iter().rev().copied().collect();
                Sum::of(*offset)
                    .plus(row, lanes)
                    .plus(&history, &outputs)
                    .finish()
            })?;
            outputs.push(output);
        }
        let mut next = Vec::with_capacity(lanes.len());
        for (i, (tail, constant)) in params.tail.iter().zip(constants).enumerate() {
            next.push(self.sbox(|| {
                let spread = tables().spread.iter().rev();
                let history: Vec<Fr> = spread.map(|vector| vector[i]).collect();
                Sum::of(*tail + constant)
                    .plus(&tables().carry[i], lanes)
                    .plus(&history, &outputs)
                    .finish()
            })?);
        }
        Ok(next)
    }
}

/// The permutation; answers the lanes in `wanted`.
fn permute_var(
    lanes: &[FpVar<Fr>],
    wanted: std::ops::Range<usize>,
) -> Result<Vec<FpVar<Fr>>, SynthesisError> {
    let cs = lanes
        .iter()
        .fold(ConstraintSystemRef::None, |cs, lane| cs.or(lane.cs()));
    let values: Option<Vec<Fr>> = lanes.iter().map(|lane| lane.value().ok()).collect();
    let mut trace = Vec::new();
    let outputs = values.map(|values| super::permute_traced(&values, &mut trace));
    if let (true, Some(outputs)) = (cs.is_none(), &outputs) {
        return Ok(outputs[wanted]
            .iter()
            .map(|value| FpVar::Constant(*value))
            .collect());
    }
    let params = params(lanes.len());
    let mut circuit = Circuit {
        cs: cs.clone(),
        trace: outputs.as_ref().map(|_| trace.into_iter()),
    };
    let (first, second) = params.full_constants.split_at(FULL_ROUNDS / 2);
    let mut state = circuit.first_layer(lanes, &first[0])?;
    for constants in &first[1..] {
        state = circuit.layer(&params.mds, &state, constants)?;
    }
    state = circuit.middle(params, &state, &second[0])?;
    for constants in &second[1..] {
        state = circuit.layer(&params.mds, &state, constants)?;
    }
    wanted
        .map(|i| {
            let variable = cs.new_lc(|| Sum::of(Fr::ZERO).plus(&params.mds[i], &state).finish())?;
            Ok(FpVar::Var(AllocatedFp::new(
                outputs.as_ref().map(|o| o[i]),
                variable,
                cs.clone(),
            )))
        })
        .collect()
}

fn first(lanes: Vec<FpVar<Fr>>) -> Result<FpVar<Fr>, SynthesisError> {
    lanes
        .into_iter()
        .next()
        .ok_or(SynthesisError::Unsatisfiable)
}

/// `P_tag(inputs)`.
///
/// **Shape**: 1 to 16 inputs. **Cost**: 3 * (8 * (n + 1) + partial rounds) - 3; 240 for 2, 609 for
/// 16.
///
/// **Errors**: another number of inputs.
pub fn hash_var(tag: Tag, inputs: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    if !(1..=MAX_INPUTS).contains(&inputs.len()) {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut lanes = Vec::with_capacity(inputs.len() + 1);
    lanes.push(FpVar::Constant(Fr::from(tag.value())));
    lanes.extend_from_slice(inputs);
    first(permute_var(&lanes, 0..1)?)
}

/// `fold_tag(elements)`.
///
/// **Errors**: no elements.
pub fn fold_var(tag: Tag, elements: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    let (head, rest) = elements.split_at(elements.len().min(MAX_INPUTS));
    let mut acc = hash_var(tag, head)?;
    for chunk in rest.chunks(MAX_INPUTS - 1) {
        let inputs = [&[acc], chunk].concat();
        acc = hash_var(tag, &inputs)?;
    }
    Ok(acc)
}

/// `ks_tag(inputs)`: 16 keystream elements.
///
/// **Cost**: 609 minus 3 for each lane that `inputs` leaves zero.
///
/// **Errors**: more than 16 inputs.
pub fn keystream_var(
    tag: Tag,
    inputs: &[FpVar<Fr>],
) -> Result<[FpVar<Fr>; MAX_INPUTS], SynthesisError> {
    if inputs.len() > MAX_INPUTS {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut lanes = vec![FpVar::Constant(Fr::ZERO); MAX_INPUTS + 1];
    lanes[0] = FpVar::Constant(Fr::from(tag.value()));
    lanes[1..]
        .iter_mut()
        .zip(inputs)
        .for_each(|(lane, input)| *lane = input.clone());
    permute_var(&lanes, 1..MAX_INPUTS + 1)?
        .try_into()
        .map_err(|_| SynthesisError::Unsatisfiable)
}

#[cfg(test)]
mod tests;
