//! What becomes of every resource: whose it is, or why it does not count.

use crate::index::{Entry, Index, NONE};
use crate::people::People;
use crate::reason::Reason;
use crate::state::{States, alive};
use crate::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// How often something was counted, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Empty where the type is not known.
    pub resource_type: String,
    pub reason: Reason,
    pub count: u64,
    /// File and line or entry.
    pub first_place: String,
}

/// The person of each entry; [`NONE`] where it is not handed over. And the counts.
pub(crate) fn of(index: &Index, states: &States, people: &People) -> (Vec<u32>, Vec<Count>) {
    let people_of: Vec<Result<u32, Reason>> = index
        .references
        .all
        .iter()
        .map(|reference| people.person(reference))
        .collect();
    let mut outcomes: Vec<Result<u32, Reason>> = Vec::with_capacity(index.entries.len());
    let mut container = Err(Reason::ContainerOut);
    for (number, (entry, fate)) in index.entries.iter().zip(&states.fates).enumerate() {
        let of_reference = |n: u32| people_of.get(n as usize).copied();
        let outcome = if entry.is(Entry::CONTAINED) {
            contained(entry, container, of_reference(entry.subject))
        } else if let Some(reason) = fate {
            Err(*reason)
        } else if let Some(person) = people.of_entry.get(&number) {
            *person
        } else {
            match entry.verdict {
                Verdict::Out(reason) => Err(reason),
                _ => of_reference(entry.subject).unwrap_or(Err(Reason::NoSubject)),
            }
        };
        if !entry.is(Entry::CONTAINED) {
            container = outcome;
        }
        outcomes.push(outcome);
    }
    replaced(index, states, &mut outcomes);
    superseded(index, states, &mut outcomes);
    let counts = counted(index, people, &outcomes);
    let kept = index
        .entries
        .iter()
        .zip(outcomes)
        .map(|(entry, outcome)| match outcome {
            Ok(person) if entry.is(Entry::WANTED) => person,
            _ => NONE,
        });
    (kept.collect(), counts)
}

/// A contained resource counts with its container, and for its container's person.
fn contained(
    entry: &Entry,
    container: Result<u32, Reason>,
    own: Option<Result<u32, Reason>>,
) -> Result<u32, Reason> {
    let container = match container {
        Ok(person) => Some(person),
        // A container about nobody leaves it to what it contains.
        Err(Reason::NoSubject) => None,
        Err(reason @ (Reason::OlderVersion | Reason::SameAgain | Reason::Deleted)) => {
            return Err(reason);
        }
        Err(_) => return Err(Reason::ContainerOut),
    };
    if let Verdict::Out(reason) = entry.verdict {
        return Err(reason);
    }
    match (container, own) {
        (Some(person), None) => Ok(person),
        (Some(person), Some(Ok(own))) if person == own => Ok(person),
        (Some(_), Some(Ok(_))) => Err(Reason::SomebodyElse),
        (_, Some(own)) => own,
        (None, None) => Err(Reason::NoSubject),
    }
}

/// Puts out an entry, and with a container what it contains.
fn put_out(index: &Index, outcomes: &mut [Result<u32, Reason>], number: usize, reason: Reason) {
    let mut reason = reason;
    for (n, outcome) in outcomes.iter_mut().enumerate().skip(number) {
        let contained = index.entries.get(n).is_some_and(|e| e.is(Entry::CONTAINED));
        if n > number && !contained {
            break;
        }
        if outcome.is_ok() {
            *outcome = Err(reason);
        }
        reason = Reason::ContainerOut;
    }
}

fn replaced(index: &Index, states: &States, outcomes: &mut [Result<u32, Reason>]) {
    for (key, by) in &index.replaces {
        let by = *by as usize;
        let latest = states.fates.get(by).is_some_and(Option::is_none);
        let Some(replacer) = index.entries.get(by).filter(|e| latest && !e.retracts()) else {
            continue;
        };
        let found: Vec<usize> = states.find(index, *key).collect();
        for number in found {
            let other = index.entries.get(number);
            // What names itself replaces its own earlier states, which are out already.
            if other.is_some_and(|e| e.full_key() != replacer.full_key()) {
                put_out(index, outcomes, number, Reason::Replaced);
            }
        }
    }
}

/// A preliminary result goes where a final one of its identifier, code and person stands.
fn superseded(index: &Index, states: &States, outcomes: &mut [Result<u32, Reason>]) {
    let mut results = index.results.clone();
    results.sort_unstable();
    for group in results.chunk_by(|a, b| a.0 == b.0) {
        let entry = |n: u32| index.entries.get(n as usize);
        let person = |n: u32, outcomes: &[Result<u32, Reason>]| {
            outcomes.get(n as usize).copied().and_then(Result::ok)
        };
        let is_final = |n: u32| {
            let fate = states.fates.get(n as usize).copied().flatten();
            entry(n).is_some_and(|e| alive(e, fate) && e.verdict == Verdict::Counts)
        };
        let finals: BTreeSet<(u16, u32)> = group
            .iter()
            .filter(|(_, n)| is_final(*n))
            .filter_map(|(_, n)| Some((entry(*n)?.kind, person(*n, outcomes)?)))
            .collect();
        for (_, n) in group {
            let interim = entry(*n).filter(|e| e.verdict == Verdict::Interim);
            if let (Some(entry), Some(person)) = (interim, person(*n, outcomes))
                && finals.contains(&(entry.kind, person))
            {
                put_out(index, outcomes, *n as usize, Reason::Superseded);
            }
        }
    }
}

fn counted(index: &Index, people: &People, outcomes: &[Result<u32, Reason>]) -> Vec<Count> {
    let mut counts = Counts::new();
    let mut count = |kind: u16, reason: Reason, number: usize| {
        counts.entry((kind, reason)).or_insert((0, number)).0 += 1;
    };
    let mut met = vec![false; people.identities.len()];
    for (number, (entry, outcome)) in index.entries.iter().zip(outcomes).enumerate() {
        let patient = people.of_entry.contains_key(&number);
        let is_patient = index.kind(entry) == "Patient";
        match outcome {
            Err(_) if entry.is(Entry::DELETION) => {}
            Err(reason) if entry.is(Entry::WANTED) || is_patient => {
                count(entry.kind, *reason, number);
            }
            Ok(person) if patient => {
                let again = met
                    .get_mut(*person as usize)
                    .map(|m| std::mem::replace(m, true));
                if again == Some(true) {
                    count(entry.kind, Reason::FurtherRecord, number);
                }
                if index
                    .patients
                    .get(entry.subject as usize)
                    .is_some_and(|p| p.inactive)
                {
                    count(entry.kind, Reason::InactivePatient, number);
                }
            }
            _ => {}
        }
    }
    printed(index, counts)
}

/// How often and at which entry first, by type and reason.
type Counts = BTreeMap<(u16, Reason), (u64, usize)>;

fn printed(index: &Index, counts: Counts) -> Vec<Count> {
    let mut all: Vec<Count> = counts
        .into_iter()
        .map(|((kind, reason), (count, number))| Count {
            resource_type: index
                .kinds
                .get(usize::from(kind))
                .cloned()
                .unwrap_or_default(),
            reason,
            count,
            first_place: index.place(number),
        })
        .collect();
    all.extend(
        index
            .early
            .iter()
            .map(|((kind, reason), (count, place))| Count {
                resource_type: kind.clone(),
                reason: *reason,
                count: *count,
                first_place: place.clone(),
            }),
    );
    all.sort_by(|a, b| (&a.resource_type, a.reason).cmp(&(&b.resource_type, b.reason)));
    all
}
