//! Messages of Fabric's gateway service and of its read-write sets, as far as they are used here.
//!
//! Source: hyperledger/fabric-protos, files `gateway/gateway.proto`, `ledger/rwset/rwset.proto`,
//! `ledger/rwset/kvrwset/kv_rwset.proto`, `orderer/ab.proto`, `peer/events.proto`,
//! `peer/transaction.proto`, `common/ledger.proto`, `common/configtx.proto`, `common/configuration.
//! proto`, `common/policies.proto`, `orderer/configuration.proto`,
//! `orderer/etcdraft/configuration.proto`, `peer/configuration.proto`, `msp/msp_config.proto`; the
//! field numbers are theirs. Everything else comes from the generated messages of
//! `fabric-shim-protos`.

use fabric_shim_protos::common::Envelope;
use fabric_shim_protos::peer::{Endorsement, Response, SignedProposal};
use prost::Message;

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident { $($(#[$tag:meta])* $field:ident: $ty:ty,)* })*) => {
        $($(#[$doc])* #[derive(Clone, PartialEq, Message)] pub(super) struct $name { $($(#[$tag])* pub(super) $field: $ty,)* })*
    };
}

messages! {
    /// Asks peers of these organisations to endorse.
    EndorseRequest {
        #[prost(string, tag = "1")] transaction_id: String,
        #[prost(string, tag = "2")] channel_id: String,
        #[prost(message, optional, tag = "3")] proposed_transaction: Option<SignedProposal>,
        #[prost(string, repeated, tag = "4")] endorsing_organizations: Vec<String>,
    }
    /// A transaction that waits for the client's signature.
    EndorseResponse {
        #[prost(message, optional, tag = "1")] prepared_transaction: Option<Envelope>,
    }
    /// A signed transaction for the ordering service.
    SubmitRequest {
        #[prost(string, tag = "1")] transaction_id: String,
        #[prost(string, tag = "2")] channel_id: String,
        #[prost(message, optional, tag = "3")] prepared_transaction: Option<Envelope>,
    }
    /// It was accepted by the ordering service.
    SubmitResponse {}
    /// Asks, signed, for a transaction's verdict.
    SignedCommitStatusRequest {
        #[prost(bytes = "vec", tag = "1")] request: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature: Vec<u8>,
    }
    /// Which transaction's verdict is asked for, and by whom.
    CommitStatusRequest {
        #[prost(string, tag = "1")] transaction_id: String,
        #[prost(string, tag = "2")] channel_id: String,
        #[prost(bytes = "vec", tag = "3")] identity: Vec<u8>,
    }
    /// A transaction's verdict.
    CommitStatusResponse {
        #[prost(int32, tag = "1")] result: i32,
        #[prost(uint64, tag = "2")] block_number: u64,
    }
    /// Which blocks are asked for.
    SeekInfo {
        #[prost(message, optional, tag = "1")] start: Option<SeekPosition>,
        #[prost(message, optional, tag = "2")] stop: Option<SeekPosition>,
    }
    /// A place in the chain.
    SeekPosition {
        #[prost(message, optional, tag = "3")] specified: Option<SeekSpecified>,
    }
    /// A place in the chain, by block number.
    SeekSpecified {
        #[prost(uint64, tag = "1")] number: u64,
    }
    /// A block, or how the stream ended. The block stays in its own bytes.
    DeliverResponse {
        #[prost(int32, tag = "1")] status: i32,
        #[prost(bytes = "vec", optional, tag = "2")] block: Option<Vec<u8>>,
    }
    /// Asks a peer of these organisations to answer.
    EvaluateRequest {
        #[prost(string, tag = "1")] transaction_id: String,
        #[prost(string, tag = "2")] channel_id: String,
        #[prost(message, optional, tag = "3")] proposed_transaction: Option<SignedProposal>,
        #[prost(string, repeated, tag = "4")] target_organizations: Vec<String>,
    }
    /// The answer.
    EvaluateResponse {
        #[prost(message, optional, tag = "1")] result: Option<Response>,
    }
    /// What a peer or orderer said, in the details of a failed call.
    ErrorDetail {
        #[prost(string, tag = "1")] address: String,
        #[prost(string, tag = "2")] msp_id: String,
        #[prost(string, tag = "3")] message: String,
    }
    /// The status of a failed call (google.rpc.Status).
    RpcStatus {
        #[prost(int32, tag = "1")] code: i32,
        #[prost(string, tag = "2")] message: String,
        #[prost(message, repeated, tag = "3")] details: Vec<prost_types::Any>,
    }
    /// A transaction: here always of one action.
    Transaction {
        #[prost(message, repeated, tag = "1")] actions: Vec<TransactionAction>,
    }
    /// A signature header and a [`ChaincodeActionPayload`].
    TransactionAction {
        #[prost(bytes = "vec", tag = "1")] header: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] payload: Vec<u8>,
    }
    /// The proposal without its transient map, and what was endorsed.
    ChaincodeActionPayload {
        #[prost(bytes = "vec", tag = "1")] chaincode_proposal_payload: Vec<u8>,
        #[prost(message, optional, tag = "2")] action: Option<ChaincodeEndorsedAction>,
    }
    /// What peers signed, and their signatures.
    ChaincodeEndorsedAction {
        #[prost(bytes = "vec", tag = "1")] proposal_response_payload: Vec<u8>,
        #[prost(message, repeated, tag = "2")] endorsements: Vec<Endorsement>,
    }
    /// Reads and writes of a transaction, by chaincode.
    TxReadWriteSet {
        #[prost(int32, tag = "1")] data_model: i32,
        #[prost(message, repeated, tag = "2")] ns_rwset: Vec<NsReadWriteSet>,
    }
    /// Reads and writes of one chaincode.
    NsReadWriteSet {
        #[prost(string, tag = "1")] namespace: String,
        #[prost(bytes = "vec", tag = "2")] rwset: Vec<u8>,
        #[prost(message, repeated, tag = "3")] collection_hashed_rwset: Vec<CollectionHashedReadWriteSet>,
    }
    /// Hashed reads and writes of one collection.
    CollectionHashedReadWriteSet {
        #[prost(string, tag = "1")] collection_name: String,
        #[prost(bytes = "vec", tag = "2")] hashed_rwset: Vec<u8>,
        #[prost(bytes = "vec", tag = "3")] pvt_rwset_hash: Vec<u8>,
    }
    /// Public reads and writes.
    KvRwSet {
        #[prost(message, repeated, tag = "1")] reads: Vec<KvRead>,
        #[prost(message, repeated, tag = "3")] writes: Vec<KvWrite>,
        #[prost(message, repeated, tag = "4")] metadata_writes: Vec<KvMetadataWrite>,
    }
    /// A key that was read, and the version that was seen; none where there was no value.
    KvRead {
        #[prost(string, tag = "1")] key: String,
        #[prost(message, optional, tag = "2")] version: Option<KvVersion>,
    }
    /// Where a value was written.
    KvVersion {
        #[prost(uint64, tag = "1")] block_num: u64,
        #[prost(uint64, tag = "2")] tx_num: u64,
    }
    /// A public write.
    KvWrite {
        #[prost(string, tag = "1")] key: String,
        #[prost(bool, tag = "2")] is_delete: bool,
        #[prost(bytes = "vec", tag = "3")] value: Vec<u8>,
    }
    /// A change of what belongs to a key and is not its value; the key is a text or a hash.
    KvMetadataWrite {
        #[prost(bytes = "vec", tag = "1")] key: Vec<u8>,
    }
    /// Private reads and writes, as everybody sees them.
    HashedRwSet {
        #[prost(message, repeated, tag = "1")] hashed_reads: Vec<KvReadHash>,
        #[prost(message, repeated, tag = "2")] hashed_writes: Vec<KvWriteHash>,
        #[prost(message, repeated, tag = "3")] metadata_writes: Vec<KvMetadataWrite>,
    }
    /// A private key that was read, by its hash, and the version that was seen.
    KvReadHash {
        #[prost(bytes = "vec", tag = "1")] key_hash: Vec<u8>,
        #[prost(message, optional, tag = "2")] version: Option<KvVersion>,
    }
    /// A private write: hashes of key and value.
    KvWriteHash {
        #[prost(bytes = "vec", tag = "1")] key_hash: Vec<u8>,
        #[prost(bool, tag = "2")] is_delete: bool,
        #[prost(bytes = "vec", tag = "3")] value_hash: Vec<u8>,
        #[prost(bool, tag = "4")] is_purge: bool,
    }
    /// A channel's configuration in a transaction.
    ConfigEnvelope {
        #[prost(message, optional, tag = "1")] config: Option<Config>,
    }
    /// A channel's configuration.
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
    /// How large blocks become.
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
    /// How long a peer's chain is.
    BlockchainInfo {
        #[prost(uint64, tag = "1")] height: u64,
    }
    /// A transaction as a peer holds it, with its verdict.
    ProcessedTransaction {
        #[prost(message, optional, tag = "1")] transaction_envelope: Option<Envelope>,
        #[prost(int32, tag = "2")] validation_code: i32,
    }
}

/// Fabric's word for a verdict (`TxValidationCode` in `peer/transaction.proto`), for people.
pub fn verdict(code: i32) -> &'static str {
    const NAMES: [&str; 26] = [
        "VALID",
        "NIL_ENVELOPE",
        "BAD_PAYLOAD",
        "BAD_COMMON_HEADER",
        "BAD_CREATOR_SIGNATURE",
        "INVALID_ENDORSER_TRANSACTION",
        "INVALID_CONFIG_TRANSACTION",
        "UNSUPPORTED_TX_PAYLOAD",
        "BAD_PROPOSAL_TXID",
        "DUPLICATE_TXID",
        "ENDORSEMENT_POLICY_FAILURE",
        "MVCC_READ_CONFLICT",
        "PHANTOM_READ_CONFLICT",
        "UNKNOWN_TX_TYPE",
        "TARGET_CHAIN_NOT_FOUND",
        "MARSHAL_TX_ERROR",
        "NIL_TXACTION",
        "EXPIRED_CHAINCODE",
        "CHAINCODE_VERSION_CONFLICT",
        "BAD_HEADER_EXTENSION",
        "BAD_CHANNEL_HEADER",
        "BAD_RESPONSE_PAYLOAD",
        "BAD_RWSET",
        "ILLEGAL_WRITESET",
        "INVALID_WRITESET",
        "INVALID_CHAINCODE",
    ];
    // 254 and 255 stand apart in Fabric's list.
    if code == 254 {
        return "NOT_VALIDATED";
    }
    usize::try_from(code)
        .ok()
        .and_then(|at| NAMES.get(at))
        .copied()
        .unwrap_or("INVALID_OTHER_REASON")
}

/// The transaction is valid.
pub const VALID: i32 = 0;
/// Its id was used before.
pub const DUPLICATE_TXID: i32 = 9;
/// Its endorsements do not satisfy what it writes.
pub const ENDORSEMENT_POLICY_FAILURE: i32 = 10;
/// Another transaction wrote a key that this one read.
pub const MVCC_READ_CONFLICT: i32 = 11;
/// Another transaction wrote into a range that this one read.
pub const PHANTOM_READ_CONFLICT: i32 = 12;
/// Another transaction wrote what this one read: definitive, so the call may be endorsed again.
pub(super) const MVCC_CONFLICTS: [i32; 2] = [MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT];
