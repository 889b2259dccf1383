//! The registered datasets.

use super::DatasetError;
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_circuits::ids::{DatasetRoot, LineageId};
use medveil_collections_config::MspId;
use medveil_contract::call::request::ListDatasets;
use medveil_contract::model::LineageEntry;
use schemars::JsonSchema;
use serde::Serialize;

/// The datasets on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetList {
    pub datasets: Vec<DatasetLine>,
}

/// One dataset through all its versions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetLine {
    #[schemars(with = "String")]
    pub lineage: LineageId,
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name within its holder.
    pub name: String,
    /// The holder's nonce, in hex.
    pub nonce: String,
    /// Roots of its versions, the newest last.
    #[schemars(with = "Vec<String>")]
    pub versions: Vec<DatasetRoot>,
}

impl From<LineageEntry> for DatasetLine {
    fn from(entry: LineageEntry) -> Self {
        DatasetLine {
            lineage: entry.lineage,
            holder: entry.holder,
            name: entry.name,
            nonce: hex::encode(entry.nonce),
            versions: entry.versions,
        }
    }
}

impl Step for DatasetList {
    const NAME: &'static str = "dataset.list";
}

/// Every dataset on the ledger, through all its versions.
///
/// **Errors**: the ledger cannot be read.
pub(in crate::journey) async fn lineages(
    session: &Session,
    org: &MspId,
) -> Result<Vec<LineageEntry>, SessionError> {
    let first = ListDatasets {
        bookmark: String::new(),
    };
    session.ask_all(org, &first).await
}

/// Lists registered datasets.
///
/// **Errors**: the ledger cannot be read.
pub async fn list(session: &Session, org: &MspId) -> Result<DatasetList, DatasetError> {
    let entries = lineages(session, org).await?;
    Ok(DatasetList {
        datasets: entries.into_iter().map(DatasetLine::from).collect(),
    })
}
