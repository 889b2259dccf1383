//! Whether all that bulk exports should hold is there and was read.
//!
//! Source: FHIR Bulk Data Access, "Response - Complete Status".

use crate::asked::{Part, Since};
use crate::exports::{self, Listed, Manifest};
use crate::index::{FileSeen, Index, Origin};
use crate::reason::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// What exports and files say of each other.
struct Exports<'f, 'e> {
    manifests: &'e [Manifest],
    /// Files by the name that a manifest means, each with the manifest that it is of.
    by_name: BTreeMap<String, Vec<(&'f FileSeen, Option<&'e Manifest>)>>,
    short: Vec<(Option<String>, Reason, &'e Manifest)>,
}

/// Enters what is not all there.
pub(crate) fn enter(index: &mut Index, manifests: &[Manifest], wanted: &BTreeSet<String>) {
    let mut exports = Exports {
        manifests,
        by_name: BTreeMap::new(),
        short: Vec::new(),
    };
    if !manifests.is_empty() {
        for file in &index.files {
            let manifest = exports::manifest_of(&file.path, manifests);
            let named = exports.by_name.entry(exports::name_of(&file.path));
            named.or_default().push((file, manifest));
        }
        exports.files();
        exports.parts(&index.seen);
    }
    let short = exports.short;
    let parts = elements(index, manifests);
    for (kind, reason, manifest) in short {
        let place = manifest.path.display().to_string();
        let told = kind
            .as_ref()
            .is_none_or(|k| k == "Patient" || wanted.contains(k));
        if told {
            index.count_early(kind.as_deref().unwrap_or_default(), reason, &place);
        }
        if reason == Reason::UnreadableDeletion {
            index.unplaced(None, Origin::Export(manifest.time), None, false);
        }
        index.missing.insert(kind);
    }
    index.parts = parts;
}

/// Files whose resources have only some of their elements, and the types concerned.
fn elements(index: &mut Index, manifests: &[Manifest]) -> BTreeMap<usize, Option<BTreeSet<u16>>> {
    let mut parts = BTreeMap::new();
    for number in 0..index.files.len() {
        let path = index.files.get(number).map(|file| &file.path);
        let manifest = path.and_then(|path| exports::manifest_of(path, manifests));
        let kinds = match manifest.map(|m| &m.asked.elements) {
            None | Some(Part::Nothing) => continue,
            Some(Part::All) => None,
            Some(Part::Kinds(kinds)) => {
                Some(kinds.iter().map(|kind| index.kind_number(kind)).collect())
            }
        };
        parts.insert(number, kinds);
    }
    parts
}

impl<'f, 'e> Exports<'f, 'e> {
    fn add(&mut self, kind: Option<&str>, reason: Reason, manifest: &'e Manifest) {
        self.short.push((kind.map(str::to_owned), reason, manifest));
    }

    fn files(&mut self) {
        for manifest in self.manifests {
            if manifest.goes_on {
                self.add(None, Reason::ShortExport, manifest);
            }
            for (name, listed) in grouped(&manifest.output) {
                if !self.is_there(manifest, name, &listed, |file| file.tally.resources) {
                    for one in &listed {
                        self.add(one.kind.as_deref(), Reason::ShortExport, manifest);
                    }
                }
            }
            for (name, listed) in grouped(&manifest.deleted) {
                let counted = self.is_there(manifest, name, &listed, |f| f.tally.bundles)
                    || self.is_there(manifest, name, &listed, |f| f.tally.deletions);
                let only = |file: &&FileSeen| !file.is_broken && file.tally.holds_deletions_only();
                if !(counted && self.named(manifest, name).all(|file| only(&file))) {
                    self.add(None, Reason::UnreadableDeletion, manifest);
                }
            }
            // What the outcomes in it say is entered with them.
            for (name, listed) in grouped(&manifest.error) {
                let there = self.is_there(manifest, name, &listed, |file| file.tally.resources);
                let only = |file: &FileSeen| file.tally.resources == file.tally.outcomes;
                if !(there && self.named(manifest, name).all(only)) {
                    self.add(None, Reason::ExportErrors, manifest);
                }
            }
        }
    }

    /// The files that a manifest means by a name: its own, and those of no manifest.
    fn named(&self, manifest: &'e Manifest, name: &str) -> impl Iterator<Item = &'f FileSeen> {
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let is_meant = move |of: &Option<&Manifest>| of.is_none_or(|m| std::ptr::eq(m, manifest));
        let meant = named.iter().filter(move |(_, of)| is_meant(of));
        meant.map(|(file, _)| *file).collect::<Vec<_>>().into_iter()
    }

    /// Whether all files of a name are there, with as much in them as is said.
    fn is_there(
        &self,
        manifest: &'e Manifest,
        name: &str,
        listed: &[&Listed],
        holds: impl Fn(&FileSeen) -> u64,
    ) -> bool {
        let held: Vec<u64> = self.named(manifest, name).map(holds).collect();
        let urls: BTreeSet<&str> = listed.iter().map(|one| one.url.as_str()).collect();
        if name.is_empty() || held.len() < urls.len() {
            return false;
        }
        let mut counts = Vec::new();
        for one in listed {
            match one.count {
                None => return true,
                // A count that cannot be read may be any.
                Some(None) => return false,
                Some(Some(count)) => counts.push(count),
            }
        }
        // One file may lie there twice, packed and unpacked.
        match counts.as_slice() {
            [count] => held.iter().all(|held| held == count) || held.iter().sum::<u64>() == *count,
            _ => held.iter().sum::<u64>() == counts.iter().sum::<u64>(),
        }
    }

    /// Whether exports hold all of each type, or a part that was asked for.
    fn parts(&mut self, seen: &BTreeSet<String>) {
        for manifest in self.manifests {
            if manifest.asked.filtered == Part::All || manifest.asked.elements == Part::All {
                self.add(None, Reason::PartExport, manifest);
            }
        }
        let mut by_time: Vec<&Manifest> = self.manifests.iter().collect();
        by_time.sort_by_key(|m| (m.time, m.asked.since != Since::Ever));
        let Some(first) = by_time.first().copied() else {
            return;
        };
        for kind in seen {
            let of_kind = by_time.iter().copied().filter(|m| m.asked.covers(kind));
            let mut known: Option<i64> = None;
            for manifest in of_kind {
                let goes_on = match manifest.asked.since {
                    Since::Ever => true,
                    Since::At(since) => known.is_some_and(|known| since <= known),
                    Since::Unreadable => false,
                };
                let is_part = |part: &Part| *part != Part::All && part.has(kind);
                let asked = &manifest.asked;
                if !goes_on || is_part(&asked.filtered) || is_part(&asked.elements) {
                    self.add(Some(kind), Reason::PartExport, manifest);
                }
                known = Some(manifest.time);
            }
            if known.is_none() {
                self.add(Some(kind), Reason::PartExport, first);
            }
        }
    }
}

fn grouped(listed: &[Listed]) -> BTreeMap<&str, Vec<&Listed>> {
    let mut groups: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for one in listed {
        groups.entry(&one.name).or_default().push(one);
    }
    groups
}
