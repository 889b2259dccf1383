//! The parts of two operators' custom resources that our files use: a field that is misspelt,
//! invented or missing is found here. The names are those of the operators' interfaces; what we do
//! not use of them is left out.
//!
//! Source: hyperledger-bevel/bevel-operator-fabric (commit 50cf5ef),
//! `pkg/apis/hlf.kungfusoftware.es/v1alpha1/hlf_types.go` and, for what must be there, `config/crd/
//! bases`; hyperledger-labs/fabric-operator (commit 10283a6), `api/v1beta1/ibppeer_types.go`,
//! `ibporderer_types.go` and `common_struct.go`, and for `configoverride`, which that operator
//! reads into types of its own, `pkg/apis/peer/v25/peer.go` and `pkg/apis/orderer/v25/orderer.go`
//! with the older ones that they build on.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! parts {
    ($($name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* })*) => {$(
        #[derive(Deserialize, Serialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $($(#[$attribute])* pub $field: $kind,)* }
    )*};
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal,)* })*) => {$(
        #[derive(Deserialize, Serialize)]
        pub enum $name { $(#[serde(rename = $word)] $variant,)* }
    )*};
}

/// A custom resource of interface `V` with what its operator reads.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resource<V, S> {
    pub api_version: V,
    pub kind: String,
    pub metadata: Metadata,
    pub spec: S,
}

/// CPU and memory by name.
pub type Amounts = BTreeMap<String, String>;

words! {
    Bevel { V1Alpha1 = "hlf.kungfusoftware.es/v1alpha1", }
    Labs { V1Beta1 = "ibp.com/v1beta1", }
    StateDb { LevelDb = "leveldb", CouchDb = "couchdb", }
    ServiceType { ClusterIp = "ClusterIP", NodePort = "NodePort", LoadBalancer = "LoadBalancer", }
    AccessMode { Once = "ReadWriteOnce", OncePod = "ReadWriteOncePod", }
    Bootstrap { None = "none", File = "file", }
    OrdererType { Raft = "etcdraft", }
}

// What both have.
parts! {
    Metadata { name: String, namespace: String, }
    Resources { #[serde(default)] requests: Amounts, #[serde(default)] limits: Amounts, }
    Service { #[serde(rename = "type")] kind: ServiceType, }
    Builder { name: String, path: String, propagate_environment: Vec<String>, }
}

// Bevel's operator.
parts! {
    FabricPeer {
        image: String,
        tag: String,
        #[serde(rename = "mspID")] msp_id: String,
        replicas: u32,
        state_db: StateDb,
        couchdb: CouchDb,
        #[serde(rename = "external_chaincode_builder")] external_chaincode_builder: bool,
        external_builders: Vec<Builder>,
        external_endpoint: String,
        hosts: Vec<String>,
        gossip: Gossip,
        istio: Istio,
        service: Service,
        discovery: Discovery,
        logging: Logging,
        resources: PeerResources,
        storage: PeerStorage,
        secret: Secret,
        env: Vec<Variable>,
    }
    FabricOrdererNode {
        image: String,
        tag: String,
        #[serde(rename = "mspID")] msp_id: String,
        replicas: u32,
        bootstrap_method: Bootstrap,
        genesis: String,
        channel_participation_enabled: bool,
        service: Service,
        istio: Istio,
        resources: Resources,
        storage: Storage,
        secret: Secret,
        env: Vec<Variable>,
    }
    CouchDb { user: String, password: String, }
    Gossip { external_endpoint: String, endpoint: String, bootstrap: String, org_leader: bool, use_leader_election: bool, }
    Istio { port: u16, hosts: Vec<String>, ingress_gateway: String, }
    Discovery { period: String, touch_period: String, }
    Logging {
        level: String,
        peer: String,
        cauthdsl: String,
        gossip: String,
        grpc: String,
        ledger: String,
        msp: String,
        policies: String,
    }
    PeerResources { peer: Resources, couchdb: Resources, chaincode: Resources, }
    PeerStorage { peer: Storage, couchdb: Storage, chaincode: Storage, }
    Storage { size: String, access_mode: AccessMode, }
    Secret { enrollment: Enrollment, }
    Enrollment { component: Component, tls: TlsComponent, }
    Component { cahost: String, caport: u16, caname: String, catls: CaTls, enrollid: String, enrollsecret: String, }
    TlsComponent { cahost: String, caport: u16, caname: String, catls: CaTls, csr: Csr, enrollid: String, enrollsecret: String, }
    CaTls { cacert: String, }
    Csr { hosts: Vec<String>, }
    Variable {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")] value: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] value_from: Option<ValueFrom>,
    }
    ValueFrom { secret_key_ref: SecretKeyRef, }
    SecretKeyRef { name: String, key: String, }
}

// The operator of Hyperledger Labs.
parts! {
    IbpPeer {
        license: License,
        version: String,
        images: PeerImages,
        #[serde(rename = "mspID")] msp_id: String,
        domain: String,
        peer_external_endpoint: String,
        state_db: StateDb,
        service: Service,
        resources: LabsPeerResources,
        secret: LabsSecret,
        chaincode_builder_config: BTreeMap<String, String>,
        configoverride: Core,
    }
    IbpOrderer {
        license: License,
        version: String,
        images: OrdererImages,
        #[serde(rename = "mspID")] msp_id: String,
        org_name: String,
        domain: String,
        orderer_type: OrdererType,
        use_channel_less: bool,
        system_channel_name: String,
        cluster_size: u32,
        service: Service,
        clustersecret: Vec<LabsSecret>,
        configoverride: Orderer,
    }
    License { accept: bool, }
    PeerImages {
        peer_image: String,
        peer_tag: String,
        peer_init_image: String,
        peer_init_tag: String,
        grpcweb_image: String,
        grpcweb_tag: String,
    }
    OrdererImages {
        orderer_image: String,
        orderer_tag: String,
        orderer_init_image: String,
        orderer_init_tag: String,
        grpcweb_image: String,
        grpcweb_tag: String,
    }
    LabsPeerResources { peer: Resources, }
    LabsSecret { enrollment: LabsEnrollment, }
    LabsEnrollment { component: LabsComponent, tls: LabsTlsComponent, }
    LabsComponent { cahost: String, caport: String, caname: String, catls: CaTls, enrollid: String, enrollsecret: String, }
    LabsTlsComponent { cahost: String, caport: String, caname: String, catls: CaTls, csr: Csr, enrollid: String, enrollsecret: String, }
}

// What that operator takes of core.yaml and of orderer.yaml; it drops any other key.
parts! {
    Core { peer: Peer, chaincode: Chaincode, ledger: Ledger, metrics: Metrics, }
    Peer { max_recv_msg_size: u32, gateway: Gateway, gossip: LabsGossip, }
    Gateway { endorsement_timeout: String, }
    LabsGossip { pvt_data: PvtData, }
    PvtData {
        reconciliation_enabled: bool,
        reconcile_sleep_interval: String,
        pull_retry_threshold: String,
        transientstore_max_block_retention: u32,
    }
    Chaincode { executetimeout: String, external_builders: Vec<Builder>, }
    Ledger { #[serde(rename = "pvtdataStore")] pvtdata_store: PvtDataStore, }
    PvtDataStore { purge_interval: u32, purged_key_audit_logging: bool, }
    Metrics { provider: String, }
    Orderer { metrics: Metrics, }
}
