//! A JSON tree that keeps numbers as they were written and refuses repeated names.
//!
//! `serde_json::Value` keeps the last of two equal names; two readers of one record could then
//! disagree. Depth is bounded by the parser (128 levels), the number of values of one resource by a
//! budget. Messages carry a line and a column, never the text that stands there.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use std::cell::Cell;
use std::fmt;

/// The name under which the parser hands over a number as text.
const NUMBER: &str = "$serde_json::private::Number";
/// Most values of one resource, so that a small file cannot fill the memory.
const MAX_NODES: u32 = 1 << 20;
/// Deepest value of one resource: below the parser's own limit, which has no name.
const MAX_DEPTH: u32 = 120;

/// Why a value is refused that is valid JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Deeper than is read.
    TooDeep,
    /// More values than one resource may have.
    TooMany,
    /// A name twice in one object.
    Repeated,
}

impl Refusal {
    /// The refusal in words.
    pub fn words(self) -> &'static str {
        match self {
            Refusal::TooDeep => "nested too deeply",
            Refusal::TooMany => "too many values in one resource",
            Refusal::Repeated => "a name stands twice in one object",
        }
    }
}

/// Where a visitor leaves its refusal: the parser's error carries text only.
#[derive(Default)]
pub struct Why(Cell<Option<Refusal>>);

impl Why {
    /// Whether something was refused.
    pub fn refused(&self) -> bool {
        self.0.get().is_some()
    }

    /// Refuses, and remembers why.
    pub fn refuse<E: serde::de::Error>(&self, refusal: Refusal) -> E {
        self.0.set(Some(refusal));
        E::custom(refusal.words())
    }
}

/// Where and why a text is not accepted. The text itself is never quoted.
#[derive(Debug, thiserror::Error)]
#[error("{why} (line {line}, column {column})")]
pub struct JsonError {
    why: &'static str,
    line: usize,
    column: usize,
}

impl JsonError {
    /// The place of a parser's error, with the reason that the visitor left.
    pub fn new(error: &serde_json::Error, why: &Why) -> Self {
        let syntax = match error.classify() {
            Category::Eof => "the file ends too early",
            Category::Io => "the file cannot be read",
            Category::Syntax | Category::Data => "not valid json",
        };
        JsonError {
            // The next error has a reason of its own.
            why: why.0.take().map_or(syntax, Refusal::words),
            line: error.line(),
            column: error.column(),
        }
    }

    /// The reason in words.
    pub fn why(&self) -> &'static str {
        self.why
    }
}

/// Reads one value.
///
/// **Errors**: no JSON, or more of it than a resource may have.
pub fn parse(text: &[u8]) -> Result<Node, JsonError> {
    let why = Why::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let node = NodeSeed(&why).deserialize(&mut deserializer);
    let node = node.and_then(|node| deserializer.end().map(|()| node));
    node.map_err(|e| JsonError::new(&e, &why))
}

/// A JSON value. No `Debug`: it holds records.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object, in the order of the file.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let Node::Object(fields) = self else {
            return None;
        };
        let found = fields.iter().find(|(n, _)| n == name);
        found.map(|(_, node)| node)
    }

    /// The text of a text node.
    pub fn text(&self) -> Option<&str> {
        let Node::Text(text) = self else {
            return None;
        };
        Some(text)
    }

    /// A text field of an object.
    pub fn text_at(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::text)
    }

    /// The elements of a list, or the node itself: FHIR servers differ on what repeats.
    pub fn each(&self) -> &[Node] {
        match self {
            Node::List(list) => list,
            Node::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// The elements of a field.
    pub fn each_at(&self, name: &str) -> &[Node] {
        self.get(name).map_or(&[], Node::each)
    }
}

/// Reads one value with a budget of its own.
pub struct NodeSeed<'w>(pub &'w Why);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = Cell::new(MAX_NODES);
        let budgeted = Budgeted {
            why: self.0,
            left: &left,
            depth: 0,
        };
        budgeted.deserialize(deserializer)
    }
}

/// Reads a value out of what is left of a budget of values.
#[derive(Clone, Copy)]
struct Budgeted<'b> {
    why: &'b Why,
    left: &'b Cell<u32>,
    depth: u32,
}

impl Budgeted<'_> {
    fn inner(self) -> Self {
        Budgeted {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Budgeted<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(self.why.refuse(Refusal::TooDeep));
        }
        let left = self.left.get().checked_sub(1);
        let left = left.ok_or_else(|| self.why.refuse(Refusal::TooMany))?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Budgeted<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(self.inner())? {
            list.push(item);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == NUMBER {
                return map.next_value().map(Node::Number);
            }
            if fields.len() < 64 && fields.iter().any(|(n, _)| *n == name) {
                return Err(self.why.refuse(Refusal::Repeated));
            }
            fields.push((name, map.next_value_seed(self.inner())?));
        }
        // Wide objects are checked by sorting, so that checking stays cheap.
        if fields.len() > 64 {
            let mut names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(self.why.refuse(Refusal::Repeated));
            }
        }
        Ok(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text.as_bytes()).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn numbers_stay_as_written() {
        let node: Node =
            parse(br#"{"a":[7.10,12345678901234567890123,-3],"b":"x","c":null}"#).unwrap();
        let numbers: Vec<&str> = node
            .each_at("a")
            .iter()
            .filter_map(|n| {
                if let Node::Number(t) = n {
                    Some(t.as_str())
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(numbers, ["7.10", "12345678901234567890123", "-3"]);
        assert_eq!(
            (
                node.text_at("b"),
                node.each_at("c").len(),
                node.each_at("b").len()
            ),
            (Some("x"), 0, 1)
        );
    }

    #[test]
    fn b8_refusals_say_where_and_never_what() {
        assert!(error(r#"{"CANARY":1,"CANARY":2}"#).starts_with(Refusal::Repeated.words()));
        assert!(error("{\"a\": CANARY}").starts_with("not valid json (line 1"));
        assert!(error("{\"a\": \"CANARY").starts_with("the file ends too early"));
        assert!(
            error(&format!("[{}0]", "0,".repeat(1 << 20))).starts_with(Refusal::TooMany.words())
        );
        assert!(error(&"[".repeat(1000)).starts_with("nested too deeply"));
        let wide: Vec<String> = (0..100).map(|i| format!("\"n{}\":0", i % 99)).collect();
        assert!(error(&format!("{{{}}}", wide.join(","))).starts_with(Refusal::Repeated.words()));
        for text in [r#"{"CANARY":1,"CANARY":2}"#, "{\"a\": CANARY}", "\"CANARY"] {
            assert!(!error(text).contains("CANARY"));
        }
    }
}
