//! References and identities: what a resource is called, and what a reference means.
//!
//! Source: FHIR R4, "Resource references" and "Resolving references in bundles"; R5 the same. An
//! identity is a type and an id, of a server where one is known. A uuid is an id of no server, so
//! `urn:uuid:U` and an id `U` are one thing.

use crate::json::Node;
use crate::reason::Reason;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The digest of a type and an id. 128 bits: two of a set are never equal by chance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Ident(u64, u64);

impl Ident {
    pub(crate) fn of(kind: &str, id: &str) -> Ident {
        let mut digest = Sha256::new();
        digest.update(kind);
        digest.update([0]);
        if is_uuid(id) {
            digest.update(id.to_ascii_lowercase());
        } else {
            digest.update(id);
        }
        let bytes = digest.finalize();
        let half = |at: usize| {
            let part = bytes.iter().skip(at).take(8);
            part.fold(0u64, |all, byte| all << 8 | u64::from(*byte))
        };
        Ident(half(0), half(8))
    }

    /// The half by which it is sorted first.
    pub(crate) fn half(self) -> u64 {
        self.0
    }

    /// What has neither id nor full URL is its content.
    pub(crate) fn nameless(kind: &str, content: u64) -> Ident {
        Ident::of("nameless", &format!("{kind}\0{content}"))
    }
}

fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if dashes.contains(&at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Where FHIR's own definitions are.
const DEFINITIONS: &str = "http://hl7.org/fhir/StructureDefinition/";
/// No server.
pub(crate) const NO_BASE: u32 = u32::MAX;

/// An identity at a server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub ident: Ident,
    pub base: u32,
}

/// The servers of a set.
#[derive(Default)]
pub(crate) struct Bases(HashMap<String, u32>);

impl Bases {
    pub(crate) fn number(&mut self, base: &str) -> u32 {
        let base = normal_base(base);
        let next = self.0.len() as u32;
        *self.0.entry(base).or_insert(next)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Scheme and host do not depend on case.
fn normal_base(base: &str) -> String {
    let start = base.find("://").map_or(0, |at| at + 3);
    let host = base.get(start..).and_then(|rest| rest.find('/'));
    let end = host.map_or(base.len(), |at| start + at);
    let (front, path) = base.split_at_checked(end).unwrap_or((base, ""));
    front.to_ascii_lowercase() + path
}

/// A reference or a full URL, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target<'t> {
    Typed {
        base: Option<&'t str>,
        kind: &'t str,
        id: &'t str,
    },
    Uuid(&'t str),
    /// Another URN or URL, compared as it stands.
    Opaque(String),
    Contained(&'t str),
    /// `Patient?identifier=system|value`.
    Query {
        kind: &'t str,
        token: String,
    },
    Unreadable,
}

pub(crate) fn parse(text: &str) -> Target<'_> {
    if let Some(id) = text.strip_prefix('#') {
        return Target::Contained(id);
    }
    let text = text
        .split_once("/_history/")
        .map_or(text, |(front, _)| front);
    if text
        .get(..4)
        .is_some_and(|f| f.eq_ignore_ascii_case("urn:"))
    {
        let uuid = text.get(9..).filter(|u| is_uuid(u));
        return match uuid.filter(|_| text.to_ascii_lowercase().starts_with("urn:uuid:")) {
            Some(uuid) => Target::Uuid(uuid),
            None => Target::Opaque(text.to_ascii_lowercase()),
        };
    }
    if let Some((kind, query)) = text.split_once('?') {
        let token = query.strip_prefix("identifier=").and_then(unescaped);
        return match token.filter(|t| !t.contains('&') && is_type(kind)) {
            Some(token) => Target::Query { kind, token },
            None => Target::Unreadable,
        };
    }
    let mut parts = text.rsplitn(3, '/');
    let (id, kind, base) = (parts.next(), parts.next(), parts.next());
    match (id, kind, base) {
        (Some(id), Some(kind), base) if is_id(id) && is_type(kind) => match base {
            None => Target::Typed { base, kind, id },
            Some(url) if url.contains("://") => Target::Typed {
                base: Some(url.trim_end_matches('/')),
                kind,
                id,
            },
            Some(_) => Target::Unreadable,
        },
        _ if text.contains("://") => Target::Opaque(text.to_owned()),
        _ => Target::Unreadable,
    }
}

pub(crate) fn is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_id(text: &str) -> bool {
    // Wider than FHIR's own rule, which servers break: what cannot be mistaken is an id.
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "/?#|".contains(c))
}

/// A text without percent signs.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A reference to a patient, as far as one resource tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Reference {
    /// None where only an identifier is given.
    pub target: Option<Key>,
    pub identifier: Option<Ident>,
}

/// The references of a set, each once.
#[derive(Default)]
pub(crate) struct References {
    numbers: HashMap<Reference, u32>,
    pub all: Vec<Reference>,
}

impl References {
    pub(crate) fn number(&mut self, reference: Reference) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.numbers.entry(reference).or_insert(next);
        if number == next {
            self.all.push(reference);
        }
        number
    }

    /// Frees what only entering needs.
    pub(crate) fn close(&mut self) {
        self.numbers = HashMap::new();
    }
}

/// Where a reference is read: it is relative to the server of its resource, and may name what the
/// resource contains.
pub(crate) struct Context<'c> {
    pub base: u32,
    pub contained: &'c [Node],
}

impl Key {
    /// What a reference to a resource of a type names. `kind` is taken where the reference tells none.
    pub(crate) fn of_reference(
        text: &str,
        kind: &str,
        base: u32,
        bases: &mut Bases,
    ) -> Result<Key, Reason> {
        let key = |ident, base| Ok(Key { ident, base });
        match parse(text) {
            Target::Typed { kind: other, .. } if other != kind => Err(Reason::NotAPatient),
            Target::Typed {
                base: Some(url),
                kind,
                id,
            } => key(Ident::of(kind, id), bases.number(url)),
            Target::Typed { kind, id, .. } => key(Ident::of(kind, id), base),
            Target::Uuid(uuid) => key(Ident::of(kind, uuid), NO_BASE),
            Target::Opaque(url) => key(Ident::of("", &url), NO_BASE),
            Target::Contained(_) => Err(Reason::ContainedSubject),
            Target::Query { .. } | Target::Unreadable => Err(Reason::UnreadableReference),
        }
    }
}

/// Reads a reference to a patient.
pub(crate) fn to_patient(
    field: &Node,
    context: &Context<'_>,
    bases: &mut Bases,
) -> Result<Reference, Reason> {
    let identifier = field.get("identifier").and_then(identifier);
    // A type may also be written as the address of its definition.
    let is_patient = |of: &str| of.strip_prefix(DEFINITIONS).unwrap_or(of) == "Patient";
    if field.text_at("type").is_some_and(|of| !is_patient(of)) {
        return Err(Reason::NotAPatient);
    }
    let Some(text) = field.text_at("reference").filter(|t| !t.is_empty()) else {
        let reference = Reference {
            target: None,
            identifier,
        };
        return identifier.map(|_| reference).ok_or(Reason::NoSubject);
    };
    let only = |identifier: Option<Ident>| Reference {
        target: None,
        identifier,
    };
    match parse(text) {
        Target::Contained(id) => contained(id, context).map(|i| only(Some(i))),
        Target::Query { kind, .. } if kind != "Patient" => Err(Reason::NotAPatient),
        Target::Query { token, .. } => match token.split_once('|') {
            Some((system, value)) if !system.is_empty() && !value.is_empty() => {
                Ok(only(Some(Ident::of(system, value))))
            }
            _ => Err(Reason::UnreadableReference),
        },
        _ => Ok(Reference {
            target: Some(Key::of_reference(text, "Patient", context.base, bases)?),
            identifier,
        }),
    }
}

/// A contained patient has no identity but its identifier, where it has one.
fn contained(id: &str, context: &Context<'_>) -> Result<Ident, Reason> {
    let mut found = context.contained.iter().filter(|node| {
        node.text_at("id") == Some(id) && node.text_at("resourceType") == Some("Patient")
    });
    let (Some(patient), None) = (found.next(), found.next()) else {
        return Err(Reason::ContainedSubject);
    };
    match patient.each_at("identifier") {
        [one] => identifier(one).ok_or(Reason::ContainedSubject),
        _ => Err(Reason::ContainedSubject),
    }
}

/// A logical identifier counts with its system only.
pub(crate) fn identifier(node: &Node) -> Option<Ident> {
    let (system, value) = (node.text_at("system")?, node.text_at("value")?);
    (!system.is_empty() && !value.is_empty()).then(|| Ident::of(system, value))
}

/// The reference to the subject of a resource.
pub(crate) fn subject_field(resource: &Node) -> Result<&Node, Reason> {
    let names = ["subject", "patient", "beneficiary", "individual", "for"];
    let field = names.iter().find_map(|name| resource.get(name));
    match field.ok_or(Reason::NoSubject)?.each() {
        [] => Err(Reason::NoSubject),
        [one] => Ok(one),
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(first),
        _ => Err(Reason::AmbiguousSubject),
    }
}

/// The names of a resource.
pub(crate) struct Names {
    pub key: Key,
    /// Its own id, where its full URL is another name.
    pub id: Option<Ident>,
    /// Whether a full URL says which resource it is.
    pub has_url: bool,
    /// For a pseudonym; empty where nothing names it.
    pub identity: String,
}

/// Reads what a resource is called.
pub(crate) fn names(
    kind: &str,
    id: Option<&str>,
    full_url: Option<&str>,
    content: u64,
    bases: &mut Bases,
) -> Names {
    let own = id.filter(|id| !id.is_empty()).map(|id| Ident::of(kind, id));
    let bare = |has_url| Names {
        key: Key {
            ident: own.unwrap_or_else(|| Ident::nameless(kind, content)),
            base: NO_BASE,
        },
        id: None,
        has_url,
        identity: id.map(|id| format!("{kind}/{id}")).unwrap_or_default(),
    };
    let named = |ident, base, identity| Names {
        key: Key { ident, base },
        id: own.filter(|own| *own != ident),
        has_url: true,
        identity,
    };
    match full_url.map(parse) {
        None | Some(Target::Contained(_) | Target::Query { .. } | Target::Unreadable) => {
            bare(false)
        }
        Some(Target::Typed {
            base: Some(url),
            kind: of,
            id,
        }) if of == kind => {
            let identity = format!("{}/{kind}/{id}", normal_base(url));
            named(Ident::of(kind, id), bases.number(url), identity)
        }
        Some(Target::Typed { base: None, .. }) => bare(false),
        Some(Target::Typed { base: Some(_), .. }) => {
            let url = full_url.unwrap_or_default();
            named(Ident::of("", url), NO_BASE, url.to_owned())
        }
        Some(Target::Uuid(uuid)) => {
            let identity = format!("urn:uuid:{}", uuid.to_ascii_lowercase());
            named(Ident::of(kind, uuid), NO_BASE, identity)
        }
        Some(Target::Opaque(url)) => named(Ident::of("", &url), NO_BASE, url),
    }
}

#[cfg(test)]
mod tests;
