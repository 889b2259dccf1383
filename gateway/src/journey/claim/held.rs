//! The registered datasets of a holder: those of this home with their people, and those that are
//! not here.

use super::ClaimError;
use crate::journey::dataset::{LocalDataset, lineages};
use crate::session::Session;
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::schema::{Rows, Schema};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::request::GetDataset;
use medveil_contract::judge::registration::rebuild;
use medveil_source::Subject;
use std::collections::BTreeMap;

/// A committed dataset of this home.
pub(super) struct HeldDataset {
    pub local: LocalDataset,
    pub root: DatasetRoot,
    pub has_criteria: bool,
    /// Whether its rows are records.
    per_record: bool,
    /// Its subjects in the order of the version, each with its number of rows.
    people: Vec<(Subject, u32)>,
}

/// A registered dataset that is not in this home.
struct Elsewhere {
    name: String,
    has_criteria: bool,
}

/// The registered datasets of a holder.
pub(super) struct Held {
    pub datasets: Vec<HeldDataset>,
    elsewhere: Vec<Elsewhere>,
}

impl HeldDataset {
    /// What is kept of a committed dataset.
    ///
    /// **Errors**: nothing was committed; the vault does not open.
    pub fn of(session: &Session, local: LocalDataset) -> Result<Self, ClaimError> {
        let registration = local.registration()?;
        let rebuilt = rebuild(session.consortium_id(), &local.holder, &registration);
        let rebuilt = rebuilt.map_err(ClaimError::Registration)?;
        let schema = Schema::from_canonical(registration.schema.as_bytes());
        let schema = schema.map_err(ClaimError::Schema)?;
        Ok(HeldDataset {
            root: rebuilt.root,
            has_criteria: rebuilt.has_criteria,
            per_record: schema.rows() == Rows::PerRecord,
            people: local.people(session)?,
            local,
        })
    }

    pub fn subjects(&self) -> Vec<Subject> {
        self.people.iter().map(|(subject, _)| *subject).collect()
    }

    /// What it is, for the holder.
    pub fn what(&self) -> String {
        format!("the dataset {}", self.local.name)
    }

    /// Whether 1 to `floor - 1` people are in one of two datasets alone, or have another number of
    /// rows in it, where both count rows.
    pub fn is_near(&self, other: &HeldDataset, floor: usize) -> bool {
        let by_rows = self.per_record && other.per_record;
        let number = |rows: u32| if by_rows { rows } else { 1 };
        let mut numbers: BTreeMap<Subject, (u32, u32)> = BTreeMap::new();
        for (subject, rows) in &self.people {
            numbers.entry(*subject).or_default().0 = number(*rows);
        }
        for (subject, rows) in &other.people {
            numbers.entry(*subject).or_default().1 = number(*rows);
        }
        let shares = numbers
            .values()
            .any(|(own, others)| *own > 0 && *others > 0);
        let differ = numbers
            .values()
            .filter(|(own, others)| own != others)
            .count();
        shares && (1..floor).contains(&differ)
    }
}

impl Held {
    /// Reads them.
    ///
    /// **Errors**: the ledger cannot be read; the vault does not open.
    pub async fn read(session: &Session, holder: &MspId) -> Result<Self, ClaimError> {
        let mut here: BTreeMap<DatasetRoot, HeldDataset> = BTreeMap::new();
        for name in LocalDataset::names(session, holder) {
            let local = LocalDataset::new(session, holder, &name)?;
            if local.is_committed() {
                let dataset = HeldDataset::of(session, local)?;
                here.insert(dataset.root, dataset);
            }
        }
        let mut held = Held {
            datasets: Vec::new(),
            elsewhere: Vec::new(),
        };
        // What was only committed tells nobody anything.
        for lineage in lineages(session, holder).await? {
            for root in lineage
                .versions
                .iter()
                .filter(|_| lineage.holder == *holder)
            {
                match here.remove(root) {
                    Some(dataset) => held.datasets.push(dataset),
                    None => held.elsewhere.push(Elsewhere {
                        name: lineage.name.clone(),
                        has_criteria: has_criteria(session, holder, *root).await?,
                    }),
                }
            }
        }
        Ok(held)
    }

    pub fn find(&self, root: DatasetRoot) -> Option<&HeldDataset> {
        self.datasets.iter().find(|dataset| dataset.root == root)
    }

    /// Registered datasets whose people this home does not know.
    pub fn unknown(&self) -> Vec<String> {
        let names = self.elsewhere.iter().map(|d| format!("dataset {}", d.name));
        names.collect()
    }

    /// Those of them that have criteria.
    pub fn unknown_with_criteria(&self) -> Vec<String> {
        let with = self.elsewhere.iter().filter(|d| d.has_criteria);
        with.map(|d| format!("dataset {}", d.name)).collect()
    }
}

async fn has_criteria(
    session: &Session,
    holder: &MspId,
    dataset: DatasetRoot,
) -> Result<bool, ClaimError> {
    let version = match session.ask(holder, GetDataset { dataset }).await {
        Err(e) if e.code() == Some(Code::NotFound) => return Ok(false),
        other => other?,
    };
    let schema = Schema::from_canonical(version.schema.as_bytes());
    Ok(!schema.map_err(ClaimError::Schema)?.criteria().is_empty())
}
