//! Strict JSON reading: no repeated names, no unknown names, bounded size and depth, and every
//! problem reported.
//!
//! `serde_json::Value` keeps the last of two equal names, which lets two readers of one file
//! disagree; the tree here refuses them.

use crate::problem::Problems;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Largest file that is read.
///
/// **Units**: bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// A JSON value without repeated names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    OtherNumber,
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Int(_) => "an integer",
            Json::OtherNumber => "a number that is no 64-bit integer",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::OtherNumber, Json::Int))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }
    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom("a name stands twice in one object"));
            }
            // With arbitrary precision a number can arrive as an object of one private name.
            if name == "$serde_json::private::Number" {
                let text: String = map.next_value()?;
                return Ok(text.parse().map_or(Json::OtherNumber, Json::Int));
            }
            object.insert(name, map.next_value()?);
        }
        Ok(Json::Object(object))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Json, Problems> {
    if text.len() > MAX_BYTES {
        return Err(Problems::one(
            "",
            format!("expected at most {MAX_BYTES} bytes, got {}", text.len()),
        ));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|e| Problems::one("", format!("not json: {e}")))
}

/// Reads one object, remembers which names were asked for, and collects problems.
pub(crate) struct Fields<'a> {
    at: String,
    object: &'a BTreeMap<String, Json>,
    asked: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// Opens an object.
    pub(crate) fn open(value: &'a Json, at: &str, problems: &mut Problems) -> Option<Self> {
        match value {
            Json::Object(object) => Some(Fields {
                at: at.to_owned(),
                object,
                asked: BTreeSet::new(),
            }),
            other => {
                problems.add(at, format!("expected an object, got {}", other.kind()));
                None
            }
        }
    }

    /// The path of a field.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    fn take(&mut self, name: &'static str) -> Option<&'a Json> {
        self.asked.insert(name);
        self.object.get(name)
    }

    /// A value that must be there.
    pub(crate) fn need(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a Json> {
        let value = self.take(name);
        if value.is_none() {
            problems.add(self.path(name), "missing");
        }
        value
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        match self.need(name, problems)? {
            Json::Text(text) => Some(text),
            other => {
                problems.add(
                    self.path(name),
                    format!("expected a text, got {}", other.kind()),
                );
                None
            }
        }
    }

    /// A text that must be one constant.
    pub(crate) fn constant(&mut self, name: &'static str, expected: &str, problems: &mut Problems) {
        if let Some(text) = self.text(name, problems)
            && text != expected
        {
            problems.add(self.path(name), format!("expected \"{expected}\""));
        }
    }

    /// A list that must be there.
    pub(crate) fn list(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<&'a [Json]> {
        match self.need(name, problems)? {
            Json::List(list) => Some(list),
            other => {
                problems.add(
                    self.path(name),
                    format!("expected a list, got {}", other.kind()),
                );
                None
            }
        }
    }

    /// An integer in `range`, or the default when the name is absent and there is one.
    pub(crate) fn int(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<i64>,
        default: Option<i64>,
        problems: &mut Problems,
    ) -> Option<i64> {
        let value = match (self.take(name), default) {
            (None, Some(default)) => return Some(default),
            (None, None) => {
                problems.add(self.path(name), "missing");
                return None;
            }
            (Some(value), _) => value,
        };
        match value {
            Json::Int(int) if range.contains(int) => Some(*int),
            Json::Int(int) => {
                problems.add(
                    self.path(name),
                    format!("expected {} to {}, got {int}", range.start(), range.end()),
                );
                None
            }
            other => {
                problems.add(
                    self.path(name),
                    format!("expected an integer, got {}", other.kind()),
                );
                None
            }
        }
    }

    /// A boolean, or the default when the name is absent.
    pub(crate) fn bool(
        &mut self,
        name: &'static str,
        default: bool,
        problems: &mut Problems,
    ) -> Option<bool> {
        match self.take(name) {
            None => Some(default),
            Some(Json::Bool(value)) => Some(*value),
            Some(other) => {
                problems.add(
                    self.path(name),
                    format!("expected true or false, got {}", other.kind()),
                );
                None
            }
        }
    }

    /// Reports every name that nobody asked for.
    pub(crate) fn close(self, problems: &mut Problems) {
        for name in self
            .object
            .keys()
            .filter(|name| !self.asked.contains(name.as_str()))
        {
            problems.add(self.path(name), "unknown name");
        }
    }
}
