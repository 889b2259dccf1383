//! Poseidon with circomlib's parameters and a domain tag in the capacity lane (SPEC section 2).
//!
//! Tag 0 is circomlib's own function. Above it stand `fold` for longer fixed-length inputs and a
//! 16-element keystream. This is not the sponge of arkworks and absorbs no lengths: every use fixes
//! its length by context.

pub(crate) mod params;
#[cfg(feature = "r1cs")]
pub mod r1cs;
#[cfg(feature = "r1cs")]
mod tables;

use ark_ff::{AdditiveGroup, Field};
use medveil_pairing::Products;
pub use params::MAX_INPUTS;
use params::{FULL_ROUNDS, Params, dot, params};

use crate::domain::Tag;
use crate::field::Fr;

fn sbox(x: Fr) -> Fr {
    x.square().square() * x
}

/// S-box inputs in order of computation, for the gadget; nothing is kept where nobody asks.
pub(crate) trait Trace {
    fn record(&mut self, input: Fr);
}

impl Trace for () {
    fn record(&mut self, _: Fr) {}
}

impl Trace for Vec<Fr> {
    fn record(&mut self, input: Fr) {
        self.push(input);
    }
}

fn sbox_layer(state: &mut [Fr], constants: &[Fr], trace: &mut impl Trace) {
    for (lane, constant) in state.iter_mut().zip(constants) {
        let input = *lane + constant;
        trace.record(input);
        *lane = sbox(input);
    }
}

fn mix(params: &Params, state: &[Fr]) -> Vec<Fr> {
    params.mds.iter().map(|row| dot(row, state)).collect()
}

/// `state` are the S-box outputs of the last full round before; answers the lanes before the
/// constants of the next one. See `Params`.
fn partial_rounds(params: &Params, state: &[Fr], trace: &mut impl Trace) -> Vec<Fr> {
    let (width, rounds) = (state.len(), params.offsets.len());
    let mut lane = Vec::with_capacity(rounds + width);
    let mut outputs = Vec::with_capacity(rounds);
    for round in 0..rounds + width {
        let mut next = Products::default();
        if round < width {
            next.add(&params.enter[round], state);
            next.add(&params.impulse[width - round..], &outputs);
        } else {
            next.add(&params.recur, &lane[round - width..]);
            next.add(&params.answer, &outputs[round - width..]);
        }
        let next = next.sum();
        lane.push(next);
        if let Some(offset) = params.offsets.get(round) {
            let input = next + offset;
            trace.record(input);
            outputs.push(sbox(input));
        }
    }
    let seen = &lane[rounds..];
    params
        .leave
        .iter()
        .zip(&params.tail)
        .map(|(row, c)| dot(row, seen) + c)
        .collect()
}

/// The permutation on 2 to 17 lanes.
pub(crate) fn permute(lanes: &[Fr]) -> Vec<Fr> {
    permute_traced(lanes, &mut ())
}

pub(crate) fn permute_traced(lanes: &[Fr], trace: &mut impl Trace) -> Vec<Fr> {
    mix(params(lanes.len()), &before_last_mix(lanes, trace))
}

/// The S-box outputs of the last round.
fn before_last_mix(lanes: &[Fr], trace: &mut impl Trace) -> Vec<Fr> {
    let params = params(lanes.len());
    let (first, second) = params.full_constants.split_at(FULL_ROUNDS / 2);
    let mut state = lanes.to_vec();
    for (round, constants) in first.iter().enumerate() {
        if round > 0 {
            state = mix(params, &state);
        }
        sbox_layer(&mut state, constants, trace);
    }
    state = partial_rounds(params, &state, trace);
    for (round, constants) in second.iter().enumerate() {
        if round > 0 {
            state = mix(params, &state);
        }
        sbox_layer(&mut state, constants, trace);
    }
    state
}

/// `P_tag(inputs)` of SPEC section 2.
///
/// **Shape**: 1 to 16 inputs. Longer inputs are a programming error, caught in debug builds;
/// otherwise they are folded, and no inputs at all are one zero.
pub fn hash(tag: Tag, inputs: &[Fr]) -> Fr {
    debug_assert!(
        (1..=MAX_INPUTS).contains(&inputs.len()),
        "poseidon takes 1 to 16 inputs"
    );
    match inputs {
        [] => hash(tag, &[Fr::ZERO]),
        _ if inputs.len() > MAX_INPUTS => fold(tag, inputs),
        _ => {
            let mut lanes = Vec::with_capacity(inputs.len() + 1);
            lanes.push(Fr::from(tag.value()));
            lanes.extend_from_slice(inputs);
            dot(
                &params(lanes.len()).mds[0],
                &before_last_mix(&lanes, &mut ()),
            )
        }
    }
}

/// `fold_tag(elements)` of SPEC section 2: the first 16 elements, then 15 at a time behind the
/// running hash.
///
/// **Shape**: at least one element; the length is fixed by the caller's context and not absorbed.
pub fn fold(tag: Tag, elements: &[Fr]) -> Fr {
    let (head, rest) = elements.split_at(elements.len().min(MAX_INPUTS));
    let mut acc = hash(tag, head);
    for chunk in rest.chunks(MAX_INPUTS - 1) {
        let mut inputs = Vec::with_capacity(MAX_INPUTS);
        inputs.push(acc);
        inputs.extend_from_slice(chunk);
        acc = hash(tag, &inputs);
    }
    acc
}

/// `ks_tag(inputs)` of SPEC section 2: 16 keystream elements from one wide permutation of `(tag,
/// inputs, 0 ..)`.
///
/// **Shape**: at most 16 inputs (key, then what makes the block unique); more are a programming
/// error and ignored in release builds.
pub fn keystream(tag: Tag, inputs: &[Fr]) -> [Fr; MAX_INPUTS] {
    debug_assert!(
        inputs.len() <= MAX_INPUTS,
        "a keystream block has at most 16 inputs"
    );
    let mut lanes = vec![Fr::ZERO; MAX_INPUTS + 1];
    lanes[0] = Fr::from(tag.value());
    lanes[1..]
        .iter_mut()
        .zip(inputs)
        .for_each(|(lane, input)| *lane = *input);
    let out = permute(&lanes);
    let mut stream = [Fr::ZERO; MAX_INPUTS];
    stream.copy_from_slice(&out[1..]);
    stream
}

#[cfg(test)]
mod tests;
