//! Commits a dataset: rows read, pages encrypted, every block proven, everything kept on the
//! holder's disk.
//!
//! The work can be interrupted. All randomness of the plan comes from a draft's seed, and proofs are
//! kept as they are made, so that the same rows under the same name go on where they stopped. The
//! draft is bound to a digest of everything that is planned from: other rows get other keys.

use super::losses::losses;
use super::plan::{Inputs, Planned};
use super::reading::{Report, ReportInput};
use super::source::{self, SourceInput, SourceSummary};
use super::{DatasetError, LocalDataset, Tier, size};
use crate::actor::Actor;
use crate::session::{Draft, DraftSeed, Session};
use crate::step::Step;
use medveil_circuits::dataset;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::LineageId;
use medveil_circuits::proof::RawProof;
use medveil_circuits::registration::{Registration, RegistrationPrivate, RegistrationPublic, Row};
use medveil_circuits::statement::Synthesize;
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::call::Call;
use medveil_custody::CustodyError;
use medveil_source::{PseudonymKey, Subject};
use rand::RngCore;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;
use zeroize::Zeroizing;

/// The secret that all pseudonyms of a holder come from.
const MASTER_KEY: &str = "holder-master";

/// What is committed, and under which name.
#[derive(Clone, Copy, Debug)]
pub struct CommitOptions<'a> {
    /// FHIR or tables: a file or a folder.
    pub source: &'a Path,
    /// A file or folder of views (SQL on FHIR); none takes those that ship.
    pub views: Option<&'a Path>,
    /// File of the schema; none takes the one that ships for FHIR.
    pub schema: Option<&'a Path>,
    /// Losses of the reading that may stand: `skipped`, `subjects`, `column:NAME`.
    pub accept: &'a [String],
    /// Name of the dataset within its holder.
    pub name: &'a str,
    /// Sharing group that is to store the encrypted pages.
    pub group: &'a str,
}

/// A dataset is committed: nothing has left the holder's folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetCommitted {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub dataset: String,
    #[schemars(with = "String")]
    pub lineage: LineageId,
    pub rows: u64,
    /// Different people.
    pub subjects: u64,
    pub chunks: usize,
    /// Rows of a chunk.
    pub tier: usize,
    /// Bytes of the call that will register it.
    pub register_bytes: usize,
    /// Root of the reading report.
    #[schemars(with = "String")]
    pub reading: Digest,
    #[serde(flatten)]
    pub source: SourceSummary,
}

impl Step for DatasetCommitted {
    const NAME: &'static str = "dataset.commit";
}

/// Reads a source, plans its segment, proves every block and keeps everything on the holder's disk.
/// What an earlier run proved for the same rows is not proven again.
///
/// **Errors**: problems of schema or source; a loss that was not accepted; the circuit is not
/// active; a dataset of that name exists.
pub async fn commit(
    session: &Session,
    holder: &MspId,
    options: &CommitOptions<'_>,
) -> Result<DatasetCommitted, DatasetError> {
    let local = LocalDataset::new(session, holder, options.name)?;
    let collection = sharing_group(session, holder, options.group)?;
    let actor = Actor::organisation(holder.clone());
    session.keyring.open(&actor)?;
    let work = format!("dataset-{}", options.name);
    let _lock = session.lock(&actor, &work).await?;
    if local.is_committed() {
        return Err(DatasetError::Committed { name: local.name });
    }
    let (inputs, people, source) = read(session, &local, options, collection).await?;
    let (lineage, tier) = (inputs.lineage, inputs.tier);
    let (draft, seed) = session.draft(&actor, &work, inputs.digest())?;
    let Planned {
        keys,
        pages,
        reading,
        items,
        call,
    } = plan(session, inputs, seed).await?;
    let proofs = match tier {
        Tier::Small => prove::<Registration<16>>(session, holder, items, &draft).await?,
        Tier::Large => prove::<Registration<256>>(session, holder, items, &draft).await?,
    };
    let registration = call.with_proofs(proofs);
    local.keep_people(session, &registration, &people)?;
    local.keep_reading(session, &registration, &reading)?;
    local.save(session, &keys, &pages, &registration)?;
    session.finish(&draft)?;
    Ok(DatasetCommitted {
        holder: holder.clone(),
        dataset: local.name,
        lineage,
        rows: registration.n_rows,
        subjects: registration.n_subjects,
        chunks: registration.chunks.len(),
        tier: tier.rows(),
        reading: registration.reading,
        register_bytes: bytes_of(&Call::RegisterDataset(registration)),
        source,
    })
}

/// Length of a call's arguments.
///
/// **Units**: bytes.
pub(super) fn bytes_of(call: &Call) -> usize {
    call.to_args().iter().map(Vec::len).sum()
}

/// The collection of a sharing group that the holder is a member of.
fn sharing_group(
    session: &Session,
    holder: &MspId,
    group: &str,
) -> Result<CollectionName, DatasetError> {
    let collection = CollectionName::explicit(group).map_err(|source| DatasetError::Group {
        group: group.to_owned(),
        source,
    })?;
    let all = session.collections.as_slice().iter();
    let groups = all.filter(|c| *c.name() != CollectionName::requests());
    let own: Vec<_> = groups.filter(|c| c.members().contains(holder)).collect();
    if own.iter().any(|c| *c.name() == collection) {
        return Ok(collection);
    }
    Err(DatasetError::NotMember {
        holder: holder.clone(),
        group: group.to_owned(),
        groups: own.iter().map(|c| c.name().to_string()).collect(),
    })
}

async fn read(
    session: &Session,
    local: &LocalDataset,
    options: &CommitOptions<'_>,
    collection: CollectionName,
) -> Result<(Inputs, Vec<(Subject, u32)>, SourceSummary), DatasetError> {
    let schema = source::schema(options.schema, options.source)?;
    let (name, lineage) = (local.lineage_name(session)?, local.lineage(session)?);
    let key = PseudonymKey::derive(&*master_key(session, &local.holder)?, lineage);
    let (progress, today) = (session.progress.clone(), session.today());
    let (path, views) = (options.source.to_owned(), options.views.map(Path::to_owned));
    let accepted = options.accept.to_vec();
    let work = move || {
        let input = SourceInput {
            source: &path,
            views: views.as_deref(),
            today,
            gather: false,
        };
        let views = source::views(input.views)?;
        let cohort = source::rows_by(progress.as_ref(), input, &views, &schema, &key)?;
        let losses = losses(&schema, &cohort).into_iter();
        let (lost, accepted): (Vec<String>, _) = losses.partition(|l| !accepted.contains(l));
        if !lost.is_empty() {
            return Err(DatasetError::Lost(lost));
        }
        let report = Report::of(&ReportInput {
            source: &path,
            schema: &schema,
            cohort: &cohort,
            views: &views,
            key: &key,
            today,
            accepted: &accepted,
        })?;
        let rows = cohort.rows.iter().map(|row| row.to_cells(&schema));
        let rows = rows.collect::<Result<Vec<Row>, _>>()?;
        let people = people_of(&rows, &key).ok_or(DatasetError::Pseudonym)?;
        let summary = SourceSummary::from(&cohort);
        Ok::<_, DatasetError>((summary, rows, people, schema, report))
    };
    let read = tokio::task::spawn_blocking(work).await;
    let (summary, rows, people, schema, report) = read.map_err(DatasetError::Stopped)??;
    let tier = Tier::for_dataset(rows.len());
    let n_blocks = dataset::layout(&schema).len() / dataset::BLOCK_COLUMNS;
    let n_chunks = rows.len().div_ceil(tier.rows());
    size::check_registration(n_chunks, n_blocks, schema.to_canonical().len())?;
    let inputs = Inputs {
        schema,
        collection,
        name,
        lineage,
        tier,
        rows,
        report,
    };
    Ok((inputs, people, summary))
}

/// Who the subjects are, in the order of the rows, each with its number of rows.
fn people_of(rows: &[Row], key: &PseudonymKey) -> Option<Vec<(Subject, u32)>> {
    let runs = rows.chunk_by(|a, b| a.pseudonym == b.pseudonym);
    // Fewer rows than 2^32 by the caps.
    runs.map(|own| Some((key.subject(own.first()?.pseudonym)?, own.len() as u32)))
        .collect()
}

/// The holder's master key, made the first time.
fn master_key(session: &Session, holder: &MspId) -> Result<Zeroizing<[u8; 32]>, DatasetError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    if !vault.has(MASTER_KEY) {
        for name in LocalDataset::names(session, holder) {
            // Another key would give the same people other pseudonyms.
            if LocalDataset::new(session, holder, &name)?.is_committed() {
                return Err(DatasetError::NoMasterKey(name));
            }
        }
        let mut rng = session.rng();
        let mut fresh = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(fresh.as_mut());
        match vault.create_secret(MASTER_KEY, fresh.as_ref(), &mut rng) {
            // Another process may have made it in between.
            Ok(()) | Err(CustodyError::Exists(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let bytes = vault.get(MASTER_KEY)?;
    let key = <[u8; 32]>::try_from(bytes.as_slice());
    Ok(Zeroizing::new(
        key.map_err(|_| DatasetError::MasterKey(bytes.len()))?,
    ))
}

async fn plan(session: &Session, inputs: Inputs, seed: DraftSeed) -> Result<Planned, DatasetError> {
    session.ledger().release();
    let task = session.progress.begin("encrypting pages", None);
    let planned = tokio::task::spawn_blocking(move || inputs.plan(&seed)).await;
    drop(task);
    planned.map_err(DatasetError::Stopped)?
}

async fn prove<S>(
    session: &Session,
    holder: &MspId,
    items: Vec<(RegistrationPublic, RegistrationPrivate)>,
    draft: &Draft,
) -> Result<Vec<RawProof>, DatasetError>
where
    S: Synthesize<Public = RegistrationPublic, Private = RegistrationPrivate>,
{
    let prover = session.prover::<S>(holder).await?;
    let what = "proving registration";
    let proven = session.prove(&prover, items, Some(draft), what).await?;
    Ok(proven.proofs)
}
