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
    /// A request, or an extension of one, under its nullifier.
    RequestEntry {
        /// Raised by every transition.
        version: u64,
        /// Where it stands.
        state: RequestState,
        request: RequestId,
        /// One use of one secret in one scope.
        nullifier: Nullifier,
        /// The nullifier's scope, of the period in which it was first used.
        scope: Felt,
        /// 0 is the request; n is its nth extension.
        extension: u32,
        /// Extensions asked for so far.
        n_extensions: u32,
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
        /// SHA-256 of the request's body in the clear, which is sealed to the committee.
        body: Digest,
        /// Policy that the proofs satisfy.
        policy: PolicyRoot,
        /// SHA-256 of that policy's document.
        policy_document: Digest,
        /// Key that the request's own proof was verified with.
        circuit: Digest,
        /// The latest proof of eligibility.
        proven: ProofTime,
        /// None until it is approved.
        lease: Option<Lease>,
        /// Committee: the organisations that vote.
        committee: Vec<MspId>,
        /// Approvals that it takes.
        quorum: u32,
        /// The submitting transaction.
        tx_id: String,
        /// The transaction of the last transition.
        last_tx_id: String,
    }

    /// What a proof of eligibility speaks of, and when it came.
    ProofTime {
        /// Day that it speaks of.
        day: Day,
        /// Registry root that it speaks of.
        issuer_root: IssuerRoot,
        /// Number of that root.
        registry_version: u64,
        /// Time of its transaction.
        at_ms: u64,
    }

    /// How long a grant runs.
    Lease {
        from: Day,
        /// First day on which it does not run.
        until: Day,
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

impl RequestState {
    /// Whether nothing changes it any more.
    pub fn is_over(self) -> bool {
        matches!(self, RequestState::Rejected | RequestState::Closed)
    }
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

impl Lease {
    /// Whether it runs on a day.
    pub fn runs(&self, day: Day) -> bool {
        day < self.until
    }

    /// Whether half of it is over on a day.
    pub fn is_half_over(&self, day: Day) -> bool {
        let (from, until, day) = (u64::from(self.from.0), u64::from(self.until.0), day.0);
        2 * u64::from(day) >= from + until
    }
}

impl RequestEntry {
    /// Digest of everything that is asked, by whom and of whom, and of who decides: what a vote
    /// names. It never changes.
    pub fn asked(&self) -> Digest {
        let who = (&self.holder, &self.submitter, &self.committee, self.quorum);
        let what = (self.lineage, self.dataset, self.columns, self.recipient);
        let why = (
            self.hidden_study,
            &self.purpose,
            self.disease,
            &self.region,
            self.body,
        );
        let bound = (
            self.request,
            self.nullifier,
            self.extension,
            self.policy,
            self.policy_document,
        );
        // Writing to memory cannot fail.
        let bytes = borsh::to_vec(&("medveil/v1/asked", who, what, why, bound));
        Digest::of(&bytes.unwrap_or_default())
    }

    /// Whether it is a grant whose lease runs on a day.
    pub fn runs(&self, day: Day) -> bool {
        let runs = self.lease.as_ref().is_some_and(|lease| lease.runs(day));
        self.state == RequestState::Approved && runs
    }
}

/// What a request's latest proof is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofStanding {
    Fresh,
    /// Older than the consortium's limit.
    Old,
    /// An urgent update voided the registry root that it speaks of.
    Void,
}
