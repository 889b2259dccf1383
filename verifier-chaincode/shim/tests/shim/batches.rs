//! Reads and writes together, with peers that take them so and with peers that do not.

use super::*;
use fabric_shim_protos::peer::{
    ChaincodeAdditionalParams, GetStateMultiple, GetStateMultipleResult, PutState, WriteBatchState,
};
use prost::Message;

/// One that takes two writes, and three reads, together.
async fn taking_several(service: &Service) -> Peer {
    let said = ChaincodeAdditionalParams {
        use_write_batch: true,
        max_size_write_batch: 2,
        use_get_multiple_keys: true,
        max_size_get_multiple_keys: 3,
    };
    service.peer_that_says(said.encode_to_vec()).await
}

async fn batch(peer: &mut Peer) -> (ChaincodeMessage, Vec<String>) {
    let message = peer.next().await;
    assert_eq!(message.r#type(), Type::WriteBatchState);
    let batch = WriteBatchState::decode(message.payload.as_slice()).unwrap();
    let keys = batch.rec.into_iter().map(|record| {
        assert_eq!(record.value, b"v");
        record.key
    });
    (message, keys.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_says_nothing_gets_one_write_at_a_time() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    peer.call("t", &[b"put", b"a", b"b"]).await;
    for key in ["a", "b"] {
        let message = peer.next().await;
        assert_eq!(message.r#type(), Type::PutState);
        let put = PutState::decode(message.payload.as_slice()).unwrap();
        assert_eq!((put.key.as_str(), put.value.as_slice()), (key, &b"v"[..]));
        peer.reply(&message, Type::Response, Vec::new()).await;
    }
    assert_eq!(peer.completed().await.1, b"put");
    peer.call("u", &[b"all", b"a", b"b"]).await;
    for _ in 0..2 {
        let (message, _) = peer.asked().await;
        peer.reply(&message, Type::Response, Vec::new()).await;
    }
    assert_eq!(peer.completed().await.1, b"--");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_go_together_and_all_of_them_before_the_answer() {
    let service = Service::start(Reader).await;
    let mut peer = taking_several(&service).await;
    peer.call("t", &[b"put", b"a", b"b", b"c"]).await;
    for expected in [&["a", "b"][..], &["c"]] {
        let (message, keys) = batch(&mut peer).await;
        assert_eq!(keys, expected);
        peer.reply(&message, Type::Response, Vec::new()).await;
    }
    assert_eq!(peer.completed().await.1, b"put");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_is_a_refused_call() {
    let service = Service::start(Reader).await;
    let mut peer = taking_several(&service).await;
    peer.call("t", &[b"put", b"a"]).await;
    let (message, _) = batch(&mut peer).await;
    peer.reply(&message, Type::Error, b"no room".to_vec()).await;
    assert!(peer.refused("t").await.contains("ledger: no room"));
    peer.works("u").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_together_and_come_back_in_their_order() {
    let service = Service::start(Reader).await;
    let mut peer = taking_several(&service).await;
    peer.call("t", &[b"all", b"a", b"b", b"c", b"d"]).await;
    let message = peer.next().await;
    assert_eq!(message.r#type(), Type::GetStateMultiple);
    let asked = GetStateMultiple::decode(message.payload.as_slice()).unwrap();
    assert_eq!(asked.keys, ["a", "b", "c"]);
    let values = vec![b"1".to_vec(), Vec::new(), b"3".to_vec()];
    let found = GetStateMultipleResult { values }.encode_to_vec();
    peer.reply(&message, Type::Response, found).await;
    let (message, key) = peer.asked().await;
    assert_eq!(key, "d");
    peer.reply(&message, Type::Response, b"4".to_vec()).await;
    assert_eq!(peer.completed().await.1, b"1-34");
    // Another number of values says nothing of any.
    peer.call("u", &[b"all", b"a", b"b"]).await;
    let message = peer.next().await;
    let values = vec![b"1".to_vec()];
    let found = GetStateMultipleResult { values }.encode_to_vec();
    peer.reply(&message, Type::Response, found).await;
    let said = peer.refused("u").await;
    assert!(said.contains("expected 2 values, got 1"), "{said}");
}
