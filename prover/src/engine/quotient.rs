//! Values of A B - C on the odd coset.

use crate::fft::{Column, Transform};
use crate::reduction::{OddCoset, rows};
use crate::simd::Token;
use crate::zkey::Size;
use ark_groth16::r1cs_to_qap::R1CSToQAP;
use ark_poly::GeneralEvaluationDomain;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::Fr;
use medveil_circuits::shape::Matrices;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// What a key's domain needs, made when it is first used.
#[derive(Default)]
pub(super) struct Quotient(OnceLock<Option<Transform>>);

impl Quotient {
    /// Of an assignment, in natural order. Domains below [`Transform::SMALLEST`] are ark's.
    ///
    /// **Errors**: a domain that the field does not have.
    pub fn of<T: Token>(
        &self,
        token: T,
        matrices: &Matrices,
        values: &[Fr],
    ) -> Result<Column, SynthesisError> {
        let (n_instance, size) = (matrices.n_instance(), Size::of(matrices).domain);
        let Some(transform) = self.0.get_or_init(|| Transform::new(size)) else {
            type Domain = GeneralEvaluationDomain<Fr>;
            let (rows, n) = (matrices.rows(), matrices.n_constraints());
            return OddCoset::witness_map_from_matrices::<Fr, Domain>(rows, n_instance, n, values)
                .map(Zeroizing::new);
        };
        let [a, b, _] = matrices.rows();
        let columns = rows(size, (a, b), n_instance, values).map(Zeroizing::new);
        Ok(transform.quotient(token, columns))
    }
}
