//! The sets of subjects that a holder's claims speak of, over all its datasets.
//!
//! Each claim's people are kept in the vault as the holder knows them: they outlive the dataset's
//! folder.

use super::list::of_holder;
use super::open::OpenedDataset;
use super::singling::{self, Published};
use super::{ClaimError, LocalClaim};
use crate::actor::Actor;
use crate::journey::dataset::{DatasetError, LocalDataset};
use crate::keyring::{get_secret, put_secret};
use crate::session::Session;
use borsh::{BorshDeserialize, BorshSerialize};
use fixedbitset::FixedBitSet;
use medveil_circuits::claim::CountUnit;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::query::Program;
use medveil_circuits::schema::Schema;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::ClaimTerms;
use medveil_contract::call::request::GetDataset;
use medveil_contract::judge::registration::rebuild;
use medveil_source::Subject;
use std::collections::{BTreeMap, BTreeSet};

/// Whom a published thing speaks of.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
struct People {
    /// The dataset's subjects.
    dataset: Vec<Subject>,
    /// See [`Published::lanes`].
    lanes: Vec<Vec<Subject>>,
}

/// A registered dataset of this home.
struct HeldDataset {
    local: LocalDataset,
    root: DatasetRoot,
    subjects: Vec<Subject>,
}

/// What a new thing is compared with.
struct Compared {
    known: Vec<(String, People)>,
    /// Claims whose people this home does not know.
    unknown: Vec<Felt>,
}

/// A claim that is about to be proven or published.
pub(super) struct NewClaim<'a> {
    pub id: Felt,
    pub terms: &'a ClaimTerms,
    /// Whether it may go out next to claims that this home cannot compare it with.
    pub uncompared: bool,
}

/// Refuses a claim that would single somebody out next to the holder's others. Gives the claims
/// that it could not be compared with, where that is allowed.
///
/// **Errors**: it does; this home does not know the people of a claim; the sets cannot be read.
///
/// **Cost**: opens a dataset where the people of one of its claims are not kept yet.
pub(super) async fn check(
    session: &Session,
    holder: &MspId,
    new: &NewClaim<'_>,
    opened: Option<(&OpenedDataset, &Program)>,
) -> Result<Vec<Felt>, ClaimError> {
    let held = datasets(session, holder).await?;
    if let Some((opened, program)) = opened {
        let local = held.iter().find(|d| d.root == new.terms.dataset);
        let local = local.ok_or_else(|| unregistered(new.terms))?;
        keep(session, holder, new, (opened, program), &local.subjects)?;
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

/// Refuses a committed dataset with criteria whose number of subjects, which registering publishes,
/// would single out some of those who do not meet them. `uncompared` lets it stand next to claims
/// whose people this home does not know.
///
/// **Errors**: it would; this home does not know the people of a claim; nothing was committed.
pub(super) async fn check_registration(
    session: &Session,
    holder: &MspId,
    name: &str,
    uncompared: bool,
) -> Result<(), ClaimError> {
    let local = LocalDataset::new(session, holder, name)?;
    let registration = local.registration()?;
    let schema = Schema::from_canonical(registration.schema.as_bytes());
    if schema.map_err(ClaimError::Schema)?.criteria().is_empty() {
        return Ok(());
    }
    let subjects = local.subjects(session)?;
    let held = datasets(session, holder).await?;
    let own: BTreeSet<&Subject> = subjects.iter().collect();
    let is_same = |d: &HeldDataset| d.subjects.iter().collect::<BTreeSet<_>>() == own;
    if held.iter().any(is_same) {
        return Ok(());
    }
    let compared = Compared::read(session, holder, &held, Felt::ZERO).await?;
    if !compared.unknown.is_empty() && !uncompared {
        return Err(ClaimError::Uncompared(compared.unknown));
    }
    let new = People {
        dataset: subjects.clone(),
        lanes: Vec::new(),
    };
    let floor = session.consortium.subject_floor();
    match find(session, compared, new, floor).await? {
        None => Ok(()),
        Some(with) => Err(ClaimError::CriteriaSingleOut {
            name: name.to_owned(),
            floor,
            with,
        }),
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
    let work = move || compared.find((String::new(), new), floor as usize);
    let found = tokio::task::spawn_blocking(work).await;
    drop(task);
    found.map_err(ClaimError::Stopped)
}

impl Compared {
    /// All registered datasets of a holder in this home, and all claims, published or waiting, but
    /// for this one.
    async fn read(
        session: &Session,
        holder: &MspId,
        held: &[HeldDataset],
        but: Felt,
    ) -> Result<Self, ClaimError> {
        let whole = |dataset: &HeldDataset| {
            let people = People {
                dataset: dataset.subjects.clone(),
                lanes: Vec::new(),
            };
            (format!("the dataset {}", dataset.local.name), people)
        };
        let mut compared = Compared {
            known: held.iter().map(whole).collect(),
            unknown: Vec::new(),
        };
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
                None => compared.unknown.push(id),
            }
        }
        Ok(compared)
    }

    /// Next to what the new one would single somebody out.
    fn find(&self, new: (String, People), floor: usize) -> Option<Vec<String>> {
        let mut places: BTreeMap<Subject, usize> = BTreeMap::new();
        for (_, people) in self.known.iter().chain([&new]) {
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
        let published = |(what, people): &(String, People)| Published {
            what: what.clone(),
            dataset: set(&people.dataset),
            lanes: people.lanes.iter().map(|lane| set(lane)).collect(),
        };
        let new = published(&new);
        let known: Vec<Published> = self.known.iter().map(published).collect();
        let others = known
            .into_iter()
            .filter(|k| !k.lanes.is_empty() || k.dataset != new.dataset);
        let others: Vec<Published> = others.collect();
        let found = singling::find(&new, &others, floor)?;
        Some(found.into_iter().map(str::to_owned).collect())
    }
}

/// The holder's registered datasets that are in this home.
async fn datasets(session: &Session, holder: &MspId) -> Result<Vec<HeldDataset>, ClaimError> {
    let mut held = Vec::new();
    for name in LocalDataset::names(session, holder) {
        let local = LocalDataset::new(session, holder, &name)?;
        if !local.is_committed() {
            continue;
        }
        let registration = local.registration()?;
        let rebuilt = rebuild(session.consortium_id(), holder, &registration);
        let root = rebuilt.map_err(ClaimError::Registration)?.root;
        // What was only committed tells nobody anything.
        match session.ask(holder, GetDataset { dataset: root }).await {
            Err(e) if e.code() == Some(Code::NotFound) => continue,
            other => drop(other?),
        }
        held.push(HeldDataset {
            root,
            subjects: local.subjects(session)?,
            local,
        });
    }
    Ok(held)
}

fn name(claim: Felt) -> String {
    format!("claim-people-{}", &claim.to_string()[..40])
}

/// Whom a claim speaks of: as kept, or read from its dataset; none where this home has neither.
async fn people(
    session: &Session,
    holder: &MspId,
    held: &[HeldDataset],
    (id, terms): (Felt, &ClaimTerms),
) -> Result<Option<People>, ClaimError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    let name = name(id);
    if vault.has(&name) {
        return Ok(Some(get_secret(&vault, &name)?));
    }
    let Some(dataset) = held.iter().find(|d| d.root == terms.dataset) else {
        return Ok(None);
    };
    let opened = OpenedDataset::open(session, &dataset.local).await?;
    let query = opened.compile(&terms.query, terms.unit)?;
    let new = NewClaim {
        id,
        terms,
        uncompared: false,
    };
    let opened = (&opened, query.program());
    keep(session, holder, &new, opened, &dataset.subjects).map(Some)
}

/// Keeps whom a claim speaks of.
///
/// **Errors**: the vault does not open; pages that are not of the tier.
fn keep(
    session: &Session,
    holder: &MspId,
    claim: &NewClaim<'_>,
    (opened, program): (&OpenedDataset, &Program),
    subjects: &[Subject],
) -> Result<People, ClaimError> {
    let found = opened.subject_hits(program)?;
    if found.hit.len() != subjects.len() || found.miss.len() != subjects.len() {
        let dataset = claim.terms.dataset;
        return Err(ClaimError::Subjects { dataset });
    }
    let of = |flags: &[bool]| {
        let flagged = subjects.iter().zip(flags).filter(|(_, is)| **is);
        flagged.map(|(subject, _)| *subject).collect()
    };
    let people = People {
        dataset: subjects.to_vec(),
        lanes: match claim.terms.unit {
            CountUnit::Subjects => vec![of(&found.hit)],
            CountUnit::Rows => vec![of(&found.hit), of(&found.miss)],
        },
    };
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    put_secret(&vault, &name(claim.id), &people, &mut session.rng())?;
    Ok(people)
}
