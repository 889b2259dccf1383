//! The one text of a program: what people read is printed from what is proven, never from what
//! somebody typed.
//!
//! Compiling the text gives the program again, so that text and program say the same.

use super::program::{ATOMS, Atom, Gate, GateOp, Op, Program};
use crate::schema::{Column, ColumnType, Schema, day_of_text};

/// Words of the language, which are no names of columns.
const WORDS: [&str; 10] = [
    "and", "between", "date", "false", "in", "is", "not", "null", "or", "true",
];

/// The text of a program over the schema's columns with these indices.
pub(super) fn text(program: &Program, columns: &[usize], schema: &Schema) -> String {
    let printer = Printer {
        program,
        columns: columns
            .iter()
            .filter_map(|i| schema.columns().get(*i))
            .collect(),
    };
    printer.gate(&program.gates[program.gates.len() - 1])
}

struct Printer<'a> {
    program: &'a Program,
    columns: Vec<&'a Column>,
}

impl Printer<'_> {
    fn gate(&self, gate: &Gate) -> String {
        // One comparison alone is x AND x.
        if gate.a == gate.b {
            return self.input(gate.a, gate.op, false);
        }
        let word = match gate.op {
            GateOp::And => "AND",
            GateOp::Or => "OR",
        };
        let left = self.input(gate.a, gate.op, false);
        format!("{left} {word} {}", self.input(gate.b, gate.op, true))
    }

    /// An input of a gate. The parser reads chains of one connective from the left; everything
    /// else stands in brackets.
    fn input(&self, index: u8, parent: GateOp, is_right: bool) -> String {
        let index = usize::from(index);
        if index < ATOMS {
            return self.atom(&self.program.atoms[index]);
        }
        let gate = &self.program.gates[index - ATOMS];
        let text = self.gate(gate);
        match gate.op == parent && !is_right {
            true => text,
            false => format!("({text})"),
        }
    }

    fn atom(&self, atom: &Atom) -> String {
        let Some(column) = self.columns.get(usize::from(atom.column)) else {
            return if atom.op == Op::False {
                "FALSE"
            } else {
                "TRUE"
            }
            .to_owned();
        };
        // Names differ in more than small and capital letters.
        let name = quote(&column.name.to_ascii_lowercase());
        let (low, high) = column.proven_bounds();
        let compare = |sign: &str, value: i64| format!("{name} {sign} {}", constant(column, value));
        let value = low.saturating_add(i64::from(atom.constant));
        match atom.op {
            Op::True => "TRUE".to_owned(),
            Op::False => "FALSE".to_owned(),
            Op::Eq => compare("=", value),
            Op::Ne => compare("<>", value),
            Op::Lt => compare("<", value),
            Op::Le => compare("<=", value),
            Op::Gt => compare(">", value),
            Op::Ge => compare(">=", value),
            Op::IsNull => format!("{name} IS NULL"),
            Op::IsNotNull => format!("{name} IS NOT NULL"),
            // No value, or every one, lies beyond the span that the proof allows.
            Op::Never => match above(column, high) {
                Some(value) => compare(">", value),
                None => compare("<", low.saturating_sub(1)),
            },
            Op::Always => match above(column, high) {
                Some(value) => compare("<=", value),
                None => compare(">=", low.saturating_sub(1)),
            },
        }
    }
}

/// The number after the span, where it can be written. Where it cannot, only a constant before the
/// span made a comparison of nothing or of everything, so that the number before it can.
fn above(column: &Column, high: i64) -> Option<i64> {
    let value = high.checked_add(1)?;
    match column.kind {
        ColumnType::Day { .. } => day_of_text(&column.print(value)).map(|_| value),
        ColumnType::Int { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Code { .. }
        | ColumnType::Flag => Some(value),
    }
}

/// A column's name as a query has it: in double quotes where it is a word of the language. Names are
/// letters, digits and underscores.
pub fn quote(name: &str) -> String {
    match WORDS.iter().any(|word| name.eq_ignore_ascii_case(word)) {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}

fn constant(column: &Column, value: i64) -> String {
    let text = column.print(value);
    match column.kind {
        ColumnType::Day { .. } => format!("'{text}'"),
        ColumnType::Code { .. }
        | ColumnType::Int { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Flag => text,
    }
}
