//! The second reading: each file again, and only what counts is handed over.

use crate::error::FhirError;
use crate::files::{self, Format, Line};
use crate::index::{At, FileSeen, NONE, Shape};
use crate::json::{self, Node, NodeSeed, Why};
use crate::walk::{self, Bundle, Entries, Look};
use crate::{Limits, Resolved};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

/// Takes what counts.
type Take<'t, E> = &'t mut dyn FnMut(Resolved<'_>) -> Result<(), E>;

/// Reads one file again.
pub(crate) struct Again<'a> {
    pub files: &'a [FileSeen],
    /// Of all entries.
    pub places: &'a [At],
    pub people: &'a [u32],
    pub doubtful: &'a BTreeSet<usize>,
    pub limits: Limits,
    pub gather: bool,
    pub file: usize,
}

fn changed(path: &Path) -> FhirError {
    FhirError::Changed {
        path: path.to_owned(),
    }
}

impl Again<'_> {
    /// Hands over what counts.
    ///
    /// **Errors**: the file changed, or the taker refused.
    pub(crate) fn read<E: From<FhirError>>(&self, take: Take<'_, E>) -> Result<(), E> {
        let Some(seen) = self.files.get(self.file) else {
            return Ok(());
        };
        let next = self.files.get(self.file + 1);
        let end = next.map_or(self.places.len(), |f| f.start);
        let digest = match seen.shape {
            Shape::Lines => self.lines(seen, seen.start..end, take)?,
            Shape::Bundle => self.bundle(seen, seen.start..end, take)?,
            Shape::Single => self.single(seen, seen.start..end, take)?,
            Shape::Nothing if seen.is_broken => return Ok(()),
            Shape::Nothing => {
                files::open(&seen.path, Format::Json, &self.limits)?.digest(&seen.path)?
            }
        };
        match digest == seen.digest || seen.is_broken {
            true => Ok(()),
            false => Err(changed(&seen.path).into()),
        }
    }

    /// The entries that stand at one line or entry, of those from `from` on.
    fn at(&self, from: usize, end: usize, at: u64) -> Range<usize> {
        let entries = self.places.get(from..end).unwrap_or_default();
        let place = |e: &&At| u64::from(e.at);
        let skip = entries.iter().take_while(|e| place(e) < at).count();
        let rest = entries.iter().skip(skip);
        let length = rest.take_while(|e| place(e) == at).count();
        from + skip..from + skip + length
    }

    fn counts(&self, range: Range<usize>) -> bool {
        self.people
            .get(range)
            .is_some_and(|p| p.iter().any(|p| *p != NONE))
    }

    /// Hands over what counts of one line or entry.
    fn hand_over<E>(&self, node: &Node, range: Range<usize>, take: Take<'_, E>) -> Result<bool, E> {
        for number in range {
            let (Some(&place), Some(&person)) = (self.places.get(number), self.people.get(number))
            else {
                return Ok(false);
            };
            if person == NONE {
                continue;
            }
            let Some(node) = inside(node, place) else {
                return Ok(false);
            };
            take(Resolved {
                node,
                person,
                place: place.of_file(self.file),
                is_doubtful: self.doubtful.contains(&number),
            })?;
        }
        Ok(true)
    }

    fn lines<E: From<FhirError>>(
        &self,
        seen: &FileSeen,
        range: Range<usize>,
        take: Take<'_, E>,
    ) -> Result<[u8; 32], E> {
        let path = &seen.path;
        let mut opened = files::open(path, Format::Lines, &self.limits)?;
        let (mut line, mut number, mut next) = (Vec::new(), 0u64, range.start);
        loop {
            number += 1;
            match opened.line(&mut line, path, &self.limits) {
                Ok(Line::Read) => {}
                Ok(Line::End) => return Ok(opened.digest(path)?),
                Ok(Line::TooLong) if self.gather => {
                    opened.pass_line(path)?;
                    continue;
                }
                Err(_) if seen.is_broken => return Ok(seen.digest),
                Ok(Line::TooLong) => return Err(changed(path).into()),
                Err(error) => return Err(error.into()),
            }
            let here = self.at(next, range.end, number);
            next = here.end;
            if !self.counts(here.clone()) {
                continue;
            }
            // What was JSON before and is none now has changed.
            let node = json::parse(&line).map_err(|_| changed(path))?;
            if !self.hand_over(&node, here, &mut *take)? {
                return Err(changed(path).into());
            }
        }
    }

    fn single<E: From<FhirError>>(
        &self,
        seen: &FileSeen,
        range: Range<usize>,
        take: Take<'_, E>,
    ) -> Result<[u8; 32], E> {
        let path = &seen.path;
        let mut opened = files::open(path, Format::Json, &self.limits)?;
        if self.counts(range.clone()) {
            let why = Why::default();
            let node = walk::whole(&mut opened.bytes, NodeLook(&why));
            let node = node.map_err(|_| changed(path))?;
            if !self.hand_over(&node, range, take)? {
                return Err(changed(path).into());
            }
        }
        Ok(opened.digest(path)?)
    }

    fn bundle<E: From<FhirError>>(
        &self,
        seen: &FileSeen,
        range: Range<usize>,
        take: Take<'_, E>,
    ) -> Result<[u8; 32], E> {
        let path = &seen.path;
        let mut opened = files::open(path, Format::Json, &self.limits)?;
        if self.counts(range.clone()) {
            let why = Why::default();
            let mut entries = SecondEntries {
                again: self,
                next: range.start,
                end: range.end,
                here: range.start..range.start,
                why: &why,
                take,
                failure: None,
            };
            let read = walk::whole(&mut opened.bytes, Bundle(&mut entries));
            if let Some(failure) = entries.failure {
                return Err(failure);
            }
            match read {
                Err(_) if seen.is_broken => return Ok(seen.digest),
                other => other.map_err(|_| changed(path))?,
            }
        }
        Ok(opened.digest(path)?)
    }
}

/// The resource of an entry inside what was read: of a Bundle in a line, of a container.
fn inside(node: &Node, place: At) -> Option<&Node> {
    let resource = match place.in_line() {
        0 => node,
        number => {
            let entries = node.each_at("entry");
            entries.get(number as usize - 1)?.get("resource")?
        }
    };
    match place.contained() {
        0 => Some(resource),
        number => resource.each_at("contained").get(number as usize - 1),
    }
}

struct NodeLook<'w>(&'w Why);

impl Look for NodeLook<'_> {
    type Got = Node;
    fn look<'de, D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        NodeSeed(self.0).deserialize(from)
    }
}

struct SecondEntries<'s, 't, E> {
    again: &'s Again<'s>,
    next: usize,
    end: usize,
    here: Range<usize>,
    why: &'s Why,
    take: Take<'t, E>,
    failure: Option<E>,
}

impl<E: From<FhirError>> Entries for SecondEntries<'_, '_, E> {
    type Resource = Option<Node>;

    fn resource<'de, D: Deserializer<'de>>(
        &mut self,
        number: u64,
        from: D,
    ) -> Result<Self::Resource, D::Error> {
        let here = self.again.at(self.next, self.end, number);
        if !self.again.counts(here) {
            return IgnoredAny::deserialize(from).map(|_| None);
        }
        NodeSeed(self.why).deserialize(from).map(Some)
    }

    fn entry(&mut self, entry: walk::Entry<Self::Resource>) -> bool {
        self.here = self.again.at(self.next, self.end, entry.number);
        self.next = self.here.end;
        let Some(node) = entry.resource.flatten() else {
            return true;
        };
        let handed = self
            .again
            .hand_over(&node, self.here.clone(), &mut *self.take);
        match handed {
            Ok(fine) => fine,
            Err(failure) => {
                self.failure = Some(failure);
                false
            }
        }
    }

    fn why(&self) -> &Why {
        self.why
    }

    fn gathers(&self) -> bool {
        self.again.gather
    }

    fn fault(&mut self, _: u64, _: &serde_json::Error) -> bool {
        true
    }
}
