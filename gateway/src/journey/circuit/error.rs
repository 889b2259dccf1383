//! Why a circuit could not be proposed, approved, activated or listed.

use super::KnownCircuitError;
use crate::classify::{Classify, Kind};
use crate::session::SessionError;
use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use medveil_ledger::LedgerError;
use medveil_prover::KeyStoreError;

/// Why a circuit could not be proposed, approved, activated or listed.
#[derive(Debug, thiserror::Error)]
pub enum CircuitError {
    /// There is nothing to approve or activate.
    #[error(
        "nobody proposed {circuit}: an administrator runs `medveil circuit propose {name}` first"
    )]
    NotProposed { circuit: String, name: &'static str },
    /// The proposal is for other matrices than this program's.
    #[error("{circuit}: the proposal is for other matrices than this program's")]
    OtherMatrices { circuit: String },
    /// The proposal is for a key that this organisation cannot vouch for.
    #[error(
        "{circuit}: the proposed key is neither imported here nor the development key that this program makes: get it from who proposed it and run `medveil keys import`"
    )]
    OtherKey { circuit: String },
    /// Too few organisations approved the key.
    #[error(
        "{circuit} has {} of {needed} approvals: {}; those who have not run `medveil circuit approve {name}`", .approved.len(), who(.approved, .others)
    )]
    TooFew {
        circuit: String,
        name: &'static str,
        needed: u32,
        approved: Vec<MspId>,
        others: Vec<MspId>,
        #[source]
        refusal: Box<SessionError>,
    },
    /// The key was proposed and had its time.
    #[error(
        "{circuit}: key {key} was proposed before, by transaction {tx_id}, and another key has taken its place since: a superseded key never comes back"
    )]
    Superseded {
        circuit: String,
        key: Digest,
        tx_id: String,
    },
    /// The contract refused something of this circuit.
    #[error("{circuit}")]
    Refused {
        circuit: String,
        #[source]
        refusal: Box<SessionError>,
    },
    /// The circuit itself, or its keys.
    #[error(transparent)]
    Known(#[from] KnownCircuitError),
    /// The key store.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn who(approved: &[MspId], others: &[MspId]) -> String {
    let approved = approved.iter().map(|org| format!("{org} approved"));
    let others = others.iter().map(|org| format!("{org} has not"));
    let all: Vec<String> = approved.chain(others).collect();
    all.join(", ")
}

impl Classify for CircuitError {
    fn kind(&self) -> Kind {
        match self {
            CircuitError::NotProposed { .. } => Kind::NotFound,
            CircuitError::OtherMatrices { .. }
            | CircuitError::OtherKey { .. }
            | CircuitError::Superseded { .. } => Kind::Refused,
            CircuitError::Store(e) => e.kind(),
            CircuitError::TooFew { refusal, .. } | CircuitError::Refused { refusal, .. } => {
                refusal.kind()
            }
            CircuitError::Known(e) => e.kind(),
            CircuitError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            CircuitError::TooFew { refusal, .. } | CircuitError::Refused { refusal, .. } => {
                refusal.ledger()
            }
            CircuitError::Session(e) => e.ledger(),
            CircuitError::NotProposed { .. }
            | CircuitError::OtherMatrices { .. }
            | CircuitError::OtherKey { .. }
            | CircuitError::Superseded { .. }
            | CircuitError::Known(_)
            | CircuitError::Store(_) => None,
        }
    }
}
