//! The condition of a query: joined and negated in three-valued logic.

use super::program::{GateOp, Op};

/// A condition with NOT moved inwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// True or false, whatever the row.
    Constant(bool),
    /// A comparison of a schema column.
    Atom {
        /// Index of the column.
        column: usize,
        /// What is asked.
        op: Op,
        constant: u32,
    },
    /// AND or OR.
    Join(GateOp, Box<Condition>, Box<Condition>),
}

/// A joined pair; what is constant or doubled disappears, which changes no value of three-valued
/// logic.
pub(super) fn join(op: GateOp, left: Condition, right: Condition) -> Condition {
    let neutral = op == GateOp::And;
    match (left, right) {
        (Condition::Constant(c), other) | (other, Condition::Constant(c)) => {
            if c == neutral {
                other
            } else {
                Condition::Constant(c)
            }
        }
        (left, right) if left == right => left,
        (left, right) => Condition::Join(op, Box::new(left), Box::new(right)),
    }
}

/// The condition, or its negation.
pub(super) fn negated_if(negate: bool, condition: Condition) -> Condition {
    match condition {
        condition if !negate => condition,
        Condition::Constant(value) => Condition::Constant(!value),
        Condition::Atom {
            column,
            op,
            constant,
        } => Condition::Atom {
            column,
            op: op.negate(),
            constant,
        },
        Condition::Join(op, left, right) => {
            let op = if op == GateOp::And {
                GateOp::Or
            } else {
                GateOp::And
            };
            Condition::Join(
                op,
                Box::new(negated_if(true, *left)),
                Box::new(negated_if(true, *right)),
            )
        }
    }
}
