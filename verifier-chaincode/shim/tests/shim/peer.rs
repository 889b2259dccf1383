//! The peer's side, played by a test.

use super::authority::Authority;
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::msp::SerializedIdentity;
use fabric_shim_protos::peer::chaincode_client::ChaincodeClient;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeId, ChaincodeInput, ChaincodeInvocationSpec,
    ChaincodeMessage, ChaincodeProposalPayload, ChaincodeSpec, GetState, Proposal, Response,
    SignedProposal,
};
use prost::Message;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

pub const BOUND: Duration = Duration::from_secs(20);
/// What the service's clock says.
pub const NOW_MS: u64 = 1_800_000_000_000;

/// The peer's side of a stream.
pub struct Peer {
    out: mpsc::Sender<ChaincodeMessage>,
    pub incoming: Streaming<ChaincodeMessage>,
    pub creator: Vec<u8>,
}

impl Peer {
    pub async fn connect(channel: Channel) -> Result<Self, tonic::Status> {
        let (out, outgoing) = mpsc::channel(64);
        let limit = 100 << 20;
        let mut client = ChaincodeClient::new(channel)
            .max_decoding_message_size(limit)
            .max_encoding_message_size(limit);
        let incoming = client
            .connect(ReceiverStream::new(outgoing))
            .await?
            .into_inner();
        let certificate = Authority::new().issue("client").0;
        Ok(Peer {
            out,
            incoming,
            creator: creator("University", &certificate),
        })
    }

    pub async fn send(&self, message: ChaincodeMessage) {
        self.out.send(message).await.unwrap();
    }

    pub async fn next(&mut self) -> ChaincodeMessage {
        tokio::time::timeout(BOUND, self.incoming.message())
            .await
            .expect("an answer in time")
            .unwrap()
            .expect("a message")
    }

    pub fn transaction(&self, tx: &str, args: &[&[u8]]) -> ChaincodeMessage {
        self.transaction_at(tx, args, NOW_MS)
    }

    pub fn transaction_at(&self, tx: &str, args: &[&[u8]], at_ms: u64) -> ChaincodeMessage {
        let id = ChaincodeId {
            name: "medveil".into(),
            ..ChaincodeId::default()
        };
        let channel = ChannelHeader {
            channel_id: "c".into(),
            tx_id: tx.into(),
            timestamp: Some(prost_types::Timestamp {
                seconds: (at_ms / 1000) as i64,
                nanos: (at_ms % 1000 * 1_000_000) as i32,
            }),
            extension: ChaincodeHeaderExtension {
                chaincode_id: Some(id),
            }
            .encode_to_vec(),
            ..ChannelHeader::default()
        };
        let signature = SignatureHeader {
            creator: self.creator.clone(),
            nonce: vec![1; 24],
        };
        let header = Header {
            channel_header: channel.encode_to_vec(),
            signature_header: signature.encode_to_vec(),
        };
        let input = ChaincodeInput {
            args: args.iter().map(|a| a.to_vec()).collect(),
            ..ChaincodeInput::default()
        };
        // As real ones: the arguments stand in the signed proposal too.
        let spec = ChaincodeSpec {
            input: Some(input.clone()),
            ..ChaincodeSpec::default()
        };
        let spec = ChaincodeInvocationSpec {
            chaincode_spec: Some(spec),
        };
        let payload = ChaincodeProposalPayload {
            input: spec.encode_to_vec(),
            ..ChaincodeProposalPayload::default()
        }
        .encode_to_vec();
        let proposal = Proposal {
            header: header.encode_to_vec(),
            payload,
            extension: Vec::new(),
        };
        ChaincodeMessage {
            r#type: Type::Transaction.into(),
            payload: input.encode_to_vec(),
            txid: tx.into(),
            channel_id: "c".into(),
            proposal: Some(SignedProposal {
                proposal_bytes: proposal.encode_to_vec(),
                signature: Vec::new(),
            }),
            ..ChaincodeMessage::default()
        }
    }

    pub async fn call(&self, tx: &str, args: &[&[u8]]) {
        self.send(self.transaction(tx, args)).await;
    }

    /// Replies to a request of the contract.
    pub async fn reply(&self, to: &ChaincodeMessage, kind: Type, payload: Vec<u8>) {
        let (txid, channel_id) = (to.txid.clone(), to.channel_id.clone());
        self.send(ChaincodeMessage {
            r#type: kind.into(),
            payload,
            txid,
            channel_id,
            ..ChaincodeMessage::default()
        })
        .await;
    }

    /// The contract's request for a key.
    pub async fn asked(&mut self) -> (ChaincodeMessage, String) {
        let message = self.next().await;
        assert_eq!(
            message.r#type(),
            Type::GetState,
            "{}",
            String::from_utf8_lossy(&message.payload)
        );
        let key = GetState::decode(message.payload.as_slice()).unwrap().key;
        (message, key)
    }

    /// The contract's requests for keys, of so many transactions.
    pub async fn asked_by(&mut self, n: usize) -> Vec<ChaincodeMessage> {
        let mut asked = Vec::new();
        while asked.len() < n {
            asked.push(self.asked().await.0);
        }
        asked
    }

    pub async fn refused(&mut self, tx: &str) -> String {
        let message = self.next().await;
        assert_eq!((message.r#type(), message.txid.as_str()), (Type::Error, tx));
        String::from_utf8(message.payload).unwrap()
    }

    pub async fn completed(&mut self) -> (String, Vec<u8>) {
        let message = self.next().await;
        assert_eq!(
            message.r#type(),
            Type::Completed,
            "{}",
            String::from_utf8_lossy(&message.payload)
        );
        let response = Response::decode(message.payload.as_slice()).unwrap();
        assert_eq!(response.status, 200);
        (message.txid, response.payload)
    }

    /// One whole transaction: the stream still works.
    pub async fn works(&mut self, tx: &str) {
        self.call(tx, &[b"get", b"key"]).await;
        let (asked, _) = self.asked().await;
        self.reply(&asked, Type::Response, b"value".to_vec()).await;
        assert_eq!(self.completed().await, (tx.to_owned(), b"value".to_vec()));
    }
}

/// A caller, as Fabric serialises it.
pub fn creator(msp_id: &str, certificate: &str) -> Vec<u8> {
    SerializedIdentity {
        mspid: msp_id.to_owned(),
        id_bytes: certificate.as_bytes().to_vec(),
    }
    .encode_to_vec()
}
