//! Who is who: the records of each person, and what a reference to a patient means.
//!
//! Records are of one person when a link says so (`Patient.link`), or when they share an identifier
//! and agree on name, sex and birth date. A link that leads nowhere refuses the subject.

mod number;

use crate::index::{Entry, Index, LinkKind, PatientSeen};
use crate::reason::Reason;
use crate::reference::{Ident, Key, NO_BASE, Reference};
use crate::state::States;

/// A latest state of a Patient.
struct Record {
    entry: usize,
    key: Key,
    /// Union-find: another record of the same person, nearer to the one that stands for them.
    above: usize,
    /// How many records it stands for.
    size: usize,
    /// Another record replaces or completes it.
    secondary: bool,
    refused: Option<Reason>,
    person: Option<u32>,
}

/// The people of a set.
pub(crate) struct People {
    records: Vec<Record>,
    /// Names and identifiers, sorted.
    by_name: Vec<(Ident, usize)>,
    by_identifier: Vec<(Ident, usize)>,
    several_servers: bool,
    /// Whether people are called by an identifier.
    by_value: bool,
    /// The identity of each person, sorted: the number of a person is a place in it.
    pub identities: Vec<String>,
    /// Person or reason of each record's entry, in the order of entries.
    of_entry: Vec<(usize, Result<u32, Reason>)>,
}

/// What a name leads to.
enum Found {
    Nobody,
    Records(Vec<usize>),
    /// Nothing tells which server's is meant.
    Ambiguous,
}

impl People {
    /// Finds out who is who among the latest states.
    pub(crate) fn of(index: &Index, states: &States, by_value: bool) -> People {
        let mut people = People {
            records: Vec::new(),
            by_name: Vec::new(),
            by_identifier: Vec::new(),
            several_servers: index.bases.len() > 1,
            by_value,
            identities: Vec::new(),
            of_entry: Vec::new(),
        };
        for (number, (entry, fate)) in index.entries.iter().zip(&states.fates).enumerate() {
            let patient = index.patients.get(entry.subject as usize);
            let latest = fate.is_none() && !entry.is(Entry::CONTAINED | Entry::DELETION);
            if let (true, "Patient", Some(patient)) = (latest, index.kind(entry), patient) {
                people.enter(number, entry, patient, states);
            }
        }
        people.by_name.sort_unstable();
        people.by_identifier.sort_unstable();
        people.join_identifiers(index);
        people.follow_links(index);
        people.refuse_contradictions(index);
        people.number(index, states);
        people
    }

    fn enter(&mut self, number: usize, entry: &Entry, patient: &PatientSeen, states: &States) {
        let record = self.records.len();
        let id = patient
            .id
            .map(|id| states.ident(id))
            .filter(|id| *id != entry.key);
        self.by_name.push((entry.key, record));
        self.by_name.extend(id.map(|id| (id, record)));
        let identifiers = patient.identifiers.iter().map(|i| (*i, record));
        self.by_identifier.extend(identifiers);
        let refused = match entry.verdict {
            crate::verdict::Verdict::Out(reason) => Some(reason),
            _ => None,
        };
        self.records.push(Record {
            entry: number,
            key: entry.full_key(),
            above: record,
            size: 1,
            secondary: false,
            refused,
            person: None,
        });
    }

    fn root(&self, mut record: usize) -> usize {
        while let Some(above) = self.records.get(record).map(|r| r.above)
            && above != record
        {
            record = above;
        }
        record
    }

    /// Joins two records.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let size = |n: usize| self.records.get(n).map_or(0, |r| r.size);
        // The smaller below the larger, so that no way is long.
        let (low, high) = if size(a) < size(b) { (a, b) } else { (b, a) };
        let both = size(a) + size(b);
        if let Some(record) = self.records.get_mut(low) {
            record.above = high;
        }
        if let Some(record) = self.records.get_mut(high) {
            record.size = both;
        }
    }

    fn seen<'i>(&self, index: &'i Index, record: usize) -> Option<&'i PatientSeen> {
        let entry = index.entries.get(self.records.get(record)?.entry)?;
        index.patients.get(entry.subject as usize)
    }

    fn join_identifiers(&mut self, index: &Index) {
        let mut pairs = Vec::new();
        for group in self.by_identifier.chunk_by(|a, b| a.0 == b.0) {
            // Records that agree stand next to each other when sorted by what they say.
            let mut said: Vec<([u64; 3], usize)> = group
                .iter()
                .filter_map(|(_, record)| Some((self.seen(index, *record)?.person, *record)))
                .filter(|(person, _)| person.iter().all(|digest| *digest != 0))
                .collect();
            said.sort_unstable();
            for (a, b) in said.iter().zip(said.iter().skip(1)) {
                if a.0 == b.0 {
                    pairs.push((a.1, b.1));
                }
            }
        }
        for (a, b) in pairs {
            self.join(a, b);
        }
    }

    fn follow_links(&mut self, index: &Index) {
        let mut open: Vec<(usize, LinkKind, u32)> = Vec::new();
        for record in 0..self.records.len() {
            let links = self.seen(index, record).map_or(&[][..], |p| &p.links);
            open.extend(links.iter().map(|l| (record, l.kind, l.to)));
        }
        // A link may be ambiguous until another has shown that its candidates are one person.
        loop {
            let before = open.len();
            let mut joins = Vec::new();
            open.retain(|&(record, kind, to)| {
                let target = index.references.all.get(to as usize).map(|r| self.find(r));
                let Some(Ok(targets)) = target else {
                    return true;
                };
                joins.push((record, kind, targets));
                kind == LinkKind::Unknown
            });
            for (record, kind, targets) in joins {
                self.follow(record, kind, &targets);
            }
            if open.len() == before {
                break;
            }
        }
        for (record, kind, _) in open {
            if kind != LinkKind::Replaces
                && let Some(record) = self.records.get_mut(record)
            {
                record.refused = record.refused.or(Some(Reason::UnresolvedLink));
            }
        }
    }

    fn follow(&mut self, record: usize, kind: LinkKind, targets: &[usize]) {
        // A record that replaces itself is replaced by nothing that could be found.
        let only_itself = targets.iter().all(|t| *t == record);
        for &target in targets.iter().filter(|t| **t != record || only_itself) {
            self.join(record, target);
            let secondary = match kind {
                LinkKind::ReplacedBy | LinkKind::Refer => record,
                LinkKind::Replaces => target,
                LinkKind::SeeAlso | LinkKind::Unknown => continue,
            };
            if let Some(record) = self.records.get_mut(secondary) {
                record.secondary = true;
            }
        }
    }

    /// Each record behind the one that stands for its person, sorted: people are runs of one first.
    fn by_person(&self) -> Vec<(usize, usize)> {
        let records = 0..self.records.len();
        let mut all: Vec<(usize, usize)> = records.map(|n| (self.root(n), n)).collect();
        all.sort_unstable();
        all
    }

    /// A person is refused with all records where one is, where records that hold beside each other
    /// contradict, and where each record is replaced by another.
    fn refuse_contradictions(&mut self, index: &Index) {
        for records in self.by_person().chunk_by(|a, b| a.0 == b.0) {
            let records = || records.iter().map(|(_, n)| n);
            let of = |n: &usize| self.records.get(*n);
            let first = |n: &usize| of(n).is_some_and(|r| !r.secondary);
            let said: Vec<[u64; 3]> = records()
                .filter(|n| first(n))
                .filter_map(|n| Some(self.seen(index, *n)?.person))
                .collect();
            let differ = |at: usize| {
                let mut all = said.iter().filter_map(|p| p.get(at)).filter(|d| **d != 0);
                let one = all.next();
                all.any(|other| Some(other) != one)
            };
            let refused = records().filter_map(|n| of(n)?.refused).min();
            let reason = if refused.is_some() {
                refused
            } else if said.is_empty() {
                Some(Reason::UnresolvedLink)
            } else if differ(1) || differ(2) {
                Some(Reason::LinkContradiction)
            } else {
                None
            };
            for record in records() {
                if let Some(record) = self.records.get_mut(*record) {
                    record.refused = reason;
                }
            }
        }
    }

    fn named(&self, ident: Ident) -> impl Iterator<Item = usize> + '_ {
        let start = self.by_name.partition_point(|(name, _)| *name < ident);
        let rest = self.by_name.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(move |(name, _)| *name == ident)
            .map(|(_, record)| *record)
    }

    fn by_key(&self, key: Key) -> Found {
        let base = |record: &usize| self.records.get(*record).map_or(NO_BASE, |r| r.key.base);
        let all: Vec<usize> = self.named(key.ident).collect();
        if all.is_empty() {
            return Found::Nobody;
        }
        if !self.several_servers || key.base == NO_BASE {
            return Found::Records(all);
        }
        let exact: Vec<usize> = all
            .iter()
            .copied()
            .filter(|r| base(r) == key.base)
            .collect();
        if !exact.is_empty() {
            return Found::Records(exact);
        }
        // A record of no server may be of this one, or of another.
        if all.iter().any(|r| base(r) == NO_BASE) {
            return Found::Ambiguous;
        }
        Found::Nobody
    }

    fn by_identifier(&self, identifier: Ident) -> Found {
        let start = self
            .by_identifier
            .partition_point(|(name, _)| *name < identifier);
        let rest = self.by_identifier.get(start..).unwrap_or_default();
        let of = rest.iter().take_while(|(name, _)| *name == identifier);
        let mut records: Vec<usize> = Vec::new();
        for (_, record) in of {
            // What all patients share is met once, not once for each of them.
            if records
                .first()
                .is_some_and(|r| self.root(*r) != self.root(*record))
            {
                return Found::Ambiguous;
            }
            records.push(*record);
        }
        if records.is_empty() {
            return Found::Nobody;
        }
        Found::Records(records)
    }

    /// The records that a reference means, all of one person.
    fn find(&self, reference: &Reference) -> Result<Vec<usize>, Reason> {
        let by_key = reference
            .target
            .map_or(Found::Nobody, |key| self.by_key(key));
        let by_identifier = match reference.identifier {
            Some(identifier) => self.by_identifier(identifier),
            None => Found::Nobody,
        };
        let records = match (by_key, by_identifier) {
            (Found::Ambiguous, _) | (Found::Nobody, Found::Ambiguous) => {
                return Err(Reason::AmbiguousSubject);
            }
            (Found::Nobody, Found::Nobody) => return Err(Reason::UnknownSubject),
            // An identifier that several share tells nothing against a name.
            (Found::Records(records), Found::Nobody | Found::Ambiguous)
            | (Found::Nobody, Found::Records(records)) => records,
            (Found::Records(mut records), Found::Records(more)) => {
                records.extend(more);
                records
            }
        };
        let root = records.first().map(|r| self.root(*r));
        if records.iter().all(|r| Some(self.root(*r)) == root) {
            Ok(records)
        } else {
            Err(Reason::AmbiguousSubject)
        }
    }

    /// The person of a record's entry, or why it is none; none where the entry is no record.
    pub(crate) fn of_entry(&self, number: usize) -> Option<Result<u32, Reason>> {
        let at = self.of_entry.binary_search_by_key(&number, |own| own.0);
        at.ok()
            .and_then(|at| self.of_entry.get(at))
            .map(|own| own.1)
    }

    /// The person whom a reference means.
    pub(crate) fn person(&self, reference: &Reference) -> Result<u32, Reason> {
        let records = self.find(reference)?;
        let person = records.iter().find_map(|r| self.records.get(*r)?.person);
        person.ok_or(Reason::RefusedSubject)
    }
}
