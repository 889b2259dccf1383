//! Does an expression take the number out of a Quantity and leave its unit and comparator behind?
//!
//! A reader of such a column must bind the unit by other means, so the answer errs towards yes: a
//! choice without `ofType`, and elements that are a Quantity in some resources only, count.

use super::ast::{Expr, Operator, Step};
use super::function::Function as F;
use super::types;

/// Elements that R4 makes a Quantity in some resources and something else in others.
const SOMETIMES: &[&str] = &[
    "amount", "dose", "duration", "due", "height", "length", "origin", "quantity", "score",
    "weight", "width",
];

/// What is known about the elements that an expression leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To a Quantity, or perhaps to one.
    Quantity,
    /// To the value of one, perhaps computed with.
    Value,
    Elsewhere,
}

/// Where an expression leads from a focus.
pub(crate) fn leads(expr: &Expr, focus: Leads) -> Leads {
    match expr {
        Expr::This => focus,
        Expr::Negated(inner) => leads(inner, focus),
        Expr::Chain(head, steps) => {
            let start = leads(head, focus);
            steps
                .iter()
                .fold(start, |at, step| stepped(step, at, focus))
        }
        Expr::Binary(first, rest) if rest.iter().all(|(o, _)| keeps(*o)) => {
            let all = std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, e)| e));
            strongest(all, focus)
        }
        _ => Leads::Elsewhere,
    }
}

/// Operators whose result is made of their operands, not a truth about them.
fn keeps(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Union | O::Plus | O::Minus | O::Concat | O::Times | O::Over | O::Div | O::Mod
    )
}

fn strongest<'e>(all: impl Iterator<Item = &'e Expr>, focus: Leads) -> Leads {
    let found: Vec<Leads> = all.map(|e| leads(e, focus)).collect();
    if found.contains(&Leads::Value) {
        Leads::Value
    } else if found.contains(&Leads::Quantity) {
        Leads::Quantity
    } else {
        Leads::Elsewhere
    }
}

fn is_quantity(name: &str) -> Leads {
    if types::is_below(name, "Quantity") {
        Leads::Quantity
    } else {
        Leads::Elsewhere
    }
}

fn stepped(step: &Step, at: Leads, focus: Leads) -> Leads {
    match step {
        Step::Index(_) => at,
        Step::Member(member) if at == Leads::Quantity && member.name == "value" => Leads::Value,
        Step::Member(member) => match member.of {
            Some(name) => is_quantity(name),
            None if member.choice || SOMETIMES.contains(&member.name.as_str()) => Leads::Quantity,
            None => Leads::Elsewhere,
        },
        Step::Call(call) => match call.function {
            F::OfType | F::As => match (&call.of, at) {
                (_, Leads::Value) => at,
                (Some(of), _) => is_quantity(&of.name),
                (None, _) => at,
            },
            F::Select | F::Repeat => strongest(call.arguments.iter(), at),
            F::Iif => strongest(call.arguments.iter().skip(1), at),
            F::Union | F::Combine => match strongest(call.arguments.iter(), focus) {
                Leads::Elsewhere => at,
                found => found,
            },
            function if truth(function) => Leads::Elsewhere,
            _ => at,
        },
    }
}

/// Functions that answer about elements and do not hand them on.
fn truth(function: F) -> bool {
    matches!(
        function,
        F::Exists
            | F::All
            | F::Empty
            | F::Not
            | F::Count
            | F::IsDistinct
            | F::AllTrue
            | F::AnyTrue
            | F::AllFalse
            | F::AnyFalse
            | F::SubsetOf
            | F::SupersetOf
            | F::Is
            | F::HasValue
            | F::GetResourceKey
            | F::GetReferenceKey
            | F::Extension
            | F::StartsWith
            | F::EndsWith
            | F::Contains
            | F::Matches
            | F::IndexOf
            | F::Length
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(text: &str, focus: Leads) -> bool {
        let expr = crate::path::parse(text, &|_| None).unwrap();
        leads(&expr, focus) == Leads::Value
    }

    #[test]
    fn the_value_of_a_quantity_is_seen() {
        for text in [
            "value.ofType(Quantity).value",
            "(value as Quantity).value",
            "valueQuantity.value",
            "value.value",
            "component.value.ofType(Quantity).where(unit = 'mg').first().value",
            "referenceRange[0].low.value",
            "value.ofType(Range).high.value + 1",
            "iif(status = 'final', value.ofType(Quantity).value, {})",
            "component.select(value.ofType(Quantity).value).first()",
            "value.ofType(Quantity).value.toString()",
            "onset.ofType(Age).value",
            "-valueQuantity.value",
            "dispenseRequest.quantity.value",
        ] {
            assert!(takes(text, Leads::Elsewhere), "{text}");
        }
        assert!(takes("value", Leads::Quantity) && takes("$this.value", Leads::Quantity));
    }

    #[test]
    fn other_values_are_not() {
        for text in [
            "identifier.value",
            "telecom.where(system = 'phone').value",
            "value.ofType(string)",
            "value.ofType(Quantity).unit",
            "value.ofType(Quantity)",
            "value.ofType(Quantity).value > 5",
            "value.ofType(Quantity).value.exists()",
            "id",
        ] {
            assert!(!takes(text, Leads::Elsewhere), "{text}");
        }
        assert!(!takes("value", Leads::Elsewhere));
    }
}
