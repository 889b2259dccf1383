//! Callers that have calls run and never reply to what these ask: the own peer has threads and turns
//! left.

use super::*;
use medveil_shim::{MAX_RUNNING, MAX_THREADS};

#[tokio::test(flavor = "multi_thread")]
async fn f_calls_whose_caller_never_replies_leave_threads_and_turns_to_the_own_peer() {
    let service = Service::start_with(Reader, None, true).await;
    let mut silent = Vec::new();
    // Together more than a process has threads.
    for _ in 0..3 {
        let peer = service.peer().await;
        for i in 0..MAX_RUNNING - TURNS {
            peer.call(&format!("r{i}"), &[b"get", b"key"]).await;
        }
        for i in 0..TURNS {
            peer.call(&format!("h{i}"), &[b"hold", b"key"]).await;
        }
        silent.push(peer);
    }
    // All that ask have asked.
    let mut n = 0;
    for peer in &mut silent {
        let a_while = Duration::from_millis(500);
        while let Ok(asked) = tokio::time::timeout(a_while, peer.incoming.message()).await {
            assert_eq!(asked.unwrap().unwrap().r#type(), Type::GetState);
            n += 1;
        }
    }
    assert!(n <= MAX_THREADS, "{n} threads");
    let mut own = service.peer_as(&service.own).await;
    let begun = Instant::now();
    own.works("reads").await;
    own.call("verifies", &[b"verify"]).await;
    assert_eq!(own.completed().await.0, "verifies");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
}
