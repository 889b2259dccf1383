//! `access decide`: a vote of a committee's member; and `access close`, the end of a grant.

use super::show::seen;
use super::{AccessError, Tally, read_status};
use crate::journey::day;
use crate::session::{Private, Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::ids::RequestId;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::{Call, CloseGrant, DecideAccess, Decision, Parties};
use medveil_contract::model::{ProofStanding, RequestState};
use schemars::JsonSchema;
use serde::Serialize;

/// A member of the committee voted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessDecided {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who voted.
    #[schemars(with = "String")]
    pub org: MspId,
    /// `approve` or `reject`.
    #[schemars(with = "String")]
    pub decision: Decision,
    #[schemars(with = "String")]
    pub holder: MspId,
    /// The votes after this one.
    #[serde(flatten)]
    pub tally: Tally,
    /// Where it is approved: the date on which the grant's lease ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether the person affirms before keys are handed over: the proof is too old.
    pub affirm_first: bool,
    /// Whether this organisation had opened the request.
    pub seen: bool,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for AccessDecided {
    const NAME: &'static str = "access.decide";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// A vote, and what it is on.
#[derive(Clone, Copy, Debug)]
pub struct VoteOptions {
    pub request: RequestId,
    pub decision: Decision,
    /// Votes without having opened the request.
    pub unseen: bool,
}

/// Votes as a member of the committee, on what this organisation saw when it opened the request.
///
/// **Errors**: not opened yet, and not said to vote unseen; not a member, a second vote, a request
/// that is decided already, or that is another one than was seen.
pub async fn decide(
    session: &Session,
    org: &MspId,
    vote: &VoteOptions,
) -> Result<AccessDecided, AccessError> {
    let VoteOptions {
        request, decision, ..
    } = *vote;
    let entry = read_status(session, org, request).await?.request;
    let asked = match (seen(session, org, request)?, vote.unseen) {
        (Some(asked), _) => asked,
        (None, true) => entry.asked(),
        (None, false) if !entry.committee.contains(org) => entry.asked(),
        (None, false) => return Err(AccessError::NotSeen { request }),
    };
    let holder = entry.holder;
    day::tick(session, org).await?;
    let call = Call::DecideAccess(DecideAccess {
        request,
        asked,
        decision,
    });
    let parties = Parties {
        holder: Some(&holder),
        ..Parties::default()
    };
    let transaction = match session
        .submit(org, &call, Private::default(), &parties)
        .await
    {
        Ok(committed) => Transaction::from(&committed),
        Err(refusal) => match vote_refused(session, org, request, refusal).await {
            // The same vote stands, and what it was for.
            AccessError::VotedAlready {
                decision: before,
                tx_id,
                ..
            } if before == decision => Transaction::earlier(Some(tx_id)),
            error => return Err(error),
        },
    };
    let status = read_status(session, org, request).await?;
    Ok(AccessDecided {
        request,
        org: org.clone(),
        decision,
        holder,
        tally: Tally::of(&status),
        affirm_first: status.proof != ProofStanding::Fresh,
        until: status.request.lease.map(|lease| to_text(lease.until)),
        seen: !vote.unseen || seen(session, org, request)?.is_some(),
        transaction,
    })
}

/// What a refused vote met, as far as the request tells.
async fn vote_refused(
    session: &Session,
    org: &MspId,
    request: RequestId,
    refusal: SessionError,
) -> AccessError {
    if !matches!(refusal.code(), Some(Code::Conflict | Code::Forbidden)) {
        return refusal.into();
    }
    let Ok(status) = read_status(session, org, request).await else {
        return refusal.into();
    };
    let refusal = Box::new(refusal);
    let (tally, org) = (Tally::of(&status), org.clone());
    let vote = status.votes.iter().find(|v| v.msp_id == org);
    match (tally.state, vote) {
        _ if !status.request.committee.contains(&org) => AccessError::NotOnCommittee {
            org,
            committee: status.request.committee,
            refusal,
        },
        (state, Some(vote)) if stands(vote.decision, state) => AccessError::VotedAlready {
            org,
            decision: vote.decision,
            tx_id: vote.tx_id.clone(),
            tally,
            refusal,
        },
        // Open to its vote: what was refused is something else, such as its role.
        (RequestState::Submitted, _) => (*refusal).into(),
        (RequestState::Approved | RequestState::Rejected | RequestState::Closed, _) => {
            AccessError::State {
                request,
                expected: RequestState::Submitted,
                holder: status.request.holder,
                tally,
                refusal: Some(refusal),
            }
        }
    }
}

/// Whether what a vote was for may still be, or is so.
fn stands(decision: Decision, state: RequestState) -> bool {
    match state {
        RequestState::Submitted => true,
        RequestState::Approved => decision == Decision::Approve,
        RequestState::Rejected => decision == Decision::Reject,
        RequestState::Closed => false,
    }
}

/// A grant ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantClosed {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who closed it.
    #[schemars(with = "String")]
    pub org: MspId,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for GrantClosed {
    const NAME: &'static str = "access.close";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// Ends a grant; what is ended stays so.
///
/// **Errors**: neither holder nor recipient; a request that was never approved.
pub async fn close(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<GrantClosed, AccessError> {
    let call = Call::CloseGrant(CloseGrant { grant: request });
    let transaction = match session.submit_public(org, &call).await {
        Ok(committed) => Transaction::from(&committed),
        Err(refusal) => closed_before(session, org, request, refusal).await?,
    };
    Ok(GrantClosed {
        request,
        org: org.clone(),
        transaction,
    })
}

/// The transaction that ended the grant, where it is ended.
async fn closed_before(
    session: &Session,
    org: &MspId,
    request: RequestId,
    refusal: SessionError,
) -> Result<Transaction, AccessError> {
    let Some(code) = refusal.code() else {
        return Err(refusal.into());
    };
    let status = match (code, read_status(session, org, request).await) {
        (Code::Conflict | Code::Forbidden, Ok(status)) => status,
        (Code::NotFound, Err(error)) => return Err(error),
        _ => return Err(refusal.into()),
    };
    let (tally, entry) = (Tally::of(&status), status.request);
    let refusal = Box::new(refusal);
    if *org != entry.holder && *org != entry.submitter {
        return Err(AccessError::NotParty {
            org: org.clone(),
            holder: entry.holder,
            submitter: entry.submitter,
            refusal,
        });
    }
    match tally.state {
        RequestState::Approved => return Err((*refusal).into()),
        // The end of a request is its last transition.
        RequestState::Closed => return Ok(Transaction::earlier(Some(entry.last_tx_id))),
        RequestState::Submitted | RequestState::Rejected => {}
    }
    Err(AccessError::State {
        request,
        expected: RequestState::Approved,
        holder: entry.holder,
        tally,
        refusal: Some(refusal),
    })
}
