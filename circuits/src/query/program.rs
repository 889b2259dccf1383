//! The program that a query compiles to: its shape, its meaning and its hash.
//!
//! Fixed shape, so that one circuit proves every query: 3 columns, 4 comparisons, 3 connectives.
//! Negation never reaches it: every operator has its opposite, and NOT moves inwards at compile
//! time.

use super::CountUnit;
use crate::dataset::BLOCK_COLUMNS;
use crate::domain;
use crate::field::{Felt, Fr};
use crate::ids::QueryHash;
use crate::page::{Cell, VALUE_BITS};
use crate::poseidon;

/// First element of the hash.
pub const FORMAT_VERSION: u64 = 1;
/// Columns that a program reads.
pub const COLUMNS: usize = 3;
pub const ATOMS: usize = 4;
/// Connectives; the last one is the result.
pub const GATES: usize = 3;
/// Elements under the hash.
pub const ELEMENTS: usize = 3 + COLUMNS + ATOMS + GATES;

/// -1 false, 0 unknown, 1 true.
pub type Truth = i8;

/// What a comparison asks of a cell v with constant k.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Op {
    /// Nothing: true.
    True = 0,
    /// v = k.
    Eq = 1,
    /// v <> k.
    Ne = 2,
    /// v < k.
    Lt = 3,
    /// v <= k.
    Le = 4,
    /// v > k.
    Gt = 5,
    /// v >= k.
    Ge = 6,
    /// There is no value.
    IsNull = 7,
    /// There is a value.
    IsNotNull = 8,
    /// A comparison that no value satisfies: unknown where there is none, otherwise false.
    Never = 9,
    /// A comparison that every value satisfies: unknown where there is none, otherwise true.
    Always = 10,
    /// Nothing: false.
    False = 11,
}

impl Op {
    /// All operators, by code.
    pub const ALL: [Op; 12] = [
        Op::True,
        Op::Eq,
        Op::Ne,
        Op::Lt,
        Op::Le,
        Op::Gt,
        Op::Ge,
        Op::IsNull,
        Op::IsNotNull,
        Op::Never,
        Op::Always,
        Op::False,
    ];

    /// The operator that is true where this one is false, false where it is true, unknown where it
    /// is unknown.
    pub fn negate(self) -> Op {
        match self {
            Op::True => Op::False,
            Op::Eq => Op::Ne,
            Op::Ne => Op::Eq,
            Op::Lt => Op::Ge,
            Op::Le => Op::Gt,
            Op::Gt => Op::Le,
            Op::Ge => Op::Lt,
            Op::IsNull => Op::IsNotNull,
            Op::IsNotNull => Op::IsNull,
            Op::Never => Op::Always,
            Op::Always => Op::Never,
            Op::False => Op::True,
        }
    }

    /// Coefficients (c, a, b, d): the value is `c + p (a + b [v = k] + d [v >= k])` with p the
    /// presence bit.
    pub fn coefficients(self) -> [i8; 4] {
        match self {
            Op::True => [1, 0, 0, 0],
            Op::Eq => [0, -1, 2, 0],
            Op::Ne => [0, 1, -2, 0],
            Op::Lt => [0, 1, 0, -2],
            Op::Le => [0, 1, 2, -2],
            Op::Gt => [0, -1, -2, 2],
            Op::Ge => [0, -1, 0, 2],
            Op::IsNull => [1, -2, 0, 0],
            Op::IsNotNull => [-1, 2, 0, 0],
            Op::Never => [0, -1, 0, 0],
            Op::Always => [0, 1, 0, 0],
            Op::False => [-1, 0, 0, 0],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atom {
    /// Which of the program's columns, 0 to 2.
    pub column: u8,
    /// What is asked.
    pub op: Op,
    /// With what, below 2^24.
    pub constant: u32,
}

impl Atom {
    /// The atom of unused places.
    pub const UNUSED: Atom = Atom {
        column: 0,
        op: Op::True,
        constant: 0,
    };

    /// column + 2^2 op + 2^6 constant.
    pub fn pack(&self) -> u64 {
        u64::from(self.column) + ((self.op as u64) << 2) + (u64::from(self.constant) << 6)
    }

    /// Its value on a cell: what the cell holds beside the presence bit is its value.
    pub fn evaluate(&self, cell: Cell) -> Truth {
        let value = cell.bits() & ((1 << VALUE_BITS) - 1);
        let [c, a, b, d] = self.op.coefficients();
        let compared =
            a + b * Truth::from(value == self.constant) + d * Truth::from(value >= self.constant);
        c + Truth::from(cell.is_present()) * compared
    }
}

/// AND or OR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GateOp {
    And = 0,
    Or = 1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gate {
    pub op: GateOp,
    /// First input: 0 to 3 a comparison, from 4 an earlier connective.
    pub a: u8,
    pub b: u8,
}

impl Gate {
    /// The gate of unused places.
    pub const UNUSED: Gate = Gate {
        op: GateOp::And,
        a: 0,
        b: 0,
    };

    /// op + 2 a + 2^4 b.
    pub fn pack(&self) -> u64 {
        self.op as u64 + (u64::from(self.a) << 1) + (u64::from(self.b) << 4)
    }

    pub fn evaluate(&self, a: Truth, b: Truth) -> Truth {
        match self.op {
            GateOp::And => a.min(b),
            GateOp::Or => a.max(b),
        }
    }
}

/// A compiled query as the circuit opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Rows or subjects.
    pub unit: CountUnit,
    /// Hash of the schema.
    pub schema_hash: Felt,
    /// Positions of the pages it reads; unused ones repeat the first.
    pub positions: [u64; COLUMNS],
    /// Comparisons; unused ones are true.
    pub atoms: [Atom; ATOMS],
    /// Connectives; unused ones come first, the last is the result.
    pub gates: [Gate; GATES],
}

impl Program {
    /// Whether columns, constants and inputs are in reach: compiled programs are.
    pub fn is_well_formed(&self) -> bool {
        let atoms = self
            .atoms
            .iter()
            .all(|a| usize::from(a.column) < COLUMNS && a.constant < 1 << VALUE_BITS);
        let gates = self
            .gates
            .iter()
            .enumerate()
            .all(|(i, g)| usize::from(g.a.max(g.b)) < ATOMS + i);
        atoms && gates
    }

    /// What is hashed, in order: format version, unit, schema hash, 3 positions, 4 atoms, 3 gates.
    pub fn elements(&self) -> [Fr; ELEMENTS] {
        let mut out = [Fr::from(FORMAT_VERSION); ELEMENTS];
        let rest = [Fr::from(self.unit.code()), self.schema_hash.0].into_iter();
        let positions = self.positions.iter().map(|p| Fr::from(*p));
        let atoms = self.atoms.iter().map(|a| Fr::from(a.pack()));
        let gates = self.gates.iter().map(|g| Fr::from(g.pack()));
        out[1..]
            .iter_mut()
            .zip(rest.chain(positions).chain(atoms).chain(gates))
            .for_each(|(slot, e)| *slot = e);
        out
    }

    /// P_33 of the elements.
    pub fn hash(&self) -> QueryHash {
        QueryHash::new(Felt(poseidon::hash(domain::QUERY, &self.elements())))
    }

    /// Values of the comparisons and connectives on the cells of its columns.
    ///
    /// **Shape**: an input out of reach counts as unknown; `is_well_formed` refuses it.
    pub fn trace(&self, cells: &[Cell; COLUMNS]) -> ([Truth; ATOMS], [Truth; GATES]) {
        let atoms = self.atoms.map(|atom| {
            cells
                .get(usize::from(atom.column))
                .map_or(0, |cell| atom.evaluate(*cell))
        });
        let mut gates = [0; GATES];
        for (i, gate) in self.gates.iter().enumerate() {
            let input = |index: u8| match usize::from(index) {
                atom if atom < ATOMS => atoms[atom],
                earlier if earlier < ATOMS + i => gates[earlier - ATOMS],
                _ => 0,
            };
            gates[i] = gate.evaluate(input(gate.a), input(gate.b));
        }
        (atoms, gates)
    }

    /// Whether the cells of its columns satisfy it: `None` is unknown.
    pub fn evaluate(&self, cells: &[Cell; COLUMNS]) -> Option<bool> {
        let (_, gates) = self.trace(cells);
        match gates[GATES - 1] {
            0 => None,
            truth => Some(truth > 0),
        }
    }

    /// Block and leaf within it of each page that it reads.
    ///
    /// **Shape**: positions count from 2; leaf 0 is the flags page, leaf 1 the pseudonyms, leaf 2
    /// the block's first column.
    pub fn places(&self) -> [(usize, usize); COLUMNS] {
        self.positions.map(|position| {
            let cell = position.saturating_sub(2) as usize;
            (cell / BLOCK_COLUMNS, 2 + cell % BLOCK_COLUMNS)
        })
    }
}
