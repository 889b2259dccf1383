//! Stored requests and grants. A grant is an approved request: same id, same entry.

use super::model;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{
    DatasetRoot, Day, IssuerRoot, LineageId, Nullifier, PolicyRoot, RequestId, SegmentId,
};
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::fmt;

model! {
    /// A request, under its nullifier.
    RequestEntry {
        /// Raised by every transition.
        version: u64,
        /// Where it stands.
        state: RequestState,
        request: RequestId,
        /// One use of one secret in one scope.
        nullifier: Nullifier,
        lineage: LineageId,
        /// The version asked for.
        dataset: DatasetRoot,
        /// The dataset's holder.
        holder: MspId,
        /// The organisation that submitted.
        submitter: MspId,
        /// H(study, salt).
        hidden_study: Felt,
        /// Purpose; empty is absent.
        purpose: String,
        /// Disease code; 0 is absent.
        disease: u32,
        /// Region; empty is absent.
        region: String,
        /// Key that receives the slot keys.
        recipient: PublicPoint,
        /// Key slots asked for.
        columns: u16,
        /// SHA-256 of the sealed letter.
        letter: Digest,
        /// Day that the proof speaks of.
        day: Day,
        /// Registry root that the proof speaks of.
        issuer_root: IssuerRoot,
        /// Policy that the proof satisfies.
        policy: PolicyRoot,
        /// Key that the proof was verified with.
        circuit: Digest,
        /// Committee: the organisations that vote.
        committee: Vec<MspId>,
        /// Approvals that it takes.
        quorum: u32,
        /// The submitting transaction.
        tx_id: String,
        /// The transaction of the last transition.
        last_tx_id: String,
    }

    /// One organisation's vote.
    Vote {
        msp_id: MspId,
        decision: Decision,
        /// The voting transaction.
        tx_id: String,
    }

    /// That the right keys of one segment were delivered.
    Delivery {
        segment: SegmentId,
        /// Digest of the package.
        digest: Felt,
        /// Key that the proof was verified with.
        circuit: Digest,
        /// The confirming transaction.
        tx_id: String,
    }
}

/// Where a request stands. The words follow REMS.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    /// Waits for the committee.
    Submitted,
    /// Granted: the request is a grant now.
    Approved,
    /// Refused for the rest of the period.
    Rejected,
    /// Ended, for the rest of the period.
    Closed,
}

impl fmt::Display for RequestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RequestState::Submitted => "submitted",
            RequestState::Approved => "approved",
            RequestState::Rejected => "rejected",
            RequestState::Closed => "closed",
        })
    }
}

/// A vote on a request.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    /// Refuse it, for the rest of the period.
    Reject,
}
