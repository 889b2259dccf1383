//! Who is who: the records of each person, and what a reference to a patient means.
//!
//! Records are of one person when a link says so (`Patient.link`), or when they share an identifier
//! and agree on name, sex and birth date. A link that leads nowhere refuses the subject.

mod find;
mod number;

use crate::index::{Entry, Index, NONE};
use crate::patients::{LinkKind, PatientSeen};
use crate::reason::Reason;
use crate::reference::Ident;
use crate::state::States;
use crate::verdict::Verdict;

/// A latest state of a Patient.
struct Record {
    entry: u32,
    /// Union-find: another record of the same person, nearer to the one that stands for them.
    above: u32,
    /// How many records it stands for.
    size: u32,
    /// [`NONE`] where it is nobody's.
    person: u32,
    /// Another record replaces or completes it.
    secondary: bool,
    refused: Option<Reason>,
}

/// An identifier of a record.
#[derive(Clone, Copy)]
struct Identified {
    /// The first half of the identifier, so that sorting seldom looks for the whole.
    half: u64,
    /// Which identifier of all.
    identifier: u32,
    record: u32,
}

/// The people of a set.
pub(crate) struct People<'i> {
    index: &'i Index,
    states: &'i States,
    /// In the order of entries.
    records: Vec<Record>,
    /// Further names of records, sorted.
    by_id: Vec<(Ident, u32)>,
    /// Sorted by identifier.
    by_identifier: Vec<Identified>,
    several_servers: bool,
    /// Whether people are called by an identifier.
    by_value: bool,
    /// The text of each person, in the order of texts: the number of a person is a place in it. Of
    /// identities, or of values where people are called by an identifier.
    identities: Vec<u32>,
}

impl<'i> People<'i> {
    /// Finds out who is who among the latest states.
    pub(crate) fn of(index: &'i Index, states: &'i States, by_value: bool) -> People<'i> {
        let mut people = People {
            index,
            states,
            records: Vec::new(),
            by_id: Vec::new(),
            by_identifier: Vec::new(),
            several_servers: index.bases.len() > 1,
            by_value,
            identities: Vec::new(),
        };
        for (number, (entry, fate)) in index.entries.iter().zip(&states.fates).enumerate() {
            let latest = fate.is_none() && !entry.is(Entry::CONTAINED | Entry::DELETION);
            if latest
                && index.kind(entry) == "Patient"
                && index.patients.get(entry.subject).is_some()
            {
                people.enter(number as u32, entry);
            }
        }
        people.by_id.sort_unstable();
        let patients = &index.patients;
        people.by_identifier.sort_unstable_by(|a, b| {
            let whole = |own: &Identified| (patients.identifier(own.identifier), own.record);
            a.half.cmp(&b.half).then_with(|| whole(a).cmp(&whole(b)))
        });
        people.join_identifiers();
        people.follow_links();
        people.refuse_contradictions();
        people.number();
        people
    }

    /// How many people there are.
    pub(crate) fn len(&self) -> usize {
        self.identities.len()
    }

    /// The numbers of people's texts.
    pub(crate) fn into_identities(self) -> Vec<u32> {
        self.identities
    }

    fn enter(&mut self, number: u32, entry: &Entry) {
        let record = self.records.len() as u32;
        let patients = &self.index.patients;
        let id = patients.id(entry.subject).map(|id| self.states.ident(id));
        let id = id.filter(|id| *id != entry.key);
        self.by_id.extend(id.map(|id| (id, record)));
        let identifiers = patients.identifiers(entry.subject);
        let identifiers = identifiers.map(|identifier| Identified {
            half: patients.identifier(identifier).half(),
            identifier,
            record,
        });
        self.by_identifier.extend(identifiers);
        let refused = match entry.verdict {
            Verdict::Out(reason) => Some(reason),
            _ => None,
        };
        self.records.push(Record {
            entry: number,
            above: record,
            size: 1,
            person: NONE,
            secondary: false,
            refused,
        });
    }

    fn record(&self, number: u32) -> Option<&Record> {
        self.records.get(number as usize)
    }

    fn record_mut(&mut self, number: u32) -> Option<&mut Record> {
        self.records.get_mut(number as usize)
    }

    fn numbers(&self) -> std::ops::Range<u32> {
        0..self.records.len() as u32
    }

    fn root(&self, mut record: u32) -> u32 {
        while let Some(above) = self.record(record).map(|r| r.above)
            && above != record
        {
            record = above;
        }
        record
    }

    /// Joins two records.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let size = |n: u32| self.record(n).map_or(0, |r| r.size);
        // The smaller below the larger, so that no way is long.
        let (low, high) = if size(a) < size(b) { (a, b) } else { (b, a) };
        let both = size(a) + size(b);
        if let Some(record) = self.record_mut(low) {
            record.above = high;
        }
        if let Some(record) = self.record_mut(high) {
            record.size = both;
        }
    }

    fn entry(&self, record: u32) -> Option<&'i Entry> {
        self.index.entries.get(self.record(record)?.entry as usize)
    }

    fn seen(&self, record: u32) -> Option<&'i PatientSeen> {
        self.index.patients.get(self.entry(record)?.subject)
    }

    fn join_identifiers(&mut self) {
        let (mut pairs, mut said) = (Vec::new(), Vec::new());
        let identifier = |own: &Identified| self.index.patients.identifier(own.identifier);
        for group in self
            .by_identifier
            .chunk_by(|a, b| identifier(a) == identifier(b))
        {
            if group.len() < 2 {
                continue;
            }
            // Records that agree stand next to each other when sorted by what they say.
            said.clear();
            let of = |own: &Identified| Some((self.seen(own.record)?.person, own.record));
            let all = group.iter().filter_map(of);
            said.extend(all.filter(|(person, _)| person.iter().all(|digest| *digest != 0)));
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

    fn follow_links(&mut self) {
        let mut open: Vec<(u32, LinkKind, u32)> = Vec::new();
        for record in self.numbers() {
            let subject = self.entry(record).map_or(NONE, |entry| entry.subject);
            let links = self.index.patients.links(subject);
            open.extend(links.map(|l| (record, l.kind, l.to)));
        }
        // A link may be ambiguous until another has shown that its candidates are one person.
        loop {
            let before = open.len();
            let mut joins = Vec::new();
            open.retain(|&(record, kind, to)| {
                let reference = self.index.references.all.get(to as usize);
                let Some(Ok(targets)) = reference.map(|r| self.find(r)) else {
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
                && let Some(record) = self.record_mut(record)
            {
                record.refused = record.refused.or(Some(Reason::UnresolvedLink));
            }
        }
    }

    fn follow(&mut self, record: u32, kind: LinkKind, targets: &[u32]) {
        // A record that replaces itself is replaced by nothing that could be found.
        let only_itself = targets.iter().all(|t| *t == record);
        for &target in targets.iter().filter(|t| **t != record || only_itself) {
            self.join(record, target);
            let secondary = match kind {
                LinkKind::ReplacedBy | LinkKind::Refer => record,
                LinkKind::Replaces => target,
                LinkKind::SeeAlso | LinkKind::Unknown => continue,
            };
            if let Some(record) = self.record_mut(secondary) {
                record.secondary = true;
            }
        }
    }

    /// Each record behind the one that stands for its person, sorted: people are runs of one first.
    fn by_person(&self) -> Vec<(u32, u32)> {
        let mut all: Vec<(u32, u32)> = self.numbers().map(|n| (self.root(n), n)).collect();
        all.sort_unstable();
        all
    }

    /// A person is refused with all records where one is, where records that hold beside each other
    /// contradict, and where each record is replaced by another.
    fn refuse_contradictions(&mut self) {
        for records in self.by_person().chunk_by(|a, b| a.0 == b.0) {
            let records = || records.iter().map(|(_, n)| *n);
            let of = |n: u32| self.record(n);
            let first = |n: &u32| of(*n).is_some_and(|r| !r.secondary);
            let said = || records().filter(first).filter_map(|n| self.seen(n));
            let differ = |at: usize| {
                let mut all = said().filter_map(|p| p.person.get(at)).filter(|d| **d != 0);
                let one = all.next();
                all.any(|other| Some(other) != one)
            };
            let refused = records().filter_map(|n| of(n)?.refused).min();
            let reason = if refused.is_some() {
                refused
            } else if said().next().is_none() {
                Some(Reason::UnresolvedLink)
            } else if differ(1) || differ(2) {
                Some(Reason::LinkContradiction)
            } else {
                None
            };
            for record in records() {
                if let Some(record) = self.record_mut(record) {
                    record.refused = reason;
                }
            }
        }
    }
}
