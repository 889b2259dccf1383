//! What each person is called: by ids and full URLs, or by the one identifier that the schema names.

use super::People;
use crate::index::Index;
use crate::reason::Reason;
use crate::reference::Key;
use crate::state::States;
use std::collections::BTreeSet;

impl People {
    /// Numbers people by their identities, so that no order of files decides.
    pub(super) fn number(&mut self, index: &Index, states: &States) {
        let mut named: Vec<(String, Key, usize)> = Vec::new();
        for records in self.by_person().chunk_by(|a, b| a.0 == b.0) {
            let Some((root, _)) = records.first() else {
                continue;
            };
            let of = || records.iter().filter_map(|(_, n)| self.records.get(*n));
            let refused = self.records.get(*root).is_none_or(|r| r.refused.is_some());
            if refused {
                continue;
            }
            let first = of().filter(|record| !record.secondary);
            let names = first.flat_map(|record| states.identities(index, record.key));
            let key = of().map(|record| record.key).min();
            let name = match self.by_value {
                true => self.value(index, records),
                false => names.min().ok_or(Reason::NoIdentity),
            };
            match (name, key) {
                (Ok(name), Some(key)) => named.push((name, key, *root)),
                (Err(reason), _) if self.by_value => {
                    self.refuse(records.iter().map(|(_, n)| *n), reason);
                }
                _ => {}
            }
        }
        named.sort_unstable();
        let mut numbers = vec![None; self.records.len()];
        let mut named = named.into_iter().peekable();
        while let Some((name, _, root)) = named.next() {
            let mut roots = BTreeSet::new();
            while let Some((_, _, other)) = named.next_if(|other| other.0 == name) {
                roots.insert(other);
            }
            // Two people who are called the same would get one pseudonym.
            match numbers.get_mut(root) {
                Some(number) if roots.is_empty() => {
                    *number = Some(self.identities.len() as u32);
                    self.identities.push(name);
                }
                _ if self.by_value => {
                    roots.insert(root);
                    self.refuse_shared(&roots);
                }
                _ => {}
            }
        }
        self.settle(&numbers);
    }

    /// The one value by which a person is called, of the records that no other replaces.
    fn value(&self, index: &Index, records: &[(usize, usize)]) -> Result<String, Reason> {
        let first = |n: &usize| self.records.get(*n).is_some_and(|r| !r.secondary);
        let seen = records.iter().map(|(_, n)| *n).filter(first);
        let seen = seen.filter_map(|n| self.seen(index, n));
        let values: BTreeSet<&String> = seen.flat_map(|patient| &patient.values).collect();
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value.clone()),
            (Some(_), Some(_)) => Err(Reason::SeveralIdentifiers),
            (None, _) => Err(Reason::NoIdentifier),
        }
    }

    fn refuse(&mut self, records: impl Iterator<Item = usize>, reason: Reason) {
        for n in records {
            if let Some(record) = self.records.get_mut(n) {
                record.refused = Some(reason);
            }
        }
    }

    /// Refuses people who are called the same and are not said to be one.
    fn refuse_shared(&mut self, roots: &BTreeSet<usize>) {
        let records = 0..self.records.len();
        let records: Vec<usize> = records.filter(|n| roots.contains(&self.root(*n))).collect();
        self.refuse(records.into_iter(), Reason::SharedIdentifier);
    }

    /// Says of each record's entry whose it is.
    fn settle(&mut self, numbers: &[Option<u32>]) {
        for n in 0..self.records.len() {
            let person = numbers.get(self.root(n)).copied().flatten();
            let Some(record) = self.records.get_mut(n) else {
                continue;
            };
            record.person = person;
            let result = match (record.refused, record.secondary, person) {
                (Some(reason), _, _) => Err(reason),
                (None, true, _) => Err(Reason::ReplacedPatient),
                (None, false, Some(person)) => Ok(person),
                (None, false, None) => Err(Reason::NoIdentity),
            };
            self.of_entry.push((record.entry, result));
        }
    }
}
