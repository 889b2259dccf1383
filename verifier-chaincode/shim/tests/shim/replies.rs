//! The operations endpoint's replies, byte for byte: each is what HTTP/1.1 says a reply is, and none
//! of `/logspec` is for a page in a browser.

use super::*;
use medveil_shim::{LogHandle, start_logging};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use tokio::sync::{Mutex, MutexGuard};

/// Logging starts once in a process, and one test at a time changes it.
static LOG: LazyLock<Mutex<LogHandle>> =
    LazyLock::new(|| Mutex::new(start_logging("info").unwrap()));

pub async fn log() -> MutexGuard<'static, LogHandle> {
    LOG.lock().await
}

#[derive(Debug)]
struct Reply {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Sends bytes over one connection, and reads until it ends.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// The replies to requests of these methods, with nothing between them and nothing after them. What
/// is not read to its end may end the connection.
fn replies(mut bytes: &[u8], methods: &[&str]) -> Vec<Reply> {
    let mut replies: Vec<Reply> = Vec::new();
    for method in methods {
        if replies.last().is_some_and(|last| last.status == 413) && bytes.is_empty() {
            break;
        }
        let (reply, rest) = reply(bytes, *method == "HEAD");
        replies.push(reply);
        bytes = rest;
    }
    assert!(bytes.is_empty(), "{:?}", String::from_utf8_lossy(bytes));
    replies
}

fn reply(bytes: &[u8], is_head: bool) -> (Reply, &[u8]) {
    let at = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..at]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap();
    let (status, reason) = status.split_once(' ').unwrap();
    assert!(status.len() == 3 && !reason.is_empty());
    let status: u16 = status.parse().unwrap();
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let twice = headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        assert!(twice.is_none(), "{head}");
    }
    assert!(!headers.contains_key("transfer-encoding"), "{head}");
    let length = headers
        .get("content-length")
        .map(|n| n.parse::<usize>().unwrap());
    let rest = &bytes[at + 4..];
    let length = match (status, length) {
        (204, length) => {
            assert!(
                length.is_none() && !headers.contains_key("content-type"),
                "{head}"
            );
            0
        }
        (_, length) => length.expect("a length"),
    };
    let (body, rest) = rest.split_at(if is_head { 0 } else { length });
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(length > 0, headers.contains_key("content-type"), "{head}");
    if !body.is_empty() && headers["content-type"] == "application/json" {
        serde_json::from_str::<serde_json::Value>(&body).unwrap();
    }
    let reply = Reply {
        status,
        headers,
        body,
    };
    (reply, rest)
}

/// A request to `/logspec` with these headers besides.
fn log_spec(method: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} /logspec HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    ) + "\r\n"
        + body
}

const HOST: &str = "Host: localhost\r\n";
const WARN: &str = "{\"spec\":\"warn\"}";

#[tokio::test(flavor = "multi_thread")]
async fn f_replies_of_the_operations_endpoint_are_well_formed_one_after_the_other() {
    let log = replies::log().await;
    let service = Service::start_with(Reader, Some(log.clone()), false).await;
    let requests = [
        ("PUT", log_spec("PUT", HOST, "{\"spec\":\"info\"}"), 204),
        ("GET", log_spec("GET", HOST, ""), 200),
        ("HEAD", log_spec("HEAD", HOST, ""), 200),
        ("PUT", log_spec("PUT", HOST, "{\"spec\":\"x=y=z\"}"), 400),
        ("PUT", log_spec("PUT", HOST, "{"), 400),
        ("PUT", log_spec("PUT", HOST, "{\"other\":1}"), 422),
        ("PUT", log_spec("PUT", HOST, &" ".repeat(5000)), 413),
        ("DELETE", log_spec("DELETE", HOST, ""), 405),
        ("PUT", log_spec("PUT", "", WARN), 403),
    ];
    for path in ["healthz", "metrics", "version", "other", ""] {
        let status = if matches!(path, "other" | "") {
            404
        } else {
            200
        };
        let get = format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        for (method, request, expected) in &requests {
            let bytes = [request.as_bytes(), get.as_bytes()].concat();
            let at = service.operations;
            let answer = tokio::task::spawn_blocking(move || exchange(at, &bytes));
            let answer = answer.await.unwrap();
            let replies = replies(&answer, &[method, "GET"]);
            assert_eq!(replies[0].status, *expected, "{request}");
            if let Some(second) = replies.get(1) {
                assert_eq!(second.status, status, "{path}");
                assert!(second.headers.contains_key("date"));
            }
        }
    }
    for garbage in [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "\u{16}\u{3}\u{1}",
        "GET / HTTP/9\r\n\r\n",
    ] {
        let at = service.operations;
        let bytes = garbage.as_bytes().to_vec();
        let answer = tokio::task::spawn_blocking(move || exchange(at, &bytes));
        let answer = answer.await.unwrap();
        if !answer.is_empty() {
            assert_eq!(replies(&answer, &["GET"])[0].status / 100, 4, "{garbage:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_page_in_a_browser_neither_reads_nor_changes_what_is_logged() {
    let log = replies::log().await;
    let service = Service::start_with(Reader, Some(log.clone()), false).await;
    let at = service.operations;
    let own = format!("Host: {at}\r\n");
    for (headers, is_own) in [
        (own.clone(), true),
        ("Host: LOCALHOST:1\r\n".to_owned(), true),
        ("Host: example.org\r\n".to_owned(), false),
        (format!("Host: example.org:{}\r\n", at.port()), false),
        (format!("{own}Origin: http://example.org\r\n"), false),
        (format!("{own}Origin: null\r\n"), false),
        (format!("{own}Origin: http://{at}\r\n"), false),
        (format!("{own}Host: example.org\r\n"), false),
        (String::new(), false),
    ] {
        for (method, body, ok) in [("GET", "", 200), ("PUT", "{\"spec\":\"info\"}", 204)] {
            let headers = headers.clone() + "Connection: close\r\n";
            let request = log_spec(method, &headers, body);
            let answer = tokio::task::spawn_blocking(move || exchange(at, request.as_bytes()));
            let reply = &replies(&answer.await.unwrap(), &[method])[0];
            let expected = if is_own { ok } else { 403 };
            assert_eq!(reply.status, expected, "{method} {headers}: {reply:?}");
            assert_eq!(reply.body.contains("\"error\""), !is_own);
        }
    }
}
