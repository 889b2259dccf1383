//! `dataset register`: a registration publishes how many subjects meet the criteria, so that it is
//! compared with claims as these are with each other.

use super::ClaimError;
use super::publish::settled;
use super::subjects::check_registration;
use crate::journey::dataset::{self, DatasetRegistered};
use crate::session::Session;
use medveil_collections_config::MspId;

/// Registers a committed dataset; registering the same again answers as the first time. `uncompared` lets it stand next to claims that this home cannot
/// compare it with.
///
/// **Errors**: its criteria single somebody out; nothing was committed; something else is registered
/// under this name; the contract refuses.
pub async fn register_dataset(
    session: &Session,
    holder: &MspId,
    name: &str,
    uncompared: bool,
) -> Result<DatasetRegistered, ClaimError> {
    let _lock = settled(session, holder).await?;
    // What is registered already was compared then; claims about it came later.
    if let Some(registered) = dataset::registered_before(session, holder, name).await? {
        return Ok(registered);
    }
    check_registration(session, holder, name, uncompared).await?;
    Ok(dataset::register(session, holder, name).await?)
}
