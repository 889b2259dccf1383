//! What a chaincode can do with a peer's state beyond what this contract needs: delete, purge,
//! key-level endorsement, free keys and ranges.
//!
//! Our contract deletes nothing and writes under the chaincode's own policy, and its clients refuse
//! to sign anything else; operators' probes and later calls use these. Sources: Fabric's chaincode
//! messages; its key-level endorsement (`VALIDATION_PARAMETER`) and its signature policies.

use super::ledger::{MAX_PAGE, PeerLedger, decode};
use crate::ledger::LedgerError;
use collections_config::MspId;
use fabric_shim_protos::common::{
    MspPrincipal, MspRole, SignaturePolicy, SignaturePolicyEnvelope, signature_policy,
};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    DelState, GetState, GetStateMetadata, PurgePrivateState, PutState, PutStateMetadata,
    StateMetadata, StateMetadataResult,
};
use prost::Message;
use std::collections::BTreeMap;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Key of a state's metadata that holds its endorsement policy.
const VALIDATION_PARAMETER: &str = "VALIDATION_PARAMETER";
/// Where a range without a start begins: after all composite keys, as in Fabric's own shims.
const FIRST_SIMPLE: &str = "\u{1}";
/// `MSPRole.PEER`.
const PEER: i32 = 3;
/// Object identifier of the attributes that Fabric's certificate authority puts into a certificate.
const ATTRIBUTES: &str = "1.2.3.4.5.6.7.8.1";

/// One page of a range: keys and values in key order, and where the next page starts; empty after
/// the last one.
pub type RangePage = (Vec<(String, Vec<u8>)>, String);

/// The public state of a chaincode, or a collection of private data: its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space<'a>(pub &'a str);

impl Space<'_> {
    /// The public state.
    pub const PUBLIC: Space<'static> = Space("");
}

impl PeerLedger {
    /// Reads a value under any key. A private value is here only at a member's peer; who asks is
    /// the caller's business to check.
    ///
    /// **Errors**: the peer's.
    pub async fn get_at(
        &self,
        space: Space<'_>,
        key: &str,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let request = GetState {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        let value = self.ask(Type::GetState, request.encode_to_vec()).await?;
        Ok((!value.is_empty()).then_some(value))
    }

    /// The hash of a private value, as every peer knows it.
    ///
    /// **Errors**: the peer's.
    pub async fn hash_at(
        &self,
        space: Space<'_>,
        key: &str,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let request = GetState {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        let hash = self
            .ask(Type::GetPrivateDataHash, request.encode_to_vec())
            .await?;
        Ok((!hash.is_empty()).then_some(hash))
    }

    /// Writes a value under any key.
    ///
    /// **Errors**: the peer's.
    pub async fn put_at(
        &self,
        space: Space<'_>,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        let request = PutState {
            key: key.to_owned(),
            value,
            collection: space.0.to_owned(),
        };
        self.ask(Type::PutState, request.encode_to_vec())
            .await
            .map(drop)
    }

    /// Deletes a value. A private one stays in the history of its members' stores.
    ///
    /// **Errors**: the peer's.
    pub async fn delete(&self, space: Space<'_>, key: &str) -> Result<(), LedgerError> {
        let request = DelState {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        self.ask(Type::DelState, request.encode_to_vec())
            .await
            .map(drop)
    }

    /// Deletes a private value and every earlier one under its key from the members' stores. Their
    /// disks keep the bytes until they are compacted.
    ///
    /// **Errors**: the peer's; no such collection; a channel of an application capability below
    /// V2_5.
    pub async fn purge(&self, collection: Space<'_>, key: &str) -> Result<(), LedgerError> {
        let request = PurgePrivateState {
            key: key.to_owned(),
            collection: collection.0.to_owned(),
        };
        self.ask(Type::PurgePrivateData, request.encode_to_vec())
            .await
            .map(drop)
    }

    /// From now on the peers of all these organisations must endorse a change of this key.
    ///
    /// **Errors**: the peer's; no organisation, because Fabric takes a rule of none as one that no
    /// signature at all fulfils.
    pub async fn set_endorsers(
        &self,
        space: Space<'_>,
        key: &str,
        all_of: &[MspId],
    ) -> Result<(), LedgerError> {
        if all_of.is_empty() {
            return Err(LedgerError::NoEndorsers);
        }
        let metadata = StateMetadata {
            metakey: VALIDATION_PARAMETER.to_owned(),
            value: peers_of(all_of).encode_to_vec(),
        };
        let request = PutStateMetadata {
            key: key.to_owned(),
            collection: space.0.to_owned(),
            metadata: Some(metadata),
        };
        self.ask(Type::PutStateMetadata, request.encode_to_vec())
            .await
            .map(drop)
    }

    /// The organisations whose peers must endorse a change of this key; empty where the chaincode's
    /// own policy holds.
    ///
    /// **Errors**: the peer's, or a policy of another shape than these.
    pub async fn endorsers(&self, space: Space<'_>, key: &str) -> Result<Vec<MspId>, LedgerError> {
        let request = GetStateMetadata {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        let found: StateMetadataResult = decode(
            &self
                .ask(Type::GetStateMetadata, request.encode_to_vec())
                .await?,
        )?;
        let Some(entry) = found
            .entries
            .iter()
            .find(|e| e.metakey == VALIDATION_PARAMETER)
        else {
            return Ok(Vec::new());
        };
        let policy: SignaturePolicyEnvelope = decode(&entry.value)?;
        let role = |p: &MspPrincipal| {
            decode::<MspRole>(&p.principal)
                .ok()
                .and_then(|r| MspId::new(r.msp_identifier).ok())
        };
        let orgs: Option<Vec<MspId>> = policy.identities.iter().map(role).collect();
        let orgs = orgs.filter(|orgs| peers_of(orgs) == policy);
        orgs.ok_or_else(|| {
            LedgerError::Store(format!(
                "{key}: expected an endorsement policy of organisations' peers"
            ))
        })
    }

    /// One page of the keys from `from` up to, but not with, `to`. An empty `from` is the first key
    /// that is not composite, an empty `to` the end of all keys. Queries only: Fabric does not
    /// check a page again at commit.
    ///
    /// **Errors**: the peer's.
    pub async fn range(
        &self,
        space: Space<'_>,
        from: &str,
        to: &str,
        page_size: u32,
        bookmark: &str,
    ) -> Result<RangePage, LedgerError> {
        let from = if from.is_empty() { FIRST_SIMPLE } else { from };
        self.range_page(space.0, (from, to), page_size.clamp(1, MAX_PAGE), bookmark)
            .await
    }

    /// The attributes in the caller's certificate.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        attributes(self.creator()).unwrap_or_default()
    }
}

/// All of these organisations' peers.
fn peers_of(orgs: &[MspId]) -> SignaturePolicyEnvelope {
    let identity = |msp: &MspId| {
        let role = MspRole {
            msp_identifier: msp.as_str().to_owned(),
            role: PEER,
        };
        MspPrincipal {
            principal_classification: 0,
            principal: role.encode_to_vec(),
        }
    };
    let signed = |i: usize| SignaturePolicy {
        r#type: Some(signature_policy::Type::SignedBy(
            i32::try_from(i).unwrap_or(i32::MAX),
        )),
    };
    let rules: Vec<SignaturePolicy> = (0..orgs.len()).map(signed).collect();
    let all = signature_policy::NOutOf {
        n: i32::try_from(rules.len()).unwrap_or(i32::MAX),
        rules,
    };
    let rule = SignaturePolicy {
        r#type: Some(signature_policy::Type::NOutOf(all)),
    };
    SignaturePolicyEnvelope {
        version: 0,
        rule: Some(rule),
        identities: orgs.iter().map(identity).collect(),
    }
}

fn attributes(creator: &[u8]) -> Option<BTreeMap<String, String>> {
    #[derive(serde::Deserialize)]
    struct Attributes {
        attrs: BTreeMap<String, String>,
    }
    let identity = fabric_shim_protos::msp::SerializedIdentity::decode(creator).ok()?;
    let (_, pem) = x509_parser::pem::parse_x509_pem(&identity.id_bytes).ok()?;
    let (_, certificate) = X509Certificate::from_der(&pem.contents).ok()?;
    let extension = certificate
        .extensions()
        .iter()
        .find(|e| e.oid.to_id_string() == ATTRIBUTES)?;
    serde_json::from_slice::<Attributes>(extension.value)
        .ok()
        .map(|a| a.attrs)
}
