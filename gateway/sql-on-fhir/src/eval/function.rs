//! Functions whose arguments are values: which file answers which.

use super::boundary::boundary;
use super::collection as many;
use super::element::{self, Items};
use super::item::{Item, truth, whole};
use super::scope::Fuel;
use super::{convert, number, text};
use crate::error::EvalError;
use crate::json::Node;
use crate::path::ast::Call;
use crate::path::function::Function as F;

type Answer<'a> = Result<Items<'a>, EvalError>;

/// A call on a collection. **Errors**: arguments or items that the function does not take.
pub(super) fn call<'a>(
    call: &'a Call,
    items: Items<'a>,
    arguments: &[Items<'a>],
    fuel: &Fuel,
) -> Answer<'a> {
    let first = arguments.first().map_or(&[][..], Vec::as_slice);
    match call.function {
        F::Lower
        | F::Upper
        | F::Trim
        | F::StartsWith
        | F::EndsWith
        | F::Contains
        | F::Matches
        | F::Replace
        | F::ReplaceMatches
        | F::IndexOf
        | F::Length
        | F::Split => {
            fuel.burn(text::cost(call, &items))?;
            text::call(call, &items, arguments)
        }
        F::ToText
        | F::ToInteger
        | F::ToDecimal
        | F::ToBoolean
        | F::ToDate
        | F::ToDateTime
        | F::ToTime => convert::call(call.function, &items),
        F::OfType | F::Is | F::As => typed(call, items),
        F::Extension | F::HasValue | F::GetValue | F::GetResourceKey | F::GetReferenceKey => {
            fhir(call, items, first)
        }
        _ => counted(call.function, items, first, arguments.get(1), fuel),
    }
}

/// Functions with counts as arguments.
fn counted<'a>(
    function: F,
    items: Items<'a>,
    first: &[Item<'a>],
    second: Option<&Items<'a>>,
    fuel: &Fuel,
) -> Answer<'a> {
    match function {
        F::Join => text::join(&items, first),
        F::Substring => {
            let start = whole(first, "substring()")?;
            let length = second.map(|n| whole(n, "substring()")).transpose()?;
            text::substring(&items, start, length.flatten())
        }
        F::Abs | F::Ceiling | F::Floor | F::Round | F::Truncate => {
            number::call(function, &items, whole(first, "round()")?)
        }
        F::LowBoundary | F::HighBoundary => {
            let places = whole(first, "a precision")?;
            let found = boundary(&items, function == F::LowBoundary, places)?;
            Ok(found.into_iter().collect())
        }
        F::First => Ok(many::slice(items, 0, 1)),
        F::Tail => Ok(many::slice(items, 1, i128::MAX)),
        F::Skip | F::Take => {
            let count = whole(first, "skip() or take()")?;
            Ok(match count {
                Some(n) if function == F::Skip => many::slice(items, n, i128::MAX),
                Some(n) => many::slice(items, 0, n),
                None => Vec::new(),
            })
        }
        _ => collection(function, items, first, fuel),
    }
}

/// `ofType`, `is` and `as`.
fn typed<'a>(call: &'a Call, items: Items<'a>) -> Answer<'a> {
    let Some(of) = &call.of else {
        return Ok(Vec::new());
    };
    match call.function {
        F::Is => match items.as_slice() {
            [] => Ok(Vec::new()),
            [item] => Ok(vec![Item::Bool(element::is_type(item, of, "is")?)]),
            more => Err(EvalError::NotSingle {
                what: "is",
                got: more.len(),
            }),
        },
        F::As if items.len() > 1 => Err(EvalError::NotSingle {
            what: "as",
            got: items.len(),
        }),
        _ => many::of_type(items, of),
    }
}

fn fhir<'a>(call: &'a Call, items: Items<'a>, first: &[Item<'a>]) -> Answer<'a> {
    let mut out = Vec::new();
    match call.function {
        F::HasValue => {
            let valued = |item: &Item<'_>| !item.is_hollow() && !is_object(item);
            return Ok(vec![Item::Bool(
                items.len() == 1 && items.iter().all(valued),
            )]);
        }
        F::GetValue => return Ok(items.into_iter().filter(|i| !is_object(i)).collect()),
        F::Extension => {
            if let Some(url) = text::text(first, "extension()")? {
                for item in &items {
                    element::extension(item, &url, &mut out);
                }
            }
        }
        F::GetResourceKey => items
            .iter()
            .for_each(|i| element::resource_key(i, &mut out)),
        _ => {
            let of = call.of.as_ref();
            items
                .iter()
                .for_each(|i| element::reference_key(i, of, &mut out));
        }
    }
    Ok(out)
}

fn is_object(item: &Item<'_>) -> bool {
    let Item::Element(element) = item else {
        return false;
    };
    matches!(element.node, Some(Node::Object(_) | Node::List(_)))
}

/// Functions of whole collections.
fn collection<'a>(
    function: F,
    mut items: Items<'a>,
    first: &[Item<'a>],
    fuel: &Fuel,
) -> Answer<'a> {
    let answer = |value| Ok(vec![Item::Bool(value)]);
    match function {
        F::Empty => answer(items.is_empty()),
        F::Not => Ok(truth(&items, "not()")?
            .map(|v| Item::Bool(!v))
            .into_iter()
            .collect()),
        F::Last => Ok(items.pop().into_iter().collect()),
        F::Single if items.len() > 1 => {
            let (what, got) = ("single()", items.len());
            Err(EvalError::NotSingle { what, got })
        }
        F::Count => Ok(vec![Item::count(items.len())]),
        F::Distinct => many::distinct(items, fuel),
        F::IsDistinct => {
            let count = items.len();
            answer(many::distinct(items, fuel)?.len() == count)
        }
        F::AllTrue | F::AnyFalse => answer(many::any(&items, false)? == (function == F::AnyFalse)),
        F::AllFalse | F::AnyTrue => answer(many::any(&items, true)? == (function == F::AnyTrue)),
        F::Single => Ok(items),
        _ => sets(function, items, first, fuel),
    }
}

/// Functions of two collections.
fn sets<'a>(function: F, mut items: Items<'a>, first: &[Item<'a>], fuel: &Fuel) -> Answer<'a> {
    match function {
        F::Union | F::Combine => {
            items.extend(first.iter().cloned());
            if function == F::Combine {
                Ok(items)
            } else {
                many::distinct(items, fuel)
            }
        }
        F::Intersect => many::distinct(many::among(items, first, true, fuel)?, fuel),
        F::Exclude => many::among(items, first, false, fuel),
        F::SubsetOf => Ok(vec![Item::Bool(many::subset(&items, first, fuel)?)]),
        F::SupersetOf => Ok(vec![Item::Bool(many::subset(first, &items, fuel)?)]),
        _ => Ok(items),
    }
}
