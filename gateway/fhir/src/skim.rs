//! The first look at a resource: the few fields that say what it is, whom it is about and whether it
//! counts. The rest is checked, digested and passed over without being kept.
//!
//! Two resources of equal content have equal digests, whatever the order of names in an object and
//! whatever stands in `meta`. Digests are keyed anew for each reading and mean nothing outside.

use crate::json::{Node, NodeSeed, Refusal, Why};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

mod pass;
use pass::Skim;

/// The name under which the parser hands over a number as text.
const NUMBER: &str = "$serde_json::private::Number";
const MAX_NODES: u32 = 1 << 20;
const MAX_DEPTH: u32 = 120;

/// What is kept of a field at the top of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Whole,
    /// That it is there, and as what: an empty text, list or object.
    Stub,
    Nothing,
}

fn keep(name: &str) -> Keep {
    match name {
        "resourceType" | "id" | "meta" | "status" | "subject" | "patient" | "beneficiary"
        | "individual" | "for" | "identifier" | "verificationStatus" | "extension"
        | "modifierExtension" | "focus" | "link" | "relatesTo" | "replaces" | "name" | "gender"
        | "birthDate" | "active" | "contained" | "intent" | "doNotPerform" | "notDone"
        | "adherence" | "actuality" | "lifecycleStatus" | "fhirVersion" | "code" | "issue" => {
            Keep::Whole
        }
        "implicitRules" => Keep::Stub,
        _ if crate::release::is_hint(name) => Keep::Stub,
        _ => Keep::Nothing,
    }
}

/// What the first look found.
pub(crate) struct Head {
    /// The kept fields.
    pub node: Node,
    /// The digest of the content, `meta` aside.
    pub content: u64,
    /// Whether a modifier extension stands somewhere below the top.
    pub modifier: bool,
}

/// What kind of value was passed over.
#[derive(Clone, Copy)]
enum Kind {
    Scalar,
    Text,
    List,
    Object,
}

/// The keys and the budget of skimming.
pub(crate) struct Skimmer {
    keys: RandomState,
    pair: (u64, u64),
    left: Cell<u32>,
    modifier: Cell<bool>,
    names: RefCell<Vec<u64>>,
    pub why: Why,
}

impl Skimmer {
    pub(crate) fn new() -> Self {
        let keys = RandomState::new();
        Skimmer {
            pair: (keys.hash_one(1), keys.hash_one(2)),
            keys,
            left: Cell::new(0),
            modifier: Cell::new(false),
            names: RefCell::new(Vec::new()),
            why: Why::default(),
        }
    }

    /// Digests a text under the reading's key.
    pub(crate) fn key(&self, tag: u8, bytes: &[u8]) -> u64 {
        let mut hasher = self.keys.build_hasher();
        hasher.write_u8(tag);
        hasher.write(bytes);
        hasher.finish()
    }

    /// Digests two digests: a folded product under two secret keys, which is cheap.
    fn pair(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a ^ self.pair.0) * u128::from(b ^ self.pair.1);
        // The low and the high half, so the cast is meant to cut.
        (product as u64) ^ ((product >> 64) as u64)
    }

    /// Digests a value.
    pub(crate) fn digest(&self, node: &Node) -> u64 {
        match node {
            Node::Null => 1,
            Node::Bool(value) => 2 + u64::from(*value),
            Node::Number(text) => self.key(b'n', text.as_bytes()),
            Node::Text(text) => self.key(b't', text.as_bytes()),
            Node::List(list) => list
                .iter()
                .fold(4, |all, item| self.pair(all, self.digest(item))),
            Node::Object(fields) => fields.iter().fold(5u64, |all, (name, value)| {
                let name = self.key(b'f', name.as_bytes());
                all.wrapping_add(self.pair(name, self.digest(value)))
            }),
        }
    }

    /// The head and digest of a resource that is already read.
    pub(crate) fn head(&self, node: &Node) -> Head {
        let mut head = Node::Object(Vec::new());
        let mut content = 5u64;
        if let (Node::Object(fields), Node::Object(kept)) = (node, &mut head) {
            for (name, value) in fields {
                content = content.wrapping_add(self.field(name, self.digest(value)));
                match keep(name) {
                    Keep::Nothing => {}
                    Keep::Stub => kept.push((name.clone(), stub(value))),
                    Keep::Whole => kept.push((name.clone(), value.clone())),
                }
            }
        }
        Head {
            content,
            modifier: has_modifier(node),
            node: head,
        }
    }

    /// What a field at the top adds to the digest. What a server writes into `meta` is no content.
    fn field(&self, name: &str, value: u64) -> u64 {
        if name == "meta" {
            return 0;
        }
        self.pair(self.key(b'f', name.as_bytes()), value)
    }
}

fn stub(node: &Node) -> Node {
    match node {
        Node::Text(_) => Node::Text(String::new()),
        Node::List(_) => Node::List(Vec::new()),
        Node::Object(_) => Node::Object(Vec::new()),
        Node::Null | Node::Bool(_) | Node::Number(_) => Node::Null,
    }
}

/// Whether a modifier extension stands anywhere in a value.
fn has_modifier(node: &Node) -> bool {
    match node {
        Node::List(list) => list.iter().any(has_modifier),
        Node::Object(fields) => fields
            .iter()
            .any(|(name, value)| name == "modifierExtension" || has_modifier(value)),
        _ => false,
    }
}

/// Skims one resource.
pub(crate) struct HeadSeed<'s>(pub &'s Skimmer);

impl<'de> DeserializeSeed<'de> for HeadSeed<'_> {
    /// None where the value is no object.
    type Value = Option<Head>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.left.set(MAX_NODES);
        self.0.modifier.set(false);
        self.0.names.borrow_mut().clear();
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for HeadSeed<'_> {
    type Value = Option<Head>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element_seed(Skim::top(self.0))?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let skimmer = self.0;
        let mut kept = Vec::with_capacity(8);
        let mut content = 5u64;
        while let Some(name) = map.next_key_seed(TopName(skimmer))? {
            let Some(Name { hash, kept: name }) = name else {
                map.next_value_seed(Skim::top(skimmer))?;
                return Ok(None);
            };
            if skimmer.names.borrow().contains(&hash) {
                return Err(skimmer.why.refuse(Refusal::Repeated));
            }
            skimmer.names.borrow_mut().push(hash);
            let Some(name) = name else {
                let (_, value) = map.next_value_seed(Skim::top(skimmer))?;
                content = content.wrapping_add(skimmer.pair(hash, value));
                continue;
            };
            let (node, value) = if keep(&name) == Keep::Stub {
                let (kind, value) = map.next_value_seed(Skim::top(skimmer))?;
                (kind.stub(), value)
            } else {
                let node = map.next_value_seed(NodeSeed(&skimmer.why))?;
                let value = skimmer.digest(&node);
                if name == "modifierExtension" || has_modifier(&node) {
                    skimmer.modifier.set(true);
                }
                (node, value)
            };
            if name != "meta" {
                content = content.wrapping_add(skimmer.pair(hash, value));
            }
            kept.push((name, node));
        }
        Ok(Some(Head {
            node: Node::Object(kept),
            content,
            modifier: skimmer.modifier.get(),
        }))
    }
}

impl Kind {
    fn stub(self) -> Node {
        match self {
            Kind::Scalar => Node::Null,
            Kind::Text => Node::Text(String::new()),
            Kind::List => Node::List(Vec::new()),
            Kind::Object => Node::Object(Vec::new()),
        }
    }
}

/// A name at the top: its digest, and itself where its value is kept.
struct Name {
    hash: u64,
    kept: Option<String>,
}
struct TopName<'s>(&'s Skimmer);

impl<'de> DeserializeSeed<'de> for TopName<'_> {
    /// None for the parser's mark of a number.
    type Value = Option<Name>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TopName<'_> {
    type Value = Option<Name>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((name != NUMBER).then(|| Name {
            hash: self.0.key(b'f', name.as_bytes()),
            kept: (keep(name) != Keep::Nothing).then(|| name.to_owned()),
        }))
    }
}

#[cfg(test)]
mod tests;
