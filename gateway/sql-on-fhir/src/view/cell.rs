//! A cell of a row: an item of the resource, or a computed one, as the column declares it.

use super::problem::RowProblem;
use crate::eval::{Item, Value};
use crate::json::Node;
use crate::temporal::{Temporal, TemporalKind};

/// One value of a row. No `Debug`: it holds records.
#[derive(Clone, PartialEq, Eq)]
pub enum Cell {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in decimal. What the resource has stays as written: trailing zeros, and an exponent
    /// (`1e2`, which the JSON parser hands over as `1e+2`).
    Number(String),
    /// A text, and a time of day.
    Text(String),
    /// A date, to the precision that it was written in: `2020`, `2020-03` or `2020-03-01`.
    Date(String),
    /// A date time as written; it may be a date alone.
    DateTime(String),
    /// What stands in the place of a date, a time or a decimal and is none: whoever reads the cell says what
    /// becomes of it.
    Miswritten(String),
    /// An element that the cell reads has several forms (`valueString` beside `valueQuantity`), of
    /// which a resource may have one.
    SeveralForms,
    /// The values of a collection.
    List(Vec<Cell>),
}

impl Cell {
    /// What copying the cell costs, in steps of evaluation.
    pub(super) fn weight(&self) -> usize {
        match self {
            Cell::Null | Cell::Bool(_) | Cell::SeveralForms => 1,
            Cell::Number(t)
            | Cell::Text(t)
            | Cell::Date(t)
            | Cell::DateTime(t)
            | Cell::Miswritten(t) => 1 + t.len() / 16,
            Cell::List(list) => list.iter().map(Cell::weight).sum::<usize>() + 1,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellType {
    /// No type declared: what comes.
    Any,
    Bool,
    Integer,
    Integer64,
    Decimal,
    Text,
    Date,
    DateTime,
    Time,
}

impl CellType {
    /// The cells of a primitive type of FHIR or FHIRPath.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" | "System.Boolean" => CellType::Bool,
            "integer" | "positiveInt" | "unsignedInt" | "System.Integer" => CellType::Integer,
            "integer64" | "System.Long" => CellType::Integer64,
            "decimal" | "System.Decimal" => CellType::Decimal,
            "date" | "System.Date" => CellType::Date,
            "dateTime" | "instant" | "System.DateTime" => CellType::DateTime,
            "time" | "System.Time" => CellType::Time,
            "string" | "code" | "id" | "markdown" | "uri" | "url" | "canonical" | "oid"
            | "uuid" | "base64Binary" | "xhtml" | "System.String" => CellType::Text,
            _ => return None,
        })
    }

    fn words(self) -> &'static str {
        match self {
            CellType::Any => "one value",
            CellType::Bool => "a boolean",
            CellType::Integer | CellType::Integer64 => "a whole number",
            CellType::Decimal => "a number",
            CellType::Text => "a text",
            CellType::Date => "a date",
            CellType::DateTime => "a date time",
            CellType::Time => "a time",
        }
    }

    /// The cell of an item. **Errors**: it is of another kind, or not written as its type asks.
    pub(super) fn cell(self, item: &Item<'_>) -> Result<Cell, RowProblem> {
        // What the resource has is taken as written.
        if let Item::Element(element) = item {
            match element.node {
                None | Some(Node::Null) => return Ok(Cell::Null),
                Some(Node::Number(text)) => return self.number(text),
                Some(Node::Text(text)) => return self.text(text, item),
                _ => {}
            }
        }
        match (self, item.value()?) {
            (CellType::Any | CellType::Bool, Value::Bool(value)) => Ok(Cell::Bool(value)),
            (CellType::Any | CellType::Text, Value::Text(text)) => Ok(Cell::Text(text.to_owned())),
            (_, Value::Number(number)) => {
                let whole = number.whole().map(|n| n.to_string());
                let integral = matches!(self, CellType::Integer | CellType::Integer64);
                self.number(
                    &whole
                        .filter(|_| integral)
                        .unwrap_or_else(|| number.to_string()),
                )
            }
            (_, Value::Temporal(temporal)) => self.temporal(&temporal, temporal.to_string()),
            (_, value) => Err(RowProblem::CellKind {
                expected: self.words(),
                got: value.kind(),
            }),
        }
    }

    fn number(self, text: &str) -> Result<Cell, RowProblem> {
        let cell = Cell::Number(text.to_owned());
        match self {
            CellType::Any | CellType::Decimal => Ok(cell),
            CellType::Integer | CellType::Integer64 if is_whole(text) => Ok(cell),
            CellType::Integer | CellType::Integer64 => Err(self.miswritten()),
            _ => Err(RowProblem::CellKind {
                expected: self.words(),
                got: crate::error::Kind::Number,
            }),
        }
    }

    fn miswritten(self) -> RowProblem {
        let expected = self.words();
        RowProblem::CellText { expected }
    }

    /// The cell of a text of the resource.
    fn text(self, text: &str, item: &Item<'_>) -> Result<Cell, RowProblem> {
        let owned = text.to_owned();
        match (self, item.value()?) {
            (CellType::Text, _) => Ok(Cell::Text(owned)),
            (CellType::Any, Value::Temporal(temporal)) => self.temporal(&temporal, owned),
            (CellType::Any, _) => Ok(Cell::Text(owned)),
            // FHIR writes integer64 as a text.
            (CellType::Integer64, _) if is_whole(text) => Ok(Cell::Number(owned)),
            (CellType::Date | CellType::DateTime, _) => {
                let read = Temporal::parse(text);
                let cell = read.and_then(|read| self.temporal(&read, text.to_owned()).ok());
                Ok(cell.unwrap_or(Cell::Miswritten(owned)))
            }
            (CellType::Time, _) => Ok(match Temporal::parse_time(text) {
                Some(_) => Cell::Text(owned),
                None => Cell::Miswritten(owned),
            }),
            (CellType::Decimal, _) => Ok(Cell::Miswritten(owned)),
            (_, value) => Err(RowProblem::CellKind {
                expected: self.words(),
                got: value.kind(),
            }),
        }
    }

    fn temporal(self, temporal: &Temporal, text: String) -> Result<Cell, RowProblem> {
        match (self, temporal.kind) {
            (CellType::Text, _) | (CellType::Any | CellType::Time, TemporalKind::Time) => {
                Ok(Cell::Text(text))
            }
            (CellType::Any | CellType::Date, TemporalKind::Date) => Ok(Cell::Date(text)),
            (CellType::Any | CellType::DateTime, TemporalKind::DateTime)
            | (CellType::DateTime, TemporalKind::Date) => Ok(Cell::DateTime(text)),
            _ => Err(RowProblem::CellKind {
                expected: self.words(),
                got: Value::Temporal(*temporal).kind(),
            }),
        }
    }
}

fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
