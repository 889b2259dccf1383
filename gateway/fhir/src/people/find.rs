//! Which records a reference means, and whose an entry is.

use super::{Identified, People, Record};
use crate::index::NONE;
use crate::reason::Reason;
use crate::reference::{Ident, Key, NO_BASE, Reference};

/// What a name leads to.
enum Found {
    Nobody,
    Records(Vec<u32>),
    /// Nothing tells which server's is meant.
    Ambiguous,
}

impl Record {
    /// Whose it is.
    fn person(&self) -> Result<u32, Reason> {
        match (self.refused, self.secondary, self.person) {
            (Some(reason), _, _) => Err(reason),
            (None, true, _) => Err(Reason::ReplacedPatient),
            (None, false, NONE) => Err(Reason::NoIdentity),
            (None, false, person) => Ok(person),
        }
    }
}

impl People<'_> {
    /// The record of an entry; none where it is no record.
    fn of_number(&self, entry: u32) -> Option<u32> {
        let at = self.records.binary_search_by_key(&entry, |own| own.entry);
        at.ok().map(|at| at as u32)
    }

    fn named(&self, ident: Ident) -> Vec<u32> {
        let own = self.states.named(self.index, ident);
        let mut all: Vec<u32> = own.filter_map(|entry| self.of_number(entry)).collect();
        let start = self.by_id.partition_point(|(name, _)| *name < ident);
        let rest = self.by_id.get(start..).unwrap_or_default();
        let also = rest.iter().take_while(|(name, _)| *name == ident);
        all.extend(also.map(|(_, record)| *record));
        all
    }

    fn by_key(&self, key: Key) -> Found {
        let base = |record: &u32| self.entry(*record).map_or(NO_BASE, |entry| entry.base);
        let all = self.named(key.ident);
        if all.is_empty() {
            return Found::Nobody;
        }
        if !self.several_servers || key.base == NO_BASE {
            return Found::Records(all);
        }
        let exact: Vec<u32> = all
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
        let name = |own: &Identified| self.index.patients.identifier(own.identifier);
        let before = |own: &Identified| name(own) < identifier;
        let start = self.by_identifier.partition_point(before);
        let rest = self.by_identifier.get(start..).unwrap_or_default();
        let mut records: Vec<u32> = Vec::new();
        for own in rest.iter().take_while(|own| name(own) == identifier) {
            // What all patients share is met once, not once for each of them.
            if records
                .first()
                .is_some_and(|r| self.root(*r) != self.root(own.record))
            {
                return Found::Ambiguous;
            }
            records.push(own.record);
        }
        if records.is_empty() {
            return Found::Nobody;
        }
        Found::Records(records)
    }

    /// The records that a reference means, all of one person.
    pub(super) fn find(&self, reference: &Reference) -> Result<Vec<u32>, Reason> {
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
        let record = self.record(self.of_number(u32::try_from(number).ok()?)?);
        record.map(Record::person)
    }

    /// The person whom a reference means.
    pub(crate) fn person(&self, reference: &Reference) -> Result<u32, Reason> {
        let records = self.find(reference)?;
        let person = |r: &u32| Some(self.record(*r)?.person).filter(|person| *person != NONE);
        let person = records.iter().find_map(person);
        person.ok_or(Reason::RefusedSubject)
    }
}
