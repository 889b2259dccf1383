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
use self::subjects::Subjects;
use super::column::Column;
use super::files::{self, Format};
use super::pseudonym::PseudonymKey;
use super::reduce::{Drops, Seen, reduce};
use super::{Files, Limits, Progress, RawRow, Skipped, SourceError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Everything known after all files were read.
struct Gathered {
    subjects: Subjects,
    facts: Vec<(u32, Fact)>,
    records: Vec<(usize, u32)>,
    drops: Drops,
    files: Files,
}

/// Reads a file or a folder.
pub(crate) fn read(
    root: &Path,
    columns: &[(Column, FhirColumn)],
    key: &PseudonymKey,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<RawRow>, Drops, Files), SourceError> {
    let paths = files::list(root)?;
    let mut gathered = Gathered {
        subjects: Subjects::default(),
        facts: Vec::new(),
        records: Vec::new(),
        drops: Drops::default(),
        files: Files::default(),
    };
    for (i, path) in paths.iter().enumerate() {
        progress(Progress {
            done: i,
            total: paths.len(),
            file: path.clone(),
        });
        gathered.read_file(&paths, i, columns, limits)?;
    }
    progress(Progress {
        done: paths.len(),
        total: paths.len(),
        file: root.to_owned(),
    });
    if gathered.subjects.records() == 0 {
        return Err(SourceError::Empty {
            path: root.to_owned(),
            why: gathered.files.why_no_patient(),
        });
    }
    gathered.rows(&paths, columns, key)
}

impl Files {
    fn why_no_patient(&self) -> String {
        let mut why = format!(
            "no FHIR Patient in {} Bundles, {} files skipped",
            self.read,
            self.skipped.len()
        );
        if let Some(first) = self.skipped.first() {
            why.push_str(&format!(
                " (the first, {}: {})",
                first.path.display(),
                first.why
            ));
        }
        if self
            .skipped
            .iter()
            .any(|s| Format::of(&s.path) == Some(Format::Csv))
        {
            why.push_str("; for CSV name the file itself");
        }
        why
    }
}

impl Gathered {
    fn read_file(
        &mut self,
        paths: &[PathBuf],
        at: usize,
        columns: &[(Column, FhirColumn)],
        limits: &Limits,
    ) -> Result<(), SourceError> {
        let path = &paths[at];
        // At most a million files, so the cast is exact.
        let file = at as u32;
        let mut facts = FileFacts::new(file, path, columns);
        let skipped = match Format::of(path) {
            Some(Format::Json) => bundle::read_json(path, limits, &mut facts)?,
            Some(Format::Ndjson) => bundle::read_ndjson(path, limits, &mut facts)?,
            _ => Some("no json"),
        };
        if let Some(why) = skipped {
            self.files.skipped.push(Skipped {
                path: path.clone(),
                why: why.to_owned(),
            });
            return Ok(());
        }
        self.files.read += 1;
        let FileFacts {
            records,
            facts,
            drops,
            ..
        } = facts;
        let first = self.records.len();
        for record in records {
            let number =
                self.subjects
                    .add(record, file)
                    .map_err(|e| SourceError::SamePatientId {
                        first: paths[e.first as usize].clone(),
                        second: paths[e.second as usize].clone(),
                    })?;
            self.records.push((number, file));
        }
        for mut fact in facts {
            if let Who::Own(n) = &mut fact.who {
                *n = self.records[first + *n].0;
            }
            self.facts.push((file, fact));
        }
        self.drops.merge(drops);
        Ok(())
    }

    fn rows(
        mut self,
        paths: &[PathBuf],
        columns: &[(Column, FhirColumn)],
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
        let mut resolved: HashMap<subjects::Reference, Result<usize, subjects::NoSubject>> =
            HashMap::new();
        let mut known: HashSet<(usize, u16, u128, u32)> = HashSet::new();
        for (order, (file, fact)) in std::mem::take(&mut self.facts).into_iter().enumerate() {
            let patient = match fact.who {
                Who::Own(number) => Ok(self.subjects.root(number)),
                Who::Reference(reference) => match resolved.get(&reference) {
                    Some(result) => *result,
                    None => {
                        let result = self.subjects.resolve(&reference);
                        resolved.insert(reference, result);
                        result
                    }
                },
            };
            let place = || {
                Some(format!(
                    "{}, entry {}",
                    paths[file as usize].display(),
                    fact.entry
                ))
            };
            match patient {
                Err(why) => self.drops.add(Some(fact.column), why.reason(), 1, place),
                Ok(patient) if !known.insert((patient, fact.column, fact.origin, fact.part)) => {
                    self.drops.add(
                        Some(fact.column),
                        "the same resource stands in the source twice",
                        1,
                        place,
                    );
                }
                Ok(patient) => {
                    let seen = Seen {
                        value: fact.value,
                        when: fact.when,
                        order: order as u64,
                    };
                    if let Some(list) = by_patient
                        .get_mut(&patient)
                        .and_then(|columns| columns.get_mut(usize::from(fact.column)))
                    {
                        list.push(seen);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
