//! Tools that judge a circuit: how large it is, and whether it accepts.

use crate::field::Fr;
use crate::statement::Synthesize;
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

/// Number of constraints of a statement's circuit, from its key set-up.
pub fn constraints<S: Synthesize>() -> usize {
    let cs = ConstraintSystem::<Fr>::new_ref();
    cs.set_mode(SynthesisMode::Setup);
    S::synthesize(cs.clone(), None, None).expect("every circuit can be set up");
    cs.num_constraints()
}

/// Whether the circuit accepts an instance and witness; a witness that cannot even be synthesised
/// is not accepted.
pub fn is_satisfied<S: Synthesize>(public: &S::Public, private: &S::Private) -> bool {
    let cs = ConstraintSystem::<Fr>::new_ref();
    S::synthesize(cs.clone(), Some(public), Some(private)).is_ok()
        && cs.is_satisfied().unwrap_or(false)
}
