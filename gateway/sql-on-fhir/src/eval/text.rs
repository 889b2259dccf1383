//! Functions of texts. Positions and lengths count characters, not bytes.

use super::element::Items;
use super::item::{Item, Value, single};
use super::scope::bounded;
use crate::error::EvalError;
use crate::path::ast::Call;
use crate::path::function::Function as F;
use regex::Regex;
use std::borrow::Cow;

/// The text of a collection of one; `None` where it is empty.
///
/// **Errors**: several values, or another kind.
pub(super) fn text<'i>(
    items: &'i [Item<'_>],
    what: &'static str,
) -> Result<Option<Cow<'i, str>>, EvalError> {
    let Some(item) = single(items, what)? else {
        return Ok(None);
    };
    if let Some(written) = written(item) {
        return Ok(Some(Cow::Borrowed(written)));
    }
    match item.value()? {
        Value::Text(text) => Ok(Some(Cow::Borrowed(text))),
        value => Err(EvalError::WrongKind {
            what,
            expected: "a text",
            got: value.kind(),
        }),
    }
}

/// The text of an element as the resource has it: dates are texts too when they are cut.
fn written<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    match item {
        Item::Element(element) => element.node?.text(),
        _ => None,
    }
}

/// Steps that compiling a pattern stands for.
const COMPILING: usize = 10_000;

fn owned<'a>(text: String) -> Result<Items<'a>, EvalError> {
    bounded(text.len())?;
    Ok(vec![Item::Text(Cow::Owned(text))])
}

/// `join`: values without a text are left out, as an absent separator is.
pub(super) fn join<'a>(items: &[Item<'_>], separator: &[Item<'_>]) -> Result<Items<'a>, EvalError> {
    let separator = text(separator, "join()")?.unwrap_or(Cow::Borrowed(""));
    let mut joined = String::new();
    let mut first = true;
    for item in items.iter().filter(|item| !item.is_hollow()) {
        let part = text(std::slice::from_ref(item), "join()")?;
        if !first {
            joined.push_str(&separator);
        }
        first = false;
        joined.push_str(part.as_deref().unwrap_or(""));
        bounded(joined.len())?;
    }
    owned(joined)
}

/// What a function of texts costs, in steps of evaluation.
pub(super) fn cost(call: &Call, input: &[Item<'_>]) -> usize {
    let lengths = input.iter().filter_map(|item| match item {
        Item::Text(text) => Some(text.len()),
        item => written(item).map(str::len),
    });
    let matching = matches!(call.function, F::Matches | F::ReplaceMatches);
    let compiling = matching && call.pattern.is_none();
    lengths.sum::<usize>() / 16 + if compiling { COMPILING } else { 0 }
}

/// Functions of one text without or with texts as arguments.
pub(super) fn call<'a>(
    call: &Call,
    input: &[Item<'a>],
    arguments: &[Items<'a>],
) -> Result<Items<'a>, EvalError> {
    let what = "a function of texts";
    let Some(subject) = text(input, what)? else {
        return Ok(Vec::new());
    };
    match call.function {
        F::Lower => return owned(subject.to_lowercase()),
        F::Upper => return owned(subject.to_uppercase()),
        F::Trim => return owned(subject.trim().to_owned()),
        F::Length => return Ok(vec![Item::count(subject.chars().count())]),
        _ => {}
    }
    let given = arguments.iter().map(|argument| text(argument, what));
    let Some(given) = given.collect::<Result<Option<Vec<_>>, _>>()? else {
        return Ok(Vec::new());
    };
    match (call.function, given.as_slice()) {
        (F::StartsWith, [part]) => Ok(vec![Item::Bool(subject.starts_with(&**part))]),
        (F::EndsWith, [part]) => Ok(vec![Item::Bool(subject.ends_with(&**part))]),
        (F::Contains, [part]) => Ok(vec![Item::Bool(subject.contains(&**part))]),
        (F::IndexOf, [part]) => Ok(index_of(&subject, part)),
        (F::Split, [part]) => Ok(split(&subject, part)),
        (F::Replace, [from, to]) => replace(&subject, from, to),
        (F::Matches, [pattern]) => {
            let matching = compiled(call, pattern)?;
            Ok(vec![Item::Bool(matching.is_match(&subject))])
        }
        (F::ReplaceMatches, [pattern, to]) => {
            let pattern = compiled(call, pattern)?;
            replace_matches(&pattern, &subject, to)
        }
        _ => Ok(Vec::new()),
    }
}

fn index_of<'a>(subject: &str, part: &str) -> Items<'a> {
    let found = subject.find(part).and_then(|at| subject.get(..at));
    match found {
        Some(before) => vec![Item::count(before.chars().count())],
        None => vec![Item::Number(crate::decimal::Decimal::integer(-1))],
    }
}

fn split<'a>(subject: &str, part: &str) -> Items<'a> {
    let item = |text: &str| Item::Text(Cow::Owned(text.to_owned()));
    if part.is_empty() {
        return subject
            .chars()
            .map(|c| Item::Text(Cow::Owned(c.to_string())))
            .collect();
    }
    subject.split(part).map(item).collect()
}

fn replace<'a>(subject: &str, from: &str, to: &str) -> Result<Items<'a>, EvalError> {
    // Counted first: the result may be far larger than its parts.
    let hits = subject.matches(from).count();
    bounded(hits.saturating_mul(to.len()).saturating_add(subject.len()))?;
    owned(subject.replace(from, to))
}

fn replace_matches<'a>(pattern: &Regex, subject: &str, to: &str) -> Result<Items<'a>, EvalError> {
    let mut out = String::new();
    let mut last = 0;
    for found in pattern.captures_iter(subject) {
        let Some(whole) = found.get(0) else {
            continue;
        };
        out.push_str(subject.get(last..whole.start()).unwrap_or(""));
        found.expand(to, &mut out);
        last = whole.end();
        bounded(out.len())?;
    }
    out.push_str(subject.get(last..).unwrap_or(""));
    owned(out)
}

/// The pattern of a call: compiled with the view, or now where it is computed.
fn compiled<'c>(call: &'c Call, text: &str) -> Result<Cow<'c, Regex>, EvalError> {
    if let Some(pattern) = &call.pattern {
        return Ok(Cow::Borrowed(pattern));
    }
    let pattern = crate::path::pattern(text);
    let what = "matches() or replaceMatches()";
    pattern.map(Cow::Owned).ok_or(EvalError::Pattern { what })
}

/// `substring(start, length?)`: nothing where the start lies outside.
pub(super) fn substring<'a>(
    input: &[Item<'a>],
    start: Option<i128>,
    length: Option<i128>,
) -> Result<Items<'a>, EvalError> {
    let (Some(subject), Some(start)) = (text(input, "substring()")?, start) else {
        return Ok(Vec::new());
    };
    let Some(start) = usize::try_from(start).ok() else {
        return Ok(Vec::new());
    };
    let length = length.map_or(usize::MAX, |n| {
        usize::try_from(n.max(0)).unwrap_or(usize::MAX)
    });
    if start >= subject.chars().count() {
        return Ok(Vec::new());
    }
    owned(subject.chars().skip(start).take(length).collect())
}
