//! Which state of a resource is the latest.
//!
//! By versionId where both are numbers, by lastUpdated, by the exports they came in; never by path.
//! Where nothing tells and the contents differ, the set is refused. What says that a resource never
//! was (entered in error, deleted) comes after what says nothing of its time.

use crate::error::FhirError;
use crate::exports::When;
use crate::index::{Entry, Index, Origin, Unplaced};
use crate::order::compare;
use crate::reason::Reason;
use crate::reference::{Ident, Key, NO_BASE};
use crate::verdict::Verdict;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What became of each entry: none where it is the latest state.
pub(crate) type Fates = Vec<Option<Reason>>;

/// The states of a set, by resource.
pub(crate) struct States {
    pub fates: Fates,
    /// Numbers of entries, sorted by their keys.
    order: Vec<u32>,
    /// Names that turned out to be one, each with the name that stands for it.
    same: HashMap<Ident, Ident>,
    /// Why nobody can tell what each latest state says, besides what it says itself; empty where
    /// there is nothing of the kind.
    doubts: Vec<Option<Reason>>,
}

/// Takes what refuses a set, or gives it back.
pub(crate) type Met<'m> = dyn FnMut(FhirError) -> Result<(), FhirError> + 'm;

/// Finds the latest states.
///
/// **Errors**: states whose order nothing tells; two people under one id.
/// **Cost**: sorting, and the states of one resource twice.
pub(crate) fn latest(
    index: &mut Index,
    exports: &[When],
    met: &mut Met<'_>,
) -> Result<States, FhirError> {
    let same = joined(&index.aliases);
    rename(index, &same);
    let order = sorted(&index.entries);
    let mut fates = vec![None; index.entries.len()];
    let judge = Judge { index, exports };
    let name = |n: &u32| judge.entry(Some(n)).map(|e| e.key);
    for group in order.chunk_by(|a, b| name(a) == name(b)) {
        let deletes = group.first().is_some_and(|n| judge.deletes(*n));
        if group.len() > 1 || deletes {
            judge.resource(group, &mut fates, met)?;
        }
    }
    let doubts = judge.doubts(&fates);
    Ok(States {
        fates,
        order,
        same,
        doubts,
    })
}

/// Gives each thing its one name, and forgets the server where there is one only.
fn rename(index: &mut Index, same: &HashMap<Ident, Ident>) {
    let one_server = index.bases.len() <= 1;
    let one = |ident: Ident| same.get(&ident).copied().unwrap_or(ident);
    for entry in &mut index.entries {
        entry.key = one(entry.key);
        if one_server {
            entry.base = NO_BASE;
        }
    }
    for reference in &mut index.references.all {
        if let Some(key) = &mut reference.target {
            key.ident = one(key.ident);
        }
    }
}

/// Entries of their own by name; those of one name by what they say, so that no path decides.
fn sorted(entries: &[Entry]) -> Vec<u32> {
    let numbered = entries.iter().zip(0u32..);
    let own = numbered.filter(|(entry, _)| !entry.is(Entry::CONTAINED));
    // By the first half of a name, which seldom needs the rest.
    let mut order: Vec<(u64, u32)> = own.map(|(entry, n)| (entry.key.half(), n)).collect();
    let rank = |n: u32| {
        let entry = entries.get(n as usize);
        entry.map(|e| {
            let newest_first = std::cmp::Reverse((e.version, e.time));
            (e.key, e.base, newest_first, e.content, e.flags, n)
        })
    };
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rank(a.1).cmp(&rank(b.1))));
    order.into_iter().map(|(_, n)| n).collect()
}

/// Joins names: each with the smallest of those that are one.
fn joined(aliases: &[(Ident, Ident)]) -> HashMap<Ident, Ident> {
    fn root(parents: &mut HashMap<Ident, Ident>, mut name: Ident) -> Ident {
        while let Some(&above) = parents.get(&name).filter(|above| **above != name) {
            // Halving the way keeps later look-ups short.
            let higher = parents.get(&above).copied().unwrap_or(above);
            parents.insert(name, higher);
            name = higher;
        }
        name
    }
    let mut parents: HashMap<Ident, Ident> = HashMap::new();
    for &(a, b) in aliases {
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        let (small, large) = if a <= b { (a, b) } else { (b, a) };
        parents.insert(large, small);
        parents.entry(small).or_insert(small);
    }
    let names: Vec<Ident> = parents.keys().copied().collect();
    names
        .into_iter()
        .map(|n| (n, root(&mut parents, n)))
        .collect()
}

impl States {
    /// The entries of a name, of whichever server.
    pub(crate) fn named<'s>(
        &'s self,
        index: &'s Index,
        ident: Ident,
    ) -> impl Iterator<Item = u32> + 's {
        let key = |n: u32| index.entries.get(n as usize).map(|e| e.key);
        let before = |n: &u32| key(*n).is_some_and(|key| key < ident);
        let start = self.order.partition_point(before);
        let rest = self.order.get(start..).unwrap_or_default();
        let own = rest.iter().copied();
        own.take_while(move |n| key(*n) == Some(ident))
    }

    /// The entries that a name may mean, of a server or of whichever.
    pub(crate) fn find<'s>(
        &'s self,
        index: &'s Index,
        key: Key,
    ) -> impl Iterator<Item = usize> + 's {
        let any = key.base == NO_BASE || index.bases.len() <= 1;
        let named = self.named(index, self.ident(key.ident));
        named.map(|n| n as usize).filter(move |n| {
            let base = index.entries.get(*n).map_or(NO_BASE, |e| e.base);
            any || base == key.base || base == NO_BASE
        })
    }

    /// The numbers of a Patient's states that a name may mean.
    pub(crate) fn patients<'s>(
        &'s self,
        index: &'s Index,
        key: Key,
    ) -> impl Iterator<Item = u32> + 's {
        let states = self.find(index, key);
        let states = states.filter_map(|number| index.entries.get(number));
        states.filter(|e| !e.is(Entry::DELETION)).map(|e| e.subject)
    }

    /// Why nobody can tell what a state says, besides what it says itself.
    pub(crate) fn doubt(&self, number: usize) -> Option<Reason> {
        self.doubts.get(number).copied().flatten()
    }

    pub(crate) fn ident(&self, ident: Ident) -> Ident {
        self.same.get(&ident).copied().unwrap_or(ident)
    }
}

struct Judge<'j> {
    index: &'j Index,
    exports: &'j [When],
}

impl Judge<'_> {
    fn entry(&self, number: Option<&u32>) -> Option<&Entry> {
        self.index.entries.get(*number? as usize)
    }

    /// The states of one name: of one server each, where several servers are in the set.
    fn resource(
        &self,
        group: &[u32],
        fates: &mut Fates,
        met: &mut Met<'_>,
    ) -> Result<(), FhirError> {
        let base = |n: &u32| self.entry(Some(n)).map_or(NO_BASE, |e| e.base);
        let bare = group.iter().find(|n| base(n) == NO_BASE);
        let based = group.iter().find(|n| base(n) != NO_BASE);
        if let (Some(bare), Some(based)) = (bare, based) {
            let content = |n: &u32| self.entry(Some(n)).map(|e| e.content);
            if group.iter().any(|n| content(n) != content(bare)) {
                met(FhirError::AmbiguousBase {
                    resource_type: self.kind(*bare),
                    first: self.index.place(*bare as usize),
                    second: self.index.place(*based as usize),
                })?;
            }
            return self.states(group, fates, met);
        }
        for states in group.chunk_by(|a, b| base(a) == base(b)) {
            self.states(states, fates, met)?;
        }
        Ok(())
    }

    fn kind(&self, number: u32) -> String {
        let entry = self.entry(Some(&number));
        entry.map_or(String::new(), |e| self.index.kind(e).to_owned())
    }

    fn states(&self, group: &[u32], fates: &mut Fates, met: &mut Met<'_>) -> Result<(), FhirError> {
        let Some(&first) = group.first() else {
            return Ok(());
        };
        let mut best = first;
        for &other in group {
            if self.order(best, other) == Some(Ordering::Less) {
                best = other;
            }
        }
        for &other in group.iter().filter(|n| **n != best) {
            let order = self.order(best, other);
            let equal = self.equal(best, other);
            if order != Some(Ordering::Greater) && !equal {
                met(self.refused(best, other))?;
            } else if self.two_people(best, other) {
                let (first, second) = self.places(best, other);
                met(FhirError::SamePatientId { first, second })?;
            }
            let deletion = self
                .entry(Some(&other))
                .is_some_and(|e| e.is(Entry::DELETION));
            let reason = if self.deletes(best) && !deletion {
                Reason::Deleted
            } else if equal {
                Reason::SameAgain
            } else {
                Reason::OlderVersion
            };
            self.set(fates, other, reason);
        }
        if self.deletes(best) {
            self.set(fates, best, Reason::Deleted);
        }
        Ok(())
    }

    fn set(&self, fates: &mut Fates, number: u32, reason: Reason) {
        if let Some(fate) = fates.get_mut(number as usize) {
            *fate = Some(reason);
        }
    }

    fn deletes(&self, number: u32) -> bool {
        self.entry(Some(&number))
            .is_some_and(|e| e.is(Entry::DELETION))
    }

    fn equal(&self, a: u32, b: u32) -> bool {
        let says = |n| {
            let entry = self.entry(Some(&n));
            entry.map(|e| (e.content, e.is(Entry::DELETION)))
        };
        says(a) == says(b)
    }

    /// Where two states stand, in the order of the files.
    fn places(&self, a: u32, b: u32) -> (String, String) {
        let place = |number: u32| self.index.place(number as usize);
        (place(a.min(b)), place(a.max(b)))
    }

    fn refused(&self, a: u32, b: u32) -> FhirError {
        let (first, second) = self.places(a, b);
        if self.contradictions(a, b) > 0 {
            return FhirError::SamePatientId { first, second };
        }
        FhirError::Unordered {
            resource_type: self.kind(a),
            first,
            second,
        }
    }

    /// A record is corrected in one thing at a time; without a server's word that both are one, more
    /// are two people.
    fn two_people(&self, a: u32, b: u32) -> bool {
        let has_url = |n| self.entry(Some(&n)).is_some_and(|e| e.is(Entry::HAS_URL));
        !(has_url(a) && has_url(b)) && self.contradictions(a, b) > 1
    }

    fn contradictions(&self, a: u32, b: u32) -> usize {
        let person = |n| {
            let entry = self
                .entry(Some(&n))
                .filter(|e| self.index.kind(e) == "Patient")?;
            let patient = self.index.patients.get(entry.subject);
            patient.map(|p| p.person)
        };
        let (Some(a), Some(b)) = (person(a), person(b)) else {
            return 0;
        };
        let pairs = a.iter().zip(&b);
        pairs
            .filter(|(a, b)| **a != 0 && **b != 0 && a != b)
            .count()
    }

    /// Whether a state is later than another. None where nothing tells.
    fn order(&self, a: u32, b: u32) -> Option<Ordering> {
        let stands = |n: u32| {
            let when = self.exports.get(self.index.file_of(n as usize)).copied();
            Some((self.entry(Some(&n))?, when))
        };
        compare(stands(a)?, stands(b)?)
    }

    /// What deletions may mean that name no resource, and what was exported in part.
    fn doubts(&self, fates: &Fates) -> Vec<Option<Reason>> {
        let (unplaced, parts) = (&self.index.unplaced, &self.index.parts);
        if unplaced.is_empty() && parts.is_empty() {
            return Vec::new();
        }
        let deletions = unplaced.iter().map(|deletion| {
            let when = match deletion.origin {
                Origin::File(file) => self.exports.get(file).copied(),
                Origin::Export(time) => Some(When::of_export(time)),
            };
            (deletion, when)
        });
        let deletions: Vec<_> = deletions.collect();
        let entries = self.index.entries.iter().zip(fates).enumerate();
        let doubt = |(number, (entry, fate)): (usize, (&Entry, &Option<Reason>))| {
            if fate.is_some() || entry.is(Entry::DELETION | Entry::CONTAINED) {
                return None;
            }
            let file = self.index.file_of(number);
            let here = self.exports.get(file).copied();
            let may_be = |(deletion, when): &(&Unplaced, Option<When>)| {
                deletion.kind.is_none_or(|kind| kind == entry.kind)
                    && compare((entry, here), (&deletion.state, *when)) != Some(Ordering::Greater)
            };
            if deletions.iter().any(may_be) {
                return Some(Reason::MaybeDeleted);
            }
            let part = parts.get(&file)?.as_ref();
            part.is_none_or(|kinds| kinds.contains(&entry.kind))
                .then_some(Reason::Subsetted)
        };
        entries.map(doubt).collect()
    }
}

/// Whether an entry may count as far as it says itself.
pub(crate) fn alive(entry: &Entry, fate: Option<Reason>) -> bool {
    fate.is_none() && !matches!(entry.verdict, Verdict::Out(_))
}
