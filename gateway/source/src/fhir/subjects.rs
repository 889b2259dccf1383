//! Who is who: patients and the references to them, over all files of a source.
//!
//! Source: FHIR R4, "Resolving references in Bundles". A reference is an absolute URL, a `urn:`,
//! relative to the server its resource came from, an identifier, or `Patient?identifier=...`. Two
//! Patient resources are one person when they share a full URL, or when they share an identifier
//! and agree on name, birth date and gender; nothing else is guessed.

use crate::json::Node;
use std::collections::HashMap;

/// A reference to a patient, as written and where.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    /// `https://server/fhir/Patient/1` or `urn:uuid:...`.
    Absolute(String),
    /// `Patient/1`, inside a file, from a resource of a server (when its full URL says which).
    Relative {
        file: u32,
        base: Option<String>,
        id: String,
    },
    /// `system|value`.
    Identifier(String),
}

/// Why a resource speaks of no patient of this source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoSubject {
    /// It names none.
    Missing,
    /// It names something that is no patient.
    NotAPatient,
    /// Its patient is contained in it and has no identity outside.
    Contained,
    /// Its patient is not in the source.
    Unknown,
    /// Several patients answer to it.
    Ambiguous,
}

impl NoSubject {
    /// The reason, for people.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            NoSubject::Missing => "no subject",
            NoSubject::NotAPatient => "subject is no patient",
            NoSubject::Contained => "subject is contained, without an identity of its own",
            NoSubject::Unknown => "subject is not in the source",
            NoSubject::Ambiguous => "subject is ambiguous",
        }
    }
}

/// Reads the subject of a resource.
pub(crate) fn subject_of(
    resource: &Node,
    full_url: Option<&str>,
    file: u32,
) -> Result<Reference, NoSubject> {
    let field = ["subject", "patient", "beneficiary", "individual"]
        .iter()
        .find_map(|name| resource.get(name))
        .ok_or(NoSubject::Missing)?;
    let field = field.each().first().ok_or(NoSubject::Missing)?;
    match field.text_at("reference") {
        Some(text) => parse(text, full_url, file),
        None if field.text_at("type").is_some_and(|t| t != "Patient") => {
            Err(NoSubject::NotAPatient)
        }
        None => field
            .get("identifier")
            .and_then(identifier)
            .map(Reference::Identifier)
            .ok_or(NoSubject::Missing),
    }
}

fn parse(text: &str, full_url: Option<&str>, file: u32) -> Result<Reference, NoSubject> {
    if text.starts_with('#') {
        return Err(NoSubject::Contained);
    }
    if let Some(query) = text.strip_prefix("Patient?identifier=") {
        return Ok(Reference::Identifier(
            query.replace("%7C", "|").replace("%7c", "|"),
        ));
    }
    let text = without_version(text);
    if let Some(urn) = normal_urn(text) {
        return Ok(Reference::Absolute(urn));
    }
    let (front, id) = text.rsplit_once('/').ok_or(NoSubject::NotAPatient)?;
    let base = match front.strip_suffix("Patient") {
        Some("") => full_url.and_then(base_of),
        Some(base) if base.ends_with('/') && base.contains("://") => {
            Some(base.trim_end_matches('/').to_owned())
        }
        _ => return Err(NoSubject::NotAPatient),
    };
    Ok(Reference::Relative {
        file,
        base,
        id: id.to_owned(),
    })
}

fn without_version(text: &str) -> &str {
    text.split_once("/_history/")
        .map_or(text, |(front, _)| front)
}

/// `urn:uuid:` and `urn:oid:` in lower case.
fn normal_urn(text: &str) -> Option<String> {
    text.get(..4)
        .filter(|front| front.eq_ignore_ascii_case("urn:"))?;
    Some(text.to_ascii_lowercase())
}

/// The server of a RESTful full URL: all before `/Type/id`.
fn base_of(full_url: &str) -> Option<String> {
    let mut parts = without_version(full_url).rsplitn(3, '/');
    let (_, kind, base) = (parts.next()?, parts.next()?, parts.next()?);
    let restful =
        base.contains("://") && kind.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    restful.then(|| base.to_owned())
}

fn identifier(node: &Node) -> Option<String> {
    let (system, value) = (node.text_at("system")?, node.text_at("value")?);
    (!system.is_empty() && !value.is_empty()).then(|| format!("{system}|{value}"))
}

/// What two records of one person must agree on.
#[derive(Clone, PartialEq, Eq)]
struct Person {
    name: Option<String>,
    birth_date: Option<String>,
    gender: Option<String>,
}

impl Person {
    fn of(resource: &Node) -> Self {
        let name = resource.each_at("name").first();
        let family = name.and_then(|n| n.text_at("family")).unwrap_or("");
        let given = name
            .and_then(|n| n.each_at("given").first())
            .and_then(Node::text)
            .unwrap_or("");
        let text = |field: &str| resource.text_at(field).map(str::to_owned);
        let name = format!("{family}\u{0}{given}").to_lowercase();
        Person {
            name: (name.len() > 1).then_some(name),
            birth_date: text("birthDate"),
            gender: text("gender"),
        }
    }

    /// Whether a record of one id must be of somebody else.
    fn contradicts(&self, other: &Person) -> bool {
        let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        differ(&self.birth_date, &other.birth_date) || differ(&self.gender, &other.gender)
    }

    /// Whether two records with a common identifier are of one person.
    fn surely_equals(&self, other: &Person) -> bool {
        self.birth_date.is_some() && self.name.is_some() && self == other
    }
}

/// What is kept of a Patient resource. No `Debug`: it identifies somebody.
pub(crate) struct Record {
    url: Option<String>,
    id: Option<String>,
    identifiers: Vec<String>,
    person: Person,
}

impl Record {
    pub(crate) fn of(resource: &Node, full_url: Option<&str>) -> Self {
        Record {
            url: full_url
                .map(|url| normal_urn(url).unwrap_or_else(|| without_version(url).to_owned())),
            id: resource.text_at("id").map(str::to_owned),
            identifiers: resource
                .each_at("identifier")
                .iter()
                .filter_map(identifier)
                .collect(),
            person: Person::of(resource),
        }
    }
}

/// Two files hold different people under one id, and no server tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SameId {
    pub first: u32,
    pub second: u32,
}

struct Patient {
    /// The record this one was found to be the same person as; itself when none.
    same_as: usize,
    file: u32,
    identity: String,
    person: Person,
}

/// What an id or an identifier leads to.
#[derive(Clone, Copy)]
enum Found {
    One(usize),
    Many,
}

/// Every patient of a source.
#[derive(Default)]
pub(crate) struct Subjects {
    patients: Vec<Patient>,
    by_url: HashMap<String, usize>,
    by_id_in_file: HashMap<(u32, String), Found>,
    by_id: HashMap<String, Found>,
    by_identifier: HashMap<String, Found>,
    merged: u64,
}

impl Subjects {
    /// Enters a record and returns its number.
    pub(crate) fn add(&mut self, record: Record, file: u32) -> Result<usize, SameId> {
        let new = self.patients.len();
        let anonymous = || format!("file {file}, patient {new}");
        let url = record
            .url
            .clone()
            .or_else(|| record.id.as_ref().map(|id| format!("Patient/{id}")))
            .unwrap_or_else(anonymous);
        self.patients.push(Patient {
            same_as: new,
            file,
            identity: url.clone(),
            person: record.person.clone(),
        });
        if let Some(&known) = self.by_url.get(&url) {
            let other = &self.patients[known];
            if record.url.is_none() && other.person.contradicts(&record.person) {
                return Err(SameId {
                    first: other.file,
                    second: file,
                });
            }
            self.join(known, new);
        } else {
            self.by_url.insert(url, new);
        }
        for key in record.identifiers {
            self.enter_identifier(key, new, &record.person);
        }
        if let Some(id) = record.id {
            self.enter_id(file, id, new);
        }
        Ok(new)
    }

    fn enter_identifier(&mut self, key: String, new: usize, person: &Person) {
        match self.by_identifier.get(&key).copied() {
            None => {
                self.by_identifier.insert(key, Found::One(new));
            }
            Some(Found::One(known)) if self.root(known) == self.root(new) => {}
            Some(Found::One(known)) if self.patients[known].person.surely_equals(person) => {
                self.join(known, new);
                self.merged += 1;
            }
            Some(_) => {
                self.by_identifier.insert(key, Found::Many);
            }
        }
    }

    fn enter_id(&mut self, file: u32, id: String, new: usize) {
        let root = self.root(new);
        let in_file = self.by_id_in_file.get(&(file, id.clone())).copied();
        let anywhere = self.by_id.get(&id).copied();
        let merged = |this: &mut Self, old: Option<Found>| match old {
            None => Found::One(new),
            Some(Found::One(known)) if this.root(known) == root => Found::One(known),
            Some(_) => Found::Many,
        };
        let (in_file, anywhere) = (merged(self, in_file), merged(self, anywhere));
        self.by_id_in_file.insert((file, id.clone()), in_file);
        self.by_id.insert(id, anywhere);
    }

    /// The patient a reference means.
    pub(crate) fn resolve(&mut self, reference: &Reference) -> Result<usize, NoSubject> {
        let found = match reference {
            Reference::Absolute(urn) => match self.by_url.get(urn) {
                Some(&known) => Some(Found::One(known)),
                // A server may keep the uuid of a transaction as the id.
                None => urn
                    .rsplit(':')
                    .next()
                    .and_then(|id| self.by_id.get(id).copied()),
            },
            Reference::Relative { file, base, id } => {
                let url = base
                    .as_ref()
                    .and_then(|base| self.by_url.get(&format!("{base}/Patient/{id}")).copied());
                url.map(Found::One)
                    .or_else(|| self.by_id_in_file.get(&(*file, id.clone())).copied())
                    .or_else(|| self.by_id.get(id).copied().filter(|_| base.is_none()))
            }
            Reference::Identifier(key) => self.by_identifier.get(key).copied(),
        };
        match found {
            Some(Found::One(patient)) => Ok(self.root(patient)),
            Some(Found::Many) => Err(NoSubject::Ambiguous),
            None => Err(NoSubject::Unknown),
        }
    }

    /// The number that stands for a person with several records.
    pub(crate) fn root(&mut self, mut patient: usize) -> usize {
        while self.patients[patient].same_as != patient {
            // Halving the way keeps later look-ups short.
            let above = self.patients[patient].same_as;
            self.patients[patient].same_as = self.patients[above].same_as;
            patient = above;
        }
        patient
    }

    /// The identity a pseudonym is derived from: the smallest full URL of the person's records.
    pub(crate) fn identity(&self, root: usize) -> &str {
        &self.patients[root].identity
    }

    /// How many records there are, of whichever people.
    pub(crate) fn records(&self) -> usize {
        self.patients.len()
    }

    /// How many records were joined to another by an identifier.
    pub(crate) fn merged(&self) -> u64 {
        self.merged
    }

    /// Joins two records; the one with the smaller identity stands for both, whatever the order of
    /// the files.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let a_first = self.patients[a].identity <= self.patients[b].identity;
            let (root, other) = if a_first { (a, b) } else { (b, a) };
            self.patients[other].same_as = root;
        }
    }
}

#[cfg(test)]
mod tests;
