//! Sets of files made in a test, and what reading them came to.
#![allow(dead_code, clippy::unwrap_used)]

use medveil_fhir::json::Node;
use medveil_fhir::{FhirError, Limits, Options, Reason, Resources, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub const TYPES: [&str; 21] = [
    "AdverseEvent",
    "Patient",
    "Observation",
    "Condition",
    "Encounter",
    "Consent",
    "Procedure",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "AllergyIntolerance",
    "FamilyMemberHistory",
    "ServiceRequest",
    "DocumentReference",
    "DiagnosticReport",
    "Coverage",
    "Flag",
    "MedicationAdministration",
    "Goal",
    "RelatedPerson",
    "MedicationDispense",
];

/// What a set came to. Resources are named by type and id, or the whole text where no id is.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Came {
    pub persons: Vec<String>,
    /// Identity and resource.
    pub handed: Vec<(String, String)>,
    /// Ids of resources of which nobody can tell what they say.
    pub doubtful: Vec<String>,
    pub counts: BTreeMap<(String, Reason), u64>,
    pub version: &'static str,
    pub complete: BTreeSet<String>,
    pub skipped: Vec<&'static str>,
}

impl Came {
    pub fn has(&self, resource: &str) -> bool {
        self.handed
            .iter()
            .any(|(_, r)| r.split(' ').next() == Some(resource))
    }
    pub fn of(&self, resource: &str) -> Option<&str> {
        let mut all = self
            .handed
            .iter()
            .filter(|(_, r)| r.split(' ').next() == Some(resource));
        let one = all.next().map(|(who, _)| who.as_str());
        assert!(all.next().is_none(), "{resource} was handed over twice");
        one
    }
    pub fn out(&self, kind: &str, reason: Reason) -> u64 {
        self.counts
            .get(&(kind.to_owned(), reason))
            .copied()
            .unwrap_or(0)
    }
}

pub fn print(node: &Node) -> String {
    match node {
        Node::Null => "null".into(),
        Node::Bool(b) => b.to_string(),
        Node::Number(n) => n.clone(),
        Node::Text(t) => format!("{t:?}"),
        Node::List(l) => format!("[{}]", l.iter().map(print).collect::<Vec<_>>().join(",")),
        Node::Object(o) => {
            let mut all: Vec<String> = o
                .iter()
                .map(|(n, v)| format!("{n:?}:{}", print(v)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
    }
}

pub fn open(path: &Path) -> Result<Resources, FhirError> {
    open_by(path, None)
}

/// Opens a set whose people are called by an identifier of this system.
pub fn open_by(path: &Path, identifier: Option<&str>) -> Result<Resources, FhirError> {
    let types: BTreeSet<String> = TYPES.iter().map(|t| (*t).to_owned()).collect();
    let options = Options {
        identifier,
        limits: Limits::DEFAULT,
        types: &types,
        gather: false,
    };
    read(path, &options, &mut |_| {})
}

pub fn came(path: &Path) -> Result<Came, FhirError> {
    came_of(open(path)?)
}

/// A file of resources whose people are called by an identifier of this system.
pub fn came_by(system: &str, resources: &[String]) -> Came {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.ndjson");
    std::fs::write(&path, resources.join("\n")).unwrap();
    came_of(open_by(&path, Some(system)).unwrap()).unwrap()
}

fn came_of(mut resources: Resources) -> Result<Came, FhirError> {
    let (mut handed, mut doubtful): (Vec<(u32, String)>, Vec<String>) = Default::default();
    resources.each::<FhirError>(&mut |resolved| {
        let node = resolved.node;
        if resolved.is_doubtful {
            doubtful.push(node.text_at("id").unwrap_or("-").to_owned());
            return Ok(());
        }
        let kind = node.text_at("resourceType").unwrap_or("?");
        let id = node.text_at("id").unwrap_or("-");
        handed.push((resolved.person, format!("{kind}/{id} {}", print(node))));
        Ok(())
    })?;
    let name = |n: u32| resources.person_identity(n).to_owned();
    let mut handed: Vec<(String, String)> = handed.into_iter().map(|(p, r)| (name(p), r)).collect();
    handed.sort();
    Ok(Came {
        persons: (0..resources.persons).map(name).collect(),
        handed,
        doubtful,
        counts: resources
            .counts
            .iter()
            .map(|c| ((c.resource_type.clone(), c.reason), c.count))
            .collect(),
        version: resources.version.name(),
        complete: resources.complete.clone(),
        skipped: resources.files.skipped.iter().map(|s| s.why).collect(),
    })
}

/// Writes files into a folder and reads it.
pub fn set(files: &[(&str, &str)]) -> Result<Came, FhirError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    came(folder.path())
}

/// One file of lines.
pub fn lines(resources: &[&str]) -> Came {
    set(&[("all.ndjson", &resources.join("\n"))]).unwrap()
}

/// A collection: full URL (or none) and resource.
pub fn bundle(entries: &[(&str, &str)]) -> String {
    typed_bundle("collection", entries)
}

pub fn typed_bundle(kind: &str, entries: &[(&str, &str)]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(url, resource)| {
            let url = if url.is_empty() {
                String::new()
            } else {
                format!(r#""fullUrl":"{url}","#)
            };
            format!(r#"{{{url}"resource":{resource}}}"#)
        })
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#,
        entries.join(",")
    )
}

pub fn patient(id: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}"{more}}}"#)
}

/// A final observation of a patient, by a reference.
pub fn observation(id: &str, subject: &str, more: &str) -> String {
    let status = if more.contains("\"status\"") {
        ""
    } else {
        r#","status":"final""#
    };
    format!(
        r#"{{"resourceType":"Observation","id":"{id}"{status},"subject":{{"reference":"{subject}"}}{more}}}"#
    )
}

pub fn of(kind: &str, id: &str, subject: &str, more: &str) -> String {
    let field = match kind {
        "Consent"
        | "Immunization"
        | "AllergyIntolerance"
        | "FamilyMemberHistory"
        | "RelatedPerson" => "patient",
        _ => "subject",
    };
    format!(
        r#"{{"resourceType":"{kind}","id":"{id}","{field}":{{"reference":"{subject}"}}{more}}}"#
    )
}
