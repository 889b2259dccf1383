//! The ledger's day: moved forward where a call needs it.

use crate::channel::Private;
use crate::desk::Desk;
use crate::error::GatewayError;
use crate::output::Step;
use circuits::ids::Day;
use collections_config::MspId;
use serde::Deserialize;
use verifier_chaincode::call::{Call, Parties, Query};

/// What the ledger says of its day.
#[derive(Deserialize)]
pub struct DayView {
    /// The current day.
    pub current: Day,
    /// Days that a proof may name now.
    pub admissible: Vec<Day>,
}

impl Desk {
    /// The ledger's day.
    ///
    /// **Errors**: the ledger cannot be read.
    pub fn day(&self, org: &MspId) -> Result<DayView, GatewayError> {
        self.query(org, &Query::GetDay)
    }

    /// Moves the day to today where it is behind. A jump over one day is a vote: on the embedded ledger the other organisations' clients are at hand
    /// and cast theirs, which the answer says.
    ///
    /// **Errors**: the contract refuses, or no second organisation can vote.
    pub fn tick_if_needed(&self, org: &MspId) -> Result<Vec<MspId>, GatewayError> {
        let today = self.today();
        let mut voters = Vec::new();
        let others = self.consortium.members().iter().map(|m| m.msp_id.clone()).filter(|m| m != org);
        for voter in std::iter::once(org.clone()).chain(others) {
            if self.day(org)?.current >= today {
                return Ok(voters);
            }
            if self.submit(&voter, &Call::Tick(()), Private::default(), &Parties::default()).is_ok() {
                voters.push(voter);
            }
        }
        if self.day(org)?.current >= today {
            return Ok(voters);
        }
        Err(GatewayError::refused("tick", "the day is behind, and no second organisation's vote could be cast here"))
    }
}

/// `ledger tick`.
///
/// **Errors**: as [`Desk::tick_if_needed`].
pub fn tick(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let voters: Vec<String> = desk.tick_if_needed(org)?.iter().map(ToString::to_string).collect();
    let day = desk.day(org)?.current;
    let line = match voters.as_slice() {
        [] => format!("the ledger's day is {day} already"),
        _ => format!("the ledger's day is {day}, by {}", voters.join(" and ")),
    };
    Ok(Step::new("ledger.tick").line(line).field("day", day.0).field("voters", voters))
}
