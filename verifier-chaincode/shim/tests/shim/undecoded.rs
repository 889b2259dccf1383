//! What is sent and cannot be decoded yet: a connection, and all of them together, have a bound, and
//! the own peer has its own.

use super::*;
use http_body::{Body as HttpBody, Frame};
use medveil_shim::{
    MAX_MESSAGE, MAX_STREAMS, MAX_UNDECODED_OF_A_CONNECTION, MAX_UNDECODED_OF_OTHERS, STREAM_WINDOW,
};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};
use tokio::sync::watch;
use tonic::body::Body;
use tonic::codegen::http::{Request, Version};
use tonic::codegen::{Bytes, Service as _};
use tonic::transport::Channel;

/// Of a message that never ends.
const PIECE: Bytes = Bytes::from_static(&[0; 16 * 1024]);

/// How much was sent, and of how many streams that were answered.
#[derive(Clone, Default)]
struct Sent(Arc<[AtomicUsize; 2]>);

impl Sent {
    fn bytes(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }

    fn streams(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }

    /// Once nothing more is taken, or as soon as more than this was.
    async fn settled(&self, most: usize) -> usize {
        let (mut before, mut quiet) = (0, 0);
        while quiet < 10 && before <= most {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = self.bytes();
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
        }
        before
    }
}

/// Announces the largest message and sends 96 MiB of it, as fast as they are taken; then rests
/// until the end.
struct Endless {
    sent: Sent,
    own: usize,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if self.own >= 96 << 20 {
            return Poll::Pending;
        }
        let piece = if self.own == 0 {
            let mut head = vec![0];
            head.extend_from_slice(&u32::try_from(MAX_MESSAGE).unwrap().to_be_bytes());
            Bytes::from(head)
        } else {
            PIECE
        };
        self.own += piece.len();
        self.sent.0[0].fetch_add(piece.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

/// Opens so many streams that each announce 100 MiB and send 96 of them, until the sender is
/// dropped.
fn flood(channel: &Channel, streams: usize, sent: &Sent) -> watch::Sender<()> {
    let flood = watch::Sender::new(());
    for _ in 0..streams {
        let (mut channel, answered, sent) = (channel.clone(), sent.clone(), sent.clone());
        let mut ends = flood.subscribe();
        let end = Box::pin(async move { while ends.changed().await.is_ok() {} });
        let body = Body::new(Endless { sent, own: 0, end });
        let request = Request::post("https://localhost/protos.Chaincode/Connect")
            .version(Version::HTTP_2)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(body)
            .unwrap();
        tokio::spawn(async move {
            std::future::poll_fn(|cx| channel.poll_ready(cx))
                .await
                .unwrap();
            if let Ok(_open) = channel.call(request).await {
                answered.0[1].fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
        });
    }
    flood
}

/// What a connection may have sent beyond what has room: one window a stream, and what the sender
/// itself holds.
fn beyond(connections: usize) -> usize {
    connections * MAX_STREAMS as usize * (STREAM_WINDOW as usize + 512 * 1024)
}

#[tokio::test(flavor = "multi_thread")]
async fn f_a_connection_has_few_streams_and_one_largest_message_undecoded() {
    let service = Service::start(Reader).await;
    let (channel, sent) = (service.channel(&service.own).await, Sent::default());
    let _flood = flood(&channel, 24, &sent);
    let most = MAX_UNDECODED_OF_A_CONNECTION + beyond(1);
    let bytes = sent.settled(most).await;
    assert!(bytes > 90 << 20 && bytes <= most, "{bytes}");
    assert_eq!(sent.streams(), MAX_STREAMS as usize);
    // The others are served meanwhile, also what is large.
    let mut peer = service.peer().await;
    large_call(&mut peer).await;
    peer.works("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f_all_others_together_have_one_bound_and_the_own_peer_its_own() {
    let service = Service::start_with(Reader, None, true).await;
    let mut own = service.peer_as(&service.own).await;
    let (sent, mut floods) = (Sent::default(), Vec::new());
    for _ in 0..8 {
        let channel = service.channel(&service.authority.issue("peer")).await;
        floods.push((flood(&channel, 4, &sent), channel));
    }
    let most = MAX_UNDECODED_OF_OTHERS + beyond(8);
    let bytes = sent.settled(most).await;
    assert!(bytes > 90 << 20 && bytes <= most, "{bytes}");
    let begun = Instant::now();
    large_call(&mut own).await;
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    // Whoever sends little needs no room.
    service.peer().await.works("small").await;
    // Once the floods end there is room again.
    drop(floods);
    large_call(&mut service.peer().await).await;
}

/// A call that is as large as the chaincode takes.
async fn large_call(peer: &mut Peer) {
    peer.call("large", &[b"get", b"key", &vec![7; MAX_CALL - 6]])
        .await;
    let (asked, _) = peer.asked().await;
    peer.reply(&asked, Type::Response, b"value".to_vec()).await;
    assert_eq!(peer.completed().await.1, b"value");
}
