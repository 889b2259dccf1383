//! Constants of a view: `%name` in its expressions.

use super::fields::{Place, Problems, is_name};
use super::problem::Problem;
use crate::decimal::Decimal;
use crate::json::Node;
use crate::path::ast::Literal;
use crate::path::types;
use crate::temporal::Temporal;

/// Names that FHIRPath or the specification gives a meaning of their own.
const RESERVED: &[&str] = &[
    "rowIndex",
    "resource",
    "rootResource",
    "context",
    "ucum",
    "sct",
    "loinc",
];

/// A constant. One with a problem has no value, so that its use is not reported once more.
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) value: Literal,
}

/// Reads all constants of a view.
pub(super) fn constants(view: &Place<'_>, problems: &mut Problems) -> Vec<Constant> {
    let mut all: Vec<Constant> = Vec::new();
    for place in view.list("constant", problems) {
        let Some(name) = place.need("name", problems) else {
            continue;
        };
        if !is_name(name) {
            problems.add(&place.at("name"), Problem::Name);
        }
        if RESERVED.contains(&name) || all.iter().any(|c| c.name == name) {
            problems.add(&place.at("name"), Problem::Twice(name.to_owned()));
        }
        let value = value(&place, problems).unwrap_or(Literal::Bool(false));
        let name = name.to_owned();
        all.push(Constant { name, value });
    }
    all
}

/// The one `value[x]`.
fn value(place: &Place<'_>, problems: &mut Problems) -> Option<Literal> {
    let Node::Object(fields) = place.node else {
        return None;
    };
    let mut found = None;
    let mut count = 0;
    for (field, node) in fields {
        if matches!(field.as_str(), "name" | "id" | "extension") {
            continue;
        }
        let of = field.strip_prefix("value").and_then(types::suffix_type);
        match of.filter(|of| types::is_primitive(of)) {
            Some(of) => {
                count += 1;
                found = Some((field, of, node));
            }
            None => problems.add(&place.at(field), Problem::UnknownField),
        }
    }
    let Some((field, of, node)) = found.filter(|_| count == 1) else {
        problems.add(&place.place, Problem::ConstantValue);
        return None;
    };
    let literal = literal(of, node);
    if literal.is_none() {
        problems.add(&place.at(field), Problem::ConstantKind);
    }
    literal
}

/// A JSON value as its type of FHIR.
fn literal(of: &str, node: &Node) -> Option<Literal> {
    match (of, node) {
        ("boolean", Node::Bool(value)) => Some(Literal::Bool(*value)),
        ("decimal", Node::Number(text)) => Decimal::parse(text).map(Literal::Number),
        ("integer" | "positiveInt" | "unsignedInt", Node::Number(text)) => {
            let number = Decimal::parse(text).filter(|n| n.scale() == 0)?;
            let least = match of {
                "positiveInt" => 1,
                "unsignedInt" => 0,
                _ => i128::MIN,
            };
            (number.whole()? >= least).then_some(Literal::Number(number))
        }
        ("integer64", Node::Number(text) | Node::Text(text)) => {
            let number = Decimal::parse(text).filter(|n| n.scale() == 0);
            number.map(Literal::Number)
        }
        ("date", Node::Text(text)) if !text.contains('T') => {
            Temporal::parse(text).map(Literal::Temporal)
        }
        ("dateTime" | "instant", Node::Text(text)) => {
            Temporal::parse(text).map(|t| Literal::Temporal(t.as_date_time()))
        }
        ("time", Node::Text(text)) => Temporal::parse_time(text).map(Literal::Temporal),
        ("boolean" | "decimal" | "integer" | "positiveInt" | "unsignedInt" | "date", _) => None,
        (_, Node::Text(text)) => Some(Literal::Text(text.clone())),
        _ => None,
    }
}
