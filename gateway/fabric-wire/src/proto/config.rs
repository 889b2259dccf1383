//! A channel's configuration (`common/configtx.proto`, `common/configuration.proto`,
//! `common/policies.proto`, `orderer/configuration.proto`, `orderer/etcdraft/configuration.proto`,
//! `peer/configuration.proto`, `msp/msp_config.proto`, `msp/msp_principal.proto`).

use prost::{Message, Oneof};

messages! {
    /// A channel's configuration in a transaction.
    ConfigEnvelope {
        #[prost(message, optional, tag = "1")] config: Option<Config>,
    }
    Config {
        #[prost(message, optional, tag = "2")] channel_group: Option<ConfigGroup>,
    }
    /// A part of a channel's configuration.
    ConfigGroup {
        #[prost(btree_map = "string, message", tag = "2")] groups: std::collections::BTreeMap<String, ConfigGroup>,
        #[prost(btree_map = "string, message", tag = "3")] values: std::collections::BTreeMap<String, ConfigValue>,
        #[prost(btree_map = "string, message", tag = "4")] policies: std::collections::BTreeMap<String, ConfigPolicy>,
    }
    /// A policy of a channel's configuration.
    ConfigPolicy {
        #[prost(message, optional, tag = "2")] policy: Option<Policy>,
    }
    /// A policy: of signatures (1) or over the policies of the groups below (3).
    Policy {
        #[prost(int32, tag = "1")] kind: i32,
        #[prost(bytes = "vec", tag = "2")] value: Vec<u8>,
    }
    /// Any (0), all (1) or a majority (2) of the policies of this name below.
    ImplicitMetaPolicy {
        #[prost(string, tag = "1")] sub_policy: String,
        #[prost(int32, tag = "2")] rule: i32,
    }
    /// What a channel may use.
    Capabilities {
        #[prost(btree_map = "string, message", tag = "1")] capabilities: std::collections::BTreeMap<String, Capability>,
    }
    /// One thing that a channel may use.
    Capability {}
    BatchSize {
        #[prost(uint32, tag = "2")] absolute_max_bytes: u32,
    }
    /// How a channel is ordered.
    ConsensusType {
        #[prost(string, tag = "1")] kind: String,
        #[prost(bytes = "vec", tag = "2")] metadata: Vec<u8>,
    }
    /// Who orders by Raft; only counted.
    RaftMetadata {
        #[prost(bytes = "vec", repeated, tag = "1")] consenters: Vec<Vec<u8>>,
    }
    /// Peers that other organisations' peers find first; only counted.
    AnchorPeers {
        #[prost(bytes = "vec", repeated, tag = "1")] anchor_peers: Vec<Vec<u8>>,
    }
    /// A value of a channel's configuration.
    ConfigValue {
        #[prost(bytes = "vec", tag = "2")] value: Vec<u8>,
    }
    /// An organisation in a channel's configuration; here always of X.509.
    MspConfig {
        #[prost(bytes = "vec", tag = "2")] config: Vec<u8>,
    }
    /// An organisation's authorities.
    FabricMspConfig {
        #[prost(string, tag = "1")] name: String,
        #[prost(bytes = "vec", repeated, tag = "2")] root_certs: Vec<Vec<u8>>,
        #[prost(bytes = "vec", repeated, tag = "3")] intermediate_certs: Vec<Vec<u8>>,
        #[prost(bytes = "vec", repeated, tag = "5")] revocation_list: Vec<Vec<u8>>,
        #[prost(message, optional, tag = "11")] node_ous: Option<NodeOus>,
    }
    /// Whether roles come from organisational units.
    NodeOus {
        #[prost(bool, tag = "1")] enable: bool,
    }
    /// The orderers that agree on blocks by SmartBFT.
    Orderers {
        #[prost(message, repeated, tag = "1")] consenter_mapping: Vec<Consenter>,
    }
    /// One of them.
    Consenter {
        #[prost(uint32, tag = "1")] id: u32,
        #[prost(string, tag = "4")] msp_id: String,
        #[prost(bytes = "vec", tag = "5")] identity: Vec<u8>,
    }
    /// Which principals must sign.
    SignaturePolicyEnvelope {
        #[prost(int32, tag = "1")] version: i32,
        #[prost(message, optional, tag = "2")] rule: Option<SignaturePolicy>,
        #[prost(message, repeated, tag = "3")] identities: Vec<MspPrincipal>,
    }
    SignaturePolicy {
        #[prost(oneof = "SignatureRule", tags = "1, 2")] rule: Option<SignatureRule>,
    }
    /// So many of these rules.
    OutOf {
        #[prost(int32, tag = "1")] n: i32,
        #[prost(message, repeated, tag = "2")] rules: Vec<SignaturePolicy>,
    }
    /// Who may sign; here always an [`MspRole`].
    MspPrincipal {
        #[prost(int32, tag = "1")] kind: i32,
        #[prost(bytes = "vec", tag = "2")] principal: Vec<u8>,
    }
    /// A role in an organisation.
    MspRole {
        #[prost(string, tag = "1")] msp_identifier: String,
        #[prost(int32, tag = "2")] role: i32,
    }
}

/// One signature, or so many of several.
#[derive(Clone, PartialEq, Oneof)]
pub enum SignatureRule {
    /// The place of a principal in the envelope's list.
    #[prost(int32, tag = "1")]
    SignedBy(i32),
    #[prost(message, tag = "2")]
    OutOf(OutOf),
}
