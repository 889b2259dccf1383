//! Connections that say nothing, or nothing more: they end, their number has a bound, and the own
//! peer does not wait for them.

use super::*;
use medveil_shim::{HANDSHAKE, MAX_CONNECTIONS, MAX_HANDSHAKES, MAX_OPERATIONS, OPERATIONS};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use tonic::transport::Channel;

/// Longer than anybody may have to wait; without bounds it was ten seconds and more.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Whether `/healthz` is answered in this time.
fn is_healthy(address: SocketAddr, within: Duration) -> bool {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(within)).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).is_ok() && text.starts_with("HTTP/1.0 200")
}

fn is_open(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 16]) {
        Ok(0) => false,
        Err(e) if e.kind() == ErrorKind::ConnectionReset => false,
        Err(e) if e.kind() == ErrorKind::WouldBlock => true,
        other => panic!("{other:?}"),
    }
}

fn n_open(streams: &mut [TcpStream]) -> usize {
    let open = streams.iter_mut().map(is_open);
    open.filter(|is_open| *is_open).count()
}

/// One whole transaction of a peer that connects now, at once.
async fn works_at_once(service: &Service, identity: &(String, String)) -> Peer {
    let begun = Instant::now();
    let mut peer = tokio::time::timeout(BOUND, service.peer_as(identity))
        .await
        .expect("a place");
    peer.works("t").await;
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    peer
}

#[tokio::test(flavor = "multi_thread")]
async fn f_connections_that_never_speak_delay_nobody_and_are_closed() {
    let service = Service::start(Reader).await;
    let (chaincode, operations) = (service.address, service.operations);
    let mut silent = [Vec::new(), Vec::new()];
    for (many, most) in [(63, [63, 63]), (300, [MAX_HANDSHAKES, MAX_OPERATIONS])] {
        for (silent, to) in silent.iter_mut().zip([chaincode, operations]) {
            while silent.len() < many {
                silent.push(TcpStream::connect(to).unwrap());
            }
        }
        works_at_once(&service, &service.own).await;
        let healthy = tokio::task::spawn_blocking(move || is_healthy(operations, AT_ONCE));
        assert!(healthy.await.unwrap());
        for (silent, most) in silent.iter_mut().zip(most) {
            let n = n_open(silent);
            assert!(n <= most, "{n} of at most {most}");
        }
    }
    // Those that nobody displaced had the time that is due.
    let [left, _] = &mut silent;
    assert!(n_open(left) > MAX_HANDSHAKES / 2);
    tokio::time::sleep(HANDSHAKE).await;
    assert_eq!(n_open(left), 0);
    let begun = Instant::now();
    while silent.iter_mut().any(|silent| n_open(silent) > 0) {
        assert!(begun.elapsed() < OPERATIONS);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Authenticated connections that rest: each with a stream, or none with one.
async fn resting(
    service: &Service,
    who: impl Fn() -> (String, String),
    n: usize,
    with_streams: bool,
) -> (Vec<Channel>, Vec<Peer>) {
    let (mut channels, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..n {
        if with_streams {
            peers.push(service.peer_as(&who()).await);
        } else {
            channels.push(service.channel(&who()).await);
        }
    }
    (channels, peers)
}

#[tokio::test(flavor = "multi_thread")]
async fn f_authenticated_connections_that_rest_delay_no_peer_of_another_certificate() {
    let service = Service::start(Reader).await;
    let one = service.authority.issue("peer");
    for with_streams in [false, true] {
        let _resting = resting(&service, || one.clone(), MAX_CONNECTIONS, with_streams).await;
        let mut peer = works_at_once(&service, &service.own).await;
        // Nor does whoever comes after it take its place.
        let _more = resting(&service, || one.clone(), MAX_CONNECTIONS, with_streams).await;
        peer.works("later").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f_an_own_peer_has_its_place_whoever_else_comes_and_however_long_it_rests() {
    let service = Service::start_with(Reader, None, true).await;
    let mut rests = works_at_once(&service, &service.own).await;
    let own_without_stream = service.channel(&service.own).await;
    // Each with another certificate: nobody has more than a share.
    let each_another = || service.authority.issue("peer");
    let _all = resting(&service, each_another, MAX_CONNECTIONS, true).await;
    let refused = service.channel(&each_another()).await;
    assert!(Peer::connect(refused).await.is_err(), "no bound on others");
    works_at_once(&service, &service.own).await;
    rests.works("later").await;
    assert!(Peer::connect(own_without_stream).await.is_ok());
}
