//! What each person is called: by ids and full URLs, or by the one identifier that the schema names.

use super::People;
use crate::reason::Reason;
use crate::texts::Texts;

impl<'i> People<'i> {
    /// The texts by which people are called.
    fn texts(&self) -> &'i Texts {
        match self.by_value {
            true => &self.index.patients.values,
            false => &self.index.patients.identities,
        }
    }

    /// Numbers people by their identities, so that no order of files decides.
    pub(super) fn number(&mut self) {
        let (texts, people) = (self.texts(), self.by_person());
        let mut named: Vec<(u32, u32)> = Vec::new();
        for records in people.chunk_by(|a, b| a.0 == b.0) {
            let Some((root, _)) = records.first() else {
                continue;
            };
            if self.record(*root).is_none_or(|r| r.refused.is_some()) {
                continue;
            }
            let name = match self.by_value {
                true => self.value(records),
                false => self.identity(records).ok_or(Reason::NoIdentity),
            };
            match name {
                Ok(text) => named.push((text, *root)),
                Err(reason) if self.by_value => self.refuse(records, reason),
                Err(_) => {}
            }
        }
        named.sort_unstable_by_key(|(text, _)| texts.get(*text));
        for called in named.chunk_by(|a, b| texts.get(a.0) == texts.get(b.0)) {
            match called {
                [(text, root)] => {
                    let number = self.identities.len() as u32;
                    self.identities.push(*text);
                    if let Some(record) = self.record_mut(*root) {
                        record.person = number;
                    }
                }
                // Two people who are called the same would get one pseudonym.
                several if self.by_value => {
                    for (_, root) in several {
                        let start = people.partition_point(|own| own.0 < *root);
                        let rest = people.get(start..).unwrap_or_default();
                        let length = rest.iter().take_while(|own| own.0 == *root).count();
                        let records = rest.get(..length).unwrap_or_default();
                        self.refuse(records, Reason::SharedIdentifier);
                    }
                }
                _ => {}
            }
        }
        self.settle();
    }

    /// What a person is called by the records that no other replaces: the first of texts.
    fn identity(&self, records: &[(u32, u32)]) -> Option<u32> {
        let texts = self.texts();
        let first = |n: &u32| self.record(*n).is_some_and(|r| !r.secondary);
        let records = records.iter().map(|(_, n)| *n).filter(first);
        let entries = records.filter_map(|n| self.entry(n));
        let names = entries.flat_map(|entry| self.states.patients(self.index, entry.full_key()));
        let names = names.filter(|name| !texts.get(*name).is_empty());
        names.min_by_key(|name| texts.get(*name))
    }

    /// The one value by which a person is called, of the records that no other replaces.
    fn value(&self, records: &[(u32, u32)]) -> Result<u32, Reason> {
        let texts = self.texts();
        let first = |n: &u32| self.record(*n).is_some_and(|r| !r.secondary);
        let records = records.iter().map(|(_, n)| *n).filter(first);
        let subjects = records.filter_map(|n| Some(self.entry(n)?.subject));
        let mut values = subjects.flat_map(|subject| self.index.patients.values(subject));
        let one = values.next().ok_or(Reason::NoIdentifier)?;
        match values.all(|other| texts.get(other) == texts.get(one)) {
            true => Ok(one),
            false => Err(Reason::SeveralIdentifiers),
        }
    }

    fn refuse(&mut self, records: &[(u32, u32)], reason: Reason) {
        for (_, n) in records {
            if let Some(record) = self.record_mut(*n) {
                record.refused = Some(reason);
            }
        }
    }

    /// Says of each record whose it is: of whom stands for it.
    fn settle(&mut self) {
        for n in self.numbers() {
            let person = self.record(self.root(n)).map(|root| root.person);
            if let (Some(record), Some(person)) = (self.record_mut(n), person) {
                record.person = person;
            }
        }
    }
}
