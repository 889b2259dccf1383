//! What a channel's configuration says, as plain values: for whoever checks that a network is set
//! up as this application needs it.
//!
//! Source: Fabric's channel configuration (hyperledger/fabric-protos, `common/configtx.proto`,
//! `common/policies.proto`).

use crate::error::FormError;
use crate::proto::{
    AnchorPeers, BatchSize, Capabilities, ConfigGroup, ConsensusType, FabricMspConfig,
    ImplicitMetaPolicy, MspConfig, MspRole, Orderers, RaftMetadata, SignaturePolicy,
    SignaturePolicyEnvelope, SignatureRule,
};
use prost::Message;
use std::collections::BTreeSet;

/// `Policy.SIGNATURE` and `Policy.IMPLICIT_META`.
const SIGNATURE: i32 = 1;
const IMPLICIT_META: i32 = 3;
/// `MSPRole.MSPRoleType`, in order.
const ROLES: [&str; 5] = ["member", "admin", "client", "peer", "orderer"];

/// A policy, in the words of Fabric's configuration files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each of these suffices: organisation and role.
    AnyOf(BTreeSet<(String, &'static str)>),
    /// `ANY`, `ALL` or `MAJORITY` of the policies of a name.
    Implicit(&'static str, String),
    Other,
}

/// One organisation of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgSettings {
    pub msp_id: String,
    /// Whether roles come from organisational units.
    pub node_ous: bool,
    /// Who endorses for it.
    pub endorsement: Option<Rule>,
    /// Peers that others find first.
    pub anchor_peers: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSettings {
    /// Capabilities of the channel, of its ordering service and of its application.
    pub capabilities: [BTreeSet<String>; 3],
    /// `etcdraft` or `BFT`.
    pub consensus: String,
    /// Orderers that agree on blocks.
    pub consenters: usize,
    /// Largest block.
    ///
    /// **Units**: bytes.
    pub absolute_max_bytes: u32,
    /// Which peers must endorse what has no rule of its own.
    pub endorsement: Option<Rule>,
    /// Who must agree to a chaincode's definition.
    pub lifecycle_endorsement: Option<Rule>,
    /// Organisations with peers.
    pub orgs: Vec<OrgSettings>,
}

fn value<M: Message + Default>(group: &ConfigGroup, name: &str) -> Result<M, FormError> {
    let bytes = group
        .values
        .get(name)
        .map(|v| v.value.as_slice())
        .unwrap_or_default();
    M::decode(bytes).map_err(|_| FormError("a channel configuration"))
}

fn capabilities(group: &ConfigGroup) -> Result<BTreeSet<String>, FormError> {
    Ok(value::<Capabilities>(group, "Capabilities")?
        .capabilities
        .into_keys()
        .collect())
}

fn rule(group: &ConfigGroup, name: &str) -> Option<Rule> {
    let policy = group.policies.get(name)?.policy.as_ref()?;
    Some(match policy.kind {
        SIGNATURE => any_of(&policy.value).map_or(Rule::Other, Rule::AnyOf),
        IMPLICIT_META => {
            let meta = ImplicitMetaPolicy::decode(policy.value.as_slice()).ok()?;
            let word = usize::try_from(meta.rule)
                .ok()
                .and_then(|i| ["ANY", "ALL", "MAJORITY"].get(i).copied());
            word.map_or(Rule::Other, |word| Rule::Implicit(word, meta.sub_policy))
        }
        _ => Rule::Other,
    })
}

/// The principals of a policy that any one of them satisfies.
fn any_of(bytes: &[u8]) -> Option<BTreeSet<(String, &'static str)>> {
    let envelope = SignaturePolicyEnvelope::decode(bytes).ok()?;
    let principal = |index: i32| {
        let principal = envelope.identities.get(usize::try_from(index).ok()?)?;
        let role = MspRole::decode(principal.principal.as_slice()).ok()?;
        Some((
            role.msp_identifier,
            *ROLES.get(usize::try_from(role.role).ok()?)?,
        ))
    };
    let signed_by = |policy: &SignaturePolicy| match policy.rule.as_ref()? {
        SignatureRule::SignedBy(index) => principal(*index),
        SignatureRule::OutOf(_) => None,
    };
    let policy = envelope.rule.as_ref()?;
    match policy.rule.as_ref()? {
        SignatureRule::OutOf(of) if of.n == 1 => of.rules.iter().map(signed_by).collect(),
        SignatureRule::OutOf(_) | SignatureRule::SignedBy(_) => {
            Some(BTreeSet::from([signed_by(policy)?]))
        }
    }
}

impl OrgSettings {
    fn of(group: &ConfigGroup) -> Result<Self, FormError> {
        let msp: MspConfig = value(group, "MSP")?;
        let msp = FabricMspConfig::decode(msp.config.as_slice())
            .map_err(|_| FormError("an organisation's authority"))?;
        Ok(OrgSettings {
            msp_id: msp.name,
            node_ous: msp.node_ous.is_some_and(|n| n.enable),
            endorsement: rule(group, "Endorsement"),
            anchor_peers: value::<AnchorPeers>(group, "AnchorPeers")?
                .anchor_peers
                .len(),
        })
    }
}

impl ChannelSettings {
    pub fn of(channel: &ConfigGroup) -> Result<Self, FormError> {
        let orderer = channel
            .groups
            .get("Orderer")
            .ok_or(FormError("an ordering service"))?;
        let application = channel
            .groups
            .get("Application")
            .ok_or(FormError("an application channel"))?;
        let consensus: ConsensusType = value(orderer, "ConsensusType")?;
        let raft = RaftMetadata::decode(consensus.metadata.as_slice())
            .map(|m| m.consenters.len())
            .unwrap_or_default();
        let mapping = value::<Orderers>(orderer, "Orderers")?
            .consenter_mapping
            .len();
        Ok(ChannelSettings {
            capabilities: [
                capabilities(channel)?,
                capabilities(orderer)?,
                capabilities(application)?,
            ],
            consenters: if consensus.kind == "etcdraft" {
                raft
            } else {
                mapping
            },
            consensus: consensus.kind,
            absolute_max_bytes: value::<BatchSize>(orderer, "BatchSize")?.absolute_max_bytes,
            endorsement: rule(application, "Endorsement"),
            lifecycle_endorsement: rule(application, "LifecycleEndorsement"),
            orgs: application
                .groups
                .values()
                .map(OrgSettings::of)
                .collect::<Result<_, _>>()?,
        })
    }
}
