//! The ledger's day: moved forward where a call needs it.

use crate::classify::{Classify, Kind};
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_circuits::ids::Day;
use medveil_collections_config::MspId;
use medveil_contract::call::Call;
use medveil_contract::call::request::GetDay;
use medveil_ledger::LedgerError;
use schemars::JsonSchema;
use serde::Serialize;

/// Why the day did not move to today.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// A jump over one day takes a second organisation's vote.
    #[error(
        "the ledger's day is {behind} days behind, and {org} alone moves it by one: one of {} must run `medveil ledger tick` too", .others.join(", ")
    )]
    SecondVote {
        org: MspId,
        behind: u32,
        others: Vec<String>,
    },
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for DayError {
    fn kind(&self) -> Kind {
        match self {
            DayError::SecondVote { .. } => Kind::Refused,
            DayError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            DayError::Session(e) => e.ledger(),
            DayError::SecondVote { .. } => None,
        }
    }
}

/// The ledger's day, and who moved it there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ticked {
    /// Days since 1970-01-01.
    #[schemars(with = "u32")]
    pub day: Day,
    /// Organisations that voted now; none where the day was current.
    #[schemars(with = "Vec<String>")]
    pub voters: Vec<MspId>,
}

impl Step for Ticked {
    const NAME: &'static str = "ledger.tick";
}

/// `ledger tick`: moves the day to today where it is behind.
///
/// A jump over one day is a vote: on the embedded ledger the other organisations' clients are at
/// hand and cast theirs, which the answer says; on Fabric their keys are elsewhere, and the error
/// says who can act.
///
/// **Errors**: the ledger is not reachable; the contract refuses; or a second organisation has to
/// vote.
pub async fn tick(session: &Session, org: &MspId) -> Result<Ticked, DayError> {
    let today = session.today();
    let (mut voters, mut elsewhere) = (Vec::new(), Vec::new());
    let members = session.consortium.members().iter();
    let others = members.map(|m| m.msp_id.clone()).filter(|m| m != org);
    for voter in std::iter::once(org.clone()).chain(others) {
        let day = session.ask(org, GetDay).await?.current;
        if day >= today {
            return Ok(Ticked { day, voters });
        }
        match session.submit_public(&voter, &Call::Tick(())).await {
            Ok(_) => voters.push(voter),
            // A vote that stands already is refused; anything else of one's own is no matter of
            // votes.
            Err(e) if voter == *org && e.kind() != Kind::Refused => return Err(e.into()),
            Err(_) if voter == *org => {}
            Err(_) => elsewhere.push(voter.to_string()),
        }
    }
    let day = session.ask(org, GetDay).await?.current;
    if day >= today {
        return Ok(Ticked { day, voters });
    }
    Err(DayError::SecondVote {
        org: org.clone(),
        behind: today.0.saturating_sub(day.0),
        others: elsewhere,
    })
}
