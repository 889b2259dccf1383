//! Conversions: what cannot be converted is nothing, as FHIRPath has it.

use super::element::Items;
use super::item::{Item, Value, single};
use crate::decimal::Decimal;
use crate::error::EvalError;
use crate::json::Node;
use crate::path::function::Function as F;
use crate::temporal::{Temporal, TemporalKind};
use std::borrow::Cow;

/// `toString`, `toInteger` and their like. **Errors**: several values.
pub(super) fn call<'a>(function: F, input: &[Item<'a>]) -> Result<Items<'a>, EvalError> {
    let Some(item) = single(input, "a conversion")? else {
        return Ok(Vec::new());
    };
    let converted = match function {
        F::ToText => to_text(item)?.map(|text| Item::Text(Cow::Owned(text))),
        F::ToInteger => integer(item.value()?).map(Item::Number),
        F::ToDecimal => decimal(item.value()?).map(Item::Number),
        F::ToBoolean => boolean(item.value()?).map(Item::Bool),
        F::ToDate => calendar(item)?.map(|t| Item::Temporal(t.as_date())),
        F::ToDateTime => calendar(item)?.map(|t| Item::Temporal(t.as_date_time())),
        F::ToTime => time(item.value()?).map(Item::Temporal),
        _ => None,
    };
    Ok(converted.into_iter().collect())
}

/// A primitive as text; what the resource has is kept as written.
pub(super) fn to_text(item: &Item<'_>) -> Result<Option<String>, EvalError> {
    if let Item::Element(element) = item
        && let Some(Node::Text(text) | Node::Number(text)) = element.node
    {
        return Ok(Some(text.clone()));
    }
    Ok(match item.value()? {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.to_owned()),
        Value::Temporal(temporal) => Some(temporal.to_string()),
        Value::Quantity(number, unit) => Some(format!("{number} '{unit}'")),
        Value::Object(_) | Value::Nothing => None,
    })
}

fn integer(value: Value<'_>) -> Option<Decimal> {
    match value {
        Value::Bool(value) => Some(Decimal::integer(i128::from(value))),
        Value::Number(number) => number.whole().map(Decimal::integer),
        Value::Text(text) if !text.contains(['.', 'e', 'E']) => Decimal::parse(text),
        _ => None,
    }
}

fn decimal(value: Value<'_>) -> Option<Decimal> {
    match value {
        Value::Bool(value) => Some(Decimal::integer(i128::from(value))),
        Value::Number(number) => Some(number),
        Value::Text(text) if !text.contains(['e', 'E']) => Decimal::parse(text),
        _ => None,
    }
}

fn boolean(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(value),
        Value::Number(number) => match number.whole() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn calendar(item: &Item<'_>) -> Result<Option<Temporal>, EvalError> {
    Ok(match item.value()? {
        Value::Temporal(temporal) if temporal.kind != TemporalKind::Time => Some(temporal),
        Value::Text(text) => Temporal::parse(text),
        _ => None,
    })
}

fn time(value: Value<'_>) -> Option<Temporal> {
    match value {
        Value::Temporal(temporal) if temporal.kind == TemporalKind::Time => Some(temporal),
        Value::Text(text) => Temporal::parse_time(text.strip_prefix('T').unwrap_or(text)),
        _ => None,
    }
}
