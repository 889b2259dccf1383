//! Several users of one folder: who waits for whom, and what happens after a failed write.

use crate::faults::StopAt;
use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_ledger::{Checkpoint, Ledger, LedgerError, Listen, Notice, Notices};
use medveil_msp::Identity;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_stream::StreamExt;

/// A handle on the folder of a world, as a process of its own would have it.
struct Handle {
    ledger: SharedLedger,
    waited: Arc<AtomicUsize>,
    signer: Arc<Identity>,
}

impl Handle {
    fn new(world: &World) -> Self {
        Handle::with_options(world, world.options())
    }

    fn with_options(world: &World, options: Options) -> Self {
        let waited = Arc::new(AtomicUsize::new(0));
        let counter = waited.clone();
        let on_wait: OnWait = Arc::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        Handle {
            ledger: SharedLedger::with_options(&world.root(), options, on_wait),
            waited,
            signer: world.client("HospitalA"),
        }
    }

    async fn put(&self, key: &str) -> Result<u64, LedgerError> {
        let transaction = call(&["put", key, "v"], &[]);
        let done = self
            .ledger
            .submit(&self.signer, transaction, vec![msps(&MAJORITY)]);
        Ok(done.await?.block)
    }

    async fn height(&self) -> Result<u64, LedgerError> {
        self.ledger.height(&self.signer).await
    }

    fn waited(&self) -> usize {
        self.waited.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn the_second_user_waits_says_so_once_and_goes_on() {
    let world = World::new(70);
    let (first, second) = (Handle::new(&world), Arc::new(Handle::new(&world)));
    first.put("k1").await.unwrap();
    let other = second.clone();
    let waiting = tokio::spawn(async move { other.put("k2").await });
    while second.waited() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // It keeps waiting, quietly, while the first goes on.
    assert_eq!(first.put("k3").await.unwrap(), 1);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!waiting.is_finished());
    first.ledger.release();
    assert_eq!(waiting.await.unwrap().unwrap(), 2);
    assert_eq!((first.waited(), second.waited()), (0, 1));
    // The other way round too, and nobody waits for itself.
    second.ledger.release();
    assert_eq!(first.height().await.unwrap(), 3);
    assert_eq!(first.put("k4").await.unwrap(), 3);
    assert_eq!((first.waited(), second.waited()), (0, 1));
}

#[tokio::test]
async fn a_ledger_that_is_released_while_it_is_used_stays_this_process_s() {
    let world = World::new(71);
    let handle = Handle::new(&world);
    let in_use = handle.ledger.open_now().unwrap();
    handle.ledger.release();
    // The call takes the one that is still in use: opening another would wait for it.
    assert_eq!(handle.put("k").await.unwrap(), 0);
    assert_eq!((in_use.height(), handle.waited()), (1, 0));
    handle.ledger.release();
    drop(in_use);
    assert_eq!(world.open().height(), 1);
}

#[tokio::test]
async fn after_a_lost_transaction_the_ledger_is_opened_again() {
    let world = World::new(72);
    // Before the append nothing happened; after it everything does, at the next opening.
    for (point, counts) in [(0, false), (1, true)] {
        let mut options = world.options();
        options.faults = StopAt::new(point, Fault::Stop);
        let handle = Handle::with_options(&world, options);
        let before = world.open().height();
        let lost = handle.put("k").await.unwrap_err();
        let LedgerError::Lost { tx_id, .. } = &lost else {
            panic!("{lost}")
        };
        let found = handle.ledger.transaction(&handle.signer, tx_id).await;
        match found {
            Ok(found) => assert!(counts && found.verdict.is_valid()),
            Err(LedgerError::NotFound { .. }) => assert!(!counts),
            Err(other) => panic!("{other}"),
        }
        let height = before + u64::from(counts);
        assert_eq!(handle.height().await.unwrap(), height);
        assert_eq!(handle.put("after").await.unwrap(), height);
        assert_eq!(handle.waited(), 0);
    }
}

#[tokio::test]
async fn notices_tell_blocks_and_events_from_a_place_on() {
    let world = World::new(73);
    let handle = Handle::new(&world);
    for key in ["k1", "k2"] {
        handle.put(key).await.unwrap();
    }
    let words = |from| {
        let listen = Listen {
            from,
            follow: false,
        };
        words(handle.ledger.notices(&handle.signer, listen))
    };
    let at = |block, tx| Checkpoint { block, tx };
    let second = ["block 1", "event k2", "reached 2"];
    let all = [&["block 0", "event k1", "reached 1"][..], &second].concat();
    assert_eq!(words(at(0, 0)).await, all);
    assert_eq!(words(at(1, 0)).await, second);
    assert_eq!(words(at(1, 1)).await, ["block 1", "reached 2"]);
    assert_eq!(words(at(2, 0)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_follower_hears_what_others_commit_and_leaves_them_the_files() {
    let world = World::new(74);
    let (listener, other) = (Handle::new(&world), Handle::new(&world));
    listener.put("k1").await.unwrap();
    let listen = Listen {
        from: Checkpoint::default(),
        follow: true,
    };
    let mut notices = listener.ledger.notices(&listener.signer, listen);
    for expected in ["block 0", "event k1", "reached 1"] {
        assert_eq!(word(&notices.next().await.unwrap().unwrap()), expected);
    }
    let heard = async {
        let mut heard = Vec::new();
        while heard.len() < 3 {
            heard.push(word(&notices.next().await.unwrap().unwrap()));
        }
        heard
    };
    let told = async {
        let block = other.put("k2").await.unwrap();
        other.ledger.release();
        block
    };
    let (heard, block) = tokio::join!(heard, told);
    assert_eq!((heard[1].as_str(), block), ("event k2", 1));
}

fn word(notice: &Notice) -> String {
    match notice {
        Notice::Block(block) => format!("block {}", block.number),
        Notice::Event(event) => format!("event {}", String::from_utf8_lossy(&event.payload)),
        Notice::Unreadable { reason, .. } => format!("unreadable {reason}"),
        Notice::Reached(place) => format!("reached {}", place.block),
    }
}

async fn words(notices: Notices<'_>) -> Vec<String> {
    let notices: Vec<Notice> = notices.map(Result::unwrap).collect().await;
    notices.iter().map(word).collect()
}
