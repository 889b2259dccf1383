//! FHIR R4: Bundles (transaction, batch, collection, document, message, searchset) and bulk exports
//! (NDJSON) become one row per patient.
//!
//! Source: FHIR R4, resources Bundle and Reference. A file is read entry by entry: one resource is
//! in memory at a time, and of it only the values that the schema names are kept. Nothing is
//! validated beyond what those values need; profiles, terminologies and extensions are not
//! resolved.

pub(crate) mod path;
pub(crate) mod resource;
pub(crate) mod subjects;

mod bundle;

use self::resource::{Fact, FhirColumn, FileFacts, Who};
use self::subjects::{NoSubject, Reference, SameId, Subjects};
use super::column::SourceColumn;
use super::error::SourceError;
use super::files::{self, Format};
use super::pseudonym::PseudonymKey;
use super::reading::{Files, Limits, Progress, RawRow, Reading, Skipped};
use super::reduce::{Drops, Seen, reduce};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// Everything known after all files were read.
#[derive(Default)]
struct Gathered {
    subjects: Subjects,
    facts: Vec<(u32, Fact)>,
    records: Vec<(usize, u32)>,
    drops: Drops,
    files: Files,
}

/// Reads a file or a folder.
pub(crate) fn read(
    reading: Reading<'_>,
    columns: &[(SourceColumn, FhirColumn)],
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<RawRow>, Drops, Files), SourceError> {
    let root = reading.path;
    let paths = files::list(root)?;
    let total = paths.len();
    let mut gathered = Gathered::default();
    for (done, path) in paths.iter().enumerate() {
        let file = path.clone();
        progress(Progress { done, total, file });
        gathered.read_file(&paths, done, columns, reading.limits)?;
    }
    progress(Progress {
        done: total,
        total,
        file: root.to_owned(),
    });
    if gathered.subjects.records() == 0 {
        return Err(SourceError::Empty {
            path: root.to_owned(),
            why: why_no_patient(&gathered.files),
        });
    }
    gathered.rows(&paths, columns, reading.key)
}

fn why_no_patient(files: &Files) -> String {
    let (read, skipped) = (files.read, files.skipped.len());
    let mut why = format!("no FHIR Patient in {read} Bundles, {skipped} files skipped");
    if let Some(first) = files.skipped.first() {
        let (path, reason) = (first.path.display(), &first.why);
        why.push_str(&format!(" (the first, {path}: {reason})"));
    }
    let is_csv = |s: &Skipped| Format::of(&s.path) == Some(Format::Csv);
    if files.skipped.iter().any(is_csv) {
        why.push_str("; for CSV name the file itself");
    }
    why
}

impl Gathered {
    fn read_file(
        &mut self,
        paths: &[PathBuf],
        at: usize,
        columns: &[(SourceColumn, FhirColumn)],
        limits: &Limits,
    ) -> Result<(), SourceError> {
        let path = &paths[at];
        // At most a million files, so the cast is exact.
        let file = at as u32;
        let mut facts = FileFacts::new(file, path, columns);
        let skipped = match Format::of(path) {
            Some(Format::Json) => bundle::read_json(path, limits, &mut facts)?,
            Some(Format::Ndjson) => bundle::read_ndjson(path, limits, &mut facts)?,
            Some(Format::Csv) | None => Some("no json"),
        };
        if let Some(why) = skipped {
            self.files.skipped.push(Skipped {
                path: path.clone(),
                why: why.to_owned(),
            });
            return Ok(());
        }
        self.files.read += 1;
        self.take(facts, file)
            .map_err(|e| SourceError::SamePatientId {
                first: paths[e.first as usize].clone(),
                second: paths[e.second as usize].clone(),
            })
    }

    /// Takes over what a file of a kind that counts holds.
    fn take(&mut self, found: FileFacts<'_>, file: u32) -> Result<(), SameId> {
        let first = self.records.len();
        for record in found.records {
            let number = self.subjects.add(record, file)?;
            self.records.push((number, file));
        }
        for mut fact in found.facts {
            if let Who::Own(n) = &mut fact.who {
                *n = self.records[first + *n].0;
            }
            self.facts.push((file, fact));
        }
        self.drops.merge(found.drops);
        Ok(())
    }

    fn rows(
        mut self,
        paths: &[PathBuf],
        columns: &[(SourceColumn, FhirColumn)],
        key: &PseudonymKey,
    ) -> Result<(Vec<RawRow>, Drops, Files), SourceError> {
        let mut by_patient: BTreeMap<usize, Vec<Vec<Seen>>> = BTreeMap::new();
        for (number, _) in std::mem::take(&mut self.records) {
            by_patient
                .entry(self.subjects.root(number))
                .or_insert_with(|| columns.iter().map(|_| Vec::new()).collect());
        }
        self.assign(paths, &mut by_patient);
        self.drops.add(
            None,
            "record of a patient who has another record",
            self.subjects.merged(),
            || None,
        );
        let mut rows = Vec::with_capacity(by_patient.len());
        for (patient, seen) in by_patient {
            let mut cells = Vec::with_capacity(columns.len());
            for (i, ((column, _), seen)) in columns.iter().zip(seen).enumerate() {
                // At most a few hundred columns, so the cast is exact.
                let index = i as u16;
                cells.push(
                    reduce(index, column, seen, &mut self.drops).unwrap_or_else(|bad| {
                        self.drops.add(Some(index), bad.expected(), 1, || None);
                        None
                    }),
                );
            }
            rows.push(RawRow {
                pseudonym: key.pseudonym("fhir", self.subjects.identity(patient)),
                cells,
            });
        }
        Ok((rows, self.drops, self.files))
    }

    /// Gives every fact to its patient; a resource that stands in the source twice counts once.
    fn assign(&mut self, paths: &[PathBuf], by_patient: &mut BTreeMap<usize, Vec<Vec<Seen>>>) {
        let mut resolved: HashMap<Reference, Result<usize, NoSubject>> = HashMap::new();
        let mut known: HashSet<(usize, u16, u128, u32)> = HashSet::new();
        for (order, (file, fact)) in std::mem::take(&mut self.facts).into_iter().enumerate() {
            let column = fact.column;
            let file = paths[file as usize].display();
            let place = || Some(format!("{file}, entry {}", fact.entry));
            let patient = match fact.who {
                Who::Own(number) => Ok(self.subjects.root(number)),
                Who::Reference(reference) => *resolved
                    .entry(reference)
                    .or_insert_with_key(|reference| self.subjects.resolve(reference)),
            };
            let patient = match patient {
                Ok(patient) => patient,
                Err(why) => {
                    self.drops.add(Some(column), why.reason(), 1, place);
                    continue;
                }
            };
            if !known.insert((patient, column, fact.origin, fact.part)) {
                let reason = "the same resource stands in the source twice";
                self.drops.add(Some(column), reason, 1, place);
                continue;
            }
            let columns = by_patient.get_mut(&patient);
            if let Some(list) = columns.and_then(|c| c.get_mut(usize::from(column))) {
                list.push(Seen {
                    value: fact.value,
                    when: fact.when,
                    order: order as u64,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
