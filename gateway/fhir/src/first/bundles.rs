//! Bundles in the first reading: of a file entry by entry, of a line at once.

use super::{First, unread};
use crate::delete::Requested;
use crate::error::FhirError;
use crate::files::{self, Format, Opened};
use crate::index::Spot;
use crate::json::{JsonError, Node, Why};
use crate::moment::instant;
use crate::pages::is_match;
use crate::reason::Reason;
use crate::skim::{Head, HeadSeed};
use crate::walk::{self, Bundle, Entries, Entry, Top, holds_states};
use serde::de::{DeserializeSeed, Deserializer};
use std::path::Path;

impl First<'_> {
    /// A Bundle in a line: what a bulk export deleted, or entries as elsewhere.
    pub(super) fn bundle_in_line(&mut self, bundle: &Node, line: u64) -> Result<(), FhirError> {
        self.tally.bundles += 1;
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
            let read = self.entry_in_line(entry, spot, time);
            self.met(read)?;
        }
        Ok(())
    }

    fn entry_in_line(
        &mut self,
        entry: &Node,
        spot: Spot<'_>,
        time: Option<i64>,
    ) -> Result<(), FhirError> {
        let requested = Requested {
            request: entry.get("request"),
            has_resource: entry.get("resource").is_some(),
            time,
        };
        if self.deletion(&requested, spot)? {
            return Ok(());
        }
        match entry.get("resource") {
            Some(resource @ Node::Object(_)) => {
                let head = self.skimmer.head(resource);
                self.resource(head, spot)
            }
            None if entry.get("request").is_some() => Ok(()),
            _ => {
                self.typeless(&format!("{}, line {}", self.path.display(), spot.at));
                Ok(())
            }
        }
    }

    pub(super) fn bundle(&mut self, path: &Path, top: &Top) -> Result<[u8; 32], FhirError> {
        self.tally.bundles += 1;
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
}

fn bundle_time(bundle: &Node) -> Option<i64> {
    let meta = bundle.get("meta").and_then(|m| m.text_at("lastUpdated"));
    meta.or_else(|| bundle.text_at("timestamp"))
        .and_then(instant)
}

fn changed(response: Option<&Node>) -> Option<i64> {
    response?.text_at("lastModified").and_then(instant)
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
        let requested = Requested {
            request: entry.request.as_ref(),
            has_resource: entry.resource.is_some(),
            time: self.time,
        };
        let deleted = self.first.deletion(&requested, spot);
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
        self.failure = self.first.met(taken).err();
        self.failure.is_none()
    }

    fn gathers(&self) -> bool {
        self.first.options.gather
    }

    fn fault(&mut self, entry: u64, error: &serde_json::Error) -> bool {
        let skimmed = &self.first.skimmer.why;
        let why = if skimmed.refused() { skimmed } else { self.why };
        let fault = FhirError::JsonEntry {
            path: self.first.path.clone(),
            entry,
            why: JsonError::new(error, why).why(),
        };
        self.failure = self.first.met(Err(fault)).err();
        self.failure.is_none()
    }

    fn why(&self) -> &Why {
        self.why
    }
}
