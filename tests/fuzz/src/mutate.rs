//! Changes to inputs: a seeded sequence, so that the same seed makes the same inputs.

mod bytes;
mod json;
mod lines;
mod pem;
mod tree;

use crate::{Form, Target};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Longest input that is made.
///
/// **Units**: bytes.
pub const MAX_INPUT: usize = 1 << 18;

/// Makes inputs of one form out of others.
pub struct Mutator {
    form: Form,
    words: &'static [&'static str],
    rng: ChaCha8Rng,
}

/// Where changes come from: the randomness, words, and other inputs.
struct Source<'a> {
    rng: &'a mut ChaCha8Rng,
    words: &'static [&'static str],
    pool: &'a [Vec<u8>],
}

impl Source<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.rng.gen_range(0..n.max(1))
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.rng.gen_ratio(1, one_in)
    }

    fn pick<'p, T>(&mut self, items: &'p [T]) -> Option<&'p T> {
        let at = self.below(items.len());
        items.get(at)
    }

    /// A range of at least one place within `0..n`, more often a short one.
    fn range(&mut self, n: usize) -> std::ops::Range<usize> {
        let start = self.below(n);
        let most = match self.below(4) {
            0 => n,
            1 => 32,
            _ => 8,
        };
        let length = 1 + self.below(most);
        start..(start + length).min(n.max(start))
    }

    fn other(&mut self) -> &[u8] {
        let at = self.below(self.pool.len());
        self.pool.get(at).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Mutator {
    pub fn new(target: &Target, seed: u64) -> Self {
        Mutator {
            form: target.form,
            words: target.words,
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// A changed input; `pool` is never empty.
    pub fn mutate(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut source = Source {
            rng: &mut self.rng,
            words: self.words,
            pool,
        };
        let mut input = source.other().to_vec();
        for _ in 0..=source.below(4) {
            input = change(self.form, input, &mut source);
        }
        if source.chance(2000) {
            bytes::blow_up(&mut input, &mut source);
        }
        input.truncate(MAX_INPUT);
        input
    }
}

/// One change: mostly one that knows the form, otherwise one of the bytes.
fn change(form: Form, mut input: Vec<u8>, source: &mut Source<'_>) -> Vec<u8> {
    let by_form = !source.chance(4);
    let changed = match form {
        Form::Json if by_form => json::change(&input, source),
        Form::Protobuf if by_form => tree::change(&tree::PROTOBUF, &input, source),
        Form::Der if by_form => tree::change(&tree::DER, &input, source),
        Form::Pem if by_form => pem::change(&input, source),
        Form::Borsh if by_form => bytes::change_length(&input, source),
        _ => None,
    };
    match changed {
        Some(changed) => changed,
        None => {
            let is_text = matches!(form, Form::Json | Form::Text | Form::Pem);
            match is_text && !source.chance(3) {
                true => lines::change(&mut input, source),
                false => bytes::change(&mut input, source),
            }
            input
        }
    }
}

#[cfg(test)]
mod tests;
