use super::*;
use crate::metrics::Metrics;
use crate::places::Places;

/// A stream whose peer has a moment to reply, and what the peer is sent.
fn stream() -> (Arc<PeerStream>, mpsc::Receiver<Outgoing>) {
    let places = Places::new(Vec::new(), 16, Arc::new(Metrics::new("test", "", "")));
    let (caller, _, _) = places.enter(b"certificate").unwrap();
    let (out, sent) = mpsc::channel(8);
    let stream = PeerStream {
        reply_within: Duration::from_millis(100),
        ..PeerStream::new(out, caller)
    };
    (Arc::new(stream), sent)
}

fn of(txid: &str, payload: &[u8]) -> ChaincodeMessage {
    message(
        &("c".to_owned(), txid.to_owned()),
        Type::Response,
        payload.to_vec(),
    )
}

#[tokio::test]
async fn a_peer_that_does_not_reply_in_time_is_asked_nothing_more_and_gets_its_answer() {
    let (stream, mut sent) = stream();
    let watched = stream.clone();
    let watch = tokio::spawn(async move { watched.watch().await });
    let (slow, other) = (
        stream.enter(&of("slow", b"")),
        stream.enter(&of("other", b"")),
    );
    assert_eq!(slow.ask(Type::GetState, b"first".to_vec()).await, None);
    assert_eq!(sent.recv().await.unwrap().unwrap().payload, b"first");
    // What comes too late is no reply to anything else.
    stream.reply(of("slow", b"late"));
    assert_eq!(slow.ask(Type::GetState, b"second".to_vec()).await, None);
    assert!(slow.is_wanted());
    slow.answer(Type::Error, b"refused".to_vec(), None).await;
    assert_eq!(sent.recv().await.unwrap().unwrap().payload, b"refused");
    // Whoever else runs on the stream goes on.
    let replied = other.ask(Type::GetState, b"third".to_vec());
    let reply = async {
        assert_eq!(sent.recv().await.unwrap().unwrap().payload, b"third");
        stream.reply(of("other", b"value"));
    };
    let (replied, ()) = tokio::join!(replied, reply);
    assert_eq!(replied.unwrap().payload, b"value");
    watch.abort();
}

#[tokio::test]
async fn whoever_waits_is_told_when_the_stream_is_dropped() {
    let (stream, _sent) = stream();
    let run = stream.enter(&of("t", b""));
    let ends = EndAtLast(stream.clone());
    let asked = tokio::spawn(async move { run.ask(Type::GetState, Vec::new()).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(ends);
    let told = tokio::time::timeout(Duration::from_secs(10), asked).await;
    assert_eq!(told.expect("in time").unwrap(), None);
}
