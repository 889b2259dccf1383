//! Publishes a proven claim.

use super::list::find;
use super::{ClaimError, ClaimedTerms, LocalClaim, subjects};
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::{Digest, Felt};
use medveil_collections_config::MspId;
use medveil_contract::call::Call;
use schemars::JsonSchema;
use serde::Serialize;

/// A claim is on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimPublished {
    #[schemars(with = "String")]
    pub holder: MspId,
    #[serde(flatten)]
    pub terms: ClaimedTerms,
    /// The claim's id.
    #[schemars(with = "String")]
    pub claim: Felt,
    /// Proofs that the endorsing organisations verified.
    pub proofs: usize,
    /// The transaction that published it, now or earlier.
    pub tx_id: String,
    /// Bytes of the call; not there where the claim was published earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// The block of the transaction; not there where the claim was published earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

impl Step for ClaimPublished {
    const NAME: &'static str = "claim.publish";
    const VERSION: u32 = 2;
}

/// Publishes a proven claim; publishing the same one again answers as the first time.
///
/// **Errors**: not proven here; published with other proofs; the contract refuses.
pub async fn publish(
    session: &Session,
    holder: &MspId,
    id: Felt,
) -> Result<ClaimPublished, ClaimError> {
    let args = LocalClaim::new(session, holder, id).load()?;
    let arguments = borsh::to_vec(&args).map_err(ClaimError::Encode)?;
    let mut answer = ClaimPublished {
        holder: holder.clone(),
        terms: ClaimedTerms::from(&args.terms),
        claim: id,
        proofs: args.chunks.len() + 1,
        tx_id: String::new(),
        bytes: None,
        block: None,
    };
    if let Some(entry) = find(session, holder, id).await? {
        let tx_id = entry.tx_id;
        if entry.arguments != Digest::of(&arguments) {
            return Err(ClaimError::Published { id, tx_id });
        }
        answer.tx_id = tx_id;
        return Ok(answer);
    }
    subjects::check(session, holder, (id, &args.terms), None).await?;
    let call = Call::PublishClaim(args);
    answer.bytes = Some(call.to_args().iter().map(Vec::len).sum());
    let committed = session.submit_public(holder, &call).await?;
    answer.tx_id = committed.tx_id;
    answer.block = Some(committed.block);
    Ok(answer)
}

/// A proven claim that was not published is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimDiscarded {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// The claim's id.
    #[schemars(with = "String")]
    pub claim: Felt,
}

impl Step for ClaimDiscarded {
    const NAME: &'static str = "claim.discard";
}

/// Discards a proven claim that was not published: others are not compared with it any more.
///
/// **Errors**: not proven here; published already.
pub async fn discard(
    session: &Session,
    holder: &MspId,
    id: Felt,
) -> Result<ClaimDiscarded, ClaimError> {
    if let Some(entry) = find(session, holder, id).await? {
        let tx_id = entry.tx_id;
        return Err(ClaimError::IsPublished { id, tx_id });
    }
    LocalClaim::new(session, holder, id).remove()?;
    Ok(ClaimDiscarded {
        holder: holder.clone(),
        claim: id,
    })
}
