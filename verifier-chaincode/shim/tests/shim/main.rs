//! The chaincode service against a peer that the test plays: what others' shims got wrong, each
//! once.
#![allow(clippy::unwrap_used)]

mod authority;
mod batches;
mod connections;
mod limits;
mod operations;
mod peer;
mod reader;
mod replies;
mod service;
mod silent;
mod undecoded;

use authority::Authority;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeMessage, SignedProposal};
use medveil_shim::TIME_WINDOW_MS;
use peer::{BOUND, NOW_MS, Peer};
use reader::{MAX_CALL, Reader, TURNS, VERIFYING};
use service::Service;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tonic::transport::{ClientTlsConfig, Endpoint, Identity};

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_peer_is_a_refusal_and_hangs_nothing() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    peer.call("t1", &[b"get", b"key"]).await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Error, b"no such collection".to_vec())
        .await;
    let text = peer.refused("t1").await;
    assert!(text.contains("no such collection"), "{text}");
    peer.works("t2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_transactions_get_their_own_replies() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    let n = 40;
    for i in 0..n {
        peer.call(&format!("t{i}"), &[b"get", format!("k{i}").as_bytes()])
            .await;
    }
    let mut asked = Vec::new();
    for _ in 0..n {
        asked.push(peer.asked().await);
    }
    for (message, key) in asked.iter().rev() {
        peer.reply(
            message,
            Type::Response,
            format!("value of {key}").into_bytes(),
        )
        .await;
    }
    for _ in 0..n {
        let (tx, value) = peer.completed().await;
        assert_eq!(
            String::from_utf8(value).unwrap(),
            format!("value of k{}", &tx[1..])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_verify_take_turns_and_none_is_turned_away() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    let n = 3 * TURNS;
    for i in 0..n {
        peer.call(&format!("v{i}"), &[b"verify"]).await;
    }
    // What only reads does not wait for them.
    peer.call("read", &[b"get", b"key"]).await;
    let mut ended = BTreeSet::new();
    while ended.len() < n + 1 {
        let message = peer.next().await;
        match message.r#type() {
            Type::GetState => {
                assert!(ended.len() < n, "reading waited for all that verify");
                peer.reply(&message, Type::Response, b"value".to_vec())
                    .await;
            }
            kind => {
                assert_eq!(
                    kind,
                    Type::Completed,
                    "{}",
                    String::from_utf8_lossy(&message.payload)
                );
                assert!(ended.insert(message.txid));
            }
        }
    }
    let most = VERIFYING.1.load(Ordering::SeqCst);
    assert!(most > 1 && most <= TURNS, "{most} at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_replies_pass_and_strange_input_is_refused_without_ending_the_stream() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    peer.call("large", &[b"get", b"key"]).await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Response, vec![7; 9 << 20]).await;
    assert_eq!(peer.completed().await.1.len(), 9 << 20);

    for args in [
        &[][..],
        &[b"".as_slice()],
        &[&[0xff, 0xfe, 0x00]],
        &[b"get", &[0xff]],
    ] {
        peer.call("strange", args).await;
        peer.refused("strange").await;
    }
    let whole = peer.transaction("t", &[b"get", b"key"]);
    for broken in [
        ChaincodeMessage {
            payload: vec![0xff; 5],
            ..whole.clone()
        },
        ChaincodeMessage {
            proposal: None,
            ..whole.clone()
        },
        ChaincodeMessage {
            txid: "other".into(),
            ..whole.clone()
        },
        ChaincodeMessage {
            channel_id: "other".into(),
            ..whole.clone()
        },
        ChaincodeMessage {
            proposal: Some(SignedProposal {
                proposal_bytes: vec![0xff; 9],
                signature: Vec::new(),
            }),
            ..whole.clone()
        },
        ChaincodeMessage {
            r#type: Type::Init.into(),
            ..whole.clone()
        },
    ] {
        let tx = broken.txid.clone();
        peer.send(broken).await;
        peer.refused(&tx).await;
    }
    peer.call("fault", &[b"panic"]).await;
    assert!(peer.refused("fault").await.starts_with("internal: call"));
    // A reply that nobody waits for, and a message of an unknown type.
    peer.reply(&whole, Type::Response, Vec::new()).await;
    peer.send(ChaincodeMessage {
        r#type: 99,
        ..whole.clone()
    })
    .await;
    peer.send(ChaincodeMessage {
        r#type: Type::Keepalive.into(),
        ..ChaincodeMessage::default()
    })
    .await;
    assert_eq!(peer.next().await.r#type(), Type::Keepalive);
    peer.works("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_certificate_of_the_authority_gets_in() {
    let service = Service::start(Reader).await;
    let (certificate, key) = Authority::new().issue("peer");
    let strangers = [
        ClientTlsConfig::new(),
        ClientTlsConfig::new().identity(Identity::from_pem(certificate, key)),
    ];
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
    let plain = Endpoint::from_shared(format!("http://{}", service.address))
        .unwrap()
        .connect()
        .await;
    if let Ok(channel) = plain {
        assert!(Peer::connect(channel).await.is_err());
    }
    service.peer().await.works("t").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_asked_to_end_finishes_what_runs_and_ends_while_a_peer_stays() {
    let mut service = Service::start(Reader).await;
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
    tokio::time::timeout(BOUND, service.ended)
        .await
        .expect("it ends in time")
        .unwrap()
        .unwrap();
    assert!(begun.elapsed() < BOUND);
    drop((peer, idle));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_a_peer_dies() {
    let service = Service::start(Reader).await;
    let alive = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    // The service and its operations endpoint.
    let before = 2;
    for round in 0..3 {
        let mut peer = service.peer().await;
        for i in 0..5 {
            peer.call(&format!("r{round}t{i}"), &[b"get", b"key"]).await;
            peer.asked().await;
        }
    }
    let begun = Instant::now();
    while alive() > before {
        assert!(
            begun.elapsed() < BOUND,
            "{} tasks before, {} now",
            before,
            alive()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    service.peer().await.works("t").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_proposal_whose_time_is_far_from_the_clock_is_refused() {
    let service = Service::start(Reader).await;
    let mut peer = service.peer().await;
    let get: [&[u8]; 2] = [b"get", b"key"];
    for at_ms in [
        NOW_MS - TIME_WINDOW_MS - 60_000,
        NOW_MS + TIME_WINDOW_MS + 60_000,
        0,
    ] {
        peer.send(peer.transaction_at("far", &get, at_ms)).await;
        let text = peer.refused("far").await;
        assert!(text.contains("within 15 minutes"), "{text}");
    }
    for at_ms in [
        NOW_MS - TIME_WINDOW_MS + 60_000,
        NOW_MS + TIME_WINDOW_MS - 60_000,
    ] {
        peer.send(peer.transaction_at("near", &get, at_ms)).await;
        let (asked, _) = peer.asked().await;
        peer.reply(&asked, Type::Response, b"value".to_vec()).await;
        assert_eq!(peer.completed().await.1, b"value");
    }
}
