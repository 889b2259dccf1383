//! The key store, and the published key of an organisation.

use crate::channel::Private;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::output::Step;
use crate::sealing::LetterSecret;
use circuits::verify::Provenance;
use collections_config::MspId;
use prover::KeyStoreError;
use std::path::Path;
use verifier_chaincode::call::{Call, Parties, PublishKey, Query};

/// Lists the keys of the key store.
///
/// **Errors**: the folder cannot be read or holds a damaged key.
pub fn list(desk: &Desk) -> Result<Step, GatewayError> {
    let mut step = Step::new("keys.list");
    let mut all = Vec::new();
    for key in desk.keys.verifying_keys().input("key store")? {
        let provenance = match key.provenance() {
            Provenance::InsecureDev => "insecure development key".to_owned(),
            Provenance::Ceremony(transcript) => format!("ceremony {transcript}"),
        };
        let proving = desk.keys.has_proving(key.digest());
        step = step.line(format!(
            "{:<22} {}  {provenance}{}",
            key.circuit(),
            key.digest(),
            if proving { "" } else { "  (verifying only)" }
        ));
        all.push(serde_json::json!({"circuit": key.circuit(), "key": key.digest(), "provenance": provenance, "proving": proving}));
    }
    Ok(step.field("keys", all))
}

/// Imports a pair of keys made elsewhere, after checking every point.
///
/// **Errors**: a file that is no key, or two that do not belong together; nothing is stored then.
pub fn import(desk: &Desk, verifying: &Path, proving: &Path) -> Result<Step, GatewayError> {
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|e| GatewayError::not_found("key store", format!("{}: {e}", path.display())))
    };
    let key = desk
        .keys
        .import(&read(verifying)?, &read(proving)?)
        .map_err(|e| match e {
            KeyStoreError::Io { .. } => GatewayError::internal("key store", e),
            _ => GatewayError::input("key store", e),
        })?;
    Ok(Step::new("keys.import")
        .line(format!(
            "imported the keys of {}: {}",
            key.circuit(),
            key.digest()
        ))
        .field("circuit", key.circuit())
        .field("key", key.digest().to_hex()))
}

/// Makes the organisation's key for sealed letters, once, and publishes it; publishing it again
/// answers as the first time.
///
/// **Errors**: the vault does not open; the contract refuses.
pub fn publish(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let vault = desk.offices.open(&Actor::organisation(org.clone()))?;
    if !vault.has(super::LETTER_SECRET) {
        let secret = LetterSecret::generate(&mut *desk.rng());
        vault.create_secret(
            super::LETTER_SECRET,
            secret.to_bytes().as_ref(),
            &mut *desk.rng(),
        )?;
    }
    let secret = LetterSecret::from_bytes(&vault.get(super::LETTER_SECRET)?).input("letter key")?;
    let key = secret.public().input("letter key")?.to_bytes();
    let published =
        desk.query::<serde_json::Value>(org, &Query::GetPublishedKey { msp: org.clone() });
    if published.is_ok_and(|entry| entry["key"].as_str() == Some(&hex::encode(key))) {
        return Ok(Step::new("keys.publish")
            .line(format!(
                "{org} published its key for sealed letters before: {}",
                hex::encode(key)
            ))
            .field("key", hex::encode(key)));
    }
    let committed = desk.submit(
        org,
        &Call::PublishKey(PublishKey { key }),
        Private::default(),
        &Parties::default(),
    )?;
    Ok(Step::new("keys.publish")
        .line(format!(
            "{org} published its key for sealed letters: {}",
            hex::encode(key)
        ))
        .field("key", hex::encode(key))
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}
