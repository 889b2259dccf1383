//! Reading files of resources: Bundles entry by entry, NDJSON line by line.

use super::resource::FileFacts;
use crate::error::SourceError;
use crate::files;
use crate::json::{self, JsonError, Node, NodeSeed, Refusal, Why};
use crate::reading::Limits;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::fmt;
use std::io::BufRead;
use std::path::Path;

/// Bundle types whose entries are the current state of resources.
const TYPES: [&str; 6] = [
    "transaction",
    "batch",
    "collection",
    "document",
    "message",
    "searchset",
];

/// Reads a `.json` file. Returns why it was skipped, when it was.
pub(super) fn read_json(
    path: &Path,
    limits: &Limits,
    facts: &mut FileFacts<'_>,
) -> Result<Option<&'static str>, SourceError> {
    let reader = files::open(path, limits.json_bytes)?;
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let (mut failure, why) = (None, Why::default());
    let parsed = deserializer
        .deserialize_any(BundleVisitor {
            facts,
            failure: &mut failure,
            why: &why,
        })
        .and_then(|kind| deserializer.end().map(|()| kind));
    if let Some(failure) = failure {
        return Err(failure);
    }
    let skipped = parsed.map_err(|e| SourceError::Json {
        path: path.to_owned(),
        source: JsonError::new(&e, &why),
    })?;
    if skipped.is_some() {
        facts.clear();
    }
    Ok(skipped)
}

/// Reads a `.ndjson` file, as bulk exports write them.
pub(super) fn read_ndjson(
    path: &Path,
    limits: &Limits,
    facts: &mut FileFacts<'_>,
) -> Result<Option<&'static str>, SourceError> {
    let mut reader = files::open(path, limits.stream_bytes)?;
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        line.clear();
        let mut limited = std::io::Read::take(&mut reader, limits.line_bytes + 1);
        limited
            .read_until(b'\n', &mut line)
            .map_err(files::io(path))?;
        if line.is_empty() {
            return Ok(None);
        }
        number += 1;
        if line.len() as u64 > limits.line_bytes {
            return Err(SourceError::Malformed {
                path: path.to_owned(),
                what: format!(
                    "line {number}: expected at most {} bytes",
                    limits.line_bytes
                ),
            });
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let node = json::parse(&line).map_err(|source| SourceError::JsonLine {
            path: path.to_owned(),
            line: number,
            source,
        })?;
        facts.resource(&node, None, number)?;
    }
}

/// Reads the top of a file: is it a Bundle? Entries are handed on one at a time, whatever the order
/// of the fields.
struct BundleVisitor<'v, 'f> {
    facts: &'v mut FileFacts<'f>,
    failure: &'v mut Option<SourceError>,
    why: &'v Why,
}

const NO_BUNDLE: &str = "no FHIR Bundle";

impl<'de> Visitor<'de> for BundleVisitor<'_, '_> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Some(NO_BUNDLE))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(NO_BUNDLE))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut resource_type, mut bundle_type, mut entries) = (None::<Node>, None::<Node>, false);
        while let Some(name) = map.next_key::<String>()? {
            let twice = match name.as_str() {
                "resourceType" => resource_type
                    .replace(map.next_value_seed(NodeSeed(self.why))?)
                    .is_some(),
                "type" => bundle_type
                    .replace(map.next_value_seed(NodeSeed(self.why))?)
                    .is_some(),
                "entry" if entries => true,
                "entry" => {
                    map.next_value_seed(Entries {
                        facts: &mut *self.facts,
                        failure: &mut *self.failure,
                        why: self.why,
                    })?;
                    entries = true;
                    false
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if twice {
                return Err(self.why.refuse(Refusal::Repeated));
            }
        }
        let is = |node: &Option<Node>, accepted: &[&str]| {
            node.as_ref()
                .and_then(Node::text)
                .is_some_and(|t| accepted.contains(&t))
        };
        Ok(if !is(&resource_type, &["Bundle"]) {
            Some(NO_BUNDLE)
        } else if !is(&bundle_type, &TYPES) {
            Some("a Bundle of a type that holds no current resources")
        } else {
            None
        })
    }
}

/// The list of entries.
struct Entries<'v, 'f> {
    facts: &'v mut FileFacts<'f>,
    failure: &'v mut Option<SourceError>,
    why: &'v Why,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut number = 0u64;
        while let Some(entry) = seq.next_element_seed(NodeSeed(self.why))? {
            number += 1;
            let deleted = entry.get("request").and_then(|r| r.text_at("method")) == Some("DELETE");
            let Some(resource) = entry.get("resource").filter(|_| !deleted) else {
                continue;
            };
            if let Err(failure) = self
                .facts
                .resource(resource, entry.text_at("fullUrl"), number)
            {
                *self.failure = Some(failure);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}
