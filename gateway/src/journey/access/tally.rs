//! How a committee voted.

use medveil_collections_config::MspId;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::model::{Decision, RequestState};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// How a committee voted. Its words are those of errors and of answers alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// `submitted`, `approved`, `rejected` or `closed`.
    #[schemars(with = "String")]
    pub state: RequestState,
    /// Approvals that the request takes.
    pub quorum: u32,
    #[schemars(with = "Vec<String>")]
    pub approved_by: Vec<MspId>,
    #[schemars(with = "Vec<String>")]
    pub rejected_by: Vec<MspId>,
    #[schemars(with = "Vec<String>")]
    pub not_voted: Vec<MspId>,
}

impl Tally {
    /// The votes on a request so far.
    pub fn of(status: &RequestStatus) -> Self {
        let who = |decision: Decision| {
            let votes = status.votes.iter().filter(|v| v.decision == decision);
            votes.map(|v| v.msp_id.clone()).collect()
        };
        let has_voted = |member: &MspId| status.votes.iter().any(|v| v.msp_id == *member);
        let committee = status.request.committee.iter();
        Tally {
            state: status.request.state,
            quorum: status.request.quorum,
            approved_by: who(Decision::Approve),
            rejected_by: who(Decision::Reject),
            not_voted: committee.filter(|m| !has_voted(m)).cloned().collect(),
        }
    }

    /// Approvals that are still missing.
    pub fn missing(&self) -> u32 {
        self.quorum.saturating_sub(self.approved_by.len() as u32)
    }
}

/// Who voted what: `HospitalA approved, HospitalB rejected, EthicsBoard has not voted`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = [
            (&self.approved_by, "approved"),
            (&self.rejected_by, "rejected"),
            (&self.not_voted, "has not voted"),
        ];
        let mut separator = "";
        for (org, did) in groups
            .iter()
            .flat_map(|(orgs, did)| orgs.iter().map(move |o| (o, did)))
        {
            write!(f, "{separator}{org} {did}")?;
            separator = ", ";
        }
        Ok(())
    }
}
