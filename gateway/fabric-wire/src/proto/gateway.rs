//! The gateway and deliver services, and the chain as a peer tells of it (`gateway/gateway.proto`,
//! `orderer/ab.proto`, `peer/events.proto`, `common/ledger.proto`, `peer/transaction.proto`).

use super::common::Envelope;
use super::transaction::{Response, SignedProposal};
use prost::Message;

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
