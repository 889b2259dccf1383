//! FHIR as tables: each resource that counts goes through the views of its type, and the consents of
//! each person become one table of their own.

mod consents;

use self::consents::Consents;
use super::bind::{Bound, Named};
use super::error::SourceError;
use super::files;
use super::plan::Plan;
use super::pseudonym::Pseudonym;
use super::reading::{FileRead, Files, Progress, Reading, STRIDE, Skipped, size};
use super::rows::{Assembler, TableRow, Whose};
use super::views::Views;
use medveil_fhir::{Options, Place, Reason, Resolved, Resources};
use medveil_sql_on_fhir::{Cell, EvalError, RowError, RowProblem};
use medveil_tables::{CellError, Kind, Scalar};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The resource type of the table that no view makes.
const CONSENT: &str = "Consent";
/// What stands where a resource has two answers to one question.
const SEVERAL_FORMS: CellError = CellError {
    word: "",
    expected: "expected one form of an element (`value[x]`), got several: correct the resource",
};

/// What was found, besides the rows.
pub(crate) struct Found {
    pub files: Files,
    /// For each column: whether the absence of a value in every row means something.
    pub complete: Vec<bool>,
}

/// The tables of the views, and that of consents.
pub(crate) fn tables(views: &Views) -> Vec<Named> {
    let view = |(name, view): (&str, &medveil_sql_on_fhir::ViewDefinition)| Named {
        name: name.to_owned(),
        headers: view.columns().iter().map(|c| c.name().to_owned()).collect(),
        kinds: view.columns().iter().map(kind).collect(),
        quantities: view
            .columns()
            .iter()
            .filter(|column| column.quantity_value())
            .map(|column| column.name().to_owned())
            .collect(),
        has_subjects: true,
    };
    let own = Named {
        name: consents::TABLE.to_owned(),
        headers: consents::HEADERS.map(str::to_owned).to_vec(),
        kinds: consents::HEADERS.map(|_| Kind::Mixed).to_vec(),
        quantities: BTreeSet::new(),
        has_subjects: true,
    };
    views.iter().map(view).chain([own]).collect()
}

/// The type of a view's column, where it declares one.
fn kind(column: &medveil_sql_on_fhir::ViewColumn) -> Kind {
    match column.declared_type() {
        Some("boolean") => Kind::Bool,
        Some("integer" | "integer64" | "decimal" | "positiveInt" | "unsignedInt") => Kind::Number,
        Some("date") => Kind::Date,
        Some("dateTime" | "instant") => Kind::Time,
        _ => Kind::Mixed,
    }
}

/// Reads a file or a folder.
///
/// **Errors**: what cannot be read exactly; a view that has no answer for a resource.
pub(crate) fn read(
    reading: Reading<'_>,
    plan: &Plan,
    bound: &Bound,
    assembler: &mut Assembler<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Found, SourceError> {
    let types = types(reading.views, bound);
    let options = Options {
        limits: *reading.limits,
        types: &types,
        identifier: plan.identifier.as_deref(),
    };
    let mut bytes = Bytes::of(reading.path)?;
    let mut resources = medveil_fhir::read(reading.path, &options, &mut |p| {
        progress(Progress {
            done: p.done,
            total: p.total,
            bytes: bytes.first(&p.file, p.bytes),
            file: p.file,
        });
    })?;
    let total = resources.files.read.len();
    let (all, mut n) = (resources.n_resources() as u64, 0u64);
    let mut second = |n: u64| {
        progress(Progress {
            done: total,
            total,
            file: reading.path.to_owned(),
            bytes: bytes.second(n, all),
        });
    };
    second(0);
    let people = people(&resources, assembler)?;
    let names = names(&resources);
    let mut consents = Consents::new(reading.today);
    let mut rows = Rows {
        views: reading.views,
        bound,
        people: &people,
        names: &names,
        assembler,
        consents: &mut consents,
    };
    resources.each(&mut |resolved| {
        n += 1;
        if n.is_multiple_of(STRIDE) {
            second(n);
        }
        rows.take(&resolved)
    })?;
    rows.consents()?;
    second(all);
    count(&resources, assembler);
    Ok(Found {
        files: files(&resources),
        complete: complete(&resources, reading.views, plan, bound),
    })
}

/// The pseudonym of every person.
fn people(
    resources: &Resources,
    assembler: &mut Assembler<'_>,
) -> Result<Vec<Pseudonym>, SourceError> {
    let identities = (0..resources.persons).map(|person| resources.person_identity(person));
    identities
        .map(|identity| assembler.person(identity))
        .collect()
}

/// What is read of the bytes of all files, each of which is read twice.
struct Bytes {
    all: u64,
    /// Bytes of the files before the current one.
    before: u64,
    now: Option<(PathBuf, u64)>,
}

impl Bytes {
    fn of(path: &Path) -> Result<Self, SourceError> {
        let files = files::list(path)?.files;
        Ok(Bytes {
            all: files.iter().map(|file| size(file)).sum(),
            before: 0,
            now: None,
        })
    }

    /// In the first reading.
    fn first(&mut self, file: &Path, bytes: u64) -> Option<(u64, u64)> {
        if self.now.as_ref().is_none_or(|(now, _)| now != file) {
            let next = (file.to_owned(), size(file));
            self.before += self.now.replace(next).map_or(0, |(_, size)| size);
        }
        self.both(self.before + bytes)
    }

    /// In the second, after `n` of all resources.
    fn second(&self, n: u64, all: u64) -> Option<(u64, u64)> {
        let part = u128::from(self.all) * u128::from(n) / u128::from(all.max(1));
        let part = if all == 0 { 0 } else { part };
        self.both(self.all + u64::try_from(part).unwrap_or(0))
    }

    fn both(&self, read: u64) -> Option<(u64, u64)> {
        let all = 2 * self.all;
        (all > 0).then_some((read.min(all), all))
    }
}

/// Resource types that a bound table reads.
fn types(views: &Views, bound: &Bound) -> BTreeSet<String> {
    let of = |at: usize| views.resource(at).unwrap_or(CONSENT).to_owned();
    bound.tables.iter().map(|(at, _)| of(*at)).collect()
}

/// The files' paths, and what their places count, for places.
fn names(resources: &Resources) -> Vec<(String, &'static str)> {
    let unit = |is_lines| if is_lines { "line" } else { "entry" };
    let read = resources.files.read.iter();
    read.map(|file| (file.path.display().to_string(), unit(file.is_lines)))
        .collect()
}

struct Rows<'r, 'a> {
    views: &'r Views,
    bound: &'r Bound,
    people: &'r [Pseudonym],
    names: &'r [(String, &'static str)],
    assembler: &'r mut Assembler<'a>,
    consents: &'r mut Consents,
}

impl Rows<'_, '_> {
    fn take(&mut self, resolved: &Resolved<'_>) -> Result<(), SourceError> {
        let Some(&person) = self.people.get(resolved.person as usize) else {
            return Ok(());
        };
        let kind = resolved.node.text_at("resourceType").unwrap_or_default();
        let place = || words(self.names, resolved.place);
        for (at, table) in &self.bound.tables {
            let Some(view) = self.views.view(*at) else {
                let is_consent = kind == CONSENT;
                let take = || self.consents.take(resolved.person, resolved.node);
                if let Some(reason) = is_consent.then(take).flatten() {
                    self.assembler.drops.add(None, reason, 1, || Some(place()));
                }
                continue;
            };
            if view.resource() != kind {
                continue;
            }
            let rows = match view.rows(resolved.node) {
                Err(error) if has_several_forms(&error) => {
                    let reason = SEVERAL_FORMS.expected;
                    self.assembler.drops.add(None, reason, 1, || Some(place()));
                    self.assembler.leave_open(table, person)?;
                    continue;
                }
                other => other.map_err(|source| SourceError::View {
                    place: place(),
                    view: table.name.clone(),
                    source,
                })?,
            };
            if resolved.is_doubtful && rows.is_empty() {
                self.assembler.leave_open(table, person)?;
            }
            for cells in rows {
                let cells: Vec<Scalar> = cells.into_iter().map(scalar).collect();
                let row = TableRow {
                    cells: &cells,
                    whose: Whose::Person(person),
                    is_doubtful: resolved.is_doubtful,
                    place: &place,
                };
                self.assembler.take(table, &row)?;
            }
        }
        Ok(())
    }

    /// The one decision of each person and scope.
    fn consents(&mut self) -> Result<(), SourceError> {
        let is_own = |(at, _): &&(usize, super::bind::BoundTable)| self.views.view(*at).is_none();
        let Some((_, table)) = self.bound.tables.iter().find(is_own) else {
            return Ok(());
        };
        for (person, cells) in self.consents.rows() {
            let Some(&person) = self.people.get(person as usize) else {
                continue;
            };
            let row = TableRow {
                cells: &cells,
                whose: Whose::Person(person),
                is_doubtful: false,
                place: &|| "consents".to_owned(),
            };
            self.assembler.take(table, &row)?;
        }
        Ok(())
    }
}

/// Whether a criterion or an iteration of a view asks for an element that has several forms.
fn has_several_forms(error: &RowError) -> bool {
    matches!(
        error.problem,
        RowProblem::Eval(EvalError::SeveralForms { .. })
    )
}

/// Where a resource stands, for people.
fn words(names: &[(String, &str)], place: Place) -> String {
    let named = names.get(place.file);
    let (name, unit) = named.map_or(("", ""), |(name, unit)| (name.as_str(), *unit));
    let mut words = format!("{name}, {unit} {}", place.at);
    if place.inside > 0 {
        words += &format!(", entry {}", place.inside);
    }
    if place.contained > 0 {
        words += &format!(", contained {}", place.contained);
    }
    words
}

fn scalar(cell: Cell) -> Scalar {
    match cell {
        Cell::Null => Scalar::Null,
        Cell::Bool(value) => Scalar::Bool(value),
        Cell::Number(text) => Scalar::Number(text),
        Cell::Text(text) => Scalar::Text(text),
        Cell::Date(text) => Scalar::Date(text),
        Cell::DateTime(text) => Scalar::Time(text),
        Cell::SeveralForms => Scalar::Error(SEVERAL_FORMS),
        // A column that reads it says that it is of another type.
        Cell::List(_) | Cell::Miswritten(_) => Scalar::Text("\u{fffd}".to_owned()),
    }
}

/// Takes over what was left out, by reason.
fn count(resources: &Resources, assembler: &mut Assembler<'_>) {
    for count in &resources.counts {
        let first = || Some(count.first_place.clone());
        let (words, n) = (count.reason.words(), count.count);
        match count.reason {
            reason if reason.kept() => assembler.drops.note_whole(words, n),
            reason if is_nobodys(reason) => assembler.drops.add_unresolved(words, n, first),
            _ => assembler.drops.add(None, words, n, first),
        }
    }
}

fn files(resources: &Resources) -> Files {
    let skipped = resources.files.skipped.iter().map(|file| Skipped {
        path: file.path.clone(),
        why: file.why.to_owned(),
    });
    let read = resources.files.read.iter().map(|file| FileRead {
        path: file.path.clone(),
        digest: file.digest,
    });
    Files {
        read: read.collect(),
        skipped: skipped.collect(),
    }
}

/// Reasons for which it is not known whose a resource is.
fn is_nobodys(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NoSubject
            | Reason::UnreadableReference
            | Reason::UnknownSubject
            | Reason::AmbiguousSubject
            | Reason::ContainedSubject
            | Reason::NoIdentifier
            | Reason::SeveralIdentifiers
            | Reason::SharedIdentifier
    )
}

/// Whether every resource of a column's table was read and is somebody's. Those that say nothing
/// sure of somebody who is known are handed over as doubtful, and leave that person open.
fn complete(resources: &Resources, views: &Views, plan: &Plan, bound: &Bound) -> Vec<bool> {
    let is_whole = |kind: &str| {
        let mut open = resources.counts.iter();
        resources.complete.contains(kind)
            && !open.any(|c| c.resource_type == kind && is_nobodys(c.reason))
    };
    let mut complete = vec![false; plan.columns.len()];
    for (at, table) in &bound.tables {
        let whole = is_whole(views.resource(*at).unwrap_or(CONSENT));
        for column in &table.columns {
            complete[column.index] = whole;
        }
    }
    complete
}
