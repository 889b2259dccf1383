//! Judges a circuit variable by variable: which ones can be changed alone without breaking a
//! constraint (docs/THREATS.md C1, C2).
//!
//! A sweep moves one variable at a time; several variables that could move together only are what
//! refusal tests with consistent forgeries are for.

use crate::field::Fr;
use crate::statement::Synthesize;
use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef, R1CS_PREDICATE_LABEL};
use std::collections::BTreeSet;

type Line = Vec<(Fr, usize)>;

/// A satisfied circuit, flat: its rows over one assignment.
struct Flat {
    rows: Vec<[Line; 3]>,
    values: Vec<Fr>,
    n_instance: usize,
}

/// Variables that a constraint does not hold: positions within the instance (the constant 1 not
/// counted) and within the witness.
#[derive(Debug, PartialEq, Eq)]
pub struct Survivors {
    /// Instance elements that can be changed alone.
    pub instance: Vec<usize>,
    /// Witness variables that can be changed alone.
    pub witness: Vec<usize>,
    /// How many witness variables there are.
    pub n_witness: usize,
}

fn synthesized<S: Synthesize>(public: &S::Public, private: &S::Private) -> ConstraintSystemRef<Fr> {
    let cs = ConstraintSystem::<Fr>::new_ref();
    S::synthesize(cs.clone(), Some(public), Some(private)).expect("the circuit can be synthesised");
    cs.finalize();
    cs
}

impl Flat {
    fn new(cs: &ConstraintSystemRef<Fr>) -> Self {
        let matrices = cs.to_matrices().expect("a finalised circuit has matrices");
        let [a, b, c] = &matrices[R1CS_PREDICATE_LABEL][..] else {
            panic!("three matrices")
        };
        let rows: Vec<[Line; 3]> = a
            .iter()
            .zip(b)
            .zip(c)
            .map(|((a, b), c)| [a.clone(), b.clone(), c.clone()])
            .collect();
        let instance = cs.instance_assignment().expect("an instance");
        let values: Vec<Fr> = [instance, cs.witness_assignment().expect("a witness")].concat();
        Flat {
            rows,
            values,
            n_instance: cs.num_instance_variables(),
        }
    }

    fn holds(&self, row: usize) -> bool {
        let [a, b, c] = &self.rows[row];
        let dot = |line: &Line| {
            line.iter()
                .fold(Fr::ZERO, |sum, (k, v)| sum + *k * self.values[*v])
        };
        dot(a) * dot(b) == dot(c)
    }

    /// The rows that each variable is in.
    fn rows_of(&self) -> Vec<Vec<usize>> {
        let mut rows_of = vec![Vec::new(); self.values.len()];
        for (i, row) in self.rows.iter().enumerate() {
            let variables: BTreeSet<usize> = row
                .iter()
                .flatten()
                .map(|(_, variable)| *variable)
                .collect();
            variables
                .into_iter()
                .for_each(|variable| rows_of[variable].push(i));
        }
        rows_of
    }

    /// Whether the given rows, which are all that the variable is in, still hold with it changed to
    /// one of several values.
    fn survives(&mut self, variable: usize, rows: &[usize]) -> bool {
        let old = self.values[variable];
        let tries = [
            Fr::ONE - old,
            old + Fr::ONE,
            -old,
            old.double(),
            Fr::ZERO,
            Fr::from(0xdead_beef_u64),
        ];
        let survives = tries
            .into_iter()
            .filter(|value| *value != old)
            .any(|value| {
                self.values[variable] = value;
                rows.iter().all(|row| self.holds(*row))
            });
        self.values[variable] = old;
        survives
    }
}

/// Changes each instance and witness variable of a satisfied circuit in turn, to several values.
///
/// **Panics**: the circuit is not satisfied to begin with.
pub fn sweep<S: Synthesize>(public: &S::Public, private: &S::Private) -> Survivors {
    let cs = synthesized::<S>(public, private);
    assert!(
        cs.is_satisfied().expect("an assignment"),
        "the fixture must be satisfied"
    );
    let mut flat = Flat::new(&cs);
    let (n_instance, n) = (flat.n_instance, flat.values.len());
    let rows_of = flat.rows_of();
    let instance = (1..n_instance)
        .filter(|v| flat.survives(*v, &rows_of[*v]))
        .map(|v| v - 1)
        .collect();
    let witness = (n_instance..n)
        .filter(|v| flat.survives(*v, &rows_of[*v]))
        .map(|v| v - n_instance)
        .collect();
    Survivors {
        instance,
        witness,
        n_witness: n - n_instance,
    }
}

/// How many constraints an instance and witness break: 0 is acceptance. A forgery that breaks
/// exactly one shows that this one constraint is the defence.
///
/// **Panics**: the witness cannot be synthesised.
pub fn violations<S: Synthesize>(public: &S::Public, private: &S::Private) -> usize {
    let flat = Flat::new(&synthesized::<S>(public, private));
    (0..flat.rows.len()).filter(|row| !flat.holds(*row)).count()
}
