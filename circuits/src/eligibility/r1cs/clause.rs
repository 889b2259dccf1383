//! Clauses in the circuit: E10 and E11. The native reading is `ClauseHeader::decode` and
//! `ClauseCode::holds`.
//!
//! Every operator is evaluated and gated by its indicator; a clause of zeros has the operator
//! "none", whose indicator gates nothing.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::dataset::r1cs::witness;
use crate::field::Fr;
use crate::policy::code::CLAUSE_HEADER_BITS;
use crate::policy::{ClauseCode, OPERANDS, Op, Req};
use crate::range::r1cs::{enforce_bits, enforce_zero_if, is_zero, linear, to_bits_le};
use crate::visa::{CODE_BITS, Slot};

type Var = FpVar<Fr>;

/// The slots of a visa, with the bits of its permissions.
pub struct SlotsVar {
    /// All 16.
    pub elements: Vec<Var>,
    /// Bits of slot 9.
    pub permissions: Vec<Boolean<Fr>>,
}

impl SlotsVar {
    pub fn get(&self, slot: Slot) -> &Var {
        &self.elements[slot.index()]
    }
}

/// Header and operands as witnesses; the policy's hash fixes them.
pub struct ClauseVar {
    pub header: Var,
    pub operands: Vec<Var>,
}

impl ClauseVar {
    /// Allocates a clause; `None` for key set-up.
    pub fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        code: Option<&ClauseCode>,
    ) -> Result<Self, SynthesisError> {
        let header = witness(cs, code.map(|c| c.header))?;
        let operands = (0..OPERANDS)
            .map(|i| witness(cs, code.map(|c| c.operands[i])))
            .collect::<Result<_, _>>()?;
        Ok(ClauseVar { header, operands })
    }
}

fn sum(terms: &[&Var]) -> Result<Var, SynthesisError> {
    linear(
        Fr::ZERO,
        &terms
            .iter()
            .map(|term| (Fr::ONE, *term))
            .collect::<Vec<_>>(),
    )
}

fn one_minus(x: &Var) -> Result<Var, SynthesisError> {
    linear(Fr::ONE, &[(-Fr::ONE, x)])
}

fn enforce_zero_product(a: &Var, b: &Var) -> Result<(), SynthesisError> {
    a.mul_equals(b, &FpVar::Constant(Fr::ZERO))
}

/// The four indicators of two bits.
///
/// **Cost**: 1.
pub fn one_hot_2(bits: &[Boolean<Fr>]) -> Result<[Var; 4], SynthesisError> {
    let [a, b] = [Var::from(bits[0].clone()), Var::from(bits[1].clone())];
    let ab = &a * &b;
    let (one, minus) = (Fr::ONE, -Fr::ONE);
    Ok([
        linear(one, &[(minus, &a), (minus, &b), (one, &ab)])?,
        linear(Fr::ZERO, &[(one, &a), (minus, &ab)])?,
        &b - &ab,
        ab,
    ])
}

/// The eight indicators of three bits.
///
/// **Cost**: 4.
fn one_hot_3(bits: &[Boolean<Fr>]) -> Result<Vec<Var>, SynthesisError> {
    let low = one_hot_2(&bits[..2])?;
    let c = Var::from(bits[2].clone());
    // c times three of the four indicators; the fourth is what is left of c.
    let mut high = low[1..]
        .iter()
        .map(|indicator| indicator * &c)
        .collect::<Vec<_>>();
    let first = linear(
        Fr::ZERO,
        &[
            (Fr::ONE, &c),
            (-Fr::ONE, &high[0]),
            (-Fr::ONE, &high[1]),
            (-Fr::ONE, &high[2]),
        ],
    )?;
    high.insert(0, first);
    let lower = low
        .iter()
        .zip(&high)
        .map(|(indicator, high)| indicator - high);
    Ok(lower.chain(high.iter().cloned()).collect())
}

/// Indicators of the selected slot.
pub struct Selected {
    bits: Vec<Boolean<Fr>>,
    low: [Var; 4],
    high: [Var; 4],
}

impl Selected {
    /// From the four bits of a selector.
    ///
    /// **Cost**: 2.
    pub fn new(bits: &[Boolean<Fr>]) -> Result<Self, SynthesisError> {
        Ok(Selected {
            bits: bits.to_vec(),
            low: one_hot_2(&bits[..2])?,
            high: one_hot_2(&bits[2..])?,
        })
    }

    /// How many of these slots are selected: 0 or 1. The slots share their two high bits.
    ///
    /// **Cost**: 1.
    fn is_one_of(&self, slots: &[Slot]) -> Result<Var, SynthesisError> {
        let low: Vec<&Var> = slots
            .iter()
            .map(|slot| &self.low[slot.index() & 3])
            .collect();
        Ok(&self.high[slots[0].index() >> 2] * &sum(&low)?)
    }

    /// Whether no policy may ask for the slot.
    ///
    /// **Cost**: 2.
    pub fn is_forbidden(&self) -> Result<Var, SynthesisError> {
        sum(&[
            &self.is_one_of(&[Slot::Holder, Slot::RevocationIndex])?,
            &self.is_one_of(&[Slot::Salt])?,
        ])
    }

    /// The selected of 16 elements.
    ///
    /// **Cost**: 15.
    pub fn pick(&self, elements: &[Var]) -> Result<Var, SynthesisError> {
        let mut row = elements.to_vec();
        for bit in &self.bits {
            row = row
                .chunks_exact(2)
                .map(|pair| bit.select(&pair[1], &pair[0]))
                .collect::<Result<_, _>>()?;
        }
        row.into_iter().next().ok_or(SynthesisError::Unsatisfiable)
    }
}

/// E10 and E11 for all clauses of a block. Conditions that no clause names must be absent.
pub fn enforce_clauses(
    on: &Boolean<Fr>,
    slots: &SlotsVar,
    request: &[Var],
    clauses: &[ClauseVar],
) -> Result<(), SynthesisError> {
    let mut naming = Vec::with_capacity(clauses.len());
    for clause in clauses {
        naming.push(enforce_clause(slots, request, clause)?);
    }
    let unnamed = is_zero(&sum(&naming.iter().collect::<Vec<_>>())?)?;
    enforce_zero_if(&(on & &unnamed), slots.get(Slot::Conditions))
}

/// Enforces one clause; answers 1 where it names the conditions.
fn enforce_clause(
    slots: &SlotsVar,
    request: &[Var],
    clause: &ClauseVar,
) -> Result<Var, SynthesisError> {
    let bits = to_bits_le(&clause.header, CLAUSE_HEADER_BITS)?;
    let selected = Selected::new(&bits[..4])?;
    let op = one_hot_3(&bits[4..7])?;
    let req = one_hot_3(&bits[7..])?;
    let active = one_minus(&op[Op::None as usize])?;
    let bitmap = selected.is_one_of(&[Slot::Permissions])?;
    // E10. No forbidden slot; the operator fits the slot; request values only where they are
    // compared.
    enforce_zero_product(&selected.is_forbidden()?, &active)?;
    enforce_fit(&selected, &op, &req, &bitmap)?;
    // E11. The slot is present (a bitmap always is), and so is the value of the request where one
    // is asked for.
    let x = selected.pick(&slots.elements)?;
    let missing = Var::from(is_zero(&x)?) * one_minus(&bitmap)?;
    enforce_zero_product(&active, &missing)?;
    let first = first_operand(&clause.operands[0], &req, request)?;
    enforce_equalities(&x, &first, &clause.operands[1..], &op)?;
    enforce_integers(slots, &x, &first, &clause.operands[1], &op)?;
    Ok(selected.is_one_of(&[Slot::Conditions])? * &active)
}

/// E10, but for forbidden slots.
fn enforce_fit(
    selected: &Selected,
    op: &[Var],
    req: &[Var],
    bitmap: &Var,
) -> Result<(), SynthesisError> {
    let ordered = sum(&[
        &selected.is_one_of(&[Slot::Expiry])?,
        &selected.is_one_of(&[Slot::Asserted, Slot::By])?,
        &selected.is_one_of(&[Slot::Disease])?,
    ])?;
    enforce_zero_product(&op[Op::Range as usize], &one_minus(&ordered)?)?;
    let bitwise = sum(&[&op[Op::Subset as usize], &op[Op::Superset as usize]])?;
    enforce_zero_product(&bitwise, &one_minus(bitmap)?)?;
    sum(&[&req[6], &req[7]])?.enforce_equal(&FpVar::Constant(Fr::ZERO))?;
    let compares = sum(&[
        &op[Op::Eq as usize],
        &op[Op::In as usize],
        &op[Op::NotIn as usize],
    ])?;
    enforce_zero_product(&one_minus(&req[0])?, &one_minus(&compares)?)
}

/// Operand 0, or the value of the request that takes its place and must be present.
fn first_operand(written: &Var, req: &[Var], request: &[Var]) -> Result<Var, SynthesisError> {
    let asked: Vec<Var> = request
        .iter()
        .zip(&req[Req::Study as usize..])
        .map(|(value, indicator)| value * indicator)
        .collect();
    let asked = sum(&asked.iter().collect::<Vec<_>>())?;
    enforce_zero_product(&one_minus(&req[0])?, &Var::from(is_zero(&asked)?))?;
    sum(&[&asked, &(written * &req[0])])
}

/// `eq`, `in`, `not_in`.
fn enforce_equalities(
    x: &Var,
    first: &Var,
    rest: &[Var],
    op: &[Var],
) -> Result<(), SynthesisError> {
    let difference = x - first;
    enforce_zero_product(&op[Op::Eq as usize], &difference)?;
    let product = rest
        .iter()
        .fold(difference, |product, operand| product * (x - operand));
    enforce_zero_product(&op[Op::In as usize], &product)?;
    enforce_zero_product(&op[Op::NotIn as usize], &Var::from(is_zero(&product)?))
}

/// `range`, `subset`, `superset`. E9 and E10 give x 32 bits where one of them is on; where none is,
/// all operands here are 0.
fn enforce_integers(
    slots: &SlotsVar,
    x: &Var,
    first: &Var,
    second: &Var,
    op: &[Var],
) -> Result<(), SynthesisError> {
    let (range, subset, superset) = (
        &op[Op::Range as usize],
        &op[Op::Subset as usize],
        &op[Op::Superset as usize],
    );
    let low_bits = to_bits_le(&(sum(&[range, subset, superset])? * first), CODE_BITS)?;
    enforce_bits(&(range * second), CODE_BITS)?;
    enforce_bits(&(range * (x - first)), CODE_BITS)?;
    enforce_bits(&(range * (second - x)), CODE_BITS)?;
    // Counts of bits: of x, of the operand, of both.
    let count = |bits: &[Boolean<Fr>]| {
        let bits: Vec<Var> = bits.iter().cloned().map(Var::from).collect();
        sum(&bits.iter().collect::<Vec<_>>())
    };
    let both: Vec<Boolean<Fr>> = slots
        .permissions
        .iter()
        .zip(&low_bits)
        .map(|(a, b)| a & b)
        .collect();
    let both = count(&both)?;
    enforce_zero_product(subset, &(count(&slots.permissions)? - &both))?;
    enforce_zero_product(superset, &(count(&low_bits)? - &both))
}
