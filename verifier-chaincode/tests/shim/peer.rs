//! The peer's side, and a contract that reads keys.

use collections_config::MspId;
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::peer::chaincode_client::ChaincodeClient;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeId, ChaincodeInput, ChaincodeInvocationSpec,
    ChaincodeMessage, ChaincodeProposalPayload, ChaincodeSpec, GetState, Proposal, Response,
    SignedProposal,
};
use prost::Message;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use verifier_chaincode::identity::to_creator;
use verifier_chaincode::shim::{
    Invoke, LogHandle, MAX_CALL_MESSAGE, PeerLedger, Serving, ShimError, Space, Tls, bind,
};
use verifier_chaincode::{Code, ContractError, Ledger, StateKey};

pub const BOUND: Duration = Duration::from_secs(20);
/// What the service's clock says.
pub const NOW_MS: u64 = 1_800_000_000_000;

/// Calls that verify at this moment, and the most that ever did.
pub static VERIFYING: (AtomicUsize, AtomicUsize) = (AtomicUsize::new(0), AtomicUsize::new(0));

/// Answers with the value of the key that its second argument names; `panic` panics, `slow` takes a
/// while, `verify` takes a turn, `hold` reads in its turn, `twice` reads two times; `range` reads a
/// page of all keys, `endorsers` asks that nobody endorses a key.
pub struct Reader;

impl Invoke for Reader {
    async fn invoke(
        &self,
        ledger: &mut PeerLedger,
        args: &[Vec<u8>],
    ) -> Result<Vec<u8>, ContractError> {
        let text = |i: usize| {
            args.get(i)
                .and_then(|a| std::str::from_utf8(a).ok())
                .unwrap_or_default()
        };
        match text(0) {
            "panic" => panic!("a fault of the contract"),
            "twice" => {}
            "slow" => std::thread::sleep(Duration::from_millis(700)),
            "get" | "hold" => {}
            "range" => {
                return Ok(ledger
                    .range(Space::PUBLIC, "", "", 10, "")
                    .await?
                    .1
                    .into_bytes());
            }
            "endorsers" => {
                return Ok(ledger
                    .set_endorsers(Space::PUBLIC, text(1), &[])
                    .await
                    .map(|()| Vec::new())?);
            }
            "verify" => {
                let now = VERIFYING.0.fetch_add(1, Ordering::SeqCst) + 1;
                VERIFYING.1.fetch_max(now, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                VERIFYING.0.fetch_sub(1, Ordering::SeqCst);
                return Ok(Vec::new());
            }
            _ => {
                return Err(ContractError::new(
                    Code::BadInput,
                    "arguments",
                    "expected get, slow or panic",
                ));
            }
        }
        let key =
            StateKey::parse(text(1)).map_err(|e| ContractError::new(Code::BadInput, "key", e))?;
        if text(0) == "twice" {
            ledger.get(&key).await?;
        }
        Ok(ledger.get(&key).await?.unwrap_or_default())
    }

    fn verifies(&self, name: &[u8]) -> bool {
        name == b"verify" || name == b"hold"
    }

    fn max_message(&self) -> usize {
        MAX_CALL_MESSAGE
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["get", "slow", "panic", "verify"]]
    }

    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(),
        }
    }

    pub fn issue(&self, role: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "somebody");
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, role);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub fn pem(&self) -> String {
        self.issuer.pem()
    }
}

/// A service that runs, and what its peers need.
pub struct Service {
    pub authority: Authority,
    pub address: SocketAddr,
    pub operations: SocketAddr,
    pub stop: Option<oneshot::Sender<()>>,
    pub ended: JoinHandle<Result<(), ShimError>>,
}

impl Service {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    pub async fn start_with(log: Option<LogHandle>) -> Self {
        let authority = Authority::new();
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let (certificate, key) = authority.issue("peer");
        let tls = Tls {
            certificate: certificate.into(),
            key: key.into(),
            client_authority: authority.pem().into(),
        };
        let operations = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let serving = Serving {
            address,
            package_id: "label:hash".into(),
            msp_id: MspId::new("HospitalA").unwrap(),
            tls,
            now_ms: Some(|| NOW_MS),
            micros: || 0,
            operations: Some(operations),
            log,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let bound = bind(serving, Arc::new(Reader)).await.unwrap();
        let ended = tokio::spawn(bound.serve(async move {
            let _ = stopped.await;
        }));
        Service {
            authority,
            address,
            operations,
            stop: Some(stop),
            ended,
        }
    }

    pub async fn connect(&self, tls: ClientTlsConfig) -> Result<Channel, tonic::transport::Error> {
        let tls = tls
            .ca_certificate(Certificate::from_pem(self.authority.pem()))
            .domain_name("localhost");
        Endpoint::from_shared(format!("https://{}", self.address))
            .unwrap()
            .tls_config(tls)
            .unwrap()
            .connect()
            .await
    }

    pub async fn peer(&self) -> Peer {
        let (certificate, key) = self.authority.issue("peer");
        let channel = self
            .connect(ClientTlsConfig::new().identity(Identity::from_pem(certificate, key)))
            .await
            .unwrap();
        let mut peer = Peer::connect(channel).await.unwrap();
        let register = peer.next().await;
        assert_eq!(register.r#type(), Type::Register);
        assert_eq!(
            ChaincodeId::decode(register.payload.as_slice())
                .unwrap()
                .name,
            "label:hash"
        );
        for kind in [Type::Registered, Type::Ready] {
            peer.send(ChaincodeMessage {
                r#type: kind.into(),
                ..ChaincodeMessage::default()
            })
            .await;
        }
        peer
    }
}

/// The peer's side of a stream.
pub struct Peer {
    out: mpsc::Sender<ChaincodeMessage>,
    pub incoming: Streaming<ChaincodeMessage>,
    creator: Vec<u8>,
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
        let (certificate, _) = Authority::new().issue("client");
        Ok(Peer {
            out,
            incoming,
            creator: to_creator(&MspId::new("University").unwrap(), certificate.as_bytes()),
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
