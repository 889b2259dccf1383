//! The sets of subjects that a holder's claims speak of, over all its datasets.

use super::list::of_holder;
use super::open::OpenedDataset;
use super::singling::{self, KnownSet};
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
use medveil_collections_config::MspId;
use medveil_contract::call::ClaimTerms;
use medveil_contract::judge::registration::rebuild;
use medveil_source::Subject;
use std::collections::BTreeMap;

/// Who of a dataset's subjects a claim's query hits, as kept in the vault.
#[derive(BorshSerialize, BorshDeserialize)]
struct StoredHits {
    /// In the order of the version.
    hit: Vec<bool>,
    miss: Vec<bool>,
}

/// One dataset of the holder.
struct HeldDataset {
    local: LocalDataset,
    root: DatasetRoot,
    /// Places of its subjects among all.
    places: Vec<usize>,
}

/// Everything that a claim is compared with.
pub struct Compared {
    n_subjects: usize,
    datasets: Vec<HeldDataset>,
    known: Vec<KnownSet>,
    /// Claims whose rows this home does not have.
    pub unknown: Vec<Felt>,
}

impl Compared {
    /// The sets of all claims of a holder, published or waiting, but for this one.
    ///
    /// **Errors**: the ledger or the vault cannot be read; pages of a dataset that are not the
    /// registered ones.
    ///
    /// **Cost**: opens a dataset where the hits of one of its claims are not kept yet.
    pub async fn read(session: &Session, holder: &MspId, but: Felt) -> Result<Self, ClaimError> {
        let (datasets, n_subjects) = datasets(session, holder)?;
        let mut compared = Compared {
            n_subjects,
            datasets,
            known: Vec::new(),
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
            compared.add(session, holder, id, &terms).await?;
        }
        Ok(compared)
    }

    async fn add(
        &mut self,
        session: &Session,
        holder: &MspId,
        id: Felt,
        terms: &ClaimTerms,
    ) -> Result<(), ClaimError> {
        let Some(dataset) = self.datasets.iter().find(|d| d.root == terms.dataset) else {
            self.unknown.push(id);
            return Ok(());
        };
        let hits = match kept(session, holder, id)? {
            Some(hits) => hits,
            None => {
                let opened = OpenedDataset::open(session, &dataset.local).await?;
                let query = opened.compile(&terms.query, terms.unit)?;
                keep(session, holder, id, &opened, query.program())?
            }
        };
        let named = format!("claim {id} (`{}`)", terms.query);
        let sets = self.sets(dataset, &hits, terms.unit);
        self.known.extend(sets.into_iter().map(|set| KnownSet {
            what: named.clone(),
            set,
        }));
        Ok(())
    }

    /// What a claim speaks of: the subjects with a hit, and, where rows are counted, those with a
    /// row that is none.
    fn sets(&self, dataset: &HeldDataset, hits: &StoredHits, unit: CountUnit) -> Vec<FixedBitSet> {
        let of = |flags: &[bool]| {
            let mut set = FixedBitSet::with_capacity(self.n_subjects);
            let places = dataset.places.iter().zip(flags);
            places
                .filter(|(_, is)| **is)
                .for_each(|(place, _)| set.insert(*place));
            set
        };
        match unit {
            CountUnit::Subjects => vec![of(&hits.hit)],
            CountUnit::Rows => vec![of(&hits.hit), of(&hits.miss)],
        }
    }

    /// That a claim over a dataset singles nobody out next to the others.
    ///
    /// **Errors**: it does, and with which.
    pub fn check(
        &self,
        session: &Session,
        holder: &MspId,
        claim: (Felt, &ClaimTerms),
        floor: u32,
    ) -> Result<(), ClaimError> {
        let (id, terms) = claim;
        let dataset = self.datasets.iter().find(|d| d.root == terms.dataset);
        let (Some(dataset), Some(hits)) = (dataset, kept(session, holder, id)?) else {
            return Err(DatasetError::NotRegistered {
                name: terms.dataset.to_string(),
            }
            .into());
        };
        let whole = |dataset: &HeldDataset| {
            let mut set = FixedBitSet::with_capacity(self.n_subjects);
            dataset.places.iter().for_each(|place| set.insert(*place));
            set
        };
        let own = whole(dataset);
        let mut everybody = own.clone();
        let mut known: Vec<KnownSet> = Vec::new();
        for other in self.datasets.iter().filter(|d| d.root != dataset.root) {
            let set = whole(other);
            everybody.union_with(&set);
            if set != own && !set.is_disjoint(&own) {
                let what = format!("the dataset {}", other.local.name);
                known.push(KnownSet { what, set });
            }
        }
        known.extend(self.known.iter().map(|k| KnownSet {
            what: k.what.clone(),
            set: k.set.clone(),
        }));
        for set in self.sets(dataset, &hits, terms.unit) {
            let universes = [&own, &everybody];
            if let Some(with) = singling::find(&set, &known, &universes, floor as usize) {
                return Err(ClaimError::SinglesOut {
                    query: terms.query.clone(),
                    floor,
                    with: with.into_iter().map(str::to_owned).collect(),
                });
            }
        }
        Ok(())
    }
}

/// The holder's registered datasets, with the places of their subjects among all of them.
fn datasets(session: &Session, holder: &MspId) -> Result<(Vec<HeldDataset>, usize), ClaimError> {
    let mut places: BTreeMap<Subject, usize> = BTreeMap::new();
    let mut datasets = Vec::new();
    for name in LocalDataset::names(session, holder) {
        let local = LocalDataset::new(session, holder, &name)?;
        if !local.is_committed() {
            continue;
        }
        let registration = local.registration()?;
        let rebuilt = rebuild(session.consortium_id(), holder, &registration);
        let mut own = Vec::new();
        for subject in local.subjects(session)? {
            let next = places.len();
            own.push(*places.entry(subject).or_insert(next));
        }
        datasets.push(HeldDataset {
            root: rebuilt.map_err(ClaimError::Registration)?.root,
            local,
            places: own,
        });
    }
    Ok((datasets, places.len()))
}

fn name(claim: Felt) -> String {
    format!("claim-hits-{}", &claim.to_string()[..40])
}

fn kept(session: &Session, holder: &MspId, id: Felt) -> Result<Option<StoredHits>, ClaimError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    let name = name(id);
    match vault.has(&name) {
        true => Ok(Some(get_secret(&vault, &name)?)),
        false => Ok(None),
    }
}

/// Keeps which subjects a claim's query hits.
///
/// **Errors**: the vault does not open, or pages that are not of the tier.
fn keep(
    session: &Session,
    holder: &MspId,
    id: Felt,
    opened: &OpenedDataset,
    program: &Program,
) -> Result<StoredHits, ClaimError> {
    let found = opened.subject_hits(program)?;
    let hits = StoredHits {
        hit: found.hit,
        miss: found.miss,
    };
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    put_secret(&vault, &name(id), &hits, &mut session.rng())?;
    Ok(hits)
}

/// Refuses a claim that would single somebody out next to the holder's others; says which of them
/// could not be compared.
///
/// **Errors**: it does; or the sets cannot be read.
pub(super) async fn check(
    session: &Session,
    holder: &MspId,
    (id, terms): (Felt, &ClaimTerms),
    opened: Option<(&OpenedDataset, &Program)>,
) -> Result<(), ClaimError> {
    if let Some((opened, program)) = opened {
        keep(session, holder, id, opened, program)?;
    }
    let mut compared = Compared::read(session, holder, id).await?;
    if kept(session, holder, id)?.is_none() {
        let before = compared.known.len();
        compared.add(session, holder, id, terms).await?;
        compared.known.truncate(before);
    }
    for unknown in &compared.unknown {
        let text = format!("claim {unknown} was not compared: this home does not have its rows");
        session.progress.note(&text);
    }
    let floor = session.consortium.subject_floor();
    compared.check(session, holder, (id, terms), floor)
}
