//! When whoever made a request may ask again.

use super::AccessError;
use crate::session::{CHAINCODE, Session};
use medveil_circuits::ids::Day;
use medveil_collections_config::MspId;
use medveil_contract::call::request::{GetDay, GetPolicy};
use medveil_contract::judge::eligibility;
use medveil_contract::model::RequestEntry;

/// The first day of the period after the one that a day is in.
pub(super) fn after(day: Day, period_days: u32) -> Day {
    let length = period_days.max(1);
    Day((day.0 / length + 1).saturating_mul(length))
}

/// A request that is over, with the first day on which its dataset can be asked for again: of the
/// next period, or today where its own period is over.
///
/// **Errors**: the ledger cannot be read.
pub(super) async fn over(
    session: &Session,
    org: &MspId,
    entry: &RequestEntry,
) -> Result<AccessError, AccessError> {
    let lineage = entry.lineage;
    let policy = session.ask(org, GetPolicy { lineage }).await?;
    let ledger_day = session.ask(org, GetDay).await?.current;
    let (today, length) = (ledger_day.max(session.today()), policy.period_days);
    let now = eligibility::scope(session.consortium_id(), CHAINCODE, lineage, (today, length));
    Ok(AccessError::Over {
        dataset: format!("{}/{}", policy.holder, policy.name),
        request: entry.request,
        state: entry.state,
        extends: entry.extension != 0,
        again: match now == entry.scope {
            true => after(today, length),
            false => today,
        },
    })
}
