//! What a chaincode can do with a peer's state beyond values and ranges: delete, purge, key-level
//! endorsement, attributes of a certificate.
//!
//! Sources: Fabric's chaincode messages; its key-level endorsement (`VALIDATION_PARAMETER`) and its
//! signature policies; the attributes that its certificate authority writes.

use crate::ledger::{PeerError, PeerLedger, Space};
use crate::transaction::Creator;
use fabric_shim_protos::common::{
    MspPrincipal, MspRole, SignaturePolicy, SignaturePolicyEnvelope, signature_policy,
};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    DelState, GetStateMetadata, PurgePrivateState, PutStateMetadata, StateMetadata,
    StateMetadataResult,
};
use prost::Message;
use std::collections::BTreeMap;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Key of a state's metadata that holds its endorsement policy.
const VALIDATION_PARAMETER: &str = "VALIDATION_PARAMETER";
/// Fabric's number of `MSPRole.PEER`.
const PEER: i32 = 3;
/// Object identifier of the attributes that Fabric's certificate authority puts into a certificate.
const ATTRIBUTES: &str = "1.2.3.4.5.6.7.8.1";

impl PeerLedger {
    /// Deletes a value. A private one stays in the history of its members' stores.
    ///
    /// **Errors**: the peer's.
    pub async fn delete(&mut self, space: Space<'_>, key: &str) -> Result<(), PeerError> {
        let request = DelState {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        self.ask(Type::DelState, request).await.map(drop)
    }

    /// Deletes a private value and every earlier one under its key from the members' stores. Their
    /// disks keep the bytes until they are compacted.
    ///
    /// **Errors**: the peer's; no such collection; a channel of an application capability below
    /// V2_5.
    pub async fn purge(&mut self, collection: Space<'_>, key: &str) -> Result<(), PeerError> {
        let request = PurgePrivateState {
            key: key.to_owned(),
            collection: collection.0.to_owned(),
        };
        self.ask(Type::PurgePrivateData, request).await.map(drop)
    }

    /// From now on the peers of all these organisations must endorse a change of this key.
    ///
    /// **Errors**: the peer's; no organisation, because Fabric takes a rule of none as one that no
    /// signature at all fulfils.
    pub async fn set_endorsers(
        &mut self,
        space: Space<'_>,
        key: &str,
        all_of: &[&str],
    ) -> Result<(), PeerError> {
        if all_of.is_empty() {
            return Err(PeerError::NoEndorsers);
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
        self.ask(Type::PutStateMetadata, request).await.map(drop)
    }

    /// The organisations whose peers must endorse a change of this key; empty where the chaincode's
    /// own policy holds.
    ///
    /// **Errors**: the peer's, or a policy of another shape than these.
    pub async fn endorsers(
        &mut self,
        space: Space<'_>,
        key: &str,
    ) -> Result<Vec<String>, PeerError> {
        let request = GetStateMetadata {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        let found: StateMetadataResult = self.ask_for(Type::GetStateMetadata, request).await?;
        let mut entries = found.entries.iter();
        let Some(entry) = entries.find(|e| e.metakey == VALIDATION_PARAMETER) else {
            return Ok(Vec::new());
        };
        let policy = SignaturePolicyEnvelope::decode(entry.value.as_slice())?;
        endorsers_of(&policy).ok_or_else(|| PeerError::EndorsementPolicy {
            key: key.to_owned(),
        })
    }

    /// The attributes in the caller's certificate.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        attributes(&self.transaction().creator).unwrap_or_default()
    }
}

/// All of these organisations' peers.
fn peers_of(orgs: &[&str]) -> SignaturePolicyEnvelope {
    let identity = |msp: &&str| {
        let role = MspRole {
            msp_identifier: (*msp).to_owned(),
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

/// The organisations of a policy that [`peers_of`] made; none of any other.
fn endorsers_of(policy: &SignaturePolicyEnvelope) -> Option<Vec<String>> {
    let org = |p: &MspPrincipal| Some(MspRole::decode(p.principal.as_slice()).ok()?.msp_identifier);
    let orgs: Vec<String> = policy.identities.iter().map(org).collect::<Option<_>>()?;
    let names: Vec<&str> = orgs.iter().map(String::as_str).collect();
    (peers_of(&names) == *policy).then_some(orgs)
}

fn attributes(creator: &[u8]) -> Option<BTreeMap<String, String>> {
    #[derive(serde::Deserialize)]
    struct Attributes {
        attrs: BTreeMap<String, String>,
    }
    let creator = Creator::decode(creator)?;
    let (_, pem) = x509_parser::pem::parse_x509_pem(&creator.certificate).ok()?;
    let (_, certificate) = X509Certificate::from_der(&pem.contents).ok()?;
    let extension = certificate
        .extensions()
        .iter()
        .find(|e| e.oid.to_id_string() == ATTRIBUTES)?;
    serde_json::from_slice::<Attributes>(extension.value)
        .ok()
        .map(|a| a.attrs)
}
