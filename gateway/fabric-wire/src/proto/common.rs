//! Envelopes, headers, identities and blocks (`common/common.proto`, `msp/identities.proto`).

use prost::Message;

messages! {
    /// A payload and its creator's signature.
    Envelope {
        #[prost(bytes = "vec", tag = "1")] payload: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature: Vec<u8>,
    }
    /// What an envelope's signature is over.
    Payload {
        #[prost(message, optional, tag = "1")] header: Option<Header>,
        #[prost(bytes = "vec", tag = "2")] data: Vec<u8>,
    }
    /// A [`ChannelHeader`] and a [`SignatureHeader`].
    Header {
        #[prost(bytes = "vec", tag = "1")] channel_header: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature_header: Vec<u8>,
    }
    /// What an envelope is for.
    ChannelHeader {
        #[prost(int32, tag = "1")] kind: i32,
        #[prost(int32, tag = "2")] version: i32,
        #[prost(message, optional, tag = "3")] timestamp: Option<prost_types::Timestamp>,
        #[prost(string, tag = "4")] channel_id: String,
        #[prost(string, tag = "5")] tx_id: String,
        #[prost(uint64, tag = "6")] epoch: u64,
        #[prost(bytes = "vec", tag = "7")] extension: Vec<u8>,
        #[prost(bytes = "vec", tag = "8")] tls_cert_hash: Vec<u8>,
    }
    /// Who made a message.
    SignatureHeader {
        #[prost(bytes = "vec", tag = "1")] creator: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] nonce: Vec<u8>,
    }
    /// Who made a message, as the number of a consenter.
    IdentifierHeader {
        #[prost(uint32, tag = "1")] identifier: u32,
        #[prost(bytes = "vec", tag = "2")] nonce: Vec<u8>,
    }
    /// An organisation's name and a certificate, PEM.
    SerializedIdentity {
        #[prost(string, tag = "1")] mspid: String,
        #[prost(bytes = "vec", tag = "2")] id_bytes: Vec<u8>,
    }
    Block {
        #[prost(message, optional, tag = "1")] header: Option<BlockHeader>,
        #[prost(message, optional, tag = "2")] data: Option<BlockData>,
        #[prost(message, optional, tag = "3")] metadata: Option<BlockMetadata>,
    }
    BlockHeader {
        #[prost(uint64, tag = "1")] number: u64,
        #[prost(bytes = "vec", tag = "2")] previous_hash: Vec<u8>,
        #[prost(bytes = "vec", tag = "3")] data_hash: Vec<u8>,
    }
    /// The envelopes of a block.
    BlockData {
        #[prost(bytes = "vec", repeated, tag = "1")] data: Vec<Vec<u8>>,
    }
    /// Orderers' signatures, verdicts and more, by place in the list.
    BlockMetadata {
        #[prost(bytes = "vec", repeated, tag = "1")] metadata: Vec<Vec<u8>>,
    }
    /// One entry of a block's metadata.
    Metadata {
        #[prost(bytes = "vec", tag = "1")] value: Vec<u8>,
        #[prost(message, repeated, tag = "2")] signatures: Vec<MetadataSignature>,
    }
    /// An orderer's signature. It is named by one of the two headers.
    MetadataSignature {
        #[prost(bytes = "vec", tag = "1")] signature_header: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")] signature: Vec<u8>,
        #[prost(bytes = "vec", tag = "3")] identifier_header: Vec<u8>,
    }
}
