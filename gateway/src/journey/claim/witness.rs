//! `claim prove --witness`: the witness of one statement of a claim, for other provers. Nothing is
//! proven or kept.

use super::prove::{check, plan};
use super::{ClaimError, ClaimOptions};
use crate::journey::dataset::{LocalDataset, Tier};
use crate::journey::witness::{WitnessExported, export};
use crate::session::Session;
use medveil_circuits::claim::{ClaimChunk, ClaimFinal};
use medveil_collections_config::MspId;
use std::path::Path;

/// Writes the witness of a chunk's statement, or of the one about their sum, with fresh blinds:
/// those of a proven claim stay with it.
///
/// **Errors**: as [`prove`](super::prove()), but for circuits that are not active; no such chunk;
/// the file cannot be written.
pub async fn export_witness(
    session: &Session,
    holder: &MspId,
    options: &ClaimOptions<'_>,
    (chunk, out): (Option<usize>, &Path),
) -> Result<WitnessExported, ClaimError> {
    let local = LocalDataset::new(session, holder, options.dataset)?;
    let claim = check(session, &local, options).await?;
    let tier = claim.opened.tier;
    let mut plan = plan(claim.stated, claim.counted, session.rng()).await?;
    let Some(chunk) = chunk else {
        let sum = (plan.last, plan.last_private);
        return Ok(export::<ClaimFinal>(session, sum, out).await?);
    };
    if chunk >= plan.chunks.len() {
        let chunks = plan.chunks.len();
        return Err(ClaimError::NoChunk { chunk, chunks });
    }
    let chunk = plan.chunks.swap_remove(chunk);
    let item = (chunk.public, chunk.private);
    let exported = match tier {
        Tier::Small => export::<ClaimChunk<16>>(session, item, out).await,
        Tier::Large => export::<ClaimChunk<256>>(session, item, out).await,
    };
    Ok(exported?)
}
