//! The issuer registry as the ledger shows it, and the trees that proofs need from it.

use crate::session::{Session, SessionError};
use medveil_circuits::eligibility::RegisteredIssuer;
use medveil_circuits::field::Felt;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_circuits::registry::RETIRED;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::Registry;
use medveil_contract::call::request::{GetRegistry, GetRevocations};
use medveil_contract::model::IssuerEntry;

/// The registry with all issuers.
///
/// **Errors**: the ledger cannot be read.
pub async fn registry(session: &Session, org: &MspId) -> Result<Registry, SessionError> {
    session.ask(org, GetRegistry).await
}

/// The whole revocation tree of an issuer: clients download trees, so that nobody learns which path
/// they need.
///
/// **Errors**: the ledger cannot be read, or its values do not give its root.
pub async fn revocations(
    session: &Session,
    org: &MspId,
    issuer: &IssuerEntry,
) -> Result<RevocationTree, SessionError> {
    let slot = issuer.slot;
    let first = GetRevocations {
        issuer: slot,
        bookmark: String::new(),
    };
    let values = session.ask_all(org, &first).await?;
    let tree = RevocationTree::from_values(REVOCATION_DEPTH, &values).ok();
    let is_registered = |t: &RevocationTree| Felt(t.root()) == issuer.revocation_root;
    let tree = tree.filter(is_registered);
    tree.ok_or(SessionError::Revocations { slot })
}

/// All issuers with their revocations, by place: what a proof of eligibility is made over.
///
/// **Errors**: as [`revocations`].
pub(super) async fn registered_issuers(
    session: &Session,
    org: &MspId,
    registry: &Registry,
) -> Result<Vec<RegisteredIssuer>, SessionError> {
    let mut all = Vec::with_capacity(registry.issuers.len());
    for issuer in &registry.issuers {
        let revoked = match issuer.status == RETIRED {
            true => Vec::new(),
            false => revocations(session, org, issuer).await?.values().to_vec(),
        };
        let leaf = issuer.leaf();
        all.push(RegisteredIssuer { leaf, revoked });
    }
    Ok(all)
}
