use super::*;
use crate::metrics::Metrics;
use crate::places::Places;
use fabric_shim_protos::peer::chaincode_message::Type;
use http_body::{Body as HttpBody, Frame};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// What a peer sends, as a test gives it.
struct Given(mpsc::UnboundedReceiver<Vec<u8>>);

impl HttpBody for Given {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let came = self.0.poll_recv(cx);
        came.map(|came| came.map(|bytes| Ok(Frame::data(bytes.into()))))
    }
}

type Give = mpsc::UnboundedSender<Vec<u8>>;

fn messages() -> (Give, Messages) {
    let (give, given) = mpsc::unbounded_channel();
    let places = Places::new(Vec::new(), 16, Arc::new(Metrics::new("test", "", "")));
    let (caller, _, _) = places.enter(b"certificate").unwrap();
    let mut messages = Messages::new(caller, Body::new(Given(given)));
    messages.patience = Duration::from_millis(300);
    (give, messages)
}

fn message(payload: usize) -> ChaincodeMessage {
    ChaincodeMessage {
        r#type: Type::Transaction.into(),
        payload: vec![7; payload],
        txid: payload.to_string(),
        ..ChaincodeMessage::default()
    }
}

fn framed(message: &ChaincodeMessage) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    [&head(bytes.len())[..], &bytes].concat()
}

fn head(length: usize) -> [u8; HEAD] {
    let [a, b, c, d] = u32::try_from(length).unwrap().to_be_bytes();
    [0, a, b, c, d]
}

async fn refused(mut messages: Messages) -> Code {
    let next = tokio::time::timeout(Duration::from_secs(20), messages.next());
    next.await
        .expect("an end in time")
        .map(|_| ())
        .unwrap_err()
        .code()
}

#[tokio::test]
async fn messages_come_out_as_they_went_in_however_they_are_cut() {
    let sent = [0, 1, 300, FREE_BYTES - 20, FREE_BYTES + 1, 200_000].map(message);
    let bytes: Vec<u8> = sent.iter().flat_map(framed).collect();
    for piece in [1, 3, 5, 16_384, bytes.len()] {
        let (give, mut messages) = messages();
        for piece in bytes.chunks(piece) {
            give.send(piece.to_vec()).unwrap();
        }
        drop(give);
        for sent in &sent {
            let got = messages.next().await.unwrap().unwrap();
            assert!(got.message == *sent, "{} in pieces of {piece}", sent.txid);
            assert_eq!(got._room.is_some(), sent.encoded_len() > FREE_BYTES);
        }
        assert!(messages.next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn nothing_is_lost_where_nobody_waits_for_it_any_more() {
    let sent = message(100_000);
    let (give, mut messages) = messages();
    for piece in framed(&sent).chunks(10_000) {
        give.send(piece.to_vec()).unwrap();
        let short = tokio::time::timeout(Duration::from_millis(1), messages.next()).await;
        if let Ok(got) = short {
            assert!(got.unwrap().unwrap().message == sent);
            return;
        }
    }
    panic!("the message never came");
}

#[tokio::test]
async fn a_stream_may_rest_but_not_in_the_middle_of_a_message() {
    // Nothing has begun: nothing is due.
    let (give, mut messages_) = messages();
    let rests = tokio::time::timeout(Duration::from_millis(900), messages_.next());
    assert!(rests.await.is_err());
    give.send(framed(&message(5))).unwrap();
    assert!(messages_.next().await.unwrap().is_some());

    for begun in [
        vec![0],
        head(10).to_vec(),
        head(MAX_MESSAGE).to_vec(),
        framed(&message(100_000))[..100_000].to_vec(),
    ] {
        let (give, messages) = messages();
        give.send(begun.clone()).unwrap();
        let since = Instant::now();
        assert_eq!(refused(messages).await, Code::DeadlineExceeded);
        let (took, came) = (since.elapsed(), at_pace(begun.len()));
        assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(2) + came);
    }
}

#[tokio::test]
async fn a_message_that_comes_at_the_pace_has_its_time() {
    let (give, mut messages) = messages();
    let sent = message(2 << 20);
    let bytes = framed(&sent);
    let feed = async {
        for piece in bytes.chunks(bytes.len() / 6) {
            give.send(piece.to_vec()).unwrap();
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    };
    let (got, ()) = tokio::join!(messages.next(), feed);
    assert!(got.unwrap().unwrap().message == sent);
    assert_eq!(at_pace(MAX_MESSAGE).as_secs(), 100);
}

#[tokio::test]
async fn what_is_no_message_ends_the_stream() {
    for (bytes, code) in [
        (vec![1, 0, 0, 0, 1, 0], Code::Unimplemented),
        (vec![9, 0, 0, 0, 1, 0], Code::Unimplemented),
        (head(MAX_MESSAGE + 1).to_vec(), Code::ResourceExhausted),
        (vec![0, 255, 255, 255, 255], Code::ResourceExhausted),
        (vec![0, 0, 0, 0, 3, 255, 255, 255], Code::InvalidArgument),
        (vec![0, 0, 0], Code::DataLoss),
        (vec![0, 0, 0, 0, 3, 8], Code::DataLoss),
        (head(MAX_MESSAGE).to_vec(), Code::DataLoss),
    ] {
        let (give, messages) = messages();
        give.send(bytes.clone()).unwrap();
        drop(give);
        assert_eq!(refused(messages).await, code, "{bytes:?}");
    }
}
