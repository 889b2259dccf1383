//! From a condition to a program: equal comparisons and connectives are shared, places are given in
//! the order of first use.

use super::condition::Condition;
use super::program::{ATOMS, Atom, COLUMNS, GATES, Gate, GateOp, Op, Program};
use super::text::text;
use super::{CountUnit, Query, QueryError};
use crate::dataset;
use crate::schema::Schema;

/// A value inside the program while its size is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Atom(usize),
    Gate(usize),
}

/// Everything found so far, each once.
#[derive(Default)]
struct Parts {
    columns: Vec<usize>,
    atoms: Vec<(usize, Op, u32)>,
    gates: Vec<(GateOp, Wire, Wire)>,
}

/// The index of `item`, which is added if it is new.
fn intern<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items.iter().position(|i| *i == item).unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}

impl Parts {
    fn add(&mut self, condition: &Condition) -> Wire {
        match condition {
            Condition::Constant(value) => Wire::Atom(intern(
                &mut self.atoms,
                (0, if *value { Op::True } else { Op::False }, 0),
            )),
            Condition::Atom {
                column,
                op,
                constant,
            } => {
                let column = intern(&mut self.columns, *column);
                Wire::Atom(intern(&mut self.atoms, (column, *op, *constant)))
            }
            Condition::Join(op, left, right) => {
                let (left, right) = (self.add(left), self.add(right));
                // Two equal inputs say what one says.
                if left == right {
                    left
                } else {
                    Wire::Gate(intern(&mut self.gates, (*op, left, right)))
                }
            }
        }
    }
}

/// The program of a condition.
pub(super) fn query(
    condition: &Condition,
    schema: &Schema,
    unit: CountUnit,
) -> Result<Query, QueryError> {
    let mut parts = Parts::default();
    let result = parts.add(condition);
    let (columns, atoms, gates) = (parts.columns.len(), parts.atoms.len(), parts.gates.len());
    if columns > COLUMNS || atoms > ATOMS || gates > GATES {
        return Err(QueryError::TooLarge {
            columns,
            atoms,
            gates,
        });
    }
    let program = program(&parts, result, schema, unit);
    Ok(Query {
        text: text(&program, &parts.columns, schema),
        program,
        columns: parts.columns,
        atoms,
        gates,
    })
}

fn program(parts: &Parts, result: Wire, schema: &Schema, unit: CountUnit) -> Program {
    // Unused gates come first, so that the result is the last one.
    let first_gate = GATES - parts.gates.len();
    let wire = |wire: Wire| match wire {
        Wire::Atom(i) => i as u8,
        Wire::Gate(i) => (ATOMS + first_gate + i) as u8,
    };
    let first = parts.columns.first().copied().unwrap_or(0);
    let position = |i: usize| {
        2 + dataset::column_position(schema, parts.columns.get(i).copied().unwrap_or(first)) as u64
    };
    let atom = |i: usize| {
        parts
            .atoms
            .get(i)
            .map_or(Atom::UNUSED, |(column, op, k)| Atom {
                column: *column as u8,
                op: *op,
                constant: *k,
            })
    };
    let gate = |i: usize| {
        let used = i.checked_sub(first_gate).and_then(|j| parts.gates.get(j));
        used.map_or(Gate::UNUSED, |(op, a, b)| Gate {
            op: *op,
            a: wire(*a),
            b: wire(*b),
        })
    };
    let mut gates: [Gate; GATES] = std::array::from_fn(gate);
    if let Wire::Atom(_) = result {
        // One comparison alone: x AND x.
        gates[GATES - 1] = Gate {
            op: GateOp::And,
            a: wire(result),
            b: wire(result),
        };
    }
    Program {
        unit,
        schema_hash: schema.hash(),
        positions: std::array::from_fn(position),
        atoms: std::array::from_fn(atom),
        gates,
    }
}
