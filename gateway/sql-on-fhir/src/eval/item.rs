//! One item of a collection: an element of the resource, borrowed, or a computed value.

use crate::decimal::Decimal;
use crate::error::{EvalError, Kind};
use crate::json::Node;
use crate::path::ast::Literal;
use crate::path::types::{self, DAY_OR_MOMENT, MOMENT};
use crate::temporal::{Temporal, TemporalKind};
use std::borrow::Cow;

/// An element: its value, what stands beside it under `_name`, and its type where a name says it.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) node: Option<&'a Node>,
    pub(crate) beside: Option<&'a Node>,
    pub(crate) of: Option<&'static str>,
}

/// An item.
#[derive(Clone)]
pub(crate) enum Item<'a> {
    Element(Element<'a>),
    Bool(bool),
    Number(Decimal),
    Text(Cow<'a, str>),
    Temporal(Temporal),
    Quantity(Decimal, Cow<'a, str>),
}

/// What an item is worth. Texts that are dates by their element's type are dates here.
#[derive(Clone, Copy)]
pub(crate) enum Value<'v> {
    Bool(bool),
    Number(Decimal),
    Text(&'v str),
    Temporal(Temporal),
    Quantity(Decimal, &'v str),
    Object(&'v Node),
    /// Only extensions.
    Nothing,
}

impl Value<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::Text(_) => Kind::Text,
            Value::Quantity(..) => Kind::Quantity,
            Value::Object(_) => Kind::Object,
            Value::Nothing => Kind::NoValue,
            Value::Temporal(t) => match t.kind {
                TemporalKind::Date => Kind::Date,
                TemporalKind::DateTime => Kind::DateTime,
                TemporalKind::Time => Kind::Time,
            },
        }
    }
}

/// A text as the date that its element's type makes it.
fn temporal(text: &str, of: &str) -> Option<Temporal> {
    match of {
        "date" | DAY_OR_MOMENT => Temporal::parse(text),
        "dateTime" | "instant" | MOMENT => Some(Temporal::parse(text)?.as_date_time()),
        "time" => Temporal::parse_time(text),
        _ => None,
    }
}

/// The system of the units that FHIRPath knows.
const UCUM: &str = "http://unitsofmeasure.org";

/// A Quantity as number and unit. With a comparator it is no one number, and with units of another
/// system than FHIRPath's it cannot be compared: both stay objects.
fn quantity(node: &Node) -> Option<Value<'_>> {
    let Node::Number(number) = node.get("value")? else {
        return None;
    };
    let foreign = node.text_at("system").is_some_and(|system| system != UCUM);
    if foreign || node.get("comparator").is_some() {
        return None;
    }
    let unit = node.text_at("code").or_else(|| node.text_at("unit"));
    Some(Value::Quantity(
        Decimal::parse(number)?,
        unit.unwrap_or("1"),
    ))
}

impl<'a> Element<'a> {
    pub(crate) fn of_resource(node: &'a Node) -> Self {
        Element {
            node: Some(node),
            beside: None,
            of: None,
        }
    }

    fn value(&self) -> Result<Value<'a>, EvalError> {
        Ok(match self.node {
            None | Some(Node::Null) => Value::Nothing,
            Some(Node::Bool(value)) => Value::Bool(*value),
            Some(Node::Number(text)) => {
                let number = Decimal::parse(text);
                Value::Number(number.ok_or(EvalError::OutOfRange { what: "a number" })?)
            }
            Some(Node::Text(text)) => match self.of.and_then(|of| temporal(text, of)) {
                Some(temporal) => Value::Temporal(temporal),
                None => Value::Text(text),
            },
            Some(node) => {
                let measured = self.of.is_some_and(|of| types::is_below(of, "Quantity"));
                let read = measured.then(|| quantity(node)).flatten();
                read.unwrap_or(Value::Object(node))
            }
        })
    }
}

impl<'a> Item<'a> {
    pub(crate) fn resource(node: &'a Node) -> Self {
        Item::Element(Element::of_resource(node))
    }

    pub(crate) fn literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Bool(value) => Item::Bool(*value),
            Literal::Number(number) => Item::Number(*number),
            Literal::Text(text) => Item::Text(Cow::Borrowed(text)),
            Literal::Temporal(temporal) => Item::Temporal(*temporal),
            Literal::Quantity(number, unit) => Item::Quantity(*number, Cow::Borrowed(unit)),
        }
    }

    /// **Errors**: a number of the resource with more digits than are kept exactly.
    pub(crate) fn value(&self) -> Result<Value<'_>, EvalError> {
        Ok(match self {
            Item::Element(element) => element.value()?,
            Item::Bool(value) => Value::Bool(*value),
            Item::Number(number) => Value::Number(*number),
            Item::Text(text) => Value::Text(text),
            Item::Temporal(temporal) => Value::Temporal(*temporal),
            Item::Quantity(number, unit) => Value::Quantity(*number, unit),
        })
    }

    /// A count of something.
    pub(crate) fn count(number: usize) -> Self {
        let number = i128::try_from(number).unwrap_or(i128::MAX);
        Item::Number(Decimal::integer(number))
    }

    /// What keeping the item costs, in steps of evaluation: a borrowed text costs nothing more.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Item::Text(Cow::Owned(text)) => 1 + text.len() / 16,
            _ => 1,
        }
    }

    /// Whether this is an element with extensions only.
    pub(crate) fn is_hollow(&self) -> bool {
        matches!(
            self,
            Item::Element(Element {
                node: None | Some(Node::Null),
                ..
            })
        )
    }
}

/// The only item with a value, or none. **Errors**: there are several.
pub(crate) fn single<'i, 'a>(
    items: &'i [Item<'a>],
    what: &'static str,
) -> Result<Option<&'i Item<'a>>, EvalError> {
    match items {
        [] => Ok(None),
        [one] => Ok(Some(one).filter(|item| !item.is_hollow())),
        more => Err(EvalError::NotSingle {
            what,
            got: more.len(),
        }),
    }
}

/// The truth of a collection: FHIRPath takes any single value that is no boolean as true.
///
/// **Errors**: several items.
pub(crate) fn truth(items: &[Item<'_>], what: &'static str) -> Result<Option<bool>, EvalError> {
    let Some(item) = single(items, what)? else {
        return Ok(None);
    };
    Ok(Some(match item {
        Item::Bool(value) => *value,
        Item::Element(Element {
            node: Some(Node::Bool(value)),
            ..
        }) => *value,
        _ => true,
    }))
}

/// A whole number as an argument. **Errors**: several values, or another kind.
pub(crate) fn whole(items: &[Item<'_>], what: &'static str) -> Result<Option<i128>, EvalError> {
    let Some(item) = single(items, what)? else {
        return Ok(None);
    };
    let value = item.value()?;
    let number = match value {
        Value::Number(number) => number.whole(),
        _ => None,
    };
    let expected = "a whole number";
    let got = value.kind();
    number.map(Some).ok_or(EvalError::WrongKind {
        what,
        expected,
        got,
    })
}
