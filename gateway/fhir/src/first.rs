//! The first reading: every file once, one resource in memory at a time.

mod bundles;

use crate::error::{Faults, FhirError};
use crate::exports::{Manifest, wider};
use crate::files::{self, Format, Line, Listed};
use crate::index::{FileSeen, Index, Shape, Spot, Tally};
use crate::json::{self, JsonError, Why};
use crate::pages::Pages;
use crate::reason::Reason;
use crate::short;
use crate::skim::{Head, HeadSeed, Skimmer};
use crate::walk::{self, Look, Peek, Top, holds_states};
use crate::{Options, Progress};
use serde::de::{DeserializeSeed, Deserializer};
use std::path::{Path, PathBuf};

/// The state of the first reading.
pub(crate) struct First<'a> {
    pub options: &'a Options<'a>,
    pub index: Index,
    pub skimmer: Skimmer,
    pub manifests: Vec<Manifest>,
    /// What was met and not read, where that is gathered.
    pub faults: Faults,
    pages: Pages,
    /// What the current file said of times.
    pub times: Option<(i64, i64)>,
    /// What the current file holds.
    pub tally: Tally,
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
        faults: Faults::default(),
        pages: Pages::default(),
        times: None,
        tally: Tally::default(),
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
    if first.index.entries.len() >= u32::MAX as usize || first.index.patients.are_too_many() {
        return Err(FhirError::TooMany {
            path: root.to_owned(),
            what: "resources or identifiers",
            limit: u64::from(u32::MAX),
        });
    }
    let place = root.display().to_string();
    if first.pages.are_short() {
        first.no_states(Reason::ShortSearch, &place);
    }
    short::enter(&mut first.index, &first.manifests, options.types);
    first.index.references.close();
    Ok(first)
}

impl First<'_> {
    fn file(&mut self, path: &Path) -> Result<(), FhirError> {
        self.path = path.to_owned();
        self.times = None;
        self.tally = Tally::default();
        self.tell(0);
        let start = self.index.entries.len();
        let Some(format) = Format::of(path) else {
            self.skip(path, "no json");
            return Ok(());
        };
        let read = match format {
            Format::Lines => self.lines(path),
            Format::Json => self.json(path),
        };
        let is_broken = read.is_err();
        let (shape, digest) = match read {
            Err(fault) if self.gathers(&fault) => {
                self.faults.add(fault, true);
                self.index.missing.insert(None);
                (self.broken(format, start), [0; 32])
            }
            other => other?,
        };
        self.index.files.push(FileSeen {
            path: path.to_owned(),
            digest,
            shape,
            start,
            times: self.times,
            is_broken,
            tally: self.tally,
        });
        Ok(())
    }

    /// How a file is read again of which the entries from `start` on were read.
    fn broken(&self, format: Format, start: usize) -> Shape {
        match format {
            _ if self.index.entries.len() == start => Shape::Nothing,
            Format::Lines => Shape::Lines,
            Format::Json => Shape::Bundle,
        }
    }

    /// Gathers a fault of the data, where faults are gathered.
    pub(crate) fn met(&mut self, result: Result<(), FhirError>) -> Result<(), FhirError> {
        match result {
            Err(fault) if self.gathers(&fault) => {
                self.faults.add(fault, false);
                self.index.missing.insert(None);
                Ok(())
            }
            other => other,
        }
    }

    fn gathers(&self, fault: &FhirError) -> bool {
        self.options.gather && fault.is_of_data()
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
            match opened.line(&mut line, path, &limits)? {
                Line::End => return Ok((Shape::Lines, opened.digest(path)?)),
                Line::Read if line.iter().all(u8::is_ascii_whitespace) => {}
                Line::Read => {
                    let read = self.line(&line, number);
                    self.met(read)?;
                }
                Line::TooLong => {
                    self.met(Err(files::too_long(path, number, &limits)))?;
                    opened.pass_line(path)?;
                }
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

    fn manifest(&mut self, path: &Path, top: &Top) {
        match Manifest::read(path, top) {
            Some(manifest) => self.manifests.push(manifest),
            None => self.skip(path, "an export's manifest whose time cannot be read"),
        }
    }

    pub(crate) fn saw_time(&mut self, time: i64) {
        self.times = wider(self.times, Some((time, time)));
    }
}

/// Names the file where its JSON cannot be read.
fn unread(path: &Path, error: serde_json::Error, why: &Why) -> FhirError {
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
