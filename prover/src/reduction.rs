//! From rows to the quotient by values on the odd coset, as snarkjs' keys want it.
//!
//! With n the domain's size and w a root of unity of order 2n, P = A B - C is zero at the even powers
//! of w, which are the domain. Its degree is below 2n, so its values at the odd powers, times the
//! Lagrange polynomials of those powers among all 2n, are P whole: no division by the domain's
//! polynomial, and no transform back.

use ark_ff::{Field, PrimeField};
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};
use rayon::prelude::*;

/// The reduction of `.zkey` files.
pub struct OddCoset;

type Instance<F> = (Vec<F>, Vec<F>, Vec<F>, F, usize, usize);

impl R1CSToQAP for OddCoset {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        cs: ConstraintSystemRef<F>,
        t: &F,
    ) -> Result<Instance<F>, SynthesisError> {
        // Rows and variables are the same; only the quotient differs.
        LibsnarkReduction::instance_map_with_evaluation::<F, D>(cs, t)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Vec<Vec<(F, usize)>>],
        num_inputs: usize,
        num_constraints: usize,
        values: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        let [a, b, _] = matrices else {
            return Err(SynthesisError::ArityMismatch);
        };
        let domain =
            D::new(num_constraints + num_inputs).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let coset = odd_coset(&domain)?;
        let columns = rows(domain.size(), (a, b), num_inputs, values);
        let shifted = |mut column: Vec<F>| {
            domain.ifft_in_place(&mut column);
            coset.fft_in_place(&mut column);
            column
        };
        let [mut a, b, c] = columns.map(shifted);
        let all = a.par_iter_mut().zip(b.par_iter().zip(&c));
        all.for_each(|(a, (b, c))| *a = *a * b - c);
        Ok(a)
    }

    /// Lagrange polynomials of the odd powers among all 2n at t, over delta.
    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        t: F,
        _: F,
        delta_inverse: F,
    ) -> Result<Vec<F>, SynthesisError> {
        let n = max_power + 1;
        let double = D::new(2 * n).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let lagrange = double.evaluate_all_lagrange_coefficients(t);
        let odd = lagrange.into_iter().skip(1).step_by(2);
        Ok(odd.map(|value| value * delta_inverse).collect())
    }
}

/// The domain times a root of unity of twice its order.
fn odd_coset<F: PrimeField, D: EvaluationDomain<F>>(domain: &D) -> Result<D, SynthesisError> {
    let shift = D::new(2 * domain.size()).and_then(|double| domain.get_coset(double.group_gen()));
    shift.ok_or(SynthesisError::PolynomialDegreeTooLarge)
}

/// Products of the rows of A and B with the values, with a row of A for each input behind them, and
/// those of C, which are theirs multiplied.
fn rows<F: Field>(
    size: usize,
    (a, b): (&[Vec<(F, usize)>], &[Vec<(F, usize)>]),
    num_inputs: usize,
    values: &[F],
) -> [Vec<F>; 3] {
    let dot = |row: &Vec<(F, usize)>| {
        let value = |column: &usize| values.get(*column).copied().unwrap_or(F::ZERO);
        row.iter().map(|(k, column)| value(column) * k).sum::<F>()
    };
    let [mut first, mut second] = [(); 2].map(|()| vec![F::ZERO; size]);
    for (column, rows) in [(&mut first, a), (&mut second, b)] {
        let rows = column.par_iter_mut().zip(rows);
        rows.for_each(|(out, row)| *out = dot(row));
    }
    let inputs = first.iter_mut().skip(a.len()).zip(values);
    inputs
        .take(num_inputs)
        .for_each(|(out, value)| *out = *value);
    let pairs = first.par_iter().zip(&second);
    let third = pairs.map(|(a, b)| *a * b).collect();
    [first, second, third]
}
