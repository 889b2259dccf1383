//! The contract over a peer's ledger: what it asks the peer for, and the words of its refusals.

use crate::authority::Authority;
use crate::peer::{Peer, creator};
use crate::service::Service;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeMessage, GetStateByRange, PutState, QueryMetadata, QueryResponse,
    QueryResponseMetadata, QueryResultBytes, QueryStateClose,
};
use fabric_shim_protos::queryresult::Kv;
use medveil_contract::call::{Call, MAX_CALL_BYTES, Page, Query, Transaction};
use medveil_contract::model::{Entry, LineageEntry};
use medveil_contract::testing::fixture::{HOSPITAL, bootstrap, config, consortium};
use medveil_contract::testing::msp;
use medveil_contract::{Contract, ContractConfig, StateKey};
use medveil_shim::{Invoke, message_of};
use medveil_verifier_chaincode::{CONTRACT_DIGEST, Chaincode};
use prost::Message;

const NONCE: &str = "00112233445566778899aabbccddeeff";

fn chaincode() -> Chaincode {
    let config = ContractConfig {
        msp_id: msp(HOSPITAL),
        ..config(&consortium(NONCE))
    };
    Chaincode(Contract::new(config).unwrap())
}

/// A peer whose caller is a client or an administrator of the hospital.
async fn peer(service: &Service, role: &str) -> Peer {
    let mut peer = service.peer().await;
    peer.creator = creator(HOSPITAL, &Authority::new().issue(role).0);
    peer
}

async fn call(peer: &Peer, tx: &str, args: &[Vec<u8>]) {
    let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
    peer.call(tx, &args).await;
}

/// Answers reads of keys with what is under them, until something else is asked.
async fn answer(peer: &mut Peer, state: &[(StateKey, Vec<u8>)]) -> ChaincodeMessage {
    loop {
        let message = peer.next().await;
        if message.r#type() != Type::GetState {
            return message;
        }
        let asked = fabric_shim_protos::peer::GetState::decode(message.payload.as_slice()).unwrap();
        assert_eq!(asked.collection, "");
        let mut found = state.iter().filter(|(key, _)| key.as_str() == asked.key);
        let value = found.next().map(|(_, value)| value.clone());
        peer.reply(&message, Type::Response, value.unwrap_or_default())
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_peers_may_send_and_what_is_said_to_fabrics_tools() {
    let chaincode = chaincode();
    assert_eq!(chaincode.max_message(), message_of(MAX_CALL_BYTES));
    assert_eq!(
        chaincode.turns(),
        medveil_contract::contract::MAX_CONCURRENT
    );
    assert!(chaincode.needs_turn(b"PublishClaim") && !chaincode.needs_turn(b"GetDay"));
    let names: Vec<_> = chaincode.names().iter().copied().flatten().collect();
    assert_eq!(names.len(), Call::NAMES.len() + Query::NAMES.len());

    let service = Service::start(chaincode).await;
    let mut peer = peer(&service, "client").await;
    peer.call("m", &[b"org.hyperledger.fabric:GetMetadata"])
        .await;
    let metadata = String::from_utf8(peer.completed().await.1).unwrap();
    let begin = r#"{"contracts":{"medveil":{"contractInstance":{"default":true,"name":"medveil"},"name":"medveil","transactions":[{"name":"Bootstrap","tag":["submitTx"]},"#;
    assert!(metadata.starts_with(begin), "{metadata}");
    assert!(metadata.contains(r#"{"name":"GetDay","tag":["evaluateTx"]}"#));
    assert!(metadata.contains(&format!(r#""x-contract-digest":"{CONTRACT_DIGEST}""#)));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_the_contracts_words() {
    let service = Service::start(chaincode()).await;
    let mut peer = peer(&service, "client").await;
    call(&peer, "day", &Query::GetDay.to_args()).await;
    let error = answer(&mut peer, &[]).await;
    assert_eq!(
        (error.r#type(), error.payload.as_slice()),
        (
            Type::Error,
            b"not_found: consortium: expected Bootstrap to come first".as_slice()
        )
    );
    call(&peer, "err", &Query::GetDay.to_args()).await;
    let (asked, key) = peer.asked().await;
    assert_eq!(key, "consortium");
    peer.reply(&asked, Type::Error, b"no such channel".to_vec())
        .await;
    assert_eq!(
        peer.refused("err").await,
        "internal: ledger: store: no such channel"
    );
    // A certificate without a role is refused before anything runs.
    peer.creator = creator(HOSPITAL, &Authority::new().issue("auditor").0);
    call(&peer, "role", &Query::GetDay.to_args()).await;
    assert_eq!(
        peer.refused("role").await,
        "bad_input: proposal: identity: expected exactly one of the units admin, client, peer, orderer, got 0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_writes_to_the_peer_and_brings_its_event() {
    let service = Service::start(chaincode()).await;
    let mut peer = peer(&service, "admin").await;
    call(&peer, "b", &bootstrap().call().to_args()).await;
    let mut message = answer(&mut peer, &[]).await;
    let mut written = Vec::new();
    while message.r#type() == Type::PutState {
        let put = PutState::decode(message.payload.as_slice()).unwrap();
        written.push((put.collection, put.key));
        peer.reply(&message, Type::Response, Vec::new()).await;
        message = peer.next().await;
    }
    let public = |key: &str| (String::new(), key.to_owned());
    assert_eq!(
        written,
        ["day/current", "registry/head", "consortium"].map(public)
    );
    assert_eq!(message.r#type(), Type::Completed);
    let event = message.chaincode_event.unwrap();
    let (tx_id, name) = (event.tx_id.as_str(), event.event_name.as_str());
    assert_eq!((tx_id, name), ("b", "consortium.bootstrapped"));
    assert_eq!(event.chaincode_id, "medveil");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_a_page_of_the_peers_range() {
    let service = Service::start(chaincode()).await;
    let mut peer = peer(&service, "client").await;
    let state = [(StateKey::consortium(), consortium(NONCE).to_canonical())];
    let query = |bookmark: &str| Query::ListDatasets {
        bookmark: bookmark.to_owned(),
    };
    call(&peer, "l", &query("").to_args()).await;
    let asked = answer(&mut peer, &state).await;
    assert_eq!(asked.r#type(), Type::GetStateByRange);
    let range = GetStateByRange::decode(asked.payload.as_slice()).unwrap();
    let metadata = QueryMetadata::decode(range.metadata.as_slice()).unwrap();
    assert_eq!(
        (
            range.start_key.as_str(),
            range.end_key.as_str(),
            metadata.page_size
        ),
        ("dataset/lineage/", "dataset/lineage/\u{7f}", 100)
    );
    let entry = LineageEntry {
        lineage: medveil_circuits::ids::LineageId::new(medveil_circuits::field::Felt::from_u64(7)),
        holder: msp(HOSPITAL),
        name: "diabetes".to_owned(),
        nonce: [1; 16],
        versions: vec![],
    };
    let kv = Kv {
        key: StateKey::lineage(entry.lineage).to_string(),
        value: entry.to_entry_bytes(),
        ..Kv::default()
    };
    let page = QueryResponse {
        results: vec![QueryResultBytes {
            result_bytes: kv.encode_to_vec(),
        }],
        id: "q".into(),
        metadata: QueryResponseMetadata::default().encode_to_vec(),
        ..QueryResponse::default()
    };
    peer.reply(&asked, Type::Response, page.encode_to_vec())
        .await;
    let close = peer.next().await;
    assert_eq!(close.r#type(), Type::QueryStateClose);
    let closed = QueryStateClose::decode(close.payload.as_slice()).unwrap();
    assert_eq!(closed.id, "q");
    peer.reply(&close, Type::Response, Vec::new()).await;
    let answered: Page<LineageEntry> = serde_json::from_slice(&peer.completed().await.1).unwrap();
    assert_eq!(
        (answered.entries, answered.bookmark.as_str()),
        (vec![entry], "")
    );
    // A bookmark of another list goes nowhere near the peer's range.
    call(&peer, "f", &query("claim/").to_args()).await;
    let error = answer(&mut peer, &state).await;
    assert_eq!(
        String::from_utf8(error.payload).unwrap(),
        "bad_input: ledger: bookmark: expected one from an earlier page"
    );
}
