//! The sets of subjects that a holder's claims speak of, over all its datasets.
//!
//! Each claim's people are kept in the vault as the holder knows them: they outlive the dataset's
//! folder.

use super::held::{Held, HeldDataset};
use super::list::of_holder;
use super::open::OpenedDataset;
use super::singling::{self, Published, RowClaim};
use super::{ClaimError, LocalClaim};
use crate::actor::Actor;
use crate::journey::dataset::{DatasetError, LocalDataset};
use crate::keyring::{get_secret, put_secret};
use crate::session::Session;
use borsh::{BorshDeserialize, BorshSerialize};
use fixedbitset::FixedBitSet;
use medveil_circuits::claim::{CountUnit, RowHit};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::query::Program;
use medveil_collections_config::MspId;
use medveil_contract::call::ClaimTerms;
use medveil_source::Subject;
use std::collections::BTreeMap;

/// Whom a claim speaks of, as the vault keeps it.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
struct StoredPeople {
    /// The dataset's subjects.
    subjects: Vec<Subject>,
    /// Each row: whose it is, and whether it is a hit.
    rows: Vec<(u32, bool)>,
}

/// Whom a published thing speaks of.
#[derive(Clone, Default)]
struct People {
    /// The dataset's subjects.
    dataset: Vec<Subject>,
    /// See [`Published::lanes`].
    lanes: Vec<Vec<Subject>>,
    /// Whether it is a dataset with criteria.
    has_criteria: bool,
    /// Of a claim over rows: the version, and its rows.
    rows: Option<(DatasetRoot, Vec<RowHit>)>,
}

/// What a new thing is compared with.
struct Compared {
    known: Vec<(String, People)>,
    /// Claims and datasets whose people this home does not know.
    unknown: Vec<String>,
}

/// A claim that is about to be proven or published.
pub(super) struct NewClaim<'a> {
    pub id: Felt,
    pub terms: &'a ClaimTerms,
    /// Whether it may go out next to what this home cannot compare it with.
    pub uncompared: bool,
}

impl StoredPeople {
    fn of(self, terms: &ClaimTerms) -> People {
        let mut hit = vec![false; self.subjects.len()];
        let mut miss = hit.clone();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (subject, is_hit) in self.rows {
            let lane = if is_hit { &mut hit } else { &mut miss };
            if let Some(flag) = lane.get_mut(subject as usize) {
                *flag = true;
            }
            rows.push(RowHit { subject, is_hit });
        }
        let of = |flags: &[bool]| {
            let flagged = self.subjects.iter().zip(flags).filter(|(_, is)| **is);
            flagged.map(|(subject, _)| *subject).collect()
        };
        let (lanes, rows) = match terms.unit {
            CountUnit::Subjects => (vec![of(&hit)], None),
            CountUnit::Rows => (vec![of(&hit), of(&miss)], Some((terms.dataset, rows))),
        };
        People {
            lanes,
            rows,
            dataset: self.subjects,
            has_criteria: false,
        }
    }
}

/// Refuses a claim that would single somebody out next to the holder's others. Gives what it could
/// not be compared with, where that is allowed.
///
/// **Errors**: it does; this home does not know the people of a claim or a dataset; the sets cannot
/// be read.
///
/// **Cost**: opens a dataset where the people of one of its claims are not kept yet.
pub(super) async fn check(
    session: &Session,
    holder: &MspId,
    new: &NewClaim<'_>,
    opened: Option<(&OpenedDataset, &Program)>,
) -> Result<Vec<String>, ClaimError> {
    let held = Held::read(session, holder).await?;
    if let Some((opened, program)) = opened {
        let local = held.find(new.terms.dataset);
        let local = local.ok_or_else(|| unregistered(new.terms))?;
        keep(session, holder, new, (opened, program), local)?;
    }
    let known = people(session, holder, &held, (new.id, new.terms)).await?;
    let own = known.ok_or_else(|| unregistered(new.terms))?;
    let compared = Compared::read(session, holder, &held, new.id).await?;
    if !compared.unknown.is_empty() && !new.uncompared {
        return Err(ClaimError::Uncompared(compared.unknown));
    }
    let floor = session.consortium.subject_floor();
    let unknown = compared.unknown.clone();
    match find(session, compared, own, floor).await? {
        None => Ok(unknown),
        Some(with) => Err(ClaimError::SinglesOut {
            query: new.terms.query.clone(),
            floor,
            with,
        }),
    }
}

fn unregistered(terms: &ClaimTerms) -> ClaimError {
    let name = terms.dataset.to_string();
    DatasetError::NotRegistered { name }.into()
}

/// Refuses a committed dataset whose numbers of rows and subjects, which registering publishes,
/// would single out some of those who do not meet criteria: its own, or another dataset's.
/// `uncompared` lets it stand next to what this home does not know the people of.
///
/// **Errors**: it would; this home does not know the people of a claim or a dataset; nothing was
/// committed.
pub(super) async fn check_registration(
    session: &Session,
    holder: &MspId,
    name: &str,
    uncompared: bool,
) -> Result<(), ClaimError> {
    let own = HeldDataset::of(session, LocalDataset::new(session, holder, name)?)?;
    let held = Held::read(session, holder).await?;
    let floor = session.consortium.subject_floor();
    let singles_out = |with| ClaimError::CriteriaSingleOut {
        name: name.to_owned(),
        floor,
        with,
    };
    let (compared, unknown) = match own.has_criteria {
        true => {
            let compared = Compared::read(session, holder, &held, Felt::ZERO).await?;
            let unknown = compared.unknown.clone();
            (compared, unknown)
        }
        false => (Compared::datasets(&held), held.unknown_with_criteria()),
    };
    if !unknown.is_empty() && !uncompared {
        return Err(ClaimError::Uncompared(unknown));
    }
    let others = held.datasets.iter().filter(|other| other.root != own.root);
    let mut others = others.filter(|other| own.has_criteria || other.has_criteria);
    if let Some(other) = others.find(|other| own.is_near(other, floor as usize)) {
        return Err(singles_out(vec![other.what()]));
    }
    let new = whole(&own).1;
    match find(session, compared, new, floor).await? {
        None => Ok(()),
        Some(with) => Err(singles_out(with)),
    }
}

/// Next to what the new one would single somebody out.
async fn find(
    session: &Session,
    compared: Compared,
    new: People,
    floor: u32,
) -> Result<Option<Vec<String>>, ClaimError> {
    session.ledger().release();
    let task = session.progress.begin("comparing with other claims", None);
    let work = move || compared.find(&new, floor as usize);
    let found = tokio::task::spawn_blocking(work).await;
    drop(task);
    found.map_err(ClaimError::Stopped)
}

/// A dataset with all its people.
fn whole(dataset: &HeldDataset) -> (String, People) {
    let people = People {
        dataset: dataset.subjects(),
        has_criteria: dataset.has_criteria,
        ..People::default()
    };
    (dataset.what(), people)
}

impl Compared {
    fn datasets(held: &Held) -> Self {
        Compared {
            known: held.datasets.iter().map(whole).collect(),
            unknown: held.unknown(),
        }
    }

    /// All registered datasets of a holder in this home, and all claims, published or waiting, but
    /// for this one.
    async fn read(
        session: &Session,
        holder: &MspId,
        held: &Held,
        but: Felt,
    ) -> Result<Self, ClaimError> {
        let mut compared = Compared::datasets(held);
        let mut claims: BTreeMap<Felt, ClaimTerms> = BTreeMap::new();
        for id in LocalClaim::all(session, holder)? {
            let args = LocalClaim::new(session, holder, id).load()?;
            claims.insert(id, args.terms);
        }
        claims.extend(of_holder(session, holder).await?);
        claims.remove(&but);
        for (id, terms) in claims {
            match people(session, holder, held, (id, &terms)).await? {
                Some(people) => {
                    let what = format!("claim {id} (`{}`)", terms.query);
                    compared.known.push((what, people));
                }
                None => compared.unknown.push(format!("claim {id}")),
            }
        }
        Ok(compared)
    }

    /// Next to what the new one would single somebody out.
    fn find(&self, new: &People, floor: usize) -> Option<Vec<String>> {
        let of_subjects = self.find_subjects(new, floor);
        of_subjects.or_else(|| self.find_rows(new, floor))
    }

    fn find_subjects(&self, new: &People, floor: usize) -> Option<Vec<String>> {
        let mut places: BTreeMap<Subject, usize> = BTreeMap::new();
        for people in self.known.iter().map(|(_, people)| people).chain([new]) {
            for subject in &people.dataset {
                let next = places.len();
                places.entry(*subject).or_insert(next);
            }
        }
        let set = |subjects: &[Subject]| {
            let mut set = FixedBitSet::with_capacity(places.len());
            let known = subjects.iter().filter_map(|subject| places.get(subject));
            known.for_each(|place| set.insert(*place));
            set
        };
        let published = |what: &str, people: &People| Published {
            what: what.to_owned(),
            dataset: set(&people.dataset),
            lanes: people.lanes.iter().map(|lane| set(lane)).collect(),
        };
        let is_plain = new.lanes.is_empty() && !new.has_criteria;
        let new = published("", new);
        if is_plain {
            let others = self
                .known
                .iter()
                .filter(|(_, people)| people.lanes.is_empty());
            let others = others.map(|(what, p)| (published(what, p), p.has_criteria));
            let others: Vec<(Published, bool)> = others
                .filter(|(other, _)| other.dataset != new.dataset)
                .collect();
            let found = singling::find_plain(&new, &others, floor)?;
            return Some(found.into_iter().map(str::to_owned).collect());
        }
        let known = self
            .known
            .iter()
            .map(|(what, people)| published(what, people));
        let others = known.filter(|k| !k.lanes.is_empty() || k.dataset != new.dataset);
        let others: Vec<Published> = others.collect();
        let found = singling::find(&new, &others, floor)?;
        Some(found.into_iter().map(str::to_owned).collect())
    }

    /// Claims over rows of one version are compared row by row as well.
    fn find_rows(&self, new: &People, floor: usize) -> Option<Vec<String>> {
        let (root, rows) = new.rows.as_ref()?;
        let known = self.known.iter().filter_map(|(what, people)| {
            let (of, rows) = people.rows.as_ref()?;
            (of == root).then(|| RowClaim::new(what.clone(), rows))
        });
        let known: Vec<RowClaim> = known.collect();
        let new = RowClaim::new(String::new(), rows);
        let found = singling::find_rows(rows, &new, &known, floor)?;
        Some(found.into_iter().map(str::to_owned).collect())
    }
}

fn name(claim: Felt) -> String {
    format!("claim-rows-{}", &claim.to_string()[..40])
}

/// Whom a claim speaks of: as kept, or read from its dataset; none where this home has neither.
async fn people(
    session: &Session,
    holder: &MspId,
    held: &Held,
    (id, terms): (Felt, &ClaimTerms),
) -> Result<Option<People>, ClaimError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    let name = name(id);
    if vault.has(&name) {
        let stored: StoredPeople = get_secret(&vault, &name)?;
        return Ok(Some(stored.of(terms)));
    }
    let Some(dataset) = held.find(terms.dataset) else {
        return Ok(None);
    };
    let opened = OpenedDataset::open(session, &dataset.local).await?;
    let query = opened.compile(&terms.query, terms.unit)?;
    let new = NewClaim {
        id,
        terms,
        uncompared: false,
    };
    keep(session, holder, &new, (&opened, query.program()), dataset).map(Some)
}

/// Keeps whom a claim speaks of.
///
/// **Errors**: the vault does not open; pages that are not of the tier.
fn keep(
    session: &Session,
    holder: &MspId,
    claim: &NewClaim<'_>,
    (opened, program): (&OpenedDataset, &Program),
    held: &HeldDataset,
) -> Result<People, ClaimError> {
    let (rows, subjects) = (opened.row_hits(program)?, held.subjects());
    let places = rows.last().map_or(0, |row| row.subject as usize + 1);
    if places != subjects.len() {
        let dataset = claim.terms.dataset;
        return Err(ClaimError::Subjects { dataset });
    }
    let stored = StoredPeople {
        subjects,
        rows: rows.iter().map(|row| (row.subject, row.is_hit)).collect(),
    };
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    put_secret(&vault, &name(claim.id), &stored, &mut session.rng())?;
    Ok(stored.of(claim.terms))
}
