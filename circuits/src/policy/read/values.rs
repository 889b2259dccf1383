//! Values of a tree, each of the kind that its place wants.

use super::super::PolicyProblem;
use super::MAX_TEXT;
use medveil_text::is_plain;
use serde_json::{Map, Value};

#[derive(Default)]
pub struct Reader {
    pub problems: Vec<PolicyProblem>,
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// What a place of the tree has to hold.
#[derive(Clone, Copy)]
pub enum Wanted {
    Mapping,
    List,
    Text,
    Flag,
}

impl Wanted {
    fn words(self) -> &'static str {
        match self {
            Wanted::Mapping => "a mapping",
            Wanted::List => "a list",
            Wanted::Text => "a text",
            Wanted::Flag => "true or false",
        }
    }
}

impl Reader {
    pub fn problem<T>(&mut self, at: &str, what: impl Into<String>) -> Option<T> {
        self.problems.push(PolicyProblem {
            at: at.to_owned(),
            what: what.into(),
        });
        None
    }

    pub fn mismatch<T>(&mut self, at: &str, wanted: Wanted, value: Option<&Value>) -> Option<T> {
        let hint = match (wanted, value) {
            (Wanted::Text, Some(Value::Number(_) | Value::Bool(_))) => " (put it in quotes)",
            _ => "",
        };
        let got = value.map_or("nothing", kind);
        self.problem(at, format!("expected {}, got {got}{hint}", wanted.words()))
    }

    pub fn map<'a>(
        &mut self,
        at: &str,
        value: Option<&'a Value>,
    ) -> Option<&'a Map<String, Value>> {
        match value {
            Some(Value::Object(map)) => Some(map),
            other => self.mismatch(at, Wanted::Mapping, other),
        }
    }

    pub fn list<'a>(
        &mut self,
        at: &str,
        value: Option<&'a Value>,
        most: usize,
    ) -> Option<&'a [Value]> {
        match value {
            Some(Value::Array(list)) if (1..=most).contains(&list.len()) => Some(list),
            Some(Value::Array(list)) => self.problem(
                at,
                format!("expected 1 to {most} entries, got {}", list.len()),
            ),
            other => self.mismatch(at, Wanted::List, other),
        }
    }

    pub fn text(&mut self, at: &str, value: Option<&Value>) -> Option<String> {
        match value {
            Some(Value::String(text)) if (1..=MAX_TEXT).contains(&text.len()) && is_plain(text) => {
                Some(text.clone())
            }
            Some(Value::String(_)) => self.problem(
                at,
                format!("expected 1 to {MAX_TEXT} bytes of visible text with single blanks"),
            ),
            other => self.mismatch(at, Wanted::Text, other),
        }
    }

    pub fn integer(&mut self, at: &str, value: Option<&Value>, most: u64) -> Option<u32> {
        match value.and_then(Value::as_u64) {
            Some(n) if (1..=most).contains(&n) => u32::try_from(n).ok(),
            _ => self.problem(at, format!("expected a whole number from 1 to {most}")),
        }
    }

    pub fn flag(&mut self, at: &str, value: Option<&Value>, default: bool) -> bool {
        match value {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            other => self.mismatch(at, Wanted::Flag, other).unwrap_or(default),
        }
    }

    pub fn only(&mut self, at: &str, map: &Map<String, Value>, known: &[&str]) {
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let _: Option<()> = self.problem(
                &join(at, name),
                format!("unknown word; expected one of {}", known.join(", ")),
            );
        }
    }
}

pub fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}
