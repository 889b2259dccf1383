//! Exports a published claim as one file.

use super::ClaimError;
use super::list::find;
use crate::journey::consortium;
use crate::outfile;
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_bundle::{Bundle, BundleParts};
use medveil_circuits::field::Felt;
use medveil_collections_config::{MspId, Role};
use medveil_contract::call::request::{GetCircuit, GetDataset};
use medveil_msp::Identity;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// A published claim is a file that anyone can verify.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimBundled {
    /// The claim's id.
    #[schemars(with = "String")]
    pub claim: Felt,
    /// The file.
    pub bundle: String,
    pub bytes: usize,
}

impl Step for ClaimBundled {
    const NAME: &'static str = "claim.bundle";
}

/// Writes a published claim as one file that anyone can verify where there is no ledger.
///
/// **Errors**: no such claim on the ledger; the file system refused.
pub async fn bundle(
    session: &Session,
    org: &MspId,
    id: Felt,
    out: &Path,
) -> Result<ClaimBundled, ClaimError> {
    let entry = find(session, org, id).await?;
    let entry = entry.ok_or(ClaimError::NotPublished { id })?;
    let dataset = entry.dataset;
    let version = session.ask(org, GetDataset { dataset }).await?.dataset;
    let signer = session.identity(org, Role::Client)?;
    let mut keys = Vec::new();
    for key in [version.circuit, entry.circuits[0], entry.circuits[1]] {
        keys.push(session.ask(org, GetCircuit { key }).await?.verifying_key);
    }
    let trust = consortium::trust_of(session, org).await?;
    let bundle = Bundle::new(BundleParts {
        trust: &trust,
        keys,
        registration: envelope(session, &signer, &version.tx_id).await?,
        claim: envelope(session, &signer, &entry.tx_id).await?,
    })?;
    let text = bundle.to_json();
    outfile::write(&session.home, out, text.as_bytes())?;
    Ok(ClaimBundled {
        claim: id,
        bundle: out.display().to_string(),
        bytes: text.len(),
    })
}

/// A transaction in the ledger's own bytes.
async fn envelope(
    session: &Session,
    signer: &Arc<Identity>,
    tx_id: &str,
) -> Result<Vec<u8>, SessionError> {
    let record = session.ledger().transaction(signer, tx_id).await;
    Ok(record.map_err(|e| session.ledger_error(e))?.envelope)
}
