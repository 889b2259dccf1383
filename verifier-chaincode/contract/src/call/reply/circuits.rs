//! Verifying keys.

use crate::model::Standing;
use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};

/// A verifying key in the list of all of them: without its bytes, with who approved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCircuit {
    /// Digest of the key's container.
    pub key: Digest,
    /// Name and version.
    pub circuit: String,
    /// SHA-256 of the proving key's file.
    pub proving_key: Digest,
    /// Digest of the circuit's matrices.
    pub matrices: Digest,
    pub proposer: MspId,
    pub standing: Standing,
    pub approvals: Vec<MspId>,
    /// The proposing transaction.
    pub tx_id: String,
}

/// Reply to `ProposeCircuit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitProposed {
    pub circuit: String,
    pub key: Digest,
}

/// Reply to `ApproveCircuit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitApproved {
    pub circuit: String,
    pub key: Digest,
    pub msp_id: MspId,
}

/// Reply to `ActivateCircuit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitActivated {
    pub circuit: String,
    pub key: Digest,
}
