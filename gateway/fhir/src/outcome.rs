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

/// What is handed over.
pub(crate) struct Outcome {
    /// The person of each entry; [`NONE`] where it is not handed over.
    pub people: Vec<u32>,
    /// Entries of which nobody can tell what they say of their person.
    pub doubtful: BTreeSet<usize>,
    pub counts: Vec<Count>,
}

/// What became of the entries so far: whose each is or why it does not count, and of those that
/// nobody can read exactly, of whom they may say something.
struct Settled {
    of: Vec<Result<u32, Reason>>,
    doubts: BTreeMap<usize, u32>,
}

/// Settles every entry.
pub(crate) fn of(index: &Index, states: &States, people: &People<'_>) -> Outcome {
    let mut settled = settle(index, states, people);
    replaced(index, states, &mut settled);
    superseded(index, states, &mut settled);
    let counts = counted(index, people, &settled.of);
    let entries = index.entries.iter().zip(settled.of).enumerate();
    let mut doubtful = BTreeSet::new();
    let kept = entries.map(|(number, (entry, outcome))| {
        let doubt = settled.doubts.get(&number).copied();
        match (outcome.ok().or(doubt), entry.is(Entry::WANTED)) {
            (Some(person), true) => {
                if doubt.is_some() {
                    doubtful.insert(number);
                }
                person
            }
            _ => NONE,
        }
    });
    Outcome {
        people: kept.collect(),
        doubtful,
        counts,
    }
}

fn settle(index: &Index, states: &States, people: &People<'_>) -> Settled {
    let references = index.references.all.iter();
    let people_of: Vec<Result<u32, Reason>> = references.map(|r| people.person(r)).collect();
    let mut settled = Settled {
        of: Vec::with_capacity(index.entries.len()),
        doubts: BTreeMap::new(),
    };
    let mut container = (Err(Reason::ContainerOut), None);
    for (number, (entry, fate)) in index.entries.iter().zip(&states.fates).enumerate() {
        let own = people_of.get(entry.subject as usize).copied();
        let out = match entry.verdict {
            Verdict::Out(reason) => Some(reason),
            Verdict::Counts | Verdict::Interim => None,
        };
        let open = out.filter(|reason| reason.is_open());
        let mut open = open.or_else(|| states.doubt(number));
        let whose = if entry.is(Entry::CONTAINED) {
            open = container.1.map(|_| Reason::ContainerOut).or(open);
            contained(out, container.0, own)
        } else if let Some(reason) = fate {
            Err(*reason)
        } else if let Some(person) = people.of_entry(number) {
            person
        } else {
            match out.filter(|reason| !reason.is_open()) {
                Some(reason) => Err(reason),
                None => own.unwrap_or(Err(Reason::NoSubject)),
            }
        };
        if !entry.is(Entry::CONTAINED) {
            container = (whose, open);
        }
        if let (Ok(person), Some(_)) = (whose, open) {
            settled.doubts.insert(number, person);
        }
        settled
            .of
            .push(whose.and_then(|person| open.map_or(Ok(person), Err)));
    }
    settled
}

/// A contained resource counts with its container, and for its container's person.
fn contained(
    out: Option<Reason>,
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
    if let Some(reason) = out.filter(|reason| !reason.is_open()) {
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
fn put_out(index: &Index, settled: &mut Settled, number: usize, reason: Reason) {
    let mut reason = reason;
    for (n, outcome) in settled.of.iter_mut().enumerate().skip(number) {
        let contained = index.entries.get(n).is_some_and(|e| e.is(Entry::CONTAINED));
        if n > number && !contained {
            break;
        }
        if outcome.is_ok() || settled.doubts.remove(&n).is_some() {
            *outcome = Err(reason);
        }
        reason = Reason::ContainerOut;
    }
}

fn replaced(index: &Index, states: &States, settled: &mut Settled) {
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
                put_out(index, settled, number, Reason::Replaced);
            }
        }
    }
}

/// A preliminary result goes where a final one of its identifier, code and person stands.
fn superseded(index: &Index, states: &States, settled: &mut Settled) {
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
            .filter_map(|(_, n)| Some((entry(*n)?.kind, person(*n, &settled.of)?)))
            .collect();
        for (_, n) in group {
            let interim = entry(*n).filter(|e| e.verdict == Verdict::Interim);
            if let (Some(entry), Some(person)) = (interim, person(*n, &settled.of))
                && finals.contains(&(entry.kind, person))
            {
                put_out(index, settled, *n as usize, Reason::Superseded);
            }
        }
    }
}

fn counted(index: &Index, people: &People<'_>, outcomes: &[Result<u32, Reason>]) -> Vec<Count> {
    let mut counts = Counts::new();
    let mut count = |kind: u16, reason: Reason, number: usize| {
        counts.entry((kind, reason)).or_insert((0, number)).0 += 1;
    };
    let mut met = vec![false; people.len()];
    for (number, (entry, outcome)) in index.entries.iter().zip(outcomes).enumerate() {
        let patient = people.of_entry(number).is_some();
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
                let seen = index.patients.get(entry.subject);
                if seen.is_some_and(|p| p.inactive) {
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
