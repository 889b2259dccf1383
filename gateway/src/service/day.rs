//! The ledger's day: moved forward where a call needs it.

use crate::channel::Private;
use crate::desk::Desk;
use crate::error::{ErrorKind, GatewayError};
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

    /// Moves the day to today where it is behind. A jump over one day is a vote: on the embedded
    /// ledger the other organisations' clients are at hand and cast theirs, which the answer
    /// says; on Fabric their keys are elsewhere, and the error says who can act.
    ///
    /// **Errors**: the ledger is not reachable; the contract refuses; or a second organisation has
    /// to vote.
    pub fn tick_if_needed(&self, org: &MspId) -> Result<Vec<MspId>, GatewayError> {
        let today = self.today();
        let (mut voters, mut elsewhere) = (Vec::new(), Vec::new());
        let others = self
            .consortium
            .members()
            .iter()
            .map(|m| m.msp_id.clone())
            .filter(|m| m != org);
        for voter in std::iter::once(org.clone()).chain(others) {
            if self.day(org)?.current >= today {
                return Ok(voters);
            }
            match self.submit(
                &voter,
                &Call::Tick(()),
                Private::default(),
                &Parties::default(),
            ) {
                Ok(_) => voters.push(voter),
                // A vote that stands already is refused; anything else of one's own is no matter of
                // votes.
                Err(e) if voter == *org && e.kind() != ErrorKind::Refused => return Err(e),
                Err(_) if voter == *org => {}
                Err(_) => elsewhere.push(voter.to_string()),
            }
        }
        let current = self.day(org)?.current;
        if current >= today {
            return Ok(voters);
        }
        let message = format!(
            "the ledger's day is {} days behind, and {org} alone moves it by one: one of {} must run `medveil ledger tick` too",
            today.0.saturating_sub(current.0),
            elsewhere.join(", ")
        );
        Err(GatewayError::refused("tick", message))
    }
}

/// `ledger tick`.
///
/// **Errors**: as [`Desk::tick_if_needed`].
pub fn tick(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let voters: Vec<String> = desk
        .tick_if_needed(org)?
        .iter()
        .map(ToString::to_string)
        .collect();
    let day = desk.day(org)?.current;
    let line = match voters.as_slice() {
        [] => format!("the ledger's day is {day} already"),
        _ => format!("the ledger's day is {day}, by {}", voters.join(" and ")),
    };
    Ok(Step::new("ledger.tick")
        .line(line)
        .field("day", day.0)
        .field("voters", voters))
}
