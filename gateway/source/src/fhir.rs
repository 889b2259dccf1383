//! FHIR as tables: each resource that counts goes through the views of its type, and the consents of
//! each person become one table of their own.

mod consents;

use self::consents::Consents;
use super::bind::{Bound, Named};
use super::error::SourceError;
use super::plan::Plan;
use super::reading::{FileRead, Files, Progress, Reading, Skipped};
use super::rows::{Assembler, TableRow, Whose};
use super::views::Views;
use medveil_fhir::{Options, Place, Reason, Resolved, Resources};
use medveil_sql_on_fhir::Cell;
use medveil_tables::Scalar;
use std::collections::BTreeSet;

/// The resource type of the table that no view makes.
const CONSENT: &str = "Consent";

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
        quantities: BTreeSet::new(),
        has_subjects: true,
    };
    views.iter().map(view).chain([own]).collect()
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
    };
    let mut resources = medveil_fhir::read(reading.path, &options, &mut |p| {
        progress(Progress {
            done: p.done,
            total: p.total,
            file: p.file,
        });
    })?;
    let total = resources.files.read.len();
    progress(Progress {
        done: total,
        total,
        file: reading.path.to_owned(),
    });
    for person in 0..resources.persons {
        assembler.person(resources.person_identity(person));
    }
    let identities: Vec<String> = (0..resources.persons)
        .map(|person| resources.person_identity(person).to_owned())
        .collect();
    let names = names(&resources);
    let mut consents = Consents::new(reading.today);
    let mut rows = Rows {
        views: reading.views,
        bound,
        identities: &identities,
        names: &names,
        assembler,
        consents: &mut consents,
    };
    resources.each(&mut |resolved| rows.take(&resolved))?;
    rows.consents()?;
    count(&resources, assembler);
    Ok(Found {
        files: files(&resources),
        complete: complete(&resources, reading.views, plan, bound),
    })
}

/// Resource types that a bound table reads.
fn types(views: &Views, bound: &Bound) -> BTreeSet<String> {
    let of = |at: usize| views.resource(at).unwrap_or(CONSENT).to_owned();
    bound.tables.iter().map(|(at, _)| of(*at)).collect()
}

/// The files' paths, for places.
fn names(resources: &Resources) -> Vec<String> {
    let read = resources.files.read.iter();
    read.map(|file| file.path.display().to_string()).collect()
}

struct Rows<'r, 'a> {
    views: &'r Views,
    bound: &'r Bound,
    identities: &'r [String],
    names: &'r [String],
    assembler: &'r mut Assembler<'a>,
    consents: &'r mut Consents,
}

impl Rows<'_, '_> {
    fn take(&mut self, resolved: &Resolved<'_>) -> Result<(), SourceError> {
        let Some(identity) = self.identities.get(resolved.person as usize) else {
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
            let rows = view
                .rows(resolved.node)
                .map_err(|source| SourceError::View {
                    place: place(),
                    view: table.name.clone(),
                    source,
                })?;
            for cells in rows {
                let cells: Vec<Scalar> = cells.into_iter().map(scalar).collect();
                let row = TableRow {
                    cells: &cells,
                    whose: Whose::Person(identity),
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
            let Some(identity) = self.identities.get(person as usize) else {
                continue;
            };
            let row = TableRow {
                cells: &cells,
                whose: Whose::Person(identity),
                place: &|| "consents".to_owned(),
            };
            self.assembler.take(table, &row)?;
        }
        Ok(())
    }
}

/// Where a resource stands, for people.
fn words(names: &[String], place: Place) -> String {
    let name = names.get(place.file).map_or("", String::as_str);
    match place.inside {
        0 => format!("{name}, entry {}", place.at),
        inside => format!("{name}, line {}, entry {inside}", place.at),
    }
}

fn scalar(cell: Cell) -> Scalar {
    match cell {
        Cell::Null => Scalar::Null,
        Cell::Bool(value) => Scalar::Bool(value),
        Cell::Number(text) => Scalar::Number(text),
        Cell::Text(text) => Scalar::Text(text),
        Cell::Date(text) => Scalar::Date(text),
        Cell::DateTime(text) => Scalar::Time(text),
        // A column that reads it says that it is of another type.
        Cell::List(_) => Scalar::Text("\u{fffd}".to_owned()),
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
    )
}

/// Reasons for which a resource may say something of somebody.
fn leaves_open(reason: Reason) -> bool {
    let is_unread = matches!(
        reason,
        Reason::StatusUnreadable
            | Reason::StatusUnknown
            | Reason::VerificationUnreadable
            | Reason::Modifier
            | Reason::ImplicitRules
    );
    is_unread || is_nobodys(reason)
}

/// Whether every resource of a column's table was read and is somebody's.
fn complete(resources: &Resources, views: &Views, plan: &Plan, bound: &Bound) -> Vec<bool> {
    let is_whole = |kind: &str| {
        let mut open = resources.counts.iter();
        resources.complete.contains(kind)
            && !open.any(|c| c.resource_type == kind && leaves_open(c.reason))
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
