//! One resource: which columns it speaks to, about whom, and with which values.

use super::path::{Path, codings, is};
use super::subjects::{Record, Reference, subject_of};
use crate::column::{Bad, OnBad, SourceColumn};
use crate::date::When;
use crate::error::SourceError;
use crate::json::Node;
use crate::reduce::Drops;
use medveil_circuits::schema::ColumnType;
use sha2::{Digest, Sha256};

/// Where a date is looked for when the column names no path.
pub(crate) const DATES: &str = "effective | onset | performed | occurrence | period | authoredOn | dateTime | recordedDate | issued | date | started";
/// Where codes are looked for when the column names no path.
pub(crate) const CODES: &str = "code | medication | vaccineCode | type | category";

/// A condition on a resource: the path finds one of the literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub path: Path,
    pub one_of: Vec<String>,
}

impl Condition {
    fn holds(&self, resource: &Node) -> bool {
        self.path
            .find(resource)
            .into_iter()
            .any(|node| self.one_of.iter().any(|literal| is(node, literal)))
    }
}

/// How a column is read from FHIR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FhirColumn {
    /// Resource type; none for a column without a FHIR source.
    pub resource: String,
    /// Where the value is; none when the resource's existence is the value.
    pub path: Option<Path>,
    /// Conditions that all must hold.
    pub conditions: Vec<Condition>,
    /// If one of these holds, a flag is false whatever its path says.
    pub false_if: Vec<Condition>,
    /// Where the date is.
    pub date: Path,
}

impl FhirColumn {
    /// What a resource says, value by value.
    fn values(&self, column: &SourceColumn, resource: &Node) -> Vec<Result<Option<i64>, Bad>> {
        if self.false_if.iter().any(|c| c.holds(resource)) {
            return vec![Ok(Some(0))];
        }
        let Some(path) = &self.path else {
            return vec![Ok(Some(1))];
        };
        let nodes = path.find(resource).into_iter();
        nodes.map(|node| value(column, node)).collect()
    }
}

/// A resource that speaks to a column.
struct Found<'r> {
    resource: &'r Node,
    /// Equal for the same resource in two files.
    origin: u128,
    entry: u64,
}

/// Whom a fact is about.
#[derive(Clone)]
pub(crate) enum Who {
    /// The patient of this number.
    Own(usize),
    /// The patient a reference means.
    Reference(Reference),
}

/// One value of one resource. No `Debug`: it is somebody's.
pub(crate) struct Fact {
    pub who: Who,
    pub column: u16,
    pub value: i64,
    pub when: Option<When>,
    /// Which resource: equal for the same resource in two files.
    pub origin: u128,
    /// Which of several values of the resource.
    pub part: u32,
    pub entry: u64,
}

/// What one file holds. It counts only when the file turns out to be of a kind that counts.
pub(crate) struct FileFacts<'a> {
    file: u32,
    path: &'a std::path::Path,
    columns: &'a [(SourceColumn, FhirColumn)],
    pub records: Vec<Record>,
    pub facts: Vec<Fact>,
    pub drops: Drops,
}

impl<'a> FileFacts<'a> {
    pub(crate) fn new(
        file: u32,
        path: &'a std::path::Path,
        columns: &'a [(SourceColumn, FhirColumn)],
    ) -> Self {
        FileFacts {
            file,
            path,
            columns,
            records: Vec::new(),
            facts: Vec::new(),
            drops: Drops::default(),
        }
    }

    /// Forgets what was read.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.facts.clear();
        self.drops = Drops::default();
    }

    fn place(&self, entry: u64) -> String {
        format!("{}, entry {entry}", self.path.display())
    }

    fn drop_resource(&mut self, reason: &'static str, entry: u64) {
        let place = self.place(entry);
        self.drops.add(None, reason, 1, || Some(place));
    }

    /// Reads one resource.
    ///
    /// **Errors**: a value does not fit its column, and the column refuses such values.
    pub(crate) fn resource(
        &mut self,
        resource: &Node,
        full_url: Option<&str>,
        entry: u64,
    ) -> Result<(), SourceError> {
        let Some(kind) = resource.text_at("resourceType") else {
            self.drop_resource("resource without a type", entry);
            return Ok(());
        };
        if kind == "Bundle" {
            self.drop_resource("bundle inside a bundle", entry);
            return Ok(());
        }
        let columns = self.columns;
        let mut wanted = columns
            .iter()
            .enumerate()
            .filter(|(_, (_, fhir))| fhir.resource == kind)
            .peekable();
        if wanted.peek().is_none() && kind != "Patient" {
            return Ok(());
        }
        if let Some(reason) = void(resource) {
            self.drop_resource(reason, entry);
            return Ok(());
        }
        let own = (kind == "Patient").then(|| {
            self.records.push(Record::of(resource, full_url));
            self.records.len() - 1
        });
        let found = Found {
            resource,
            origin: self.origin(kind, resource, full_url, entry),
            entry,
        };
        for (index, (column, fhir)) in wanted {
            if !fhir.conditions.iter().all(|c| c.holds(resource)) {
                continue;
            }
            // At most a few hundred columns, so the cast is exact.
            let index = index as u16;
            let who = match own {
                Some(number) => Ok(Who::Own(number)),
                None => subject_of(resource, full_url, self.file).map(Who::Reference),
            };
            match who {
                Ok(who) => self.values(index, (column, fhir), who, &found)?,
                Err(why) => {
                    let place = self.place(entry);
                    self.drops.add(Some(index), why.reason(), 1, || Some(place));
                }
            }
        }
        Ok(())
    }

    /// The values of one column in a resource.
    fn values(
        &mut self,
        index: u16,
        (column, fhir): (&SourceColumn, &FhirColumn),
        who: Who,
        found: &Found<'_>,
    ) -> Result<(), SourceError> {
        let dates = fhir.date.find(found.resource);
        let date = dates.into_iter().find_map(date_text);
        let when = date.and_then(|text| column.date(text).ok());
        for (part, value) in (0u32..).zip(fhir.values(column, found.resource)) {
            match value {
                Ok(None) => {}
                Ok(Some(value)) => self.facts.push(Fact {
                    who: who.clone(),
                    column: index,
                    value,
                    when,
                    origin: found.origin,
                    part,
                    entry: found.entry,
                }),
                Err(bad) if column.on_bad == OnBad::Refuse => {
                    return Err(SourceError::Value {
                        place: self.place(found.entry),
                        column: column.name.clone(),
                        expected: bad.expected(),
                    });
                }
                Err(bad) => {
                    let place = self.place(found.entry);
                    self.drops
                        .add(Some(index), bad.expected(), 1, || Some(place));
                }
            }
        }
        Ok(())
    }

    fn origin(&self, kind: &str, resource: &Node, full_url: Option<&str>, entry: u64) -> u128 {
        let name = match (full_url, resource.text_at("id")) {
            (Some(url), _) => url.to_owned(),
            (None, Some(id)) => id.to_owned(),
            (None, None) => format!("{} {entry}", self.file),
        };
        let digest = Sha256::digest(format!("{kind}\0{name}"));
        let mut first = [0u8; 16];
        first.copy_from_slice(&digest[..16]);
        u128::from_le_bytes(first)
    }
}

/// Resources that say of themselves that they do not count.
fn void(resource: &Node) -> Option<&'static str> {
    let status = resource.text_at("status").unwrap_or("");
    let verification = resource.get("verificationStatus");
    if status == "entered-in-error" || verification.is_some_and(|v| is(v, "entered-in-error")) {
        return Some("entered in error");
    }
    if matches!(status, "cancelled" | "not-done") {
        return Some("cancelled or not done");
    }
    if verification.is_some_and(|v| is(v, "refuted")) {
        return Some("refuted diagnosis");
    }
    let replaced = resource
        .each_at("link")
        .iter()
        .any(|link| link.text_at("type") == Some("replaced-by"));
    if resource.text_at("resourceType") == Some("Patient")
        && (replaced || is_false(resource.get("active")))
    {
        return Some("inactive or replaced patient record");
    }
    None
}

fn is_false(node: Option<&Node>) -> bool {
    matches!(node, Some(Node::Bool(false)))
}

/// The text of a date, an instant or a period (its start, else its end).
fn date_text(node: &Node) -> Option<&str> {
    node.text()
        .or_else(|| node.text_at("start"))
        .or_else(|| node.text_at("end"))
}

/// The value of a node for a column.
fn value(column: &SourceColumn, node: &Node) -> Result<Option<i64>, Bad> {
    match node {
        Node::Null => Ok(None),
        Node::Bool(value) => column.read(if *value { "true" } else { "false" }),
        Node::Number(text) | Node::Text(text) => column.read(text),
        Node::List(_) => Err(Bad::Structure),
        Node::Object(_)
            if node.get("coding").is_some()
                || node.get("code").is_some() && node.get("value").is_none() =>
        {
            read_coding(column, node)
        }
        Node::Object(_) => match (node.get("value"), date_text(node)) {
            (Some(Node::Number(number)), _) => quantity(column, node, number),
            (None, Some(text)) => column.read(text),
            // A quantity without a value says why it is absent.
            (None, None)
                if node.get("unit").is_some()
                    || node.get("extension").is_some()
                    || node.get("text").is_some() =>
            {
                text_or_none(column, node)
            }
            _ => Err(Bad::Structure),
        },
    }
}

fn text_or_none(column: &SourceColumn, node: &Node) -> Result<Option<i64>, Bad> {
    node.text_at("text")
        .map_or(Ok(None), |text| column.read(text))
}

fn quantity(column: &SourceColumn, node: &Node, number: &str) -> Result<Option<i64>, Bad> {
    if node.get("comparator").is_some() {
        return Err(Bad::Comparator);
    }
    // The coded unit counts; the printed one only where no code stands.
    column.read_quantity(
        number,
        node.text_at("code").or_else(|| node.text_at("unit")),
    )
}

/// A codeable concept or coding: the first coding that the column knows.
fn read_coding(column: &SourceColumn, node: &Node) -> Result<Option<i64>, Bad> {
    let mut bad = Bad::Code;
    for (system, code) in codings(node) {
        let full = format!("{}|{code}", system.unwrap_or(""));
        let known = if column.map.contains_key(&full) {
            column.read(&full)
        } else {
            column.read(code)
        };
        match known {
            Ok(value) => return Ok(value),
            Err(e) => bad = e,
        }
    }
    match node.text_at("text").map(|text| column.read(text)) {
        Some(Ok(value)) => Ok(value),
        _ => Err(if matches!(column.kind, ColumnType::Code { .. }) {
            Bad::Code
        } else {
            bad
        }),
    }
}
