//! The issuer registry as the ledger shows it, and the trees that proofs need from it.

use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use circuits::babyjubjub::PublicPoint;
use circuits::eligibility::consortium_id;
use circuits::field::Felt;
use circuits::ids::{ConsortiumId, IssuerRoot, SchemaId};
use circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use collections_config::MspId;
use serde::Deserialize;
use verifier_chaincode::call::Query;

/// The registry.
#[derive(Deserialize)]
pub struct RegistryView {
    /// Root.
    pub root: IssuerRoot,
    /// Leaf hashes by place.
    pub leaves: Vec<Felt>,
    /// Issuers by place.
    pub issuers: Vec<IssuerView>,
}

/// One issuer.
#[derive(Deserialize)]
pub struct IssuerView {
    /// Its place.
    pub slot: u16,
    /// Visa schema.
    pub schema: String,
    /// Its id.
    pub schema_id: SchemaId,
    /// Issuer group.
    pub group: String,
    /// Signing key.
    pub key: PublicPoint,
    /// Institution of its leaf, or 0.
    pub institution: Felt,
    /// Who registered it.
    pub registrant: MspId,
    /// Root of its revocation tree.
    pub revocation_root: Felt,
    /// 1 is active.
    pub status: u8,
}

impl Desk {
    /// The registry.
    ///
    /// **Errors**: the ledger cannot be read.
    pub fn registry(&self, org: &MspId) -> Result<RegistryView, GatewayError> {
        self.query(org, &Query::GetRegistry)
    }

    /// The whole revocation tree of an issuer: clients download trees, so that nobody learns which
    /// path they need.
    ///
    /// **Errors**: the ledger cannot be read, or its values do not give its root.
    pub fn revocations(
        &self,
        org: &MspId,
        issuer: &IssuerView,
    ) -> Result<RevocationTree, GatewayError> {
        #[derive(Deserialize)]
        struct Answer {
            values: Vec<u64>,
            bookmark: String,
        }
        let (mut values, mut bookmark) = (Vec::new(), String::new());
        loop {
            let page: Answer = self.query(
                org,
                &Query::GetRevocations {
                    issuer: issuer.slot,
                    bookmark,
                },
            )?;
            values.extend(page.values);
            bookmark = page.bookmark;
            if bookmark.is_empty() {
                break;
            }
        }
        let tree =
            RevocationTree::from_values(REVOCATION_DEPTH, &values).internal("revocations")?;
        if Felt(tree.root()) == issuer.revocation_root {
            return Ok(tree);
        }
        Err(GatewayError::refused(
            "revocations",
            "the revoked indices do not give the registered root",
        ))
    }

    /// The consortium's id.
    pub fn consortium_id(&self) -> ConsortiumId {
        consortium_id(&self.consortium.to_canonical())
    }
}
