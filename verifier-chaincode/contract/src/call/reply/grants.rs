//! Requests, and the grants they become.

use crate::model::{Delivery, Lease, ProofStanding, RequestEntry, RequestState, Vote};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day, LineageId, RequestId, SegmentId};
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};

/// A request with its votes and deliveries so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestStatus {
    pub request: RequestEntry,
    /// What a vote names: digest of everything that is asked.
    pub asked: Digest,
    /// The ledger's day.
    pub today: Day,
    /// What its latest proof is worth now.
    pub proof: ProofStanding,
    pub votes: Vec<Vote>,
    /// Confirmed deliveries, by segment.
    pub deliveries: Vec<Delivery>,
}

/// The handover package of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKeys {
    pub digest: Felt,
    /// Borsh of a handover package.
    #[serde(with = "crate::serde_hex")]
    pub package: Vec<u8>,
}

/// What the recipient's organisation stores of a handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHandover {
    /// SHA-256 of the package's bytes; none where it was not handed over.
    pub digest: Option<Digest>,
}

/// The sealed body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBody {
    #[serde(with = "crate::serde_hex")]
    pub body: Vec<u8>,
    /// The published key that the body's key is wrapped for.
    #[serde(with = "crate::serde_hex")]
    pub to: [u8; 32],
    /// The body's key, wrapped.
    #[serde(with = "crate::serde_hex")]
    pub wrapped: Vec<u8>,
    /// SHA-256 of the body in the clear, as the request names it.
    pub digest: Digest,
}

/// Reply to `RequestAccess`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequested {
    pub request: RequestId,
    pub state: RequestState,
    pub dataset: DatasetRoot,
    pub lineage: LineageId,
    pub submitter: MspId,
    pub holder: MspId,
    pub committee: Vec<MspId>,
    pub quorum: u32,
}

/// Reply to `DecideAccess`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessDecided {
    pub request: RequestId,
    pub state: RequestState,
    pub approvals: u32,
    pub rejections: u32,
    pub quorum: u32,
    /// Where it is approved: how long the grant runs.
    pub lease: Option<Lease>,
}

/// Reply to `AffirmAccess`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessAffirmed {
    pub request: RequestId,
    pub state: RequestState,
    /// State version after it.
    pub version: u64,
    pub lease: Option<Lease>,
}

/// Reply to `HandOverKey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyHandedOver {
    pub grant: RequestId,
    pub segment: SegmentId,
    /// Digest of the package.
    pub digest: Felt,
}

/// Reply to `ConfirmDelivery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryConfirmed {
    pub grant: RequestId,
    pub segment: SegmentId,
    /// Digest of the package.
    pub digest: Felt,
}

/// Reply to `CloseGrant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantClosed {
    pub grant: RequestId,
    pub state: RequestState,
}
