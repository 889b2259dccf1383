//! Connections that say nothing: they end, and do not keep others out for ever.

use super::*;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// More than either listener takes at once.
const MANY: usize = 70;

/// Whether `/healthz` is answered in this time.
fn is_healthy(address: SocketAddr, within: Duration) -> bool {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(within)).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).is_ok() && text.starts_with("HTTP/1.0 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn f_connections_that_never_speak_are_closed_and_their_number_has_a_bound() {
    let service = Service::start(Reader).await;
    let (chaincode, operations) = (service.address, service.operations);
    let begun = Instant::now();
    let silent: Vec<TcpStream> = [chaincode, operations]
        .into_iter()
        .flat_map(|to| (0..MANY).map(move |_| TcpStream::connect(to).unwrap()))
        .collect();
    let early = tokio::task::spawn_blocking(move || is_healthy(operations, Duration::from_secs(2)))
        .await
        .unwrap();
    assert!(!early, "no bound on connections");
    // A peer gets in as soon as their time is over.
    tokio::time::timeout(BOUND, service.peer())
        .await
        .expect("a place")
        .works("t")
        .await;
    assert!(
        begun.elapsed() > Duration::from_secs(5),
        "no bound on connections"
    );
    let late = tokio::task::spawn_blocking(move || is_healthy(operations, BOUND))
        .await
        .unwrap();
    assert!(late && begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    // The last ones got their places when the first ones lost theirs.
    for mut stream in silent {
        stream.set_read_timeout(Some(BOUND)).unwrap();
        match stream.read(&mut [0; 16]) {
            Ok(0) => {}
            Err(e) if e.kind() == ErrorKind::ConnectionReset => {}
            other => panic!("{other:?} after {:?}", begun.elapsed()),
        }
    }
    assert!(begun.elapsed() < 2 * BOUND);
}
