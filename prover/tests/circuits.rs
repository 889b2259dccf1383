//! Circuits of unusual shapes: each way makes the same proof, which verifies, and none of a wrong
//! witness.
#![allow(clippy::unwrap_used)]

use ark_ff::{Field, One, Zero};
use medveil_circuits::field::Fr;
use medveil_circuits::shape::Row;
use medveil_circuits::verify::Trust;
use medveil_prover::groth16::{CircuitError, CircuitProver};
use medveil_prover::r1cs::Sizes;
use medveil_prover::{R1cs, Witness, insecure_key, wtns};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// A circuit under way: rows, and the values of its wires.
struct Shape {
    rows: [Vec<Row>; 3],
    values: Vec<Fr>,
    public: usize,
}

impl Shape {
    fn new(public: &[u64], private: &[u64]) -> Self {
        let values = [&[1], public, private].concat();
        Shape {
            rows: Default::default(),
            values: values.into_iter().map(Fr::from).collect(),
            public: public.len(),
        }
    }

    fn row(&mut self, a: &[usize], b: &[usize], c: &[usize]) {
        let rows = [a, b, c].map(|wires| wires.iter().map(|wire| (Fr::one(), *wire)).collect());
        for (matrix, row) in self.rows.iter_mut().zip(rows) {
            matrix.push(row);
        }
    }

    /// A wire that is the square of another, plus one.
    fn step(&mut self, from: usize) -> usize {
        let square = self.wire(self.values[from].square());
        self.row(&[from], &[from], &[square]);
        let next = self.wire(self.values[square] + Fr::one());
        self.row(&[square, 0], &[0], &[next]);
        next
    }

    fn wire(&mut self, value: Fr) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    fn circuit(&self) -> R1cs {
        let sizes = Sizes {
            wires: self.values.len(),
            outputs: 0,
            public_inputs: self.public,
            private_inputs: 0,
            labels: self.values.len() as u64,
            constraints: self.rows[0].len(),
        };
        R1cs::new(sizes, &self.rows).unwrap()
    }

    /// Proves; a change of the value of a wire that rows use makes no proof.
    #[track_caller]
    fn proves(&self, used: usize) {
        let circuit = self.circuit();
        assert_eq!(
            R1cs::parse(&circuit.to_bytes()).unwrap().sizes(),
            circuit.sizes()
        );
        assert_eq!(circuit.unsatisfied(&self.values), None);
        let rng = || ChaCha20Rng::seed_from_u64(9);
        let key = insecure_key(&circuit, &mut rng()).unwrap();
        key.check().unwrap();
        let witness = |values: &[Fr]| Witness::parse(&wtns::write(values)).unwrap();
        let provers = [CircuitProver::new, CircuitProver::portable];
        let provers = provers.map(|new| new(&key, Trust::Anything).unwrap());
        let [first, second] = provers.each_ref().map(|prover| {
            let made = prover.prove(&witness(&self.values), &mut rng()).unwrap();
            let mut wrong = self.values.clone();
            wrong[used] += Fr::one();
            let refused = prover.prove(&witness(&wrong), &mut rng());
            assert!(matches!(refused, Err(CircuitError::Unsatisfied)));
            let short = prover.prove(&witness(&self.values[..1]), &mut rng());
            assert!(matches!(short, Err(CircuitError::Format(_))));
            made
        });
        assert!(first == second);
        assert_eq!(first.1, self.values[1..=self.public]);
    }
}

#[test]
fn one_constraint() {
    let mut shape = Shape::new(&[12], &[3, 4]);
    shape.row(&[2], &[3], &[1]);
    shape.proves(2);
}

#[test]
fn no_public_input() {
    let mut shape = Shape::new(&[], &[12, 3, 4]);
    shape.row(&[2], &[3], &[1]);
    shape.proves(3);
}

#[test]
fn a_witness_of_zeros() {
    let mut shape = Shape::new(&[0], &[0; 40]);
    for wire in 2..40 {
        shape.row(&[wire], &[wire + 1], &[1]);
        shape.row(&[wire], &[0], &[wire + 1]);
    }
    shape.proves(20);
}

#[test]
fn a_thousand_public_inputs() {
    let public: Vec<u64> = (0..1000).map(|own| own % 7).collect();
    let mut shape = Shape::new(&public, &[]);
    let sum = shape.wire(Fr::from(public.iter().sum::<u64>()));
    let all: Vec<usize> = (1..=1000).collect();
    shape.row(&all, &[0], &[sum]);
    shape.proves(500);
}

/// As many rows as the domain has, one fewer and one more, where lanes transform and where they do
/// not.
#[test]
fn a_domain_filled_exactly_and_around_it() {
    for size in [8, 4096] {
        for rows in [size - 1, size, size + 1] {
            // A row for the public input and one for the constant are the key's own.
            let mut shape = Shape::new(&[3], &[]);
            let (mut last, constraints) = (1, rows - 2);
            while shape.rows[0].len() + 2 <= constraints {
                last = shape.step(last);
            }
            while shape.rows[0].len() < constraints {
                shape.row(&[last], &[0], &[last]);
            }
            let filled = shape.circuit().sizes().domain();
            assert_eq!(filled, if rows > size { 2 * size } else { size }, "{rows}");
            shape.proves(1);
        }
    }
}

/// Wires in no row, in one matrix alone, and rows of nothing: points of a key at infinity.
#[test]
fn wires_and_rows_that_nothing_uses() {
    let mut shape = Shape::new(&[5], &[2, 10, 77, 78, 20]);
    shape.row(&[1], &[2], &[3]);
    shape.row(&[], &[], &[]);
    shape.row(&[3], &[], &[]);
    shape.row(&[], &[2], &[]);
    shape.row(&[2, 2 + 1], &[0], &[2, 3]);
    shape.row(&[3], &[2], &[6]);
    shape.proves(6);
}

#[test]
fn large_and_negative_coefficients() {
    let minus = -Fr::one();
    let mut shape = Shape::new(&[6], &[9]);
    // (6 - 9) (-1) + ... : a - b, times -1, is 3.
    let three = shape.wire(Fr::from(3u64));
    shape.rows[0].push(vec![(Fr::one(), 1), (minus, 2)]);
    shape.rows[1].push(vec![(minus, 0)]);
    shape.rows[2].push(vec![(Fr::one(), three)]);
    let third = Fr::from(3u64).inverse().unwrap();
    shape.rows[0].push(vec![(third, three)]);
    shape.rows[1].push(vec![(Fr::from(1u64 << 60), 1)]);
    let six = shape.wire(Fr::from(6u64) * Fr::from(1u64 << 60));
    shape.rows[2].push(vec![(Fr::one(), six)]);
    assert!(!shape.values[six].is_zero());
    shape.proves(three);
}
