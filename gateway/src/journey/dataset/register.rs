//! Puts a committed dataset's roots, counts and proofs on the ledger.

use super::commit::bytes_of;
use super::{DatasetError, LocalDataset};
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::ids::{DatasetRoot, LineageId};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::Call;
use medveil_contract::call::request::GetLineage;
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
    /// Proofs that the endorsing organisations verified.
    pub proofs: usize,
    /// Bytes of the call.
    pub bytes: usize,
}

impl Step for DatasetRegistered {
    const NAME: &'static str = "dataset.register";
}

/// Registers a committed dataset that was compared with the holder's claims.
///
/// **Errors**: nothing was committed; it is registered already; the contract refuses.
pub(crate) async fn register(
    session: &Session,
    holder: &MspId,
    name: &str,
) -> Result<DatasetRegistered, DatasetError> {
    let local = LocalDataset::new(session, holder, name)?;
    let registration = local.registration()?;
    let (rows, subjects) = (registration.n_rows, registration.n_subjects);
    let proofs = registration.chunks.iter().map(|c| c.blocks.len()).sum();
    let call = Call::RegisterDataset(registration);
    let committed = match session.submit_public(holder, &call).await {
        Err(e) if e.code() == Some(Code::Conflict) => {
            return Err(conflict(session, &local, e).await);
        }
        other => other?,
    };
    Ok(DatasetRegistered {
        holder: holder.clone(),
        name: name.to_owned(),
        dataset: newest_version(session, &local).await?,
        lineage: local.lineage(session)?,
        rows,
        subjects,
        transaction: Transaction::from(&committed),
        proofs,
        bytes: bytes_of(&call),
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
