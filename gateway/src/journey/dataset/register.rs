//! Puts a committed dataset's roots, counts and proofs on the ledger.

use super::commit::bytes_of;
use super::{DatasetError, LocalDataset};
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::ids::{DatasetRoot, LineageId};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::Call;
use medveil_contract::call::request::{GetDataset, GetLineage};
use schemars::JsonSchema;
use serde::Serialize;

/// A dataset is registered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetRegistered {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub name: String,
    /// Root of the version: what everybody knows it by.
    #[schemars(with = "String")]
    pub dataset: DatasetRoot,
    #[schemars(with = "String")]
    pub lineage: LineageId,
    pub rows: u64,
    /// Different people.
    pub subjects: u64,
    #[serde(flatten)]
    pub transaction: Transaction,
    /// Proofs that the endorsing organisations verify.
    pub proofs: usize,
    /// Bytes of the call.
    pub bytes: usize,
}

impl Step for DatasetRegistered {
    const NAME: &'static str = "dataset.register";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// Registers a committed dataset that was compared with the holder's claims.
///
/// **Errors**: nothing was committed, or what is kept of it is damaged, and nothing was sent; it is
/// registered already; the contract refuses.
pub(crate) async fn register(
    session: &Session,
    holder: &MspId,
    name: &str,
) -> Result<DatasetRegistered, DatasetError> {
    let local = LocalDataset::new(session, holder, name)?;
    let call = Call::RegisterDataset(local.registration()?);
    local.check(session)?;
    let committed = match session.submit_public(holder, &call).await {
        Err(e) if e.code() == Some(Code::Conflict) => {
            return Err(conflict(session, &local, e).await);
        }
        other => other?,
    };
    let dataset = newest_version(session, &local).await?;
    answer(session, &local, dataset, Transaction::from(&committed))
}

/// The answer of an earlier command that registered just this.
///
/// **Errors**: nothing was committed; the ledger cannot be read.
pub(crate) async fn registered_before(
    session: &Session,
    holder: &MspId,
    name: &str,
) -> Result<Option<DatasetRegistered>, DatasetError> {
    let local = LocalDataset::new(session, holder, name)?;
    let own = local.registration()?;
    let dataset = match newest_version(session, &local).await {
        Err(DatasetError::NotRegistered { .. }) => return Ok(None),
        other => other?,
    };
    let version = session.ask(holder, GetDataset { dataset }).await?.dataset;
    // A segment's id is used once, and stands for its keys, its roots and its report.
    let is_own = version.segments.first().is_some_and(|s| {
        (s.segment, s.key_commitment, s.reading) == (own.segment, own.key_commitment, own.reading)
    });
    match is_own {
        false => Ok(None),
        true => {
            let transaction = Transaction::earlier(Some(version.tx_id));
            answer(session, &local, dataset, transaction).map(Some)
        }
    }
}

fn answer(
    session: &Session,
    local: &LocalDataset,
    dataset: DatasetRoot,
    transaction: Transaction,
) -> Result<DatasetRegistered, DatasetError> {
    let registration = local.registration()?;
    Ok(DatasetRegistered {
        holder: local.holder.clone(),
        name: local.name.clone(),
        dataset,
        lineage: local.lineage(session)?,
        rows: registration.n_rows,
        subjects: registration.n_subjects,
        transaction,
        proofs: registration.chunks.iter().map(|c| c.blocks.len()).sum(),
        bytes: bytes_of(&Call::RegisterDataset(registration)),
    })
}

/// What stands on the ledger in the way of a registration: a version of the same lineage, if it has
/// one.
async fn conflict(session: &Session, local: &LocalDataset, refusal: SessionError) -> DatasetError {
    match newest_version(session, local).await {
        Ok(root) => DatasetError::Registered {
            holder: local.holder.clone(),
            name: local.name.clone(),
            root,
            refusal: Box::new(refusal),
        },
        Err(_) => refusal.into(),
    }
}

/// The last registered version of a dataset.
///
/// **Errors**: it is not registered.
pub(super) async fn newest_version(
    session: &Session,
    local: &LocalDataset,
) -> Result<DatasetRoot, DatasetError> {
    let lineage = local.lineage(session)?;
    let entry = match session.ask(&local.holder, GetLineage { lineage }).await {
        Err(e) if e.code() == Some(Code::NotFound) => None,
        other => Some(other?),
    };
    let newest = entry.and_then(|entry| entry.versions.last().copied());
    newest.ok_or_else(|| DatasetError::NotRegistered {
        name: local.name.clone(),
    })
}
