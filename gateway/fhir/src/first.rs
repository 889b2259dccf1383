//! The first reading: every file once, one resource in memory at a time.

use crate::error::FhirError;
use crate::exports::{self, Manifest, wider};
use crate::files::{self, Format, Listed, Opened};
use crate::index::{FileSeen, Index, Shape, Spot};
use crate::json::{self, JsonError, Node, Why};
use crate::moment::instant;
use crate::pages::{Pages, is_match};
use crate::reason::Reason;
use crate::skim::{Head, HeadSeed, Skimmer};
use crate::walk::{self, Bundle, Entries, Entry, Look, Peek, Top, holds_states};
use crate::{Options, Progress};
use serde::de::{DeserializeSeed, Deserializer};
use std::path::{Path, PathBuf};

/// The state of the first reading.
pub(crate) struct First<'a> {
    pub options: &'a Options<'a>,
    pub index: Index,
    pub skimmer: Skimmer,
    pub manifests: Vec<Manifest>,
    pages: Pages,
    /// What the current file said of times.
    pub times: Option<(i64, i64)>,
    pub path: PathBuf,
    progress: &'a mut dyn FnMut(Progress),
    /// Files that are read, and all.
    files: (usize, usize),
}

/// Lines between two words of progress.
const STRIDE: u64 = 4096;

/// Reads all files.
pub(crate) fn read<'a>(
    listed: Listed,
    root: &Path,
    options: &'a Options<'a>,
    progress: &'a mut dyn FnMut(Progress),
) -> Result<First<'a>, FhirError> {
    let mut first = First {
        options,
        index: Index::default(),
        skimmer: Skimmer::new(),
        manifests: Vec::new(),
        pages: Pages::default(),
        times: None,
        path: PathBuf::new(),
        progress,
        files: (0, listed.files.len()),
    };
    for kind in options.types {
        first.index.kind_number(kind);
    }
    if !listed.skipped.is_empty() {
        first.index.missing.insert(None);
        first.index.skipped.extend(listed.skipped);
    }
    for (done, path) in listed.files.iter().enumerate() {
        first.files.0 = done;
        first.file(path)?;
    }
    if first.index.entries.len() >= u32::MAX as usize {
        return Err(FhirError::TooMany {
            path: root.to_owned(),
            what: "resources",
            limit: u64::from(u32::MAX),
        });
    }
    let place = root.display().to_string();
    if first.pages.are_short() {
        first.no_states(Reason::ShortSearch, &place);
    }
    let missing = exports::missing(&first.index.files, &first.manifests);
    for kind in &missing {
        let kind = kind.as_deref().unwrap_or_default();
        first.index.count_early(kind, Reason::ShortExport, &place);
    }
    first.index.missing.extend(missing);
    first.index.references.close();
    Ok(first)
}

impl First<'_> {
    fn file(&mut self, path: &Path) -> Result<(), FhirError> {
        self.path = path.to_owned();
        self.times = None;
        self.tell(0);
        let start = self.index.entries.len();
        let Some(format) = Format::of(path) else {
            self.skip(path, "no json");
            return Ok(());
        };
        let (shape, digest) = match format {
            Format::Lines => self.lines(path)?,
            Format::Json => self.json(path)?,
        };
        self.index.files.push(FileSeen {
            path: path.to_owned(),
            digest,
            shape,
            start,
            times: self.times,
        });
        Ok(())
    }

    fn tell(&mut self, bytes: u64) {
        (self.progress)(Progress {
            done: self.files.0,
            total: self.files.1,
            file: self.path.clone(),
            bytes,
        });
    }

    fn skip(&mut self, path: &Path, why: &'static str) {
        if files::may_hold_resources(path) {
            self.index.missing.insert(None);
        }
        self.index.skipped.push((path.to_owned(), why));
    }

    fn lines(&mut self, path: &Path) -> Result<(Shape, [u8; 32]), FhirError> {
        let limits = self.options.limits;
        let mut opened = files::open(path, Format::Lines, &limits)?;
        let (mut line, mut number) = (Vec::new(), 0u64);
        loop {
            number += 1;
            if !opened.line(&mut line, number, path, &limits)? {
                return Ok((Shape::Lines, opened.digest(path)?));
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                self.line(&line, number)?;
            }
            if number.is_multiple_of(STRIDE) {
                self.tell(opened.read());
            }
        }
    }

    fn line(&mut self, line: &[u8], number: u64) -> Result<(), FhirError> {
        let failed = |source| FhirError::JsonLine {
            path: self.path.clone(),
            line: number,
            source,
        };
        let mut from = serde_json::Deserializer::from_slice(line);
        let head = HeadSeed(&self.skimmer).deserialize(&mut from);
        let head = head.and_then(|head| from.end().map(|()| head));
        let head = head.map_err(|e| failed(JsonError::new(&e, &self.skimmer.why)))?;
        let spot = Spot {
            at: number,
            ..Spot::default()
        };
        match head {
            Some(head) if head.node.text_at("resourceType") == Some("Bundle") => {
                let node = json::parse(line).map_err(failed)?;
                self.bundle_in_line(&node, number)
            }
            Some(head) => self.resource(head, spot),
            None => {
                self.typeless(&format!("{}, line {number}", self.path.display()));
                Ok(())
            }
        }
    }

    /// A Bundle in a line: what a bulk export deleted, or entries as elsewhere.
    fn bundle_in_line(&mut self, bundle: &Node, line: u64) -> Result<(), FhirError> {
        if !holds_states(bundle.text_at("type")) {
            let place = format!("{}, line {line}", self.path.display());
            self.no_states(Reason::BundleOfNoState, &place);
            return Ok(());
        }
        let time = bundle_time(bundle);
        let entries = bundle.each_at("entry").iter();
        let here = entries.filter(|e| is_match(e.get("search"), e.get("resource").is_some()));
        self.pages.take(bundle, here.count() as u64);
        for (number, entry) in (1u64..).zip(bundle.each_at("entry")) {
            let spot = Spot {
                at: line,
                in_line: number,
                full_url: entry.text_at("fullUrl"),
                time: changed(entry.get("response")),
                history: bundle.text_at("type") == Some("history"),
            };
            if self.deletion(entry.get("request"), spot, time)? {
                continue;
            }
            match entry.get("resource") {
                Some(resource @ Node::Object(_)) => {
                    let head = self.skimmer.head(resource);
                    self.resource(head, spot)?;
                }
                None if entry.get("request").is_some() => {}
                _ => self.typeless(&format!("{}, line {line}", self.path.display())),
            }
        }
        Ok(())
    }

    fn json(&mut self, path: &Path) -> Result<(Shape, [u8; 32]), FhirError> {
        let why = Why::default();
        let (top, digest) = self.look(path, Peek(&why), &why)?;
        let (resource_type, bundle_type) = (top.text("resourceType"), top.text("type"));
        if top.is_manifest() {
            self.manifest(path, &top);
            return Ok((Shape::Nothing, digest));
        }
        let shape = match resource_type {
            Some("Bundle") if holds_states(bundle_type) => Shape::Bundle,
            Some("Bundle") => {
                self.index.missing.insert(None);
                self.skip(path, Reason::BundleOfNoState.words());
                return Ok((Shape::Nothing, digest));
            }
            Some(_) => Shape::Single,
            None => {
                self.skip(path, "no FHIR resource");
                return Ok((Shape::Nothing, digest));
            }
        };
        let again = match shape {
            Shape::Bundle => self.bundle(path, &top)?,
            _ => self.single(path)?,
        };
        match again == digest {
            true => Ok((shape, digest)),
            false => Err(FhirError::Changed {
                path: path.to_owned(),
            }),
        }
    }

    fn single(&mut self, path: &Path) -> Result<[u8; 32], FhirError> {
        let look = HeadLook(&self.skimmer);
        let (head, digest) = self.look(path, look, &self.skimmer.why)?;
        if let Some(head) = head {
            let spot = Spot {
                at: 1,
                ..Spot::default()
            };
            self.resource(head, spot)?;
        }
        Ok(digest)
    }

    fn look<L: Look>(
        &self,
        path: &Path,
        look: L,
        why: &Why,
    ) -> Result<(L::Got, [u8; 32]), FhirError> {
        let mut opened = files::open(path, Format::Json, &self.options.limits)?;
        let got = walk::whole(&mut opened.bytes, look);
        let got = got.map_err(|e| unread(path, e, why))?;
        Ok((got, opened.digest(path)?))
    }

    fn bundle(&mut self, path: &Path, top: &Top) -> Result<[u8; 32], FhirError> {
        let mut opened: Opened = files::open(path, Format::Json, &self.options.limits)?;
        let why = Why::default();
        let mut entries = FirstEntries {
            history: top.text("type") == Some("history"),
            time: top.fields.as_ref().and_then(bundle_time),
            first: self,
            failure: None,
            why: &why,
            matches: 0,
        };
        let read = walk::whole(&mut opened.bytes, Bundle(&mut entries));
        let matches = entries.matches;
        if let Some(failure) = entries.failure {
            return Err(failure);
        }
        if let Some(fields) = &top.fields {
            self.pages.take(fields, matches);
        }
        read.map_err(|e| {
            let refused = self.skimmer.why.refused();
            unread(path, e, if refused { &self.skimmer.why } else { &why })
        })?;
        opened.digest(path)
    }

    fn manifest(&mut self, path: &Path, top: &Top) {
        let time = top.text("transactionTime").and_then(instant);
        let Some(time) = time else {
            self.skip(path, "an export's manifest whose time cannot be read");
            return;
        };
        let files = top.each("output").iter().chain(top.each("deleted"));
        let files = files.filter_map(|f| {
            let kind = f.text_at("type").unwrap_or_default().to_owned();
            Some((exports::name_in(f.text_at("url")?), kind))
        });
        self.manifests.push(Manifest {
            folder: path.parent().unwrap_or(path).to_owned(),
            time,
            files: files.collect(),
            since: top.text("request").is_some_and(|r| r.contains("_since=")),
        });
    }

    pub(crate) fn saw_time(&mut self, time: i64) {
        self.times = wider(self.times, Some((time, time)));
    }
}

fn bundle_time(bundle: &Node) -> Option<i64> {
    let meta = bundle.get("meta").and_then(|m| m.text_at("lastUpdated"));
    meta.or_else(|| bundle.text_at("timestamp"))
        .and_then(instant)
}

fn changed(response: Option<&Node>) -> Option<i64> {
    response?.text_at("lastModified").and_then(instant)
}

/// Names the file where its JSON cannot be read.
pub(crate) fn unread(path: &Path, error: serde_json::Error, why: &Why) -> FhirError {
    if error.is_io() {
        return files::at(path)(error.into());
    }
    FhirError::Json {
        path: path.to_owned(),
        source: JsonError::new(&error, why),
    }
}

struct HeadLook<'s>(&'s Skimmer);

impl Look for HeadLook<'_> {
    type Got = Option<Head>;
    fn look<'de, D: Deserializer<'de>>(self, from: D) -> Result<Self::Got, D::Error> {
        HeadSeed(self.0).deserialize(from)
    }
}

/// The entries of a Bundle, one at a time.
struct FirstEntries<'f, 'a, 'w> {
    first: &'f mut First<'a>,
    failure: Option<FhirError>,
    why: &'w Why,
    matches: u64,
    history: bool,
    time: Option<i64>,
}

impl Entries for FirstEntries<'_, '_, '_> {
    type Resource = Option<Head>;

    fn resource<'de, D: Deserializer<'de>>(
        &mut self,
        _: u64,
        from: D,
    ) -> Result<Self::Resource, D::Error> {
        HeadSeed(&self.first.skimmer).deserialize(from)
    }

    fn entry(&mut self, entry: Entry<Self::Resource>) -> bool {
        let spot = Spot {
            at: entry.number,
            in_line: 0,
            full_url: entry.full_url.as_deref(),
            time: changed(entry.response.as_ref()),
            history: self.history,
        };
        let is_match = is_match(entry.search.as_ref(), entry.resource.is_some());
        self.matches += u64::from(is_match);
        let deleted = self.first.deletion(entry.request.as_ref(), spot, self.time);
        let taken = match (deleted, entry.resource.flatten()) {
            (Ok(false), Some(head)) => self.first.resource(head, spot),
            (Ok(false), None) if entry.request.is_none() => {
                let place = format!("{}, entry {}", self.first.path.display(), spot.at);
                self.first.typeless(&place);
                Ok(())
            }
            (Ok(_), _) => Ok(()),
            (Err(failure), _) => Err(failure),
        };
        self.failure = taken.err();
        self.failure.is_none()
    }

    fn why(&self) -> &Why {
        self.why
    }
}
