//! Words of the errors of access.

use super::super::Tally;
use crate::journey::sealing::OpenBodyError;
use medveil_circuits::ids::{Day, RequestId};
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::MspId;
use medveil_contract::model::{Decision, RequestState};

pub(super) fn datasets(known: &[String]) -> String {
    match known {
        [] => "there is none yet".to_owned(),
        known => format!("there are {}", known.join(", ")),
    }
}

pub(super) fn list(orgs: &[MspId]) -> String {
    let names: Vec<&str> = orgs.iter().map(MspId::as_str).collect();
    names.join(", ")
}

pub(super) fn vote_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Reject => "rejected",
    }
}

/// What a request that is over is final for, and what comes next.
pub(super) fn what_now(extends: bool, again: Day) -> String {
    let again = to_text(again);
    match extends {
        false => format!("this period: it can be asked again from {again} on"),
        true => format!(
            "these columns of the grant: an `access request` of its own may ask for them from {again} on"
        ),
    }
}

/// A reader's own fault is not the submitter's.
pub(super) fn unopened(why: &OpenBodyError) -> &'static str {
    match why {
        OpenBodyError::Sealing(_) => {
            "the request does not open: whoever made it sealed something else, and it may be rejected unseen"
        }
        OpenBodyError::NoSecret { .. } => {
            "this home cannot open the request, which says nothing about it: vote where the key is, or ask for the request to be made anew after `medveil keys publish --rotate`"
        }
        OpenBodyError::Keyring(_) => {
            "this home cannot open the request, which says nothing about it: its vault does not open"
        }
    }
}

/// How a request got where it is, and what comes next.
pub(super) fn fate(tally: &Tally, holder: &MspId, request: &RequestId) -> String {
    match tally.state {
        RequestState::Submitted => format!(
            "{tally}; it takes {} more of {} approvals: `medveil access decide {request} --approve`",
            tally.missing(),
            tally.quorum
        ),
        RequestState::Approved => {
            format!(
                "{tally}; next, {holder} runs `medveil access handover {request}`, after `medveil access affirm` where the proof is old"
            )
        }
        RequestState::Rejected => format!(
            "{tally}; a rejection is final for the period, and the person may ask again in the next one"
        ),
        RequestState::Closed => "this is final for its period".to_owned(),
    }
}
