//! Circuits on the ledger: propose, approve, activate, list. Keys that are not in the key store are
//! made here, marked insecure.

mod error;
mod list;
#[cfg(test)]
mod tests;

pub use error::CircuitError;
pub use list::{CircuitLine, CircuitList, is_active, list};

use super::known_circuits::{self, KnownCircuit, KnownCircuitError};
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
use schemars::JsonSchema;
use serde::Serialize;

/// All verifying keys on the ledger.
///
/// **Errors**: the ledger cannot be read.
pub async fn circuits(session: &Session, org: &MspId) -> Result<Vec<ListedCircuit>, SessionError> {
    let first = ListCircuits {
        bookmark: String::new(),
    };
    session.ask_all(org, &first).await
}

/// The key of a circuit that a command without a key's name means: a proposed one before the active
/// one; of several proposals one that this home has, then the one with most approvals.
async fn newest_key(
    session: &Session,
    org: &MspId,
    known: KnownCircuit,
) -> Result<ListedCircuit, CircuitError> {
    let circuit = known.circuit.to_string();
    let all = circuits(session, org).await?;
    let is_it = |c: &ListedCircuit| c.circuit == circuit && c.standing != Standing::Superseded;
    let found = all.into_iter().filter(is_it).max_by_key(|c| {
        let is_here = session.keys.load_verifying(c.key).is_ok();
        (c.standing == Standing::Proposed, is_here, c.approvals.len())
    });
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
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
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
    let transaction = match session.submit_public(org, &call).await {
        Ok(committed) => Transaction::from(&committed),
        Err(e) => proposed_before(session, org, (known, key.digest()), e).await?,
    };
    Ok(CircuitProposed {
        org: org.clone(),
        circuit: known.circuit.to_string(),
        key: key.digest(),
        made,
        insecure: key.provenance() == Provenance::InsecureDev,
        transaction,
    })
}

/// The proposal of just this key by the same organisation, where that is what stood in the way.
async fn proposed_before(
    session: &Session,
    org: &MspId,
    (known, key): (KnownCircuit, Digest),
    error: SessionError,
) -> Result<Transaction, CircuitError> {
    if error.code() != Some(Code::Conflict) {
        return Err(refusal(known, error));
    }
    let all = circuits(session, org).await?;
    let listed = all.into_iter().find(|c| c.key == key && c.proposer == *org);
    match listed {
        None => Err(refusal(known, error)),
        Some(listed) if listed.standing == Standing::Superseded => Err(CircuitError::Superseded {
            circuit: listed.circuit,
            key,
            tx_id: listed.tx_id,
        }),
        Some(listed) => Ok(Transaction::earlier(Some(listed.tx_id))),
    }
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
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
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
    let key = listed.key;
    check_key(session, known, key).await?;
    let proving_key = session.keys.proving_file_digest(key)?;
    let call = Call::ApproveCircuit(ApproveCircuit {
        key,
        proving_key,
        matrices,
    });
    let transaction = match session.submit_public(org, &call).await {
        Ok(committed) => Transaction::from(&committed),
        Err(e) if e.code() == Some(Code::Conflict) => {
            let listed = newest_key(session, org, known).await?;
            match listed.key == key && listed.approvals.contains(org) {
                true => Transaction::earlier(None),
                false => return Err(refusal(known, e)),
            }
        }
        Err(e) => return Err(refusal(known, e)),
    };
    Ok(CircuitApproved {
        org: org.clone(),
        circuit,
        key,
        transaction,
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
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
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
    let transaction = match session.submit_public(org, &call).await {
        Ok(committed) => Transaction::from(&committed),
        Err(e) if e.code() == Some(Code::Conflict) => {
            let now = newest_key(session, org, known).await?;
            match now.key == key && now.standing == Standing::Active {
                true => Transaction::earlier(None),
                false => return Err(refusal(known, e)),
            }
        }
        Err(e) => return Err(not_activated(session, known, listed, e)),
    };
    Ok(CircuitActivated {
        org: org.clone(),
        circuit: known.circuit.to_string(),
        key,
        transaction,
    })
}
