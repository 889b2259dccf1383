//! The program in the circuit: every choice as booleans of which at most one is set (L1).

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::row::bit;
use crate::dataset::r1cs::witness;
use crate::domain;
use crate::field::Fr;
use crate::page::VALUE_BITS;
use crate::poseidon::r1cs::hash_var;
use crate::query::{ATOMS, Atom, COLUMNS, FORMAT_VERSION, GATES, Gate, Op, Program, Truth};
use crate::range::r1cs::{enforce_bits, linear};

/// A small number as a field element.
pub(super) fn small(value: Truth) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// One of n choices: a boolean for each but the first, at most one of them 1.
pub(super) struct Choice(Vec<FpVar<Fr>>);

impl Choice {
    /// **Cost**: n; 1 for two choices.
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        index: Option<usize>,
        n: usize,
    ) -> Result<Self, SynthesisError> {
        let others = (1..n)
            .map(|i| bit(cs, index.map(|index| index == i)))
            .collect::<Result<Vec<_>, _>>()?;
        if n > 2 {
            let terms: Vec<_> = others.iter().map(|other| (Fr::ONE, other)).collect();
            let set = linear(Fr::ZERO, &terms)?;
            set.mul_equals(
                &linear(Fr::ONE, &[(-Fr::ONE, &set)])?,
                &FpVar::Constant(Fr::ZERO),
            )?;
        }
        Ok(Choice(others))
    }

    /// The constant that belongs to the choice: no constraint.
    fn constant(&self, values: &[Fr]) -> Result<FpVar<Fr>, SynthesisError> {
        let first = values.first().copied().unwrap_or_default();
        let terms: Vec<_> = self
            .0
            .iter()
            .zip(&values[1..])
            .map(|(other, value)| (*value - first, other))
            .collect();
        linear(first, &terms)
    }

    /// The number of the choice.
    fn index(&self) -> Result<FpVar<Fr>, SynthesisError> {
        let numbers: Vec<Fr> = (0..=self.0.len() as u64).map(Fr::from).collect();
        self.constant(&numbers)
    }

    /// The chosen value.
    ///
    /// **Shape**: as many values as choices. **Cost**: one for each but the first.
    pub(super) fn select(&self, values: &[&FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
        let (first, rest) = values.split_first().ok_or(SynthesisError::Unsatisfiable)?;
        let mut parts = Vec::with_capacity(rest.len());
        for (other, value) in self.0.iter().zip(rest) {
            parts.push(other * &linear(Fr::ZERO, &[(Fr::ONE, value), (-Fr::ONE, first)])?);
        }
        let mut terms = vec![(Fr::ONE, *first)];
        terms.extend(parts.iter().map(|part| (Fr::ONE, part)));
        linear(Fr::ZERO, &terms)
    }
}

pub(super) struct AtomVar {
    pub(super) column: Choice,
    pub(super) constant: FpVar<Fr>,
    /// `Op::coefficients`.
    pub(super) coefficients: [FpVar<Fr>; 4],
    packed: FpVar<Fr>,
}

impl AtomVar {
    /// **Cost**: 40: 3 for the column, 12 for the operator, 25 for the constant.
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        atom: Option<&Atom>,
    ) -> Result<Self, SynthesisError> {
        let column = Choice::new_witness(cs, atom.map(|a| usize::from(a.column)), COLUMNS)?;
        let op = Choice::new_witness(cs, atom.map(|a| a.op as usize), Op::ALL.len())?;
        let constant = witness(cs, atom.map(|a| Fr::from(a.constant)))?;
        enforce_bits(&constant, VALUE_BITS)?;
        let coefficient = |i: usize| op.constant(&Op::ALL.map(|op| small(op.coefficients()[i])));
        let coefficients = [
            coefficient(0)?,
            coefficient(1)?,
            coefficient(2)?,
            coefficient(3)?,
        ];
        let parts = [
            (Fr::ONE, &column.index()?),
            (Fr::from(4u64), &op.index()?),
            (Fr::from(64u64), &constant),
        ];
        let packed = linear(Fr::ZERO, &parts)?;
        Ok(AtomVar {
            column,
            constant,
            coefficients,
            packed,
        })
    }
}

pub(super) struct GateVar {
    pub(super) a: Choice,
    pub(super) b: Choice,
    /// 1 for AND, -1 for OR.
    pub(super) sign: FpVar<Fr>,
    packed: FpVar<Fr>,
}

impl GateVar {
    /// Gate `index` may read the comparisons and the connectives before it.
    ///
    /// **Cost**: 9 + 2 index.
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        gate: Option<&Gate>,
        index: usize,
    ) -> Result<Self, SynthesisError> {
        let op = bit(cs, gate.map(|g| g.op as u8 == 1))?;
        let a = Choice::new_witness(cs, gate.map(|g| usize::from(g.a)), ATOMS + index)?;
        let b = Choice::new_witness(cs, gate.map(|g| usize::from(g.b)), ATOMS + index)?;
        let sign = linear(Fr::ONE, &[(-Fr::from(2u64), &op)])?;
        let parts = [
            (Fr::ONE, &op),
            (Fr::from(2u64), &a.index()?),
            (Fr::from(16u64), &b.index()?),
        ];
        let packed = linear(Fr::ZERO, &parts)?;
        Ok(GateVar { a, b, sign, packed })
    }
}

pub(super) struct ProgramVar {
    pub(super) atoms: Vec<AtomVar>,
    pub(super) gates: Vec<GateVar>,
    /// Unit, schema hash, positions: what the hash holds and no row needs.
    frame: Vec<FpVar<Fr>>,
}

impl ProgramVar {
    /// **Cost**: 193.
    pub(super) fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        program: Option<&Program>,
    ) -> Result<Self, SynthesisError> {
        let elements = program.map(Program::elements);
        let frame = (1..3 + COLUMNS)
            .map(|i| witness(cs, elements.map(|e| e[i])))
            .collect::<Result<_, _>>()?;
        let atoms = (0..ATOMS)
            .map(|i| AtomVar::new_witness(cs, program.map(|p| &p.atoms[i])))
            .collect::<Result<_, _>>()?;
        let gates = (0..GATES)
            .map(|i| GateVar::new_witness(cs, program.map(|p| &p.gates[i]), i))
            .collect::<Result<_, _>>()?;
        Ok(ProgramVar {
            atoms,
            gates,
            frame,
        })
    }

    /// The hash of the program: the packed numbers have one reading, because each part is in range.
    ///
    /// **Cost**: that of 13 inputs, one of them constant.
    pub(super) fn hash(&self) -> Result<FpVar<Fr>, SynthesisError> {
        let mut elements = vec![FpVar::Constant(Fr::from(FORMAT_VERSION))];
        elements.extend(self.frame.iter().cloned());
        elements.extend(self.atoms.iter().map(|atom| atom.packed.clone()));
        elements.extend(self.gates.iter().map(|gate| gate.packed.clone()));
        hash_var(domain::QUERY, &elements)
    }
}
