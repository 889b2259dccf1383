//! The chaincode service against a peer that the test plays: what others' shims got wrong, each once.
#![cfg(feature = "shim")]
#![allow(clippy::unwrap_used)]

mod operations;

use collections_config::MspId;
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::peer::chaincode_client::ChaincodeClient;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeId, ChaincodeInput, ChaincodeMessage, ChaincodeProposalPayload, GetState, Proposal, Response,
    SignedProposal,
};
use prost::Message;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use verifier_chaincode::identity::to_creator;
use verifier_chaincode::shim::{Invoke, LogHandle, PeerLedger, Serving, ShimError, TIME_WINDOW_MS, Tls, serve};
use verifier_chaincode::{Code, ContractError, Ledger, StateKey};

const BOUND: Duration = Duration::from_secs(20);
/// What the service's clock says.
const NOW_MS: u64 = 1_800_000_000_000;

/// Answers with the value of the key that its second argument names; `panic` panics, `slow` takes a while.
struct Reader;

impl Invoke for Reader {
    async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
        let text = |i: usize| args.get(i).and_then(|a| std::str::from_utf8(a).ok()).unwrap_or_default();
        match text(0) {
            "panic" => panic!("a fault of the contract"),
            "slow" => std::thread::sleep(Duration::from_millis(700)),
            "get" => {}
            _ => return Err(ContractError::new(Code::BadInput, "arguments", "expected get, slow or panic")),
        }
        let key = StateKey::parse(text(1)).map_err(|e| ContractError::new(Code::BadInput, "key", e))?;
        Ok(ledger.get(&key).await?.unwrap_or_default())
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["get", "slow", "panic"]]
    }

    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    fn issue(&self, role: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "somebody");
        params.distinguished_name.push(DnType::OrganizationalUnitName, role);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn pem(&self) -> String {
        self.issuer.pem()
    }
}

/// A service that runs, and what its peers need.
struct Service {
    authority: Authority,
    address: SocketAddr,
    operations: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), ShimError>>,
}

impl Service {
    async fn start() -> Self {
        Self::start_with(None).await
    }

    async fn start_with(log: Option<LogHandle>) -> Self {
        let authority = Authority::new();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (certificate, key) = authority.issue("peer");
        let tls = Tls { certificate: certificate.into(), key: key.into(), client_authority: authority.pem().into() };
        let operations = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
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
        let ended = tokio::spawn(serve(serving, Arc::new(Reader), async move {
            let _ = stopped.await;
        }));
        let service = Service { authority, address, operations, stop: Some(stop), ended };
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        service
    }

    async fn connect(&self, tls: ClientTlsConfig) -> Result<Channel, tonic::transport::Error> {
        let tls = tls.ca_certificate(Certificate::from_pem(self.authority.pem())).domain_name("localhost");
        Endpoint::from_shared(format!("https://{}", self.address)).unwrap().tls_config(tls).unwrap().connect().await
    }

    async fn peer(&self) -> Peer {
        let (certificate, key) = self.authority.issue("peer");
        let channel = self.connect(ClientTlsConfig::new().identity(Identity::from_pem(certificate, key))).await.unwrap();
        let mut peer = Peer::connect(channel).await.unwrap();
        let register = peer.next().await;
        assert_eq!(register.r#type(), Type::Register);
        assert_eq!(ChaincodeId::decode(register.payload.as_slice()).unwrap().name, "label:hash");
        for kind in [Type::Registered, Type::Ready] {
            peer.send(ChaincodeMessage { r#type: kind.into(), ..ChaincodeMessage::default() }).await;
        }
        peer
    }
}

/// The peer's side of a stream.
struct Peer {
    out: mpsc::Sender<ChaincodeMessage>,
    incoming: Streaming<ChaincodeMessage>,
    creator: Vec<u8>,
}

impl Peer {
    async fn connect(channel: Channel) -> Result<Self, tonic::Status> {
        let (out, outgoing) = mpsc::channel(64);
        let limit = 100 << 20;
        let mut client = ChaincodeClient::new(channel).max_decoding_message_size(limit).max_encoding_message_size(limit);
        let incoming = client.connect(ReceiverStream::new(outgoing)).await?.into_inner();
        let (certificate, _) = Authority::new().issue("client");
        Ok(Peer { out, incoming, creator: to_creator(&MspId::new("University").unwrap(), certificate.as_bytes()) })
    }

    async fn send(&self, message: ChaincodeMessage) {
        self.out.send(message).await.unwrap();
    }

    async fn next(&mut self) -> ChaincodeMessage {
        tokio::time::timeout(BOUND, self.incoming.message()).await.expect("an answer in time").unwrap().expect("a message")
    }

    fn transaction(&self, tx: &str, args: &[&[u8]]) -> ChaincodeMessage {
        self.transaction_at(tx, args, NOW_MS)
    }

    fn transaction_at(&self, tx: &str, args: &[&[u8]], at_ms: u64) -> ChaincodeMessage {
        let id = ChaincodeId { name: "medveil".into(), ..ChaincodeId::default() };
        let channel = ChannelHeader {
            channel_id: "c".into(),
            tx_id: tx.into(),
            timestamp: Some(prost_types::Timestamp { seconds: (at_ms / 1000) as i64, nanos: (at_ms % 1000 * 1_000_000) as i32 }),
            extension: ChaincodeHeaderExtension { chaincode_id: Some(id) }.encode_to_vec(),
            ..ChannelHeader::default()
        };
        let signature = SignatureHeader { creator: self.creator.clone(), nonce: vec![1; 24] };
        let header = Header { channel_header: channel.encode_to_vec(), signature_header: signature.encode_to_vec() };
        let payload = ChaincodeProposalPayload::default().encode_to_vec();
        let proposal = Proposal { header: header.encode_to_vec(), payload, extension: Vec::new() };
        let input = ChaincodeInput { args: args.iter().map(|a| a.to_vec()).collect(), ..ChaincodeInput::default() };
        ChaincodeMessage {
            r#type: Type::Transaction.into(),
            payload: input.encode_to_vec(),
            txid: tx.into(),
            channel_id: "c".into(),
            proposal: Some(SignedProposal { proposal_bytes: proposal.encode_to_vec(), signature: Vec::new() }),
            ..ChaincodeMessage::default()
        }
    }

    async fn call(&self, tx: &str, args: &[&[u8]]) {
        self.send(self.transaction(tx, args)).await;
    }

    /// Replies to a request of the contract.
    async fn reply(&self, to: &ChaincodeMessage, kind: Type, payload: Vec<u8>) {
        let (txid, channel_id) = (to.txid.clone(), to.channel_id.clone());
        self.send(ChaincodeMessage { r#type: kind.into(), payload, txid, channel_id, ..ChaincodeMessage::default() }).await;
    }

    /// The contract's request for a key.
    async fn asked(&mut self) -> (ChaincodeMessage, String) {
        let message = self.next().await;
        assert_eq!(message.r#type(), Type::GetState, "{}", String::from_utf8_lossy(&message.payload));
        let key = GetState::decode(message.payload.as_slice()).unwrap().key;
        (message, key)
    }

    async fn refused(&mut self, tx: &str) -> String {
        let message = self.next().await;
        assert_eq!((message.r#type(), message.txid.as_str()), (Type::Error, tx));
        String::from_utf8(message.payload).unwrap()
    }

    async fn completed(&mut self) -> (String, Vec<u8>) {
        let message = self.next().await;
        assert_eq!(message.r#type(), Type::Completed, "{}", String::from_utf8_lossy(&message.payload));
        let response = Response::decode(message.payload.as_slice()).unwrap();
        assert_eq!(response.status, 200);
        (message.txid, response.payload)
    }

    /// One whole transaction: the stream still works.
    async fn works(&mut self, tx: &str) {
        self.call(tx, &[b"get", b"key"]).await;
        let (asked, _) = self.asked().await;
        self.reply(&asked, Type::Response, b"value".to_vec()).await;
        assert_eq!(self.completed().await, (tx.to_owned(), b"value".to_vec()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_peer_is_a_refusal_and_hangs_nothing() {
    let service = Service::start().await;
    let mut peer = service.peer().await;
    peer.call("t1", &[b"get", b"key"]).await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Error, b"no such collection".to_vec()).await;
    let text = peer.refused("t1").await;
    assert!(text.contains("no such collection"), "{text}");
    peer.works("t2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_transactions_get_their_own_replies() {
    let service = Service::start().await;
    let mut peer = service.peer().await;
    let n = 40;
    for i in 0..n {
        peer.call(&format!("t{i}"), &[b"get", format!("k{i}").as_bytes()]).await;
    }
    let mut asked = Vec::new();
    for _ in 0..n {
        asked.push(peer.asked().await);
    }
    for (message, key) in asked.iter().rev() {
        peer.reply(message, Type::Response, format!("value of {key}").into_bytes()).await;
    }
    for _ in 0..n {
        let (tx, value) = peer.completed().await;
        assert_eq!(String::from_utf8(value).unwrap(), format!("value of k{}", &tx[1..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_replies_pass_and_strange_input_is_refused_without_ending_the_stream() {
    let service = Service::start().await;
    let mut peer = service.peer().await;
    peer.call("large", &[b"get", b"key"]).await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Response, vec![7; 9 << 20]).await;
    assert_eq!(peer.completed().await.1.len(), 9 << 20);

    for args in [&[][..], &[b"".as_slice()], &[&[0xff, 0xfe, 0x00]], &[b"get", &[0xff]]] {
        peer.call("strange", args).await;
        peer.refused("strange").await;
    }
    let whole = peer.transaction("t", &[b"get", b"key"]);
    for broken in [
        ChaincodeMessage { payload: vec![0xff; 5], ..whole.clone() },
        ChaincodeMessage { proposal: None, ..whole.clone() },
        ChaincodeMessage { txid: "other".into(), ..whole.clone() },
        ChaincodeMessage { channel_id: "other".into(), ..whole.clone() },
        ChaincodeMessage { proposal: Some(SignedProposal { proposal_bytes: vec![0xff; 9], signature: Vec::new() }), ..whole.clone() },
        ChaincodeMessage { r#type: Type::Init.into(), ..whole.clone() },
    ] {
        let tx = broken.txid.clone();
        peer.send(broken).await;
        peer.refused(&tx).await;
    }
    peer.call("fault", &[b"panic"]).await;
    assert!(peer.refused("fault").await.starts_with("internal: contract"));
    // A reply that nobody waits for, and a message of an unknown type.
    peer.reply(&whole, Type::Response, Vec::new()).await;
    peer.send(ChaincodeMessage { r#type: 99, ..whole.clone() }).await;
    peer.send(ChaincodeMessage { r#type: Type::Keepalive.into(), ..ChaincodeMessage::default() }).await;
    assert_eq!(peer.next().await.r#type(), Type::Keepalive);
    peer.works("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_certificate_of_the_authority_gets_in() {
    let service = Service::start().await;
    let (certificate, key) = Authority::new().issue("peer");
    let strangers = [ClientTlsConfig::new(), ClientTlsConfig::new().identity(Identity::from_pem(certificate, key))];
    for tls in strangers {
        // The handshake may end only after the first bytes.
        let got_in = match service.connect(tls).await {
            Err(_) => false,
            Ok(channel) => match Peer::connect(channel).await {
                Err(_) => false,
                Ok(mut peer) => matches!(peer.incoming.message().await, Ok(Some(_))),
            },
        };
        assert!(!got_in);
    }
    let plain = Endpoint::from_shared(format!("http://{}", service.address)).unwrap().connect().await;
    if let Ok(channel) = plain {
        assert!(Peer::connect(channel).await.is_err());
    }
    service.peer().await.works("t").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_asked_to_end_finishes_what_runs_and_ends_while_a_peer_stays() {
    let mut service = Service::start().await;
    let mut peer = service.peer().await;
    let idle = service.peer().await;
    peer.call("running", &[b"slow", b"key"]).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    let begun = Instant::now();
    service.stop.take().unwrap().send(()).unwrap();
    let (asked, _) = peer.asked().await;
    peer.call("late", &[b"get", b"key"]).await;
    assert!(peer.refused("late").await.starts_with("busy"));
    peer.reply(&asked, Type::Response, b"value".to_vec()).await;
    assert_eq!(peer.completed().await.0, "running");
    tokio::time::timeout(BOUND, service.ended).await.expect("it ends in time").unwrap().unwrap();
    assert!(begun.elapsed() < BOUND);
    drop((peer, idle));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_a_peer_dies() {
    let service = Service::start().await;
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for round in 0..3 {
        let mut peer = service.peer().await;
        for i in 0..5 {
            peer.call(&format!("r{round}t{i}"), &[b"get", b"key"]).await;
            peer.asked().await;
        }
    }
    let begun = Instant::now();
    while alive() > before {
        assert!(begun.elapsed() < BOUND, "{} tasks before, {} now", before, alive());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    service.peer().await.works("t").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_proposal_whose_time_is_far_from_the_clock_is_refused() {
    let service = Service::start().await;
    let mut peer = service.peer().await;
    let get: [&[u8]; 2] = [b"get", b"key"];
    for at_ms in [NOW_MS - TIME_WINDOW_MS - 60_000, NOW_MS + TIME_WINDOW_MS + 60_000, 0] {
        peer.send(peer.transaction_at("far", &get, at_ms)).await;
        let text = peer.refused("far").await;
        assert!(text.contains("within 15 minutes"), "{text}");
    }
    for at_ms in [NOW_MS - TIME_WINDOW_MS + 60_000, NOW_MS + TIME_WINDOW_MS - 60_000] {
        peer.send(peer.transaction_at("near", &get, at_ms)).await;
        let (asked, _) = peer.asked().await;
        peer.reply(&asked, Type::Response, b"value".to_vec()).await;
        assert_eq!(peer.completed().await.1, b"value");
    }
}
