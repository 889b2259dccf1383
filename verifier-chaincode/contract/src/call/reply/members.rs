//! The consortium, its day, its organisations' keys.

use medveil_circuits::field::Digest;
use medveil_circuits::ids::{ConsortiumId, Day};
use medveil_collections_config::{Consortium, MspId};
use serde::{Deserialize, Serialize};

/// Build, configuration and caps of one organisation's contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the package.
    pub contract: String,
    pub chaincode: String,
    pub msp_id: MspId,
    pub consortium_digest: Digest,
    pub collections_digest: Digest,
    pub allow_insecure_dev_keys: bool,
    /// Every circuit this build can verify, as `name/vN`.
    pub circuits: Vec<String>,
    pub max_call_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsortiumFile {
    pub id: ConsortiumId,
    #[serde(deserialize_with = "consortium")]
    pub file: Consortium,
}

fn consortium<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Consortium, D::Error> {
    let file = serde_json::Value::deserialize(deserializer)?;
    Consortium::from_json(&file.to_string()).map_err(serde::de::Error::custom)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentDay {
    pub current: Day,
    pub ticked_at_ms: u64,
    /// Days that a proof may name at the time of the query.
    pub admissible: Vec<Day>,
}

/// Reply to `Bootstrap`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrapped {
    pub consortium: ConsortiumId,
    pub day: Day,
}

/// Reply to `Tick`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticked {
    /// The day after the call.
    pub day: Day,
    /// The day that the caller voted for.
    pub vote: Day,
    pub moved: bool,
}

/// Reply to `PublishKey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPublished {
    pub msp_id: MspId,
    #[serde(with = "crate::serde_hex")]
    pub key: [u8; 32],
}
