//! Which export a file is of, and when that export was made.
//!
//! Source: FHIR Bulk Data Access, "Response - Complete Status": `transactionTime` says as of when the
//! files are. A folder without a manifest is an export of its own, known by the times in it.

use crate::asked::Asked;
use crate::index::{FileSeen, NO_TIME};
use crate::json::Node;
use crate::moment::instant;
use crate::walk::Top;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A bulk export's manifest.
pub(crate) struct Manifest {
    pub path: PathBuf,
    /// **Units**: microseconds since 1970 UTC.
    pub time: i64,
    pub output: Vec<Listed>,
    pub deleted: Vec<Listed>,
    pub error: Vec<Listed>,
    pub asked: Asked,
    /// Another manifest of the export follows.
    pub goes_on: bool,
}

/// A file that a manifest lists.
pub(crate) struct Listed {
    pub url: String,
    /// The file's name; empty where none can be read.
    pub name: String,
    /// None where it may hold any type.
    pub kind: Option<String>,
    /// How many resources it holds, where that is said; none inside where it cannot be read.
    pub count: Option<Option<u64>>,
}

impl Listed {
    fn read(node: &Node) -> Listed {
        let url = node.text_at("url").unwrap_or_default().to_owned();
        // A list of deletions may be of any type.
        let kind = node.text_at("type").filter(|kind| *kind != "Bundle");
        Listed {
            name: name_in(&url),
            url,
            kind: kind.map(str::to_owned),
            count: match node.get("count") {
                None | Some(Node::Null) => None,
                Some(Node::Number(text) | Node::Text(text)) => Some(text.parse().ok()),
                Some(_) => Some(None),
            },
        }
    }
}

impl Manifest {
    /// Reads a manifest. None where its time cannot be read.
    pub(crate) fn read(path: &Path, top: &Top) -> Option<Manifest> {
        let listed = |name| top.each(name).iter().map(Listed::read).collect();
        let is_next = |link: &Node| link.text_at("relation") == Some("next");
        Some(Manifest {
            path: path.to_owned(),
            time: top.text("transactionTime").and_then(instant)?,
            output: listed("output"),
            deleted: listed("deleted"),
            error: listed("error"),
            asked: Asked::read(top.text("request")),
            goes_on: top.each("link").iter().any(is_next),
        })
    }

    fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    fn lists(&self, name: &str) -> bool {
        let mut all = self.output.iter().chain(&self.deleted).chain(&self.error);
        all.any(|one| one.name == name)
    }
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

/// A file's name, `.gz` aside.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.strip_suffix(".gz").map_or(name.clone(), str::to_owned)
}

/// The name by which a manifest's URL means a file.
fn name_in(url: &str) -> String {
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
pub(crate) fn manifest_of<'m>(path: &Path, manifests: &'m [Manifest]) -> Option<&'m Manifest> {
    let name = name_of(path);
    for folder in path.ancestors().skip(1) {
        let here: Vec<&Manifest> = manifests.iter().filter(|m| m.folder() == folder).collect();
        if here.is_empty() {
            continue;
        }
        let listed = |m: &&&Manifest| m.lists(&name);
        let mut listing = here.iter().filter(listed);
        return match (listing.next(), listing.next(), here.as_slice()) {
            (Some(one), None, _) => Some(one),
            (None, None, [only]) => Some(only),
            _ => None,
        };
    }
    None
}

impl When {
    /// In an export of a time, in none of its files.
    pub(crate) fn of_export(time: i64) -> When {
        When {
            time: Some(time),
            folder: u32::MAX,
            range: None,
        }
    }

    /// The time as of which a state without a time of its own is known at least.
    pub(crate) fn at_least(&self) -> i64 {
        self.range.map_or(NO_TIME, |(_, last)| last)
    }
}
