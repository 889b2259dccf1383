//! Circuits on the ledger: propose, approve, activate, list. Keys that are not in the key store are
//! made here, marked insecure.

use super::shapes::{self, Known};
use crate::channel::Private;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::output::Step;
use circuits::field::Digest;
use circuits::verify::{AnyVerifyingKey, Provenance};
use collections_config::MspId;
use serde::Deserialize;
use verifier_chaincode::call::{
    ActivateCircuit, ApproveCircuit, Call, Parties, ProposeCircuit, Query,
};

/// A circuit as the ledger lists it.
#[derive(Deserialize)]
pub struct Listed {
    /// Digest of the verifying key.
    pub key: Digest,
    /// Name and version.
    pub circuit: String,
    /// SHA-256 of the proving key's file.
    pub proving_key: Digest,
    /// Digest of the matrices.
    pub matrices: Digest,
    /// proposed, active or superseded.
    pub standing: String,
    /// Who approved.
    pub approvals: Vec<MspId>,
}

impl Desk {
    /// All verifying keys on the ledger.
    ///
    /// **Errors**: the ledger cannot be read.
    pub fn circuits(&self, org: &MspId) -> Result<Vec<Listed>, GatewayError> {
        #[derive(Deserialize)]
        struct Page {
            entries: Vec<Listed>,
            bookmark: String,
        }
        let (mut all, mut bookmark) = (Vec::new(), String::new());
        loop {
            let page: Page = self.query(org, &Query::ListCircuits { bookmark })?;
            all.extend(page.entries);
            bookmark = page.bookmark;
            if bookmark.is_empty() {
                return Ok(all);
            }
        }
    }

    /// The newest key of a circuit that is not superseded.
    ///
    /// **Errors**: nobody proposed one.
    fn standing(&self, org: &MspId, known: &Known) -> Result<Listed, GatewayError> {
        let circuit = known.circuit.to_string();
        let found = self
            .circuits(org)?
            .into_iter()
            .rfind(|c| c.circuit == circuit && c.standing != "superseded");
        found
            .ok_or_else(|| GatewayError::not_found("circuit", format!("nobody proposed {circuit}")))
    }
}

/// Proposes a circuit's key; the proposal counts as an approval.
///
/// **Errors**: an unknown circuit; the contract refuses.
pub fn propose(desk: &Desk, org: &MspId, name: &str) -> Result<Step, GatewayError> {
    let known = shapes::find(name)?;
    let (key, made) = stored_or_made(desk, &known)?;
    let proving_key = desk
        .keys
        .proving_file_digest(key.digest())
        .not_found("key store")?;
    let matrices = shapes::digest(desk, &known)?;
    let call = Call::ProposeCircuit(ProposeCircuit {
        verifying_key: key.to_bytes().to_vec(),
        proving_key,
        matrices,
    });
    let committed = desk.submit(org, &call, Private::default(), &Parties::default())?;
    let mut step = Step::new("circuit.propose").line(format!(
        "{org} proposed {} with key {}",
        known.circuit,
        key.digest()
    ));
    if key.provenance() == Provenance::InsecureDev {
        step = step.line("  insecure development key: whoever made it could forge proofs");
    }
    Ok(step
        .field("circuit", known.circuit.to_string())
        .field("key", key.digest().to_hex())
        .field("made", made)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

fn stored_or_made(desk: &Desk, known: &Known) -> Result<(AnyVerifyingKey, bool), GatewayError> {
    let circuit = known.circuit.to_string();
    let stored = desk.keys.verifying_keys().internal("key store")?;
    if let Some(key) = stored
        .into_iter()
        .find(|k| k.circuit() == circuit && desk.keys.has_proving(k.digest()))
    {
        return Ok((key, false));
    }
    Ok((make(desk, known)?, true))
}

fn make(desk: &Desk, known: &Known) -> Result<AnyVerifyingKey, GatewayError> {
    let spinner = desk.output.spinner(&format!(
        "making insecure development keys of {}",
        known.circuit
    ));
    let key = (known.make)(desk);
    spinner.finish_and_clear();
    key
}

/// The proposed key is in the key store and, where it is a development key, the one that this
/// process makes itself.
fn check_key(desk: &Desk, known: &Known, proposed: Digest) -> Result<(), GatewayError> {
    let stored = desk.keys.load_verifying(proposed).ok();
    if stored.is_some_and(|key| matches!(key.provenance(), Provenance::Ceremony(_))) {
        return Ok(());
    }
    let made = desk
        .development
        .borrow()
        .get(&known.circuit.to_string())
        .copied();
    let made = match made {
        Some(digest) => digest,
        None => make(desk, known)?.digest(),
    };
    if made == proposed {
        return Ok(());
    }
    let message = format!(
        "{}: the proposed key is neither imported here nor the development key that this program makes",
        known.circuit
    );
    Err(GatewayError::refused("circuit", message))
}

/// Approves a proposed circuit after recomputing what the proposal names: the matrices of this
/// program's own circuit, development keys, the key's file.
///
/// **Errors**: this program's circuit or development key is another one; the contract refuses.
pub fn approve(desk: &Desk, org: &MspId, name: &str) -> Result<Step, GatewayError> {
    let known = shapes::find(name)?;
    let listed = desk.standing(org, &known)?;
    let matrices = shapes::digest(desk, &known)?;
    if matrices != listed.matrices {
        return Err(GatewayError::refused(
            "circuit",
            format!(
                "{}: the proposal is for other matrices than this program's",
                known.circuit
            ),
        ));
    }
    check_key(desk, &known, listed.key)?;
    let proving_key = desk
        .keys
        .proving_file_digest(listed.key)
        .not_found("key store")?;
    let call = Call::ApproveCircuit(ApproveCircuit {
        key: listed.key,
        proving_key,
        matrices,
    });
    let committed = desk.submit(org, &call, Private::default(), &Parties::default())?;
    Ok(Step::new("circuit.approve")
        .line(format!(
            "{org} approved {} after recomputing its matrices",
            known.circuit
        ))
        .field("circuit", known.circuit.to_string())
        .field("key", listed.key.to_hex())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Activates a circuit that a majority approved.
///
/// **Errors**: too few approvals; the contract refuses.
pub fn activate(desk: &Desk, org: &MspId, name: &str) -> Result<Step, GatewayError> {
    let known = shapes::find(name)?;
    let listed = desk.standing(org, &known)?;
    let call = Call::ActivateCircuit(ActivateCircuit { key: listed.key });
    let committed = desk.submit(org, &call, Private::default(), &Parties::default())?;
    Ok(Step::new("circuit.activate")
        .line(format!(
            "{org} activated {}: proofs under this key are accepted from now on",
            known.circuit
        ))
        .field("circuit", known.circuit.to_string())
        .field("key", listed.key.to_hex())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Lists circuits.
///
/// **Errors**: the ledger cannot be read.
pub fn list(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let mut step = Step::new("circuit.list");
    let mut all = Vec::new();
    for circuit in desk.circuits(org)? {
        let approvals: Vec<String> = circuit.approvals.iter().map(ToString::to_string).collect();
        step = step.line(format!(
            "{:<22} {:<10} key {}  approved by {}",
            circuit.circuit,
            circuit.standing,
            circuit.key,
            approvals.join(", ")
        ));
        all.push(serde_json::json!({"circuit": circuit.circuit, "standing": circuit.standing, "key": circuit.key, "approvals": approvals}));
    }
    Ok(step.field("circuits", all))
}

/// Whether a circuit is active.
///
/// **Errors**: the ledger cannot be read.
pub fn is_active(desk: &Desk, org: &MspId, name: &str) -> Result<bool, GatewayError> {
    let circuit = shapes::find(name)?.circuit.to_string();
    Ok(desk
        .circuits(org)?
        .iter()
        .any(|c| c.circuit == circuit && c.standing == "active"))
}
