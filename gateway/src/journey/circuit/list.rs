//! The circuits on the ledger.

use super::{CircuitError, circuits, known_circuits};
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::ListedCircuit;
use medveil_contract::model::Standing;
use schemars::JsonSchema;
use serde::Serialize;

/// The circuits on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitList {
    pub circuits: Vec<CircuitLine>,
}

/// One key of a circuit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitLine {
    pub circuit: String,
    /// `proposed`, `active` or `superseded`.
    #[schemars(with = "String")]
    pub standing: Standing,
    #[schemars(with = "String")]
    pub key: Digest,
    #[schemars(with = "Vec<String>")]
    pub approvals: Vec<MspId>,
}

impl Step for CircuitList {
    const NAME: &'static str = "circuit.list";
}

/// Lists circuits.
///
/// **Errors**: the ledger cannot be read.
pub async fn list(session: &Session, org: &MspId) -> Result<CircuitList, CircuitError> {
    let line = |c: ListedCircuit| CircuitLine {
        circuit: c.circuit,
        standing: c.standing,
        key: c.key,
        approvals: c.approvals,
    };
    let circuits = circuits(session, org).await?.into_iter().map(line);
    Ok(CircuitList {
        circuits: circuits.collect(),
    })
}

/// Whether a circuit is active.
///
/// **Errors**: an unknown circuit; the ledger cannot be read.
pub async fn is_active(session: &Session, org: &MspId, name: &str) -> Result<bool, CircuitError> {
    let circuit = known_circuits::find(name)?.circuit.to_string();
    let all = circuits(session, org).await?;
    let mut all = all.iter();
    Ok(all.any(|c| c.circuit == circuit && c.standing == Standing::Active))
}
