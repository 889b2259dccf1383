//! Which export a file is of, and when that export was made.
//!
//! Source: FHIR Bulk Data Access, "Response - Complete Status": `transactionTime` says as of when the
//! files are. A folder without a manifest is an export of its own, known by the times in it.

use crate::index::{FileSeen, NO_TIME};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A bulk export's manifest.
pub(crate) struct Manifest {
    pub folder: PathBuf,
    /// **Units**: microseconds since 1970 UTC.
    pub time: i64,
    /// Names of the files that it lists, and their types.
    pub files: BTreeMap<String, String>,
    /// Whether it holds only what changed since an earlier one.
    pub since: bool,
}

/// What is known of a file's time.
#[derive(Clone, Copy, Default)]
pub(crate) struct When {
    /// The export's time; none where no manifest says it.
    pub time: Option<i64>,
    pub folder: u32,
    /// Earliest and latest lastUpdated of the folder.
    pub range: Option<(i64, i64)>,
}

/// Earliest and latest.
type Span = Option<(i64, i64)>;

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.strip_suffix(".gz").map_or(name.clone(), str::to_owned)
}

/// The name by which a manifest's URL means a file.
pub(crate) fn name_in(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    name_of(Path::new(url.rsplit('/').next().unwrap_or_default()))
}

/// Says of each file when it was exported.
pub(crate) fn assign(files: &[FileSeen], manifests: &[Manifest]) -> Vec<When> {
    let mut folders: BTreeMap<&Path, (u32, Span)> = BTreeMap::new();
    for file in files {
        let next = folders.len() as u32;
        let folder = folder_of(&file.path);
        let (_, range) = folders.entry(folder).or_insert((next, None));
        *range = wider(*range, file.times);
    }
    files
        .iter()
        .map(|file| {
            let found = folders.get(folder_of(&file.path)).copied();
            let (folder, range) = found.unwrap_or_default();
            When {
                time: manifest_of(&file.path, manifests).map(|m| m.time),
                folder,
                range,
            }
        })
        .collect()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

pub(crate) fn wider(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// The manifest that a file is of: the nearest folder's that lists it, or its only one.
fn manifest_of<'m>(path: &Path, manifests: &'m [Manifest]) -> Option<&'m Manifest> {
    let name = name_of(path);
    for folder in path.ancestors().skip(1) {
        let here: Vec<&Manifest> = manifests.iter().filter(|m| m.folder == folder).collect();
        if here.is_empty() {
            continue;
        }
        let listed = |m: &&&Manifest| m.files.contains_key(&name);
        let mut listing = here.iter().filter(listed);
        return match (listing.next(), listing.next(), here.as_slice()) {
            (Some(one), None, _) => Some(one),
            (None, None, [only]) => Some(only),
            _ => None,
        };
    }
    None
}

/// Types of which a manifest lists files that are not there, and whether the first export is only
/// what changed.
pub(crate) fn missing(files: &[FileSeen], manifests: &[Manifest]) -> BTreeSet<Option<String>> {
    let mut missing = BTreeSet::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    if !manifests.is_empty() {
        names.extend(files.iter().map(|f| name_of(&f.path)));
    }
    for manifest in manifests {
        for (name, kind) in &manifest.files {
            if !names.contains(name) {
                // A list of deletions may be of any type.
                missing.insert(Some(kind.clone()).filter(|kind| kind != "Bundle"));
            }
        }
    }
    let first = manifests.iter().min_by_key(|m| m.time);
    if first.is_some_and(|m| m.since) {
        missing.insert(None);
    }
    missing
}

impl When {
    /// The time as of which a state without a time of its own is known at least.
    pub(crate) fn at_least(&self) -> i64 {
        self.range.map_or(NO_TIME, |(_, last)| last)
    }
}
