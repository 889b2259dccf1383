//! Circuits on the ledger: propose, approve, activate, list. Keys that are not in the key store are
//! made here, marked insecure.

#[cfg(test)]
mod tests;

use super::known_circuits::{self, KnownCircuit, KnownCircuitError};
use crate::classify::{Classify, Kind};
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::field::Digest;
use medveil_circuits::verify::{AnyVerifyingKey, Provenance};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::ListedCircuit;
use medveil_contract::call::request::ListCircuits;
use medveil_contract::call::{ActivateCircuit, ApproveCircuit, Call, ProposeCircuit};
use medveil_contract::model::Standing;
use medveil_ledger::LedgerError;
use medveil_prover::KeyStoreError;
use schemars::JsonSchema;
use serde::Serialize;

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
            CircuitError::OtherMatrices { .. } | CircuitError::OtherKey { .. } => Kind::Refused,
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
            | CircuitError::Known(_)
            | CircuitError::Store(_) => None,
        }
    }
}

/// All verifying keys on the ledger.
///
/// **Errors**: the ledger cannot be read.
pub async fn circuits(session: &Session, org: &MspId) -> Result<Vec<ListedCircuit>, SessionError> {
    let first = ListCircuits {
        bookmark: String::new(),
    };
    session.ask_all(org, &first).await
}

/// The newest key of a circuit that is not superseded.
async fn newest_key(
    session: &Session,
    org: &MspId,
    known: KnownCircuit,
) -> Result<ListedCircuit, CircuitError> {
    let circuit = known.circuit.to_string();
    let all = circuits(session, org).await?;
    let is_it = |c: &ListedCircuit| c.circuit == circuit && c.standing != Standing::Superseded;
    let found = all.into_iter().rfind(is_it);
    found.ok_or(CircuitError::NotProposed {
        circuit,
        name: known.circuit.name,
    })
}

/// Names the circuit where the contract refused.
fn refusal(known: KnownCircuit, error: SessionError) -> CircuitError {
    match error.code() {
        Some(_) => CircuitError::Refused {
            circuit: known.circuit.to_string(),
            refusal: Box::new(error),
        },
        None => error.into(),
    }
}

/// Why a key could not be activated, with who approved it so far.
fn not_activated(
    session: &Session,
    known: KnownCircuit,
    listed: ListedCircuit,
    error: SessionError,
) -> CircuitError {
    let needed = session.consortium.circuit_approvals();
    let has_too_few = listed.approvals.len() < needed as usize;
    if error.code() != Some(Code::Refused) || !has_too_few {
        return refusal(known, error);
    }
    let members = session.consortium.members().iter();
    let mut others: Vec<MspId> = members.map(|m| m.msp_id.clone()).collect();
    others.retain(|org| !listed.approvals.contains(org));
    CircuitError::TooFew {
        circuit: listed.circuit,
        name: known.circuit.name,
        needed,
        approved: listed.approvals,
        others,
        refusal: Box::new(error),
    }
}

/// A key was proposed for a circuit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitProposed {
    #[schemars(with = "String")]
    pub org: MspId,
    /// Name and version.
    pub circuit: String,
    /// Digest of the verifying key.
    #[schemars(with = "String")]
    pub key: Digest,
    /// Whether the keys were made now; otherwise they were in the key store.
    pub made: bool,
    /// Whether whoever made the keys could forge proofs.
    pub insecure: bool,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for CircuitProposed {
    const NAME: &'static str = "circuit.propose";
}

/// Proposes a circuit's key; the proposal counts as an approval.
///
/// **Errors**: an unknown circuit; the contract refuses.
pub async fn propose(
    session: &Session,
    org: &MspId,
    name: &str,
) -> Result<CircuitProposed, CircuitError> {
    let known = known_circuits::find(name)?;
    let (key, made) = stored_or_made(session, known).await?;
    let proving_key = session.keys.proving_file_digest(key.digest())?;
    let call = Call::ProposeCircuit(ProposeCircuit {
        verifying_key: key.to_bytes().to_vec(),
        proving_key,
        matrices: known.matrices(session).await?,
    });
    let committed = session.submit_public(org, &call).await;
    let committed = committed.map_err(|e| refusal(known, e))?;
    Ok(CircuitProposed {
        org: org.clone(),
        circuit: known.circuit.to_string(),
        key: key.digest(),
        made,
        insecure: key.provenance() == Provenance::InsecureDev,
        transaction: Transaction::from(&committed),
    })
}

async fn stored_or_made(
    session: &Session,
    known: KnownCircuit,
) -> Result<(AnyVerifyingKey, bool), CircuitError> {
    let circuit = known.circuit.to_string();
    let stored = session.keys.verifying_keys()?.into_iter();
    let is_it =
        |k: &AnyVerifyingKey| k.circuit() == circuit && session.keys.has_proving(k.digest());
    if let Some(key) = stored.into_iter().find(is_it) {
        return Ok((key, false));
    }
    let key = known.make(session).await?;
    session.remember_recomputed(key.digest())?;
    Ok((key, true))
}

/// The proposed key is in the key store and, where it is a development key, the one that this
/// program makes itself. What was recomputed once in this home is not recomputed again.
async fn check_key(
    session: &Session,
    known: KnownCircuit,
    proposed: Digest,
) -> Result<(), CircuitError> {
    let stored = session.keys.load_verifying(proposed).ok();
    let is_ceremony = |k: &AnyVerifyingKey| matches!(k.provenance(), Provenance::Ceremony(_));
    if stored.as_ref().is_some_and(is_ceremony) {
        return Ok(());
    }
    if stored.is_some() && session.keys.has_proving(proposed) && session.was_recomputed(proposed) {
        return Ok(());
    }
    let made = known.make(session).await?.digest();
    session.remember_recomputed(made)?;
    if made == proposed {
        return Ok(());
    }
    Err(CircuitError::OtherKey {
        circuit: known.circuit.to_string(),
    })
}

/// A proposed circuit was approved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitApproved {
    #[schemars(with = "String")]
    pub org: MspId,
    pub circuit: String,
    #[schemars(with = "String")]
    pub key: Digest,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for CircuitApproved {
    const NAME: &'static str = "circuit.approve";
}

/// Approves a proposed circuit after recomputing what the proposal names: the matrices of this
/// program's own circuit, development keys, the key's file.
///
/// **Errors**: this program's circuit or development key is another one; the contract refuses.
pub async fn approve(
    session: &Session,
    org: &MspId,
    name: &str,
) -> Result<CircuitApproved, CircuitError> {
    let known = known_circuits::find(name)?;
    let circuit = known.circuit.to_string();
    let listed = newest_key(session, org, known).await?;
    let matrices = known.matrices(session).await?;
    if matrices != listed.matrices {
        return Err(CircuitError::OtherMatrices { circuit });
    }
    check_key(session, known, listed.key).await?;
    let proving_key = session.keys.proving_file_digest(listed.key)?;
    let call = Call::ApproveCircuit(ApproveCircuit {
        key: listed.key,
        proving_key,
        matrices,
    });
    let committed = session.submit_public(org, &call).await;
    let committed = committed.map_err(|e| refusal(known, e))?;
    Ok(CircuitApproved {
        org: org.clone(),
        circuit,
        key: listed.key,
        transaction: Transaction::from(&committed),
    })
}

/// A circuit is active from now on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitActivated {
    #[schemars(with = "String")]
    pub org: MspId,
    pub circuit: String,
    #[schemars(with = "String")]
    pub key: Digest,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for CircuitActivated {
    const NAME: &'static str = "circuit.activate";
}

/// Activates a circuit that a majority approved.
///
/// **Errors**: too few approvals; the contract refuses.
pub async fn activate(
    session: &Session,
    org: &MspId,
    name: &str,
) -> Result<CircuitActivated, CircuitError> {
    let known = known_circuits::find(name)?;
    let listed = newest_key(session, org, known).await?;
    let key = listed.key;
    let call = Call::ActivateCircuit(ActivateCircuit { key });
    let committed = session.submit_public(org, &call).await;
    let committed = committed.map_err(|e| not_activated(session, known, listed, e))?;
    Ok(CircuitActivated {
        org: org.clone(),
        circuit: known.circuit.to_string(),
        key,
        transaction: Transaction::from(&committed),
    })
}

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
