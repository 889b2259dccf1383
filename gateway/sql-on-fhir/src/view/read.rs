//! A view's JSON to a compiled view, with all its problems at once.

use super::constant::constants;
use super::fields::{Place, Problems, is_name};
use super::problem::{Problem, ViewProblems};
use super::select::{Compiler, Each, Select};
use super::{ViewColumn, ViewDefinition};
use crate::json::{self, Node};
use crate::path::ast::Expr;
use crate::path::quantity::Leads;
use crate::path::resources::is_concrete;
use std::collections::BTreeSet;

/// Fields of a view in the specification. `modifierExtension` is not among them: it may change what
/// the rest means.
const FIELDS: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "url",
    "identifier",
    "version",
    "versionAlgorithmString",
    "versionAlgorithmCoding",
    "name",
    "title",
    "status",
    "experimental",
    "date",
    "publisher",
    "contact",
    "description",
    "useContext",
    "jurisdiction",
    "purpose",
    "copyright",
    "copyrightLabel",
    "approvalDate",
    "lastReviewDate",
    "effectivePeriod",
    "topic",
    "author",
    "editor",
    "reviewer",
    "endorser",
    "relatedArtifact",
    "resource",
    "profile",
    "fhirVersion",
    "constant",
    "select",
    "where",
];
const WHERE_FIELDS: &[&str] = &["id", "extension", "path", "description"];

/// Reads a view.
pub(super) fn view(text: &str) -> Result<ViewDefinition, ViewProblems> {
    let mut problems = Problems::default();
    let node = match json::parse(text.as_bytes()) {
        Ok(node) => node,
        Err(error) => {
            problems.add("view", error);
            return Err(ViewProblems(problems.0));
        }
    };
    let at = Place {
        node: &node,
        place: String::new(),
    };
    let view = read(&at, &mut problems);
    match view {
        Some(view) if problems.0.is_empty() => Ok(view),
        _ => Err(ViewProblems(problems.0)),
    }
}

fn read(at: &Place<'_>, problems: &mut Problems) -> Option<ViewDefinition> {
    at.check(FIELDS, problems);
    let resource = header(at, problems);
    let name = at.text("name", problems);
    if name.is_some_and(|name| !is_name(name)) {
        problems.add("name", Problem::Name);
    }
    let fhir_versions = versions(at, problems);
    let constants = constants(at, problems);
    if matches!(at.node, Node::Object(_)) && at.node.get("select").is_none() {
        problems.add("view", Problem::Missing("select"));
    }
    let mut columns = Vec::new();
    let mut compiler = Compiler {
        constants: &constants,
        problems,
    };
    let selects = compiler.selects(at, Leads::Elsewhere, 0, &mut columns);
    let criteria = criteria(at, &mut compiler);
    unique(&columns, problems);
    Some(ViewDefinition {
        resource: resource?.to_owned(),
        name: name.map(str::to_owned),
        fhir_versions,
        columns,
        selects: Select {
            each: Each::Once,
            place: "view".to_owned(),
            cells: Vec::new(),
            selects,
            union: Vec::new(),
        },
        criteria,
    })
}

/// The type of the view itself, and that of its resources.
fn header<'n>(at: &Place<'n>, problems: &mut Problems) -> Option<&'n str> {
    let own = at.text("resourceType", problems);
    // Its profile's address stands in its place, too.
    let is_view = |own: &str| own.rsplit('/').next() == Some("ViewDefinition");
    if own.is_some_and(|own| !is_view(own)) {
        problems.add("resourceType", Problem::Expected("ViewDefinition"));
    }
    let resource = at.need("resource", problems)?;
    if !is_concrete(resource) {
        problems.add(
            "resource",
            Problem::Expected("the name of a type of resource"),
        );
    }
    Some(resource)
}

fn versions(at: &Place<'_>, problems: &mut Problems) -> Vec<String> {
    let mut all = Vec::new();
    for place in at.list("fhirVersion", problems) {
        match place.node.text() {
            Some(text) => all.push(text.to_owned()),
            None => problems.add(&place.place, Problem::Expected("a text")),
        }
    }
    all
}

fn criteria(at: &Place<'_>, compiler: &mut Compiler<'_>) -> Vec<Expr> {
    let mut all = Vec::new();
    for place in at.list("where", compiler.problems) {
        place.check(WHERE_FIELDS, compiler.problems);
        place.text("description", compiler.problems);
        if let Some(text) = place.need("path", compiler.problems) {
            all.push(compiler.path(text, &place.at("path")));
        }
    }
    all
}

/// Reports names that stand twice: branches of a union are one column by now.
fn unique(columns: &[ViewColumn], problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for column in columns {
        // Databases do not tell capitals apart in bare names.
        if !seen.insert(column.name.to_ascii_lowercase()) {
            problems.add(&column.place, Problem::Twice(column.name.clone()));
        }
    }
}
