//! Publishes a proven claim.

use super::list::find;
use super::subjects::{self, NewClaim};
use super::{CLAIMS, ClaimError, ClaimedTerms, LocalClaim};
use crate::actor::Actor;
use crate::session::{Session, WorkLock};
use crate::step::Step;
use medveil_circuits::field::{Digest, Felt};
use medveil_collections_config::{MspId, Role};
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
    /// Claims and datasets that it was not compared with: this home does not know whom they speak
    /// of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncompared: Vec<String>,
}

/// Waits until no other process compares or publishes, and until what an earlier one sent has its
/// verdict: nothing is on its way that was not compared with.
pub(super) async fn settled(session: &Session, holder: &MspId) -> Result<WorkLock, ClaimError> {
    let actor = Actor::organisation(holder.clone());
    let lock = session.lock(&actor, CLAIMS).await?;
    let client = session.identity(holder, Role::Client)?;
    session.settle(&client).await?;
    Ok(lock)
}

impl Step for ClaimPublished {
    const NAME: &'static str = "claim.publish";
    const VERSION: u32 = 2;
}

/// Publishes a proven claim; publishing the same one again answers as the first time. `uncompared`
/// lets it stand next to claims that this home cannot compare it with.
///
/// **Errors**: not proven here; published with other proofs; the contract refuses.
pub async fn publish(
    session: &Session,
    holder: &MspId,
    id: Felt,
    uncompared: bool,
) -> Result<ClaimPublished, ClaimError> {
    let _lock = settled(session, holder).await?;
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
        uncompared: Vec::new(),
    };
    if let Some(entry) = find(session, holder, id).await? {
        let tx_id = entry.tx_id;
        if entry.arguments != Digest::of(&arguments) {
            return Err(ClaimError::Published { id, tx_id });
        }
        answer.tx_id = tx_id;
        return Ok(answer);
    }
    let new = NewClaim {
        id,
        terms: &args.terms,
        uncompared,
    };
    answer.uncompared = subjects::check(session, holder, &new, None).await?;
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
    let _lock = settled(session, holder).await?;
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
