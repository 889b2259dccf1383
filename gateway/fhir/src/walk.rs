//! The shapes of files: a Bundle entry by entry, one resource, a bulk export's manifest.

use crate::json::{Node, NodeSeed, Refusal, Why};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{BufRead, Read};

/// Bundle types whose entries are states of resources.
/// Source: <https://hl7.org/fhir/R4/valueset-bundle-type.html>.
const TYPES: [&str; 7] = [
    "transaction",
    "batch",
    "collection",
    "document",
    "message",
    "searchset",
    "history",
];

pub(crate) fn holds_states(bundle_type: Option<&str>) -> bool {
    bundle_type.is_some_and(|t| TYPES.contains(&t))
}

/// A JSON file up to this size is read into memory, which is faster. **Units**: bytes.
const IN_MEMORY: u64 = 1 << 25;

/// Something that reads one value, for each way of getting at it.
pub(crate) trait Look {
    type Got;
    fn look<'de, D: Deserializer<'de>>(self, from: D) -> Result<Self::Got, D::Error>;
}

/// Reads the one value of a file.
pub(crate) fn whole<L: Look>(
    bytes: &mut dyn BufRead,
    look: L,
) -> Result<L::Got, serde_json::Error> {
    let mut start = Vec::new();
    Read::take(&mut *bytes, IN_MEMORY)
        .read_to_end(&mut start)
        .map_err(serde_json::Error::io)?;
    if (start.len() as u64) < IN_MEMORY {
        let mut from = serde_json::Deserializer::from_slice(&start);
        let got = look.look(&mut from)?;
        return from.end().map(|()| got);
    }
    let mut from = serde_json::Deserializer::from_reader(std::io::Cursor::new(start).chain(bytes));
    let got = look.look(&mut from)?;
    from.end().map(|()| got)
}

/// The top of a JSON file, before anything of it is read.
#[derive(Default)]
pub(crate) struct Top {
    pub fields: Option<Node>,
}

impl Top {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.as_ref().and_then(|f| f.text_at(name))
    }
    pub(crate) fn each(&self, name: &str) -> &[Node] {
        self.fields.as_ref().map_or(&[], |f| f.each_at(name))
    }
    /// A bulk export's manifest: no resource, but a time and a list of files.
    pub(crate) fn is_manifest(&self) -> bool {
        self.text("resourceType").is_none()
            && self.text("transactionTime").is_some()
            && self
                .fields
                .as_ref()
                .is_some_and(|f| f.get("output").is_some())
    }
}

/// Looks at the top of a file.
pub(crate) struct Peek<'w>(pub &'w Why);

impl Look for Peek<'_> {
    type Got = Top;
    fn look<'de, D: Deserializer<'de>>(self, from: D) -> Result<Top, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Peek<'_> {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }
    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Top, E> {
        Ok(Top::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Top, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Top::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let known = matches!(
                name.as_str(),
                "resourceType"
                    | "type"
                    | "link"
                    | "transactionTime"
                    | "request"
                    | "output"
                    | "deleted"
                    | "error"
                    | "meta"
                    | "timestamp"
                    | "total"
            );
            if !known {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if fields.iter().any(|(n, _)| *n == name) {
                return Err(self.0.refuse(Refusal::Repeated));
            }
            fields.push((name, map.next_value_seed(NodeSeed(self.0))?));
        }
        Ok(Top {
            fields: Some(Node::Object(fields)),
        })
    }
}

/// An entry of a Bundle, as far as it was wanted.
pub(crate) struct Entry<T> {
    /// From 1.
    pub number: u64,
    pub full_url: Option<String>,
    pub request: Option<Node>,
    pub search: Option<Node>,
    pub response: Option<Node>,
    pub resource: Option<T>,
}

/// What reads the entries of a Bundle.
pub(crate) trait Entries {
    type Resource;
    /// Reads the resource of an entry, or passes over it.
    fn resource<'de, D: Deserializer<'de>>(
        &mut self,
        number: u64,
        from: D,
    ) -> Result<Self::Resource, D::Error>;
    /// Takes an entry. False stops: why is kept by the taker.
    fn entry(&mut self, entry: Entry<Self::Resource>) -> bool;
    fn why(&self) -> &Why;
    /// Whether an entry that cannot be read does not end the reading.
    fn gathers(&self) -> bool;
    /// Passes over such an entry. False stops.
    fn fault(&mut self, number: u64, error: &serde_json::Error) -> bool;
}

/// Reads a Bundle.
pub(crate) struct Bundle<'e, E>(pub &'e mut E);

impl<E: Entries> Look for Bundle<'_, E> {
    type Got = ();
    fn look<'de, D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, E: Entries> Visitor<'de> for Bundle<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bundle")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = false;
        while let Some(name) = map.next_key::<String>()? {
            if name != "entry" {
                map.next_value::<IgnoredAny>()?;
            } else if std::mem::replace(&mut seen, true) {
                return Err(self.0.why().refuse(Refusal::Repeated));
            } else {
                map.next_value_seed(List(&mut *self.0))?;
            }
        }
        Ok(())
    }
}

/// The list of entries.
struct List<'e, E>(&'e mut E);

impl<E> List<'_, E> {
    fn one(&mut self, number: u64) -> One<'_, E> {
        One {
            entries: &mut *self.0,
            number,
        }
    }
}

/// Reads what stood in a file as text.
fn from(raw: &RawValue) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(raw.get())
}

impl<'de, E: Entries> DeserializeSeed<'de> for List<'_, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, E: Entries> Visitor<'de> for List<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut number = 0;
        loop {
            number += 1;
            let goes_on = if self.0.gathers() {
                let Some(raw) = seq.next_element::<Box<RawValue>>()? else {
                    return Ok(());
                };
                match self.one(number).deserialize(&mut from(&raw)) {
                    Ok(entry) => self.0.entry(entry),
                    Err(error) => self.0.fault(number, &error),
                }
            } else {
                let Some(entry) = seq.next_element_seed(self.one(number))? else {
                    return Ok(());
                };
                self.0.entry(entry)
            };
            if !goes_on {
                return Err(A::Error::custom("stopped"));
            }
        }
    }
}

/// One entry.
struct One<'e, E> {
    entries: &'e mut E,
    number: u64,
}

impl<'de, E: Entries> DeserializeSeed<'de> for One<'_, E> {
    type Value = Entry<E::Resource>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

/// The resource of an entry.
struct Resource<'e, E>(&'e mut E, u64);

impl<'de, E: Entries> DeserializeSeed<'de> for Resource<'_, E> {
    type Value = E::Resource;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        self.0.resource(self.1, from)
    }
}

impl<'de, E: Entries> Visitor<'de> for One<'_, E> {
    type Value = Entry<E::Resource>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let number = self.number;
        let mut entry = Entry {
            number,
            full_url: None,
            request: None,
            search: None,
            response: None,
            resource: None,
        };
        while let Some(name) = map.next_key::<String>()? {
            let node = |map: &mut A, why| map.next_value_seed(NodeSeed(why));
            let twice = match name.as_str() {
                "fullUrl" => {
                    let text = match node(&mut map, self.entries.why())? {
                        Node::Text(text) => text,
                        _ => String::new(),
                    };
                    entry.full_url.replace(text).is_some()
                }
                "request" => {
                    let value = node(&mut map, self.entries.why())?;
                    entry.request.replace(value).is_some()
                }
                "search" => {
                    let value = node(&mut map, self.entries.why())?;
                    entry.search.replace(value).is_some()
                }
                "response" => {
                    let value = node(&mut map, self.entries.why())?;
                    entry.response.replace(value).is_some()
                }
                "resource" => {
                    let resource = Resource(&mut *self.entries, number);
                    let value = map.next_value_seed(resource)?;
                    entry.resource.replace(value).is_some()
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if twice {
                return Err(self.entries.why().refuse(Refusal::Repeated));
            }
        }
        Ok(entry)
    }
}
