//! Steps through a resource: members, `value[x]`, extensions, types and keys.

use super::item::{Element, Item};
use crate::error::EvalError;
use crate::json::Node;
use crate::path::ast::{Member, Space, TypeName};
use crate::path::types::{self, DAY_OR_MOMENT, MOMENT};
use std::borrow::Cow;

/// A collection.
pub(crate) type Items<'a> = Vec<Item<'a>>;

/// The value of a field and what stands beside it, each once or in a list.
fn spread<'a>(
    node: Option<&'a Node>,
    beside: Option<&'a Node>,
    of: Option<&'static str>,
    out: &mut Items<'a>,
) {
    if !matches!(
        (node, beside),
        (Some(Node::List(_)), _) | (_, Some(Node::List(_)))
    ) {
        push(node, beside, of, out);
        return;
    }
    let nodes = node.map_or(&[][..], Node::each);
    let besides = beside.map_or(&[][..], Node::each);
    for at in 0..nodes.len().max(besides.len()) {
        push(nodes.get(at), besides.get(at), of, out);
    }
}

/// Adds an element. A null holds a place in a list; alone it is no element.
fn push<'a>(
    node: Option<&'a Node>,
    beside: Option<&'a Node>,
    of: Option<&'static str>,
    out: &mut Items<'a>,
) {
    let node = node.filter(|n| !matches!(n, Node::Null));
    let beside = beside.filter(|n| matches!(n, Node::Object(_)));
    if node.is_some() || beside.is_some() {
        out.push(Item::Element(Element { node, beside, of }));
    }
}

/// The elements of a name below an item; returns how many fields were looked at.
///
/// **Errors**: the element has several forms.
pub(super) fn member<'a>(
    item: &Item<'a>,
    member: &Member,
    out: &mut Items<'a>,
) -> Result<usize, EvalError> {
    let Item::Element(element) = item else {
        return Ok(0);
    };
    // Below a primitive value stand its id and its extensions.
    let ((Some(Node::Object(fields)), _) | (_, Some(Node::Object(fields)))) =
        (element.node, element.beside)
    else {
        return Ok(0);
    };
    if let Some(one) = member.one_of {
        one_form(fields, one)?;
    }
    let (mut node, mut beside) = (None, None);
    for (name, value) in fields {
        if *name == member.name {
            node = Some(value);
        } else if name.strip_prefix('_') == Some(&member.name) {
            beside = Some(value);
        }
    }
    if node.is_some() || beside.is_some() {
        spread(node, beside, member.of, out);
    } else if member.choice {
        choice(fields, &member.name, out);
    } else if member.may_be_type && is_resource(element, &member.name) {
        out.push(item.clone());
    }
    Ok(fields.len())
}

/// The types behind `name` in the names of fields that hold something.
fn forms<'f>(
    fields: &'f [(String, Node)],
    name: &str,
) -> impl Iterator<Item = (&'static str, &'f (String, Node))> {
    fields.iter().filter_map(move |field| {
        let plain = field.0.strip_prefix('_').unwrap_or(&field.0);
        let found = plain.strip_prefix(name).and_then(types::suffix_type)?;
        (!matches!(field.1, Node::Null)).then_some((found, field))
    })
}

/// **Errors**: FHIR has one form of `element[x]` at most, and there are several: nobody can tell
/// which is meant. One that has extensions only is one, too.
fn one_form(fields: &[(String, Node)], element: &'static str) -> Result<(), EvalError> {
    let may_be_form = |(field, _): &&(String, Node)| {
        let plain = field.strip_prefix('_').unwrap_or(field);
        let suffix = plain.strip_prefix(element);
        suffix.is_some_and(|s| s.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    // Nearly always there is one at most, whose type does not matter.
    if fields.iter().filter(may_be_form).nth(1).is_none() {
        return Ok(());
    }
    let mut found = forms(fields, element).map(|(of, _)| of);
    let first = found.next();
    match found.all(|of| Some(of) == first) {
        true => Ok(()),
        false => Err(EvalError::SeveralForms { element }),
    }
}

/// The element of `name[x]`, whose type stands behind its name.
fn choice<'a>(fields: &'a [(String, Node)], name: &str, out: &mut Items<'a>) {
    let (mut node, mut beside, mut of) = (None, None, None);
    for (found, (field, value)) in forms(fields, name) {
        // Of a name of several elements both are handed on.
        if of.is_some_and(|of| of != found) {
            spread(node.take(), beside.take(), of, out);
        }
        of = Some(found);
        if field.starts_with('_') {
            beside = Some(value);
        } else {
            node = Some(value);
        }
    }
    spread(node, beside, of, out);
}

fn resource_type<'a>(element: &Element<'a>) -> Option<&'a str> {
    element.node.and_then(|node| node.text_at("resourceType"))
}

fn is_resource(element: &Element<'_>, name: &str) -> bool {
    let Some(own) = resource_type(element) else {
        return false;
    };
    let bare = matches!(own, "Bundle" | "Binary" | "Parameters");
    own == name || name == "Resource" || (name == "DomainResource" && !bare)
}

/// The extensions with a url.
pub(super) fn extension<'a>(item: &Item<'a>, url: &str, out: &mut Items<'a>) {
    let Item::Element(element) = item else {
        return;
    };
    let holders = [element.node, element.beside];
    for holder in holders.into_iter().flatten() {
        for one in holder.each_at("extension") {
            if one.text_at("url") == Some(url) {
                push(Some(one), None, Some("Extension"), out);
            }
        }
    }
}

/// Whether an item is of a type.
///
/// **Errors**: the resource does not say what it is.
pub(super) fn is_type(
    item: &Item<'_>,
    of: &TypeName,
    what: &'static str,
) -> Result<bool, EvalError> {
    if let Item::Element(element) = item {
        if of.space == Space::System {
            return Ok(false);
        }
        return element_is(element, &of.name).ok_or(EvalError::TypeUnknown { what });
    }
    if of.space == Space::Fhir {
        return Ok(false);
    }
    use crate::error::Kind;
    let own = match item.value()?.kind() {
        Kind::Boolean => "Boolean",
        Kind::Number => match item {
            Item::Number(number) if number.scale() == 0 => "Integer",
            _ => "Decimal",
        },
        Kind::Text => "String",
        Kind::Date => "Date",
        Kind::DateTime => "DateTime",
        Kind::Time => "Time",
        Kind::Quantity => "Quantity",
        Kind::Object | Kind::NoValue => "",
    };
    Ok(own == of.name)
}

/// Whether an element is of a type of FHIR; `None` where JSON does not say.
fn element_is(element: &Element<'_>, asked: &str) -> Option<bool> {
    if resource_type(element).is_some() {
        return Some(is_resource(element, asked));
    }
    let Some(asked) = types::data_type(asked) else {
        // A resource, or a type of FHIRPath itself: no element is either.
        return Some(false);
    };
    match element.of {
        Some(MOMENT) if !matches!(asked, "dateTime" | "instant") => Some(false),
        Some(DAY_OR_MOMENT) if !matches!(asked, "date" | "dateTime") => Some(false),
        Some(MOMENT | DAY_OR_MOMENT) => None,
        Some(of) => Some(asked == "Element" || types::is_below(of, asked)),
        None => by_shape(element.node?, asked),
    }
}

/// What the shape alone rules out or in.
fn by_shape(node: &Node, asked: &str) -> Option<bool> {
    let numeric = matches!(
        asked,
        "decimal" | "integer" | "integer64" | "positiveInt" | "unsignedInt"
    );
    match node {
        Node::Bool(_) => Some(asked == "boolean" || asked == "Element"),
        _ if asked == "Element" => Some(true),
        Node::Number(_) if !numeric => Some(false),
        Node::Text(_) if !types::is_primitive(asked) || asked == "boolean" => Some(false),
        Node::Text(_) if numeric && asked != "integer64" => Some(false),
        Node::Object(_) if types::is_primitive(asked) => Some(false),
        _ => None,
    }
}

/// The key of a resource: its id.
pub(super) fn resource_key<'a>(item: &Item<'a>, out: &mut Items<'a>) {
    if let Item::Element(element) = item
        && resource_type(element).is_some()
        && let Some(id) = element.node.and_then(|node| node.text_at("id"))
    {
        out.push(Item::Text(Cow::Borrowed(id)));
    }
}

/// The key of the resource that a reference names, if it is of the asked type.
///
/// The key is the id alone, as `getResourceKey` has it: the server in front of an absolute
/// reference is not compared. Contained resources, `urn:` names and bare identifiers have no key.
pub(super) fn reference_key<'a>(item: &Item<'a>, of: Option<&TypeName>, out: &mut Items<'a>) {
    let Item::Element(element) = item else {
        return;
    };
    let Some(text) = element.node.and_then(|node| node.text_at("reference")) else {
        return;
    };
    if let Some((kind, id)) = target(text)
        && of.is_none_or(|of| of.name == kind)
    {
        out.push(Item::Text(Cow::Borrowed(id)));
    }
}

/// Type and id of a literal reference.
fn target(reference: &str) -> Option<(&str, &str)> {
    let plain = reference
        .split_once("/_history/")
        .map_or(reference, |(plain, _)| plain);
    let plain = plain.split(['?', '#', '|']).next()?;
    let mut parts = plain.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    let capital = kind.starts_with(|c: char| c.is_ascii_uppercase());
    let letters = kind.bytes().all(|b| b.is_ascii_alphabetic());
    (capital && letters && !id.is_empty()).then_some((kind, id))
}
