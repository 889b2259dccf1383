//! FHIR R4, R4B and R5 files read exactly: each resource once, in its latest state, with the person
//! whom it is about, or counted with the reason why not.
//!
//! A set is a file or a folder: Bundles, single resources, bulk exports (NDJSON, `deleted` files, a
//! manifest), each also gzipped. It is read twice. The first reading keeps an index and no resource;
//! the second hands over what counts.
//!
//! **Memory**: until resources are handed over, 64 bytes a resource of a type that is asked for, a
//! Patient, or one that contains such, and 26 more while states are put in order; about 120 bytes a
//! Patient and 32 for each identifier; about 120 bytes a reference that differs; 16 bytes for each
//! identifier and code of a result. Then 12 bytes a resource and about 40 a person. Always one
//! resource and 32 MiB of a JSON file. **Cost**: each file is read, unpacked and digested twice,
//! Bundles three times.

pub mod consent;
pub use medveil_sql_on_fhir::json;

mod asked;
mod delete;
mod enter;
mod enter_patient;
mod error;
mod exports;
mod files;
mod first;
mod index;
mod moment;
mod order;
mod outcome;
mod pages;
mod patients;
mod people;
mod reason;
mod reference;
mod release;
mod second;
mod short;
mod skim;
mod state;
mod status;
mod texts;
mod verdict;
mod walk;

pub use error::{Fault, Faults, FhirError};
pub use moment::Moment;
pub use outcome::Count;
pub use reason::Reason;
pub use release::FhirVersion;

use index::{At, Entry, FileSeen, Index, Shape};
use json::Node;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use texts::Texts;

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest JSON file, packed and unpacked. **Units**: bytes.
    pub json_bytes: u64,
    /// Largest file that is read in lines or rows, packed and unpacked. **Units**: bytes.
    pub stream_bytes: u64,
    /// Longest line. **Units**: bytes.
    pub line_bytes: u64,
}

impl Limits {
    /// 1 GiB of JSON, 64 GiB of lines, 16 MiB a line.
    pub const DEFAULT: Limits = Limits {
        json_bytes: 1 << 30,
        stream_bytes: 1 << 36,
        line_bytes: 1 << 24,
    };
}

/// What is read.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub limits: Limits,
    /// The resource types that views ask for. Patients are read in any case.
    pub types: &'a BTreeSet<String>,
    /// The system of the identifier that says who a person is; none takes ids and full URLs.
    pub identifier: Option<&'a str>,
    /// Whether faults of the data are gathered ([`Resources::faults`]), and do not end the reading.
    pub gather: bool,
}

/// How far the first reading is. The second takes about two thirds of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub total: usize,
    /// The file that is read now.
    pub file: PathBuf,
    /// Bytes of it that are read.
    pub bytes: u64,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    pub path: PathBuf,
    /// SHA-256 of the file as it lies on disk.
    pub digest: [u8; 32],
    /// Whether it is read line by line, or is a Bundle of entries or one resource.
    pub is_lines: bool,
}

/// A file that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSkipped {
    pub path: PathBuf,
    pub why: &'static str,
}

/// The files of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// All files that were opened, those with nothing to hand over too.
    pub read: Vec<FileRead>,
    pub skipped: Vec<FileSkipped>,
}

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number in [`Files::read`].
    pub file: usize,
    /// Line, or entry of a Bundle, from 1.
    pub at: u64,
    /// Entry of a Bundle that stands in a line, from 1; 0 where it is no Bundle.
    pub inside: u32,
    /// Which of the contained resources, from 1; 0 for the resource itself.
    pub contained: u32,
}

/// A resource that counts. No `Debug`: it is somebody's.
pub struct Resolved<'n> {
    pub node: &'n Node,
    /// From 0, below [`Resources::persons`].
    pub person: u32,
    pub place: Place,
    /// Nobody can tell what it says: an unknown or unreadable status, a modifier, a part only. It may
    /// hide or change anything of its person that it names, and says nothing itself.
    pub is_doubtful: bool,
}

/// A set after its first reading.
pub struct Resources {
    /// How many people there are.
    pub persons: u32,
    pub version: FhirVersion,
    /// What was not handed over and why, by type and reason.
    pub counts: Vec<Count>,
    pub files: Files,
    /// Types that were seen and of which every file that may hold some was read.
    pub complete: BTreeSet<String>,
    /// What was met and not read, where that is gathered.
    pub faults: Faults,
    /// Numbers of texts, by person.
    identities: Vec<u32>,
    texts: Texts,
    seen: Vec<FileSeen>,
    places: Vec<At>,
    people: Vec<u32>,
    doubtful: BTreeSet<usize>,
    limits: Limits,
    gather: bool,
}

/// Reads a file or a folder for the first time.
///
/// **Errors**: what cannot be read exactly, by file and place; no patient.
pub fn read(
    path: &Path,
    options: &Options<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Resources, FhirError> {
    let mut first = first::read(files::list(path)?, path, options, progress)?;
    let exports = exports::assign(&first.index.files, &first.manifests);
    let states = state::latest(&mut first.index, &exports, &mut |fault| {
        match options.gather {
            true => first.faults.add(fault, false),
            false => return Err(fault),
        }
        Ok(())
    })?;
    let (mut index, faults) = (first.index, first.faults);
    let by_value = options.identifier.is_some();
    let people = people::People::of(&index, &states, by_value);
    if people.len() == 0 && faults.count == 0 {
        return Err(FhirError::Empty {
            path: path.to_owned(),
            why: why_nobody(&index),
        });
    }
    let outcome = outcome::of(&index, &states, &people);
    let identities = people.into_identities();
    drop(states);
    let patients = std::mem::take(&mut index.patients);
    let places = index.entries.iter().map(Entry::place).collect();
    index.entries = Vec::new();
    let files = Files {
        read: index.files.iter().map(read_file).collect(),
        skipped: index.skipped.iter().map(skipped).collect(),
    };
    Ok(Resources {
        persons: identities.len() as u32,
        version: index
            .said
            .as_ref()
            .map_or(FhirVersion::Common, |s| s.version),
        counts: outcome.counts,
        files,
        complete: complete(&index),
        identities,
        texts: match by_value {
            true => patients.values,
            false => patients.identities,
        },
        people: outcome.people,
        doubtful: outcome.doubtful,
        limits: options.limits,
        gather: options.gather,
        faults,
        places,
        seen: index.files,
    })
}

fn read_file(file: &FileSeen) -> FileRead {
    FileRead {
        path: file.path.clone(),
        digest: file.digest,
        is_lines: file.shape == Shape::Lines,
    }
}

fn skipped((path, why): &(PathBuf, &'static str)) -> FileSkipped {
    FileSkipped {
        path: path.clone(),
        why,
    }
}

fn complete(index: &Index) -> BTreeSet<String> {
    if index.missing.contains(&None) {
        return BTreeSet::new();
    }
    let whole = |kind: &&String| !index.missing.contains(&Some((*kind).clone()));
    index.seen.iter().filter(whole).cloned().collect()
}

fn why_nobody(index: &Index) -> String {
    let read = index
        .files
        .iter()
        .filter(|f| f.shape != Shape::Nothing)
        .count();
    let mut why = format!("{read} files read, {} skipped", index.skipped.len());
    if let Some((path, reason)) = index.skipped.first() {
        why.push_str(&format!(" (the first, {}: {reason})", path.display()));
    }
    if !index.patients.is_empty() {
        why.push_str(", and every Patient in them was refused or deleted");
    }
    why
}

impl Resources {
    /// Reads the set again and hands over each resource that counts or may, in the order of the
    /// files.
    ///
    /// **Errors**: a file changed since the first reading; what `take` says.
    pub fn each<E: From<FhirError>>(
        &mut self,
        take: &mut dyn FnMut(Resolved<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for file in 0..self.seen.len() {
            let again = second::Again {
                files: &self.seen,
                places: &self.places,
                people: &self.people,
                doubtful: &self.doubtful,
                limits: self.limits,
                gather: self.gather,
                file,
            };
            again.read(take)?;
        }
        Ok(())
    }

    /// How many resources [`each`](Resources::each) hands over, if no file changed.
    pub fn n_resources(&self) -> usize {
        self.people
            .iter()
            .filter(|person| **person != index::NONE)
            .count()
    }

    /// What a person is called, for a pseudonym: it does not depend on the order of files.
    /// Empty where there is no such person.
    pub fn person_identity(&self, person: u32) -> &str {
        let identity = self.identities.get(person as usize);
        identity.map_or("", |text| self.texts.get(*text))
    }

    /// A place in words: file, line or entry.
    pub fn place(&self, place: Place) -> String {
        index::words(&self.seen, place)
    }
}
