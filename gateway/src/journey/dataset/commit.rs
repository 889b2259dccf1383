//! Commits a dataset: rows read, pages encrypted, every block proven, everything kept on the
//! holder's disk.
//!
//! The work can be interrupted. All randomness of the plan comes from a draft's seed, and proofs are
//! kept as they are made, so that the same rows under the same name go on where they stopped. The
//! draft is bound to a digest of everything that is planned from: other rows get other keys. What is
//! kept until then is the seed in the vault, and proofs and pages, which say nothing of the rows, in
//! the draft's folder: no row goes to disk, and a run that goes on reads the source again.

use super::local::PagesFile;
use super::losses::losses;
use super::plan::{Finished, Inputs};
use super::reading::{Report, ReportInput};
use super::source::{self, SourceInput, SourceSummary};
use super::{DatasetError, LocalDataset, Tier, size};
use crate::actor::Actor;
use crate::session::{Draft, DraftSeed, Session};
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::LineageId;
use medveil_circuits::registration::{Registration, RegistrationPrivate, RegistrationPublic};
use medveil_circuits::statement::Synthesize;
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::call::{Call, RegisterDataset};
use medveil_contract::judge;
use medveil_custody::CustodyError;
use medveil_source::{Cohort, PseudonymKey, Subject};
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
/// active; other rows were committed under that name.
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
    let (inputs, people, source) = read(session, &local, options, collection).await?;
    let (lineage, tier) = (inputs.lineage, inputs.tier);
    let (inputs, digest) = digested(session, inputs).await?;
    if local.is_committed() {
        let registration = local.registration()?;
        return match local.inputs(session, &registration)? == Some(digest) {
            true => Ok(answer(&local, (lineage, tier), registration, source)),
            false => Err(DatasetError::Committed { name: local.name }),
        };
    }
    let (draft, seed) = session.draft(&actor, &work, digest)?;
    let Finished {
        keys,
        pages,
        reading,
        registration,
    } = match tier {
        Tier::Small => prove::<Registration<16>>(session, holder, inputs, (&draft, &seed)).await?,
        Tier::Large => prove::<Registration<256>>(session, holder, inputs, (&draft, &seed)).await?,
    };
    local.keep_people(session, &registration, &people)?;
    local.keep_reading(session, &registration, &reading)?;
    local.keep_inputs(session, &registration, digest)?;
    local.save(session, &keys, pages, &registration)?;
    session.finish(&draft)?;
    Ok(answer(&local, (lineage, tier), registration, source))
}

fn answer(
    local: &LocalDataset,
    (lineage, tier): (LineageId, Tier),
    registration: RegisterDataset,
    source: SourceSummary,
) -> DatasetCommitted {
    DatasetCommitted {
        holder: local.holder.clone(),
        dataset: local.name.clone(),
        lineage,
        rows: registration.n_rows,
        subjects: registration.n_subjects,
        chunks: registration.chunks.len(),
        tier: tier.rows(),
        reading: registration.reading,
        register_bytes: bytes_of(&Call::RegisterDataset(registration)),
        source,
    }
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
    let name = local.known_or_fresh_lineage(session)?;
    let lineage = judge::lineage_id(session.consortium_id(), &local.holder, &name);
    let master = known_or_fresh_master_key(session, &local.holder)?;
    let key = PseudonymKey::derive(&master, lineage);
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
        let people = people(&cohort, &key).ok_or(DatasetError::Pseudonym)?;
        let summary = SourceSummary::from(&cohort);
        Ok::<_, DatasetError>((summary, cohort.rows, people, schema, report))
    };
    let read = tokio::task::spawn_blocking(work).await;
    let (summary, rows, people, schema, report) = read.map_err(DatasetError::Stopped)??;
    let tier = Tier::for_dataset(rows.len());
    let inputs = Inputs {
        schema,
        collection,
        name,
        lineage,
        tier,
        rows,
        report,
    };
    let schema_bytes = inputs.schema.to_canonical().len();
    size::check_registration(inputs.n_chunks(), inputs.n_blocks(), schema_bytes)?;
    // What was refused up to here left nothing.
    keep_master_key(session, &local.holder, &master)?;
    local.keep_lineage(&inputs.name)?;
    Ok((inputs, people, summary))
}

/// Who the people of sorted rows are, each with the number of rows.
fn people(cohort: &Cohort, key: &PseudonymKey) -> Option<Vec<(Subject, u32)>> {
    let mut people: Vec<(Subject, u32)> = Vec::with_capacity(cohort.subjects());
    let mut last = None;
    for pseudonym in cohort.rows.pseudonyms() {
        match people.last_mut() {
            // Fewer rows than 2^32 by the caps.
            Some((_, n)) if last == Some(pseudonym) => *n += 1,
            _ => people.push((key.subject(pseudonym)?, 1)),
        }
        last = Some(pseudonym);
    }
    Some(people)
}

/// The digest that a draft is bound to.
async fn digested(session: &Session, inputs: Inputs) -> Result<(Inputs, Digest), DatasetError> {
    session.ledger().release();
    let work = move || inputs.digest().map(|digest| (inputs, digest));
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(DatasetError::Stopped)??)
}

/// The holder's master key, or a fresh one, which is not kept.
fn known_or_fresh_master_key(
    session: &Session,
    holder: &MspId,
) -> Result<Zeroizing<[u8; 32]>, DatasetError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    if !vault.has(MASTER_KEY) {
        for name in LocalDataset::names(session, holder) {
            // Another key would give the same people other pseudonyms.
            if LocalDataset::new(session, holder, &name)?.is_committed() {
                return Err(DatasetError::NoMasterKey(name));
            }
        }
        let mut fresh = Zeroizing::new([0u8; 32]);
        session.rng().fill_bytes(fresh.as_mut());
        return Ok(fresh);
    }
    let bytes = vault.get(MASTER_KEY)?;
    let key = <[u8; 32]>::try_from(bytes.as_slice());
    Ok(Zeroizing::new(
        key.map_err(|_| DatasetError::MasterKey(bytes.len()))?,
    ))
}

/// Keeps the holder's master key, once.
fn keep_master_key(session: &Session, holder: &MspId, key: &[u8; 32]) -> Result<(), DatasetError> {
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    if !vault.has(MASTER_KEY) {
        match vault.create_secret(MASTER_KEY, key, &mut session.rng()) {
            Ok(()) | Err(CustodyError::Exists(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    match *known_or_fresh_master_key(session, holder)? == *key {
        true => Ok(()),
        // Another process made one in between.
        false => Err(DatasetError::LineageTaken(MASTER_KEY.to_owned())),
    }
}

async fn prove<S>(
    session: &Session,
    holder: &MspId,
    inputs: Inputs,
    (draft, seed): (&Draft, &DraftSeed),
) -> Result<Finished, DatasetError>
where
    S: Synthesize<Public = RegistrationPublic, Private = RegistrationPrivate>,
{
    let prover = session.prover::<S>(holder).await?;
    let total = (inputs.n_chunks() * inputs.n_blocks()) as u64;
    let pages = PagesFile::begin(draft, &inputs.name.name, inputs.n_chunks())?;
    let segment = inputs.begin(seed, pages)?;
    let how = (draft, total, "proving registration");
    let (segment, proofs) = session
        .prove_portions::<S, _>(&prover, segment, how)
        .await?;
    Ok(segment.finish(proofs))
}
