//! Bounds: what one caller sends, what waits, and what runs twice.

use super::*;
use fabric_shim_protos::peer::{GetStateByRange, QueryResponse, QueryResponseMetadata};
use medveil_shim::{MAX_ARGUMENTS, MAX_RUNNING, MAX_WAITING_BYTES, message_of};
use prost::Message;

/// What a call of this size takes on the wire: arguments come twice.
fn argument(message: usize) -> Vec<u8> {
    vec![7; message / 2]
}

/// Answers whatever is asked until so many calls have completed.
async fn answer_until(peer: &mut Peer, n: usize) {
    let mut completed = 0;
    while completed < n {
        let message = peer.next().await;
        if message.r#type() == Type::GetState {
            peer.reply(&message, Type::Response, b"value".to_vec())
                .await;
        } else {
            assert_eq!(
                message.r#type(),
                Type::Completed,
                "{}",
                String::from_utf8_lossy(&message.payload)
            );
            completed += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_message_over_the_contracts_bound_is_refused_and_the_stream_lives() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    for size in [message_of(MAX_CALL), 60 << 20] {
        peer.call("large", &[b"get", b"key", &argument(size)]).await;
        let text = peer.refused("large").await;
        assert!(
            text.starts_with("too_large: arguments: expected a message"),
            "{text}"
        );
    }
    // The largest legal one still fits.
    peer.call("legal", &[b"get", b"key", &vec![7; MAX_CALL - 6]])
        .await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Response, b"value".to_vec()).await;
    assert_eq!(peer.completed().await.1, b"value");
    peer.works("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f_arguments_that_are_many_are_refused_before_they_are_decoded() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    for n in [MAX_ARGUMENTS + 1, 1 << 20] {
        let args = [&[b"get".as_slice(), b"key"], &vec![b"".as_slice(); n][..]].concat();
        peer.call("many", &args).await;
        let text = peer.refused("many").await;
        assert!(
            text.starts_with("bad_input: proposal: expected few"),
            "{text}"
        );
    }
    peer.works("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_that_wait_for_their_turn_stop_no_reading_and_none_is_lost() {
    let service = Service::start(Reader).await;
    // Together more than there are threads for.
    let (each, mut peers) = (MAX_RUNNING - 1, Vec::new());
    for _ in 0..3 {
        peers.push(service.peer().await);
    }
    // Who comes first takes every turn.
    for i in 0..each {
        peers[0].call(&format!("h{i}"), &[b"hold", b"key"]).await;
    }
    let held = peers[0].asked_by(TURNS).await;
    for peer in &peers[1..] {
        for i in 0..each {
            peer.call(&format!("h{i}"), &[b"hold", b"key"]).await;
        }
    }
    for peer in &mut peers {
        peer.works("read").await;
    }
    for asked in held {
        peers[0]
            .reply(&asked, Type::Response, b"value".to_vec())
            .await;
    }
    // Side by side, because they take their turns mixed.
    let answered = peers
        .into_iter()
        .map(|mut peer| tokio::spawn(async move { answer_until(&mut peer, each).await }));
    for peer in answered.collect::<Vec<_>>() {
        peer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f_bytes_that_wait_have_a_bound_and_small_calls_pass_it() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    for i in 0..TURNS {
        peer.call(&format!("h{i}"), &[b"hold", b"key"]).await;
    }
    let held = peer.asked_by(TURNS).await;
    let (size, large) = (12 << 20, argument(12 << 20));
    let fit = MAX_WAITING_BYTES / size;
    for i in 0..fit {
        peer.call(&format!("w{i}"), &[b"hold", b"key", &large])
            .await;
    }
    peer.call("over", &[b"hold", b"key", &large]).await;
    let text = peer.refused("over").await;
    assert!(text.starts_with("busy: admission"), "{text}");
    peer.works("read").await;
    for asked in &held {
        peer.reply(asked, Type::Response, b"value".to_vec()).await;
    }
    answer_until(&mut peer, TURNS + fit).await;
    // There is room again.
    peer.call("again", &[b"hold", b"key", &large]).await;
    let (message, _) = peer.asked().await;
    peer.reply(&message, Type::Response, b"value".to_vec())
        .await;
    assert_eq!(peer.completed().await.0, "again");
}

#[tokio::test(flavor = "multi_thread")]
async fn f_the_same_transaction_twice_at_once_is_refused_and_the_first_run_is_silent_from_then_on()
{
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    peer.call("t", &[b"twice", b"key"]).await;
    let (first, _) = peer.asked().await;
    for _ in 0..2 {
        peer.call("t", &[b"twice", b"key"]).await;
        let text = peer.refused("t").await;
        assert!(
            text.starts_with("busy: admission: this transaction"),
            "{text}"
        );
    }
    // The first run gets its reply, and neither asks again nor answers: nothing comes between this
    // read and its answer.
    peer.reply(&first, Type::Response, b"of the first".to_vec())
        .await;
    peer.works("other").await;
    let begun = Instant::now();
    // Once the first run has ended, the id is free.
    let asked = loop {
        peer.call("t", &[b"get", b"key"]).await;
        let message = peer.next().await;
        if message.r#type() == Type::GetState {
            break message;
        }
        assert!(message.r#type() == Type::Error && begun.elapsed() < BOUND);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    peer.reply(&asked, Type::Response, b"of the last".to_vec())
        .await;
    assert_eq!(
        peer.completed().await,
        ("t".to_owned(), b"of the last".to_vec())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_wait_when_the_process_is_asked_to_end_are_refused_and_those_that_run_finish() {
    let mut service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    for i in 0..TURNS {
        peer.call(&format!("h{i}"), &[b"hold", b"key"]).await;
    }
    let held = peer.asked_by(TURNS).await;
    let waiting = BTreeSet::from(["w0", "w1", "w2"].map(str::to_owned));
    for tx in &waiting {
        peer.call(tx, &[b"hold", b"key"]).await;
    }
    // They have been taken in: what comes after them is served.
    peer.works("read").await;
    service.stop.take().unwrap().send(()).unwrap();
    let mut refused = BTreeSet::new();
    while refused.len() < waiting.len() {
        let message = peer.next().await;
        assert_eq!(
            (message.r#type(), message.payload.as_slice()),
            (Type::Error, b"busy: process: it is ending".as_slice())
        );
        refused.insert(message.txid);
    }
    assert_eq!(refused, waiting);
    for asked in &held {
        peer.reply(asked, Type::Response, b"value".to_vec()).await;
    }
    for _ in &held {
        peer.completed().await;
    }
    tokio::time::timeout(BOUND, service.ended)
        .await
        .expect("it ends in time")
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_key_that_nobody_endorses_is_refused_and_a_range_without_a_start_leaves_out_composite_keys()
 {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    peer.call("e", &[b"endorsers", b"key"]).await;
    assert_eq!(
        peer.refused("e").await,
        "bad_input: ledger: endorsers: expected at least one organisation"
    );
    peer.call("r", &[b"range"]).await;
    let asked = peer.next().await;
    assert_eq!(asked.r#type(), Type::GetStateByRange);
    let range = GetStateByRange::decode(asked.payload.as_slice()).unwrap();
    assert_eq!(
        (range.start_key.as_str(), range.end_key.as_str()),
        ("\u{1}", "")
    );
    let metadata = QueryResponseMetadata::default().encode_to_vec();
    peer.reply(
        &asked,
        Type::Response,
        QueryResponse {
            id: "1".into(),
            metadata,
            ..QueryResponse::default()
        }
        .encode_to_vec(),
    )
    .await;
    let close = peer.next().await;
    assert_eq!(close.r#type(), Type::QueryStateClose);
    peer.reply(&close, Type::Response, Vec::new()).await;
    peer.completed().await;
}
