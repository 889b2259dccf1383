//! FHIR as tables: each resource that counts goes through the views of its type, and the consents of
//! each person become one table of their own.

mod bytes;
mod consents;
mod faults;
mod rows;

use self::bytes::Bytes;
use self::consents::Consents;
use self::rows::{NOBODY, Rows};
use super::bind::{Bound, Named};
use super::error::SourceError;
use super::plan::Plan;
use super::pseudonym::Pseudonym;
use super::reading::{FileRead, Files, Progress, Reading, STRIDE, Skipped};
use super::rows::Assembler;
use super::views::Views;
use medveil_fhir::{Options, Reason, Resources};
use medveil_tables::Kind;
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
        gather: reading.gather,
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
    let all = resources.n_resources() as u64;
    faults::list(&resources.faults, &mut assembler.drops.problems);
    rows(reading, bound, assembler, &mut resources, &mut |n: u64| {
        progress(Progress {
            done: total,
            total,
            file: reading.path.to_owned(),
            bytes: bytes.second(n, all),
        });
    })?;
    count(&resources, assembler);
    Ok(Found {
        files: files(&resources),
        complete: complete(&resources, reading.views, plan, bound),
    })
}

/// Makes rows of what counts, and tells after how many resources.
fn rows(
    reading: Reading<'_>,
    bound: &Bound,
    assembler: &mut Assembler<'_>,
    resources: &mut Resources,
    tell: &mut dyn FnMut(u64),
) -> Result<(), SourceError> {
    tell(0);
    let people = people(resources, assembler, reading.gather)?;
    let (names, mut n) = (names(resources), 0u64);
    let mut consents = Consents::new(reading.today);
    let mut rows = Rows {
        views: reading.views,
        bound,
        people: &people,
        names: &names,
        assembler,
        consents: &mut consents,
        gather: reading.gather,
    };
    resources.each(&mut |resolved| {
        n += 1;
        if n.is_multiple_of(STRIDE) {
            tell(n);
        }
        rows.take(&resolved)
    })?;
    rows.consents()?;
    tell(resources.n_resources() as u64);
    Ok(())
}

/// The pseudonym of every person.
fn people(
    resources: &Resources,
    assembler: &mut Assembler<'_>,
    gather: bool,
) -> Result<Vec<Pseudonym>, SourceError> {
    let identities = (0..resources.persons).map(|person| resources.person_identity(person));
    let person = |identity| match assembler.person(identity) {
        Err(SourceError::Identity { place, what }) if gather => {
            assembler.drops.add_refused_row(what, place);
            Ok(NOBODY)
        }
        other => other,
    };
    identities.map(person).collect()
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

/// Reasons for which it is not known whose a resource is, or a deletion's.
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
            | Reason::UnreadableDeletion
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
