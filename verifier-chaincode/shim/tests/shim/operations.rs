//! The operations endpoint: what it tells while calls run, while the process ends, and what it
//! never tells.

use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Status and body of an answer.
fn http(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    http(address, "GET", path, "")
}

/// The metrics once the call that was sent last has begun, or after some seconds.
async fn metrics_while_it_runs(at: SocketAddr) -> String {
    for _ in 0..200 {
        let (status, text) = get(at, "/metrics");
        assert_eq!(status, 200);
        if text.contains("medveil_calls_running 1") {
            return text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    get(at, "/metrics").1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_tells_what_runs_and_that_the_process_ends() {
    let log = replies::log().await;
    let mut service = Service::start_with(Reader, Some(log.clone()), false).await;
    let at = service.operations;
    assert_eq!(get(at, "/healthz").0, 200);
    let mut peer = service.peer().await;
    peer.works("a").await;
    peer.call("b", &[b"canary-call", b"canary-key"]).await;
    peer.refused("b").await;
    peer.call("c", &[b"slow", b"canary-key"]).await;
    let text = metrics_while_it_runs(at).await;
    for line in [
        "medveil_calls_total{call=\"get\",outcome=\"ok\"} 1",
        "medveil_calls_total{call=\"other\",outcome=\"bad_input\"} 1",
        "medveil_calls_running 1",
        "medveil_peer_streams 1",
        "medveil_call_seconds_count{call=\"get\"} 1",
        "label=\"label\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("canary"), "{text}");
    let version: serde_json::Value = serde_json::from_str(&get(at, "/version").1).unwrap();
    assert_eq!(
        (
            version["Label"].as_str(),
            version["ContractDigest"].as_str()
        ),
        (Some("label"), Some(service::BUILD.digest))
    );

    assert_eq!(get(at, "/logspec").1, "{\"spec\":\"info\"}");
    assert_eq!(http(at, "PUT", "/logspec", "{\"spec\":\"warn\"}").0, 204);
    assert_eq!(get(at, "/logspec").1, "{\"spec\":\"warn\"}");
    for bad in ["{\"spec\":\"x=y=z\"}", "{\"other\":1}", "", "{"] {
        assert!(
            (400..500).contains(&http(at, "PUT", "/logspec", bad).0),
            "{bad}"
        );
    }
    assert_eq!(get(at, "/logspec").1, "{\"spec\":\"warn\"}");
    assert_eq!(get(at, "/other").0, 404);

    service.stop.take().unwrap().send(()).unwrap();
    let begun = Instant::now();
    while get(at, "/healthz").0 != 503 {
        assert!(begun.elapsed() < BOUND);
    }
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Response, b"value".to_vec()).await;
    assert_eq!(peer.completed().await.0, "c");
}
