//! `access list`.

use super::{AccessError, json};
use crate::session::Session;
use crate::step::Step;
use medveil_collections_config::MspId;
use medveil_contract::call::request::ListRequests;
use medveil_contract::model::RequestEntry;
use schemars::JsonSchema;
use serde::Serialize;

/// All requests on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessList {
    #[schemars(with = "Vec<json::RequestEntry>")]
    pub requests: Vec<RequestEntry>,
}

impl Step for AccessList {
    const NAME: &'static str = "access.list";
}

/// Lists access requests.
///
/// **Errors**: the ledger cannot be read.
pub async fn list(session: &Session, org: &MspId) -> Result<AccessList, AccessError> {
    let first = ListRequests {
        bookmark: String::new(),
    };
    let requests = session.ask_all(org, &first).await?;
    Ok(AccessList { requests })
}
