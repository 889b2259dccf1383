//! Proposals and what peers make of them (`peer/proposal.proto`, `peer/proposal_response.proto`,
//! `peer/chaincode.proto`, `peer/chaincode_event.proto`, `peer/transaction.proto`).

use prost::Message;

messages! {
    SignedProposal {
        #[prost(bytes = "vec", tag = "1")] proposal_bytes: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature: Vec<u8>,
    }
    /// A header and a [`ChaincodeProposalPayload`].
    Proposal {
        #[prost(bytes = "vec", tag = "1")] header: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] payload: Vec<u8>,
        #[prost(bytes = "vec", tag = "3")] extension: Vec<u8>,
    }
    /// Which chaincode a proposal is for.
    ChaincodeHeaderExtension {
        #[prost(message, optional, tag = "2")] chaincode_id: Option<ChaincodeId>,
    }
    /// A [`ChaincodeInvocationSpec`], and private arguments that no transaction holds.
    ChaincodeProposalPayload {
        #[prost(bytes = "vec", tag = "1")] input: Vec<u8>,
        #[prost(btree_map = "string, bytes", tag = "2")] transient_map: std::collections::BTreeMap<String, Vec<u8>>,
    }
    ChaincodeInvocationSpec {
        #[prost(message, optional, tag = "1")] chaincode_spec: Option<ChaincodeSpec>,
    }
    ChaincodeSpec {
        #[prost(int32, tag = "1")] kind: i32,
        #[prost(message, optional, tag = "2")] chaincode_id: Option<ChaincodeId>,
        #[prost(message, optional, tag = "3")] input: Option<ChaincodeInput>,
        #[prost(int32, tag = "4")] timeout: i32,
    }
    ChaincodeId {
        #[prost(string, tag = "1")] path: String,
        #[prost(string, tag = "2")] name: String,
        #[prost(string, tag = "3")] version: String,
    }
    ChaincodeInput {
        #[prost(bytes = "vec", repeated, tag = "1")] args: Vec<Vec<u8>>,
        #[prost(btree_map = "string, bytes", tag = "2")] decorations: std::collections::BTreeMap<String, Vec<u8>>,
        #[prost(bool, tag = "3")] is_init: bool,
    }
    /// What a peer signs: the hash of a proposal and a [`ChaincodeAction`].
    ProposalResponsePayload {
        #[prost(bytes = "vec", tag = "1")] proposal_hash: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] extension: Vec<u8>,
    }
    /// The result of executing a call.
    ChaincodeAction {
        #[prost(bytes = "vec", tag = "1")] results: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] events: Vec<u8>,
        #[prost(message, optional, tag = "3")] response: Option<Response>,
        #[prost(message, optional, tag = "4")] chaincode_id: Option<ChaincodeId>,
    }
    ChaincodeEvent {
        #[prost(string, tag = "1")] chaincode_id: String,
        #[prost(string, tag = "2")] tx_id: String,
        #[prost(string, tag = "3")] event_name: String,
        #[prost(bytes = "vec", tag = "4")] payload: Vec<u8>,
    }
    /// A contract's answer.
    Response {
        #[prost(int32, tag = "1")] status: i32,
        #[prost(string, tag = "2")] message: String,
        #[prost(bytes = "vec", tag = "3")] payload: Vec<u8>,
    }
    /// A peer's signature over a [`ProposalResponsePayload`] and its own identity.
    Endorsement {
        #[prost(bytes = "vec", tag = "1")] endorser: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature: Vec<u8>,
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
}
