//! A JSON tree that keeps numbers as they were written and refuses repeated names.
//!
//! `serde_json::Value` keeps the last of two equal names; two readers of one record could then
//! disagree. Depth is bounded by the parser (128 levels), the number of values of one resource by a
//! budget. Messages carry a line and a column, never the text that stands there.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use std::cell::Cell;
use std::fmt;

/// The name under which the parser hands over a number as text.
const NUMBER: &str = "$serde_json::private::Number";
/// Most values of one resource, so that a small file cannot fill the memory.
const MAX_NODES: u32 = 1 << 20;
/// What a resource with more values is reported as.
const TOO_MANY: &str = "too many values in one resource";
/// What a repeated name is reported as.
pub(crate) const REPEATED: &str = "a name stands twice in one object";

/// A JSON value. No `Debug`: it holds records.
pub(crate) enum Node {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object, in the order of the file.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A field of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Object(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text of a text node.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text field of an object.
    pub(crate) fn text_at(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::text)
    }

    /// The elements of a list, or the node itself: FHIR servers differ on what repeats.
    pub(crate) fn each(&self) -> &[Node] {
        match self {
            Node::List(list) => list,
            Node::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// The elements of a field.
    pub(crate) fn each_at(&self, name: &str) -> &[Node] {
        self.get(name).map_or(&[], Node::each)
    }
}

/// Reads a value out of what is left of a budget of values.
#[derive(Clone, Copy)]
struct Budgeted<'b>(&'b Cell<u32>);

impl<'de> DeserializeSeed<'de> for Budgeted<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self
            .0
            .get()
            .checked_sub(1)
            .ok_or_else(|| D::Error::custom(TOO_MANY))?;
        self.0.set(left);
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
        while let Some(item) = seq.next_element_seed(self)? {
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
                return Err(A::Error::custom(REPEATED));
            }
            fields.push((name, map.next_value_seed(self)?));
        }
        // Wide objects are checked by sorting, so that checking stays cheap.
        if fields.len() > 64 {
            let mut names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(A::Error::custom(REPEATED));
            }
        }
        Ok(Node::Object(fields))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Budgeted(&Cell::new(MAX_NODES)).deserialize(deserializer)
    }
}

/// Says where and why a text is no JSON, without quoting it.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let why = if text.starts_with("recursion limit") {
        "nested too deeply"
    } else if text.starts_with(REPEATED) {
        REPEATED
    } else if text.starts_with(TOO_MANY) {
        TOO_MANY
    } else {
        match error.classify() {
            serde_json::error::Category::Eof => "the file ends too early",
            serde_json::error::Category::Io => "the file cannot be read",
            _ => "not valid json",
        }
    };
    format!("{why} ({place})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> String {
        describe(&serde_json::from_str::<Node>(text).map(|_| ()).unwrap_err())
    }

    #[test]
    fn numbers_stay_as_written() {
        let node: Node =
            serde_json::from_str(r#"{"a":[7.10,12345678901234567890123,-3],"b":"x","c":null}"#)
                .unwrap_or(Node::Null);
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
        assert!(error(r#"{"CANARY":1,"CANARY":2}"#).starts_with(REPEATED));
        assert!(error("{\"a\": CANARY}").starts_with("not valid json (line 1"));
        assert!(error("{\"a\": \"CANARY").starts_with("the file ends too early"));
        assert!(error(&format!("[{}0]", "0,".repeat(1 << 20))).starts_with(TOO_MANY));
        assert!(error(&"[".repeat(1000)).starts_with("nested too deeply"));
        let wide: Vec<String> = (0..100).map(|i| format!("\"n{}\":0", i % 99)).collect();
        assert!(error(&format!("{{{}}}", wide.join(","))).starts_with(REPEATED));
        for text in [r#"{"CANARY":1,"CANARY":2}"#, "{\"a\": CANARY}", "\"CANARY"] {
            assert!(!error(text).contains("CANARY"));
        }
    }

    proptest! {
        #[test]
        fn b8_random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = serde_json::from_slice::<Node>(&bytes);
        }
    }
}
